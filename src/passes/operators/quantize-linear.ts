import type { OnnxElementType, OnnxTensor } from '../../ir/onnx.ts';
import { intAttribute } from '../attributes.ts';
import {
  constantInput,
  featureInput,
  knownInput,
  normalizeAxis,
  numbersOf,
  optionalConstant,
  refuse,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { Dequantized, Encoding, FeatureValue, Value } from '../value.ts';
import { constantTensor } from './constant-tensor.ts';
import { emitElementwise } from './features.ts';
import { formatOf, roundHalfEven, typeRange, uniform, widthOf } from './number-format.ts';

/** ONNX TensorProto.DataType of the integers that QuantizeLinear may name. */
const outputTypes: ReadonlyMap<number, OnnxElementType> = new Map([
  [0, 'uint8'],
  [2, 'uint8'],
  [3, 'int8'],
  [21, 'uint4'],
  [22, 'int4'],
]);

/** Rounds a value of the network to the integers the model gives (ONNX QuantizeLinear). */
export const quantizeLinear: OperatorRule = {
  attributes: {
    axis: 'any; activations have one scale',
    block_size: '0',
    output_dtype: 'INT8, UINT8, INT4, UINT4',
    saturate: 'any',
  },
  accepted: 'QuantizeLinear with one constant scale and zero point, to at most 8 bits',
  translate: (context) => {
    const { node } = context;
    if (intAttribute(node, 'block_size', 0) !== 0) refuse('it quantises in blocks', 'block_size 0');
    const scales = constantInput(context, 1, 'the scale');
    const zeroPoints = optionalConstant(context, 2, 'the zero point');
    const type =
      zeroPoints?.elementType ??
      outputTypes.get(intAttribute(node, 'output_dtype', 0)) ??
      refuse('output_dtype is not an integer of at most 8 bits');
    if (knownInput(context, 0).kind === 'constant') {
      const tensor = constantInput(context, 0, 'the input');
      return { kind: 'constant', tensor: quantized(context, tensor, scales, zeroPoints, type) };
    }
    const encoding = {
      scale: uniform(scales, 'the scale'),
      zeroPoint: zeroPoints === null ? 0 : uniform(zeroPoints, 'the zero point'),
    };
    return roundTo(context, featureInput(context, 0), encoding, type);
  },
};

/** The feature rounded to the integers of an encoding, and seen as these. */
export function roundTo(
  context: OperatorContext,
  feature: FeatureValue,
  encoding: Encoding,
  type: OnnxElementType,
): FeatureValue {
  const format = formatOf(encoding, typeRange(type));
  return { ...emitElementwise(context, feature, { kind: 'format', format }), encoding };
}

/** Integers become real numbers again (ONNX DequantizeLinear): a value, or a constant. */
export const dequantizeLinear: OperatorRule = {
  attributes: { axis: 'any', block_size: '0' },
  accepted:
    'DequantizeLinear of a constant, or of a quantised value with its own scale and zero point',
  translate: (context) => {
    const { node } = context;
    if (intAttribute(node, 'block_size', 0) !== 0)
      refuse('it dequantises in blocks', 'block_size 0');
    const scales = constantInput(context, 1, 'the scale');
    const zeroPoints = optionalConstant(context, 2, 'the zero point');
    if (knownInput(context, 0).kind === 'constant') {
      const tensor = constantInput(context, 0, 'the input');
      return dequantized(tensor, scales, zeroPoints, intAttribute(node, 'axis', 1));
    }
    const feature = featureInput(context, 0);
    return decoded(feature, {
      scale: uniform(scales, 'the scale'),
      zeroPoint: zeroPoints === null ? 0 : uniform(zeroPoints, 'the zero point'),
    });
  },
};

/** The real values of a quantised feature; refuses another encoding than it has. */
export function decoded(feature: FeatureValue, { scale, zeroPoint }: Encoding): FeatureValue {
  const { encoding, ...real } = feature;
  if (encoding === undefined) {
    return refuse(
      'it reads integers, and its input is none that the model quantised',
      'QuantizeLinear before it',
    );
  }
  if (encoding.scale !== scale || encoding.zeroPoint !== zeroPoint) {
    refuse(
      `it reads integers with scale ${scale} and zero point ${zeroPoint} that were quantised ` +
        `with ${encoding.scale} and ${encoding.zeroPoint}`,
      'the same scale and zero point',
    );
  }
  return real;
}

/** (q - zero point) * scale of a constant, which remembers its integers. */
export function dequantized(
  tensor: OnnxTensor,
  scales: OnnxTensor,
  zeroPoints: OnnxTensor | null,
  givenAxis: number,
): Value & { readonly kind: 'constant' } {
  const scale = Float64Array.from(scales.data, Number);
  const axis = scale.length === 1 ? 0 : normalizeAxis(givenAxis, tensor.shape.length);
  const placeOf = placesAlong(tensor.shape, axis, scale.length);
  const zero = zeroPoints === null ? [0] : numbersOf(zeroPoints);
  const zeroAt = (place: number): number => zero[zero.length === 1 ? 0 : place] ?? 0;
  if (scale.some((value) => !(value > 0))) refuse('a scale is not above 0');
  const integers = numbersOf(tensor).map((value, index) => value - zeroAt(placeOf(index)));
  const real = Float32Array.from(integers, (value, index) => value * (scale[placeOf(index)] ?? 1));
  const range = typeRange(tensor.elementType);
  const bits = widthOf({
    least: range.least - Math.max(...zero),
    most: range.most - Math.min(...zero),
  });
  const result: Dequantized = { scale, axis, bits };
  const constant = constantTensor(tensor.shape, real, 'float32');
  // Biases of 32 bits are numbers like others.
  return bits > 9
    ? { kind: 'constant', tensor: constant }
    : { kind: 'constant', tensor: constant, dequantized: result };
}

function quantized(
  { node }: OperatorContext,
  tensor: OnnxTensor,
  scales: OnnxTensor,
  zeroPoints: OnnxTensor | null,
  type: OnnxElementType,
): OnnxTensor {
  const scale = numbersOf(scales);
  const zero = zeroPoints === null ? [0] : numbersOf(zeroPoints);
  const axis =
    scale.length === 1 ? 0 : normalizeAxis(intAttribute(node, 'axis', 1), tensor.shape.length);
  const placeOf = placesAlong(tensor.shape, axis, scale.length);
  const { least, most } = typeRange(type);
  const integers = Int32Array.from(numbersOf(tensor), (value, index) => {
    const place = placeOf(index);
    const rounded = roundHalfEven(Math.fround(value / (scale[place] ?? 1)));
    return Math.min(most, Math.max(least, rounded + (zero[zero.length === 1 ? 0 : place] ?? 0)));
  });
  return constantTensor(tensor.shape, integers, type);
}

/** The place along an axis of each element; 0 where there is one number for all. */
function placesAlong(
  shape: readonly number[],
  axis: number,
  count: number,
): (index: number) => number {
  if (count === 1) return () => 0;
  const length = shape[axis] ?? 1;
  if (count !== length) refuse(`it has ${count} scales for an axis of ${length}`);
  const inner = shape.slice(axis + 1).reduce((size, each) => size * each, 1);
  return (index) => Math.floor(index / inner) % length;
}
