import { intAttribute } from '../attributes.ts';
import {
  constantInput,
  featureInput,
  optionalConstant,
  refuse,
  type OperatorRule,
} from '../operator-rule.ts';
import { checkMapSize, mapShape, slide, windowAttributes } from './spatial.ts';
import { floatsOf } from './tensor-floats.ts';

/** Two-dimensional convolution with constant weights (ONNX Conv). */
export const conv: OperatorRule = {
  attributes: ['auto_pad', 'dilations', 'group', 'kernel_shape', 'pads', 'strides'],
  accepted: 'Conv over [batch, channels, height, width], group 1, dilations 1, constant weights',
  translate: (context) => {
    const group = intAttribute(context.node, 'group', 1);
    if (group !== 1) refuse(`group is ${group}`, 'group 1');
    const weights = constantInput(context, 1, 'the weight tensor');
    const [outputs, inputs, height, width] = weights.shape;
    if (
      weights.shape.length !== 4 ||
      outputs === undefined ||
      inputs === undefined ||
      height === undefined ||
      width === undefined
    ) {
      return refuse(
        `its weights have shape [${weights.shape.join(', ')}], not [outputs, inputs, height, width]`,
      );
    }
    const bias = optionalConstant(context, 2, 'the bias');
    if (bias !== null && bias.data.length !== outputs) {
      refuse(`it has ${outputs} output channels and ${bias.data.length} biases`);
    }
    const window = windowAttributes(context.node, { height, width });
    const feature = featureInput(context, 0);
    const map = mapShape(feature);
    if (map.channels !== inputs) {
      refuse(`its weights read ${inputs} channels, its input has ${map.channels}`);
    }
    const { padding, output } = slide(window, map);
    const outputShape = checkMapSize({ channels: outputs, ...output });
    return context.emit(
      {
        kind: 'window',
        operator: 'conv',
        origin: [context.node.name],
        input: feature.source,
        inputShape: map,
        outputShape,
        weights: floatsOf(weights),
        bias: Float64Array.from(bias === null ? new Float32Array(outputs) : floatsOf(bias)),
        kernel: window.kernel,
        stride: window.stride,
        padding,
      },
      [context.batch, outputShape.channels, outputShape.height, outputShape.width],
    );
  },
};
