import type { OnnxTensor } from '../../ir/onnx.ts';
import { intAttribute, stringAttribute } from '../attributes.ts';
import {
  constantInput,
  featureInput,
  knownInput,
  numbersOf,
  refuse,
  scalarOf,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { Dequantized, Value } from '../value.ts';
import { broadcast, constantTensor } from './constant-tensor.ts';
import { emitElementwise } from './features.ts';
import { formatOf, roundHalfEven, uniform, widthOf } from './number-format.ts';

const awayFromZero = (value: number): number => Math.sign(value) * Math.ceil(Math.abs(value));

/** QONNX rounding modes. */
const roundings: ReadonlyMap<string, (value: number) => number> = new Map([
  ['ROUND', roundHalfEven],
  ['HALF_EVEN', roundHalfEven],
  ['CEIL', Math.ceil],
  ['FLOOR', Math.floor],
  ['UP', awayFromZero],
  ['DOWN', Math.trunc],
  ['HALF_UP', (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5)],
  ['HALF_DOWN', (value: number): number => Math.sign(value) * Math.ceil(Math.abs(value) - 0.5)],
]);

interface Range {
  readonly least: number;
  readonly most: number;
}

function rangeOf(context: OperatorContext, bits: number): Range {
  const isSigned = intAttribute(context.node, 'signed', 1) !== 0;
  const narrow = intAttribute(context.node, 'narrow', 0) !== 0 ? 1 : 0;
  if (!(bits >= 1)) refuse(`it has ${bits} bits`, '2 to 8 bits');
  return isSigned
    ? { least: -(2 ** (bits - 1)) + narrow, most: 2 ** (bits - 1) - 1 }
    : { least: 0, most: 2 ** bits - 1 - narrow };
}

/** Quantises and dequantises at once (QONNX Quant, of old IntQuant): a value, or weights. */
export const quant: OperatorRule = {
  attributes: {
    narrow: '0 or 1',
    rounding_mode: 'any for weights; ROUND, and HALF_UP where nothing is negative, for activations',
    signed: '0 or 1',
  },
  accepted:
    'Quant with constant scale, zero point and bits; activations with one scale, at most 8 bits',
  translate: (context) => {
    const scales = constantInput(context, 1, 'the scale');
    const zeroPoint = uniform(constantInput(context, 2, 'the zero point'), 'the zero point');
    const bits = scalarOf(constantInput(context, 3, 'the number of bits'), 'the number of bits');
    const mode = stringAttribute(context.node, 'rounding_mode', 'ROUND').toUpperCase();
    const round = roundings.get(mode) ?? refuse(`rounding_mode is ${mode}`);
    const range = rangeOf(context, bits);
    if (!Number.isInteger(zeroPoint)) refuse(`its zero point is ${zeroPoint}`, 'an integer');
    if (knownInput(context, 0).kind === 'constant') {
      return quantizedConstant(context, scales, range, zeroPoint, round);
    }
    const isNearest = mode === 'ROUND' || mode === 'HALF_EVEN';
    if (!isNearest && !(mode === 'HALF_UP' && range.least - zeroPoint === 0)) {
      refuse(`it rounds activations by ${mode}`, 'rounding_mode ROUND');
    }
    const format = formatOf({ scale: uniform(scales, 'the scale'), zeroPoint }, range);
    return emitElementwise(context, featureInput(context, 0), { kind: 'format', format });
  },
};

/** round(clamp(x / scale + zero point)) of a constant, and what it came from. */
function quantizedConstant(
  context: OperatorContext,
  scales: OnnxTensor,
  { least, most }: Range,
  zeroPoint: number,
  round: (value: number) => number,
): Value {
  const tensor = constantInput(context, 0, 'the input');
  const scaleOf = numbersOf(broadcast(scales, tensor.shape));
  const real = Float32Array.from(numbersOf(tensor), (value, index) => {
    const scale = scaleOf[index] ?? 1;
    const ratio = Math.fround(Math.fround(value / scale) + zeroPoint);
    return (round(Math.min(most, Math.max(least, ratio))) - zeroPoint) * scale;
  });
  const bits = widthOf({ least: least - zeroPoint, most: most - zeroPoint });
  return dequantizedConstant(tensor, real, scales, bits);
}

/** A constant of integers times scales, which lie along one axis at most. */
function dequantizedConstant(
  tensor: OnnxTensor,
  real: Float32Array,
  scales: OnnxTensor,
  bits: number,
): Value {
  const constant = constantTensor(tensor.shape, real, 'float32');
  const missing = tensor.shape.length - scales.shape.length;
  const long = scales.shape.flatMap((length, axis) => (length > 1 ? [axis + missing] : []));
  const [axis = 0] = long;
  if (long.length > 1 || bits > 9) return { kind: 'constant', tensor: constant };
  const dequantized: Dequantized = { scale: Float64Array.from(scales.data, Number), axis, bits };
  return { kind: 'constant', tensor: constant, dequantized };
}

/** The sign of weights times a scale (QONNX BipolarQuant); 0 counts as positive. */
export const bipolarQuant: OperatorRule = {
  attributes: {},
  accepted: 'BipolarQuant of constant weights; not of activations, which would have no zero',
  translate: (context) => {
    const tensor = constantInput(context, 0, 'what it quantises');
    const scales = constantInput(context, 1, 'the scale');
    const scaleOf = numbersOf(broadcast(scales, tensor.shape));
    const real = Float32Array.from(numbersOf(tensor), (value, index) =>
      value >= 0 ? (scaleOf[index] ?? 1) : -(scaleOf[index] ?? 1),
    );
    return dequantizedConstant(tensor, real, scales, 2);
  },
};

/** Drops the low bits of integers (QONNX Trunc of version 1), as behind an average pooling. */
export const trunc: OperatorRule = {
  attributes: { rounding_mode: 'FLOOR' },
  accepted: 'Trunc of version 1 with rounding_mode FLOOR, zero point 0 and one scale',
  translate: (context) => {
    const { node } = context;
    const mode = stringAttribute(node, 'rounding_mode', 'FLOOR').toUpperCase();
    if (mode !== 'FLOOR') refuse(`rounding_mode is ${mode}`, 'rounding_mode FLOOR');
    if (node.inputs.length > 5) refuse('it has six inputs, those of version 2', 'version 1');
    const scale = uniform(constantInput(context, 1, 'the scale'), 'the scale');
    const zeroPoint = uniform(constantInput(context, 2, 'the zero point'), 'the zero point');
    if (zeroPoint !== 0) refuse(`its zero point is ${zeroPoint}`, 'zero point 0');
    const [from, to] = [3, 4].map((position) =>
      scalarOf(constantInput(context, position, 'a number of bits'), 'a number of bits'),
    );
    const step = 2 ** ((from ?? 0) - (to ?? 0));
    if (!(step >= 1) || !Number.isInteger(step))
      refuse(`it goes from ${from ?? 0} to ${to ?? 0} bits`);
    const feature = featureInput(context, 0);
    const most = 2 ** (to ?? 0);
    const format = context.isNeverNegative(feature)
      ? { scale, minimum: 0, maximum: most - 1 }
      : { scale, minimum: -most / 2, maximum: most / 2 - 1 };
    if (step === 1) return emitElementwise(context, feature, { kind: 'format', format });
    // floor(i / step) = round((i - step / 2) / step) with halves up, for integers i and an even step.
    const { channels } = feature.shape;
    const shifted = emitElementwise(context, feature, {
      kind: 'affine',
      scale: new Float64Array(channels).fill(1 / step),
      shift: new Float64Array(channels).fill(-scale / 2),
    });
    return emitElementwise(context, shifted, { kind: 'format', format });
  },
};
