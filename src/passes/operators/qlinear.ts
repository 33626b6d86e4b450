import type { OnnxTensor } from '../../ir/onnx.ts';
import { floatAttribute, intAttribute } from '../attributes.ts';
import {
  constantInput,
  featureInput,
  knownInput,
  numbersOf,
  optionalConstant,
  refuse,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { Dequantized, FeatureValue } from '../value.ts';
import { averagePool, globalPool } from './pooling.ts';
import { joinFeatures } from './concat.ts';
import { conv, convolve } from './conv.ts';
import { addFeatures } from './elementwise.ts';
import { constantTensor } from './constant-tensor.ts';
import { contract, gemm, multiply, outputMajor } from './linear.ts';
import { leaky } from './activation.ts';
import { uniform } from './number-format.ts';
import { decoded, dequantized, roundTo } from './quantize-linear.ts';

/** The quantised value at three positions: value, scale, zero point. */
function decodedInput(context: OperatorContext, position: number): FeatureValue {
  const scale = uniform(constantInput(context, position + 1, 'a scale'), 'a scale');
  const zeroPoint = zeroPointAt(context, position + 2);
  return decoded(featureInput(context, position), { scale, zeroPoint });
}

function zeroPointAt(context: OperatorContext, position: number): number {
  const tensor = optionalConstant(context, position, 'a zero point');
  return tensor === null ? 0 : uniform(tensor, 'a zero point');
}

/** The result rounded as scale and zero point at two positions say. */
function roundedOutput(
  context: OperatorContext,
  feature: FeatureValue,
  position: number,
): FeatureValue {
  const scale = uniform(constantInput(context, position, 'the scale of the result'), 'its scale');
  const zeroPoints = optionalConstant(context, position + 1, 'the zero point of the result');
  const zeroPoint = zeroPoints === null ? 0 : uniform(zeroPoints, 'its zero point');
  return roundTo(context, feature, { scale, zeroPoint }, zeroPoints?.elementType ?? 'uint8');
}

/** Weights at three positions: integers, scale, zero point. */
function weightsAt(
  context: OperatorContext,
  position: number,
  axis: number,
): { readonly tensor: OnnxTensor; readonly dequantized: Dequantized | null } {
  const value = dequantized(
    constantInput(context, position, 'the weight tensor'),
    constantInput(context, position + 1, 'the scale of the weights'),
    optionalConstant(context, position + 2, 'the zero point of the weights'),
    axis,
  );
  return { tensor: value.tensor, dequantized: value.dequantized ?? null };
}

/** A bias in integers at scale input x weights. */
function biasAt(
  context: OperatorContext,
  position: number,
  inputScale: number,
  weightScales: readonly number[],
): OnnxTensor | null {
  const tensor = optionalConstant(context, position, 'the bias');
  if (tensor === null) return null;
  const real = numbersOf(tensor).map(
    (value, output) =>
      value * inputScale * (weightScales[weightScales.length === 1 ? 0 : output] ?? 1),
  );
  return constantTensor(tensor.shape, Float64Array.from(real), 'float64');
}

function scalesAt(context: OperatorContext, position: number): readonly number[] {
  return numbersOf(constantInput(context, position, 'a scale'));
}

/** Convolution of integers with its result rounded (ONNX QLinearConv). */
export const qLinearConv: OperatorRule = {
  attributes: conv.attributes,
  accepted: 'QLinearConv with constant weights, scales and zero points',
  translate: (context) => {
    const { tensor, dequantized } = weightsAt(context, 3, 0);
    const inputScale = uniform(constantInput(context, 1, 'a scale'), 'the scale of the input');
    const bias = biasAt(context, 8, inputScale, scalesAt(context, 4));
    const result = convolve(context, tensor, dequantized, bias, () => decodedInput(context, 0));
    return roundedOutput(context, result, 6);
  },
};

/** Product of integers with its result rounded (ONNX QLinearMatMul). */
export const qLinearMatMul: OperatorRule = {
  attributes: {},
  accepted: 'QLinearMatMul with a constant right side, scales and zero points',
  translate: (context) => {
    const rank = constantInput(context, 3, 'the weight tensor').shape.length;
    const { tensor, dequantized } = weightsAt(context, 3, rank - 1);
    const result = multiply(context, tensor, dequantized, decodedInput(context, 0));
    return roundedOutput(context, result, 6);
  },
};

/** Gemm of integers, with its result rounded or real (com.microsoft QGemm). */
export const qGemm: OperatorRule = {
  attributes: { alpha: '1', transA: '0', transB: gemm.attributes['transB'] ?? '' },
  accepted: 'QGemm with constant weights, scales and zero points, transA 0 and alpha 1',
  translate: (context) => {
    const { node } = context;
    if (intAttribute(node, 'transA', 0) !== 0) refuse('transA is 1', 'transA 0');
    if (floatAttribute(node, 'alpha', 1) !== 1) refuse('alpha is not 1', 'alpha 1');
    const transposed = intAttribute(node, 'transB', 0) !== 0;
    const outputAxis = transposed ? 0 : 1;
    const { tensor, dequantized } = weightsAt(context, 3, outputAxis);
    const matrix = outputMajor(tensor, transposed);
    const inputScale = uniform(constantInput(context, 1, 'a scale'), 'the scale of the input');
    const bias = biasAt(context, 6, inputScale, scalesAt(context, 4));
    if (bias !== null && bias.data.length !== matrix.outputs) {
      refuse(`it has ${matrix.outputs} outputs and ${bias.data.length} biases`);
    }
    const result = contract(
      context,
      decodedInput(context, 0),
      1,
      { ...matrix, dequantized, outputAxis },
      bias === null ? new Float64Array(matrix.outputs) : Float64Array.from(numbersOf(bias)),
    );
    return knownInput(context, 7).kind === 'absent' ? result : roundedOutput(context, result, 7);
  },
};

/**
 * Sums of integers without any scale (ONNX ConvInteger): the real convolution over the scale of
 * its input, to be multiplied by the scales later.
 */
export const convInteger: OperatorRule = {
  attributes: conv.attributes,
  accepted: 'ConvInteger of a quantised value with constant weights',
  translate: (context) => {
    const feature = (): FeatureValue => integersInput(context, 2);
    const { tensor, dequantized } = integerWeights(context, featureInput(context, 0), 0);
    return convolve(context, tensor, dequantized, null, feature);
  },
};

/** The same of a product (ONNX MatMulInteger). */
export const matMulInteger: OperatorRule = {
  attributes: {},
  accepted: 'MatMulInteger of a quantised value with a constant right side',
  translate: (context) => {
    const feature = integersInput(context, 2);
    const rank = constantInput(context, 1, 'the weight tensor').shape.length;
    const { tensor, dequantized } = integerWeights(context, featureInput(context, 0), rank - 1);
    return multiply(context, tensor, dequantized, feature);
  },
};

function integersInput(context: OperatorContext, zeroPosition: number): FeatureValue {
  const feature = featureInput(context, 0);
  const scale = feature.encoding?.scale ?? 1;
  return decoded(feature, { scale, zeroPoint: zeroPointAt(context, zeroPosition) });
}

/** Weights over the scale of the input: then real values times weights are sums of integers. */
function integerWeights(
  context: OperatorContext,
  { encoding }: FeatureValue,
  axis: number,
): { readonly tensor: OnnxTensor; readonly dequantized: Dequantized | null } {
  const scale = Float64Array.of(1 / (encoding?.scale ?? 1));
  const value = dequantized(
    constantInput(context, 1, 'the weight tensor'),
    constantTensor([], scale, 'float64'),
    optionalConstant(context, 3, 'the zero point of the weights'),
    axis,
  );
  return { tensor: value.tensor, dequantized: value.dequantized ?? null };
}

/** Sum of two quantised values, rounded (com.microsoft QLinearAdd). */
export const qLinearAdd: OperatorRule = {
  attributes: {},
  accepted: 'QLinearAdd of two branches of one shape',
  translate: (context) => {
    const sum = addFeatures(context, decodedInput(context, 0), decodedInput(context, 3), 1);
    return roundedOutput(context, sum, 6);
  },
};

/** Means of quantised values, rounded (com.microsoft QLinearAveragePool, QLinearGlobalAveragePool). */
export function qLinearPool(
  operator: 'QLinearAveragePool' | 'QLinearGlobalAveragePool',
): OperatorRule {
  const rule = operator === 'QLinearAveragePool' ? averagePool : globalPool('GlobalAveragePool');
  // ONNX Runtime's operator has no dilations.
  const attributes = Object.fromEntries(
    Object.entries(rule.attributes).filter(([name]) => name !== 'dilations'),
  );
  return {
    attributes: { ...attributes, channels_last: '0' },
    accepted: `${operator} with channels_last 0 and the same number of values in every window`,
    translate: (context) => {
      if (intAttribute(context.node, 'channels_last', 0) !== 0)
        refuse('channels_last is 1', 'channels_last 0');
      const feature = decodedInput(context, 0);
      const mean = rule.translate({
        ...context,
        input: (position) => (position === 0 ? feature : { kind: 'absent' }),
      });
      if (!('kind' in mean) || mean.kind !== 'feature') return refuse('it has no mean');
      return roundedOutput(context, mean, 3);
    },
  };
}

/** Quantised values side by side, each rounded to the result's scale (com.microsoft QLinearConcat). */
export const qLinearConcat: OperatorRule = {
  attributes: { axis: 'that of the channels, or of a vector' },
  accepted: 'QLinearConcat of feature maps of one size along their channels',
  translate: (context) => {
    const count = Math.floor((context.node.inputs.length - 2) / 3);
    const features = Array.from({ length: count }, (_, index) =>
      decodedInput(context, 2 + 3 * index),
    );
    return roundedOutput(context, joinFeatures(context, features), 0);
  },
};

/** LeakyReLU of a quantised value, rounded (com.microsoft QLinearLeakyRelu). */
export const qLinearLeakyRelu: OperatorRule = {
  attributes: { alpha: 'from 0' },
  accepted: 'QLinearLeakyRelu with alpha of 0 or more',
  translate: (context) => {
    const alpha = floatAttribute(context.node, 'alpha', 0.01);
    return roundedOutput(context, leaky(context, decodedInput(context, 0), alpha, 'alpha'), 3);
  },
};

/** Scales that each sample chooses for itself (ONNX DynamicQuantizeLinear): never accepted. */
export const dynamicQuantizeLinear: OperatorRule = {
  attributes: {},
  accepted: 'scales that are constants: quantise with quantize_static of ONNX Runtime',
  translate: () => refuse('it takes scale and zero point from each sample'),
};
