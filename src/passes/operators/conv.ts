import type { OnnxTensor } from '../../ir/onnx.ts';
import { intAttribute } from '../attributes.ts';
import {
  constantInput,
  featureInput,
  numbersOf,
  optionalConstant,
  refuse,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { Dequantized, FeatureValue } from '../value.ts';
import { asMap, emitMap, singleInput, spatialAxes } from './features.ts';
import { dequantizedOf, givenWeights } from './given-weights.ts';
import { slide, windowAttributes } from './spatial.ts';
import { floatsOf } from './tensor-floats.ts';

/** Convolution in one or two dimensions with constant weights (ONNX Conv). */
export const conv: OperatorRule = {
  attributes: {
    auto_pad: 'NOTSET, VALID, SAME_UPPER, SAME_LOWER',
    dilations: 'any',
    group: 'any, depthwise too',
    kernel_shape: 'that of the weights',
    pads: 'from 0, also asymmetric, less than the kernel',
    strides: 'any',
  },
  accepted:
    'Conv over [batch, channels, height, width] or [batch, channels, length] with constant weights',
  translate: (context) => {
    const weights = constantInput(context, 1, 'the weight tensor');
    const bias = optionalConstant(context, 2, 'the bias');
    return convolve(context, weights, dequantizedOf(context, 1), bias, () =>
      featureInput(context, 0),
    );
  },
};

/**
 * The convolution of a Conv node, or of one of its quantised relatives, whose attributes are the
 * same. Attributes and constants are looked at before the feature is asked for, so that a node
 * behind a refused one is checked too.
 */
export function convolve(
  context: OperatorContext,
  weights: OnnxTensor,
  dequantized: Dequantized | null,
  bias: OnnxTensor | null,
  feature: () => FeatureValue,
): FeatureValue {
  const { node } = context;
  const groups = intAttribute(node, 'group', 1);
  const [outputs, inputs, ...kernelShape] = weights.shape;
  const axes = kernelShape.length;
  if (outputs === undefined || inputs === undefined || (axes !== 1 && axes !== 2)) {
    return refuse(
      `its weights have shape [${weights.shape.join(', ')}], not [outputs, inputs, height, width]`,
    );
  }
  if (groups < 1 || outputs % groups !== 0) {
    refuse(`group is ${groups} with ${outputs} output channels`, 'a group that divides them');
  }
  if (bias !== null && bias.data.length !== outputs) {
    refuse(`it has ${outputs} output channels and ${bias.data.length} biases`);
  }
  const window = windowAttributes(node, axes, kernelShape);
  const map = asMap(context, feature());
  if (spatialAxes(map) !== axes) {
    refuse(`its weights have ${axes} spatial axes, its input has ${spatialAxes(map)}`);
  }
  if (map.shape.channels !== inputs * groups) {
    refuse(`its weights read ${inputs * groups} channels, its input has ${map.shape.channels}`);
  }
  const { padding, output } = slide(window, map.shape);
  const values = floatsOf(weights);
  return emitMap(
    context,
    {
      kind: 'window',
      operator: 'conv',
      ...singleInput(context, map),
      outputShape: { channels: outputs, ...output },
      groups,
      weights: values,
      bias: Float64Array.from(bias === null ? new Float32Array(outputs) : numbersOf(bias)),
      kernel: window.kernel,
      dilation: window.dilation,
      stride: window.stride,
      padding,
      ...givenWeights(dequantized, 0, values, outputs),
    },
    axes,
  );
}
