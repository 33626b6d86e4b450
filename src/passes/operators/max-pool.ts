import { intAttribute } from '../attributes.ts';
import { featureInput, refuse, type OperatorRule } from '../operator-rule.ts';
import { mapShape, slide, windowAttributes } from './spatial.ts';

/** Non-overlapping max-pooling without padding (ONNX MaxPool). */
export const maxPool: OperatorRule = {
  attributes: [
    'auto_pad',
    'ceil_mode',
    'dilations',
    'kernel_shape',
    'pads',
    'storage_order',
    'strides',
  ],
  accepted: 'MaxPool with strides equal to kernel_shape, no pads, dilations 1, ceil_mode 0',
  translate: (context) => {
    const { node } = context;
    if (intAttribute(node, 'storage_order', 0) !== 0) refuse('storage_order is 1');
    const window = windowAttributes(node, null);
    const { kernel, stride } = window;
    if (kernel.height !== stride.height || kernel.width !== stride.width) {
      refuse(
        `its windows of ${kernel.height}x${kernel.width} at strides of ` +
          `${stride.height}x${stride.width} overlap or leave gaps`,
        'strides equal to kernel_shape',
      );
    }
    const feature = featureInput(context, 0);
    const map = mapShape(feature);
    const { padding, output } = slide(window, map);
    if (Object.values(padding).some((pad) => pad !== 0)) refuse('it pads its input', 'no pads');
    return context.emit(
      {
        kind: 'max-pool',
        origin: [node.name],
        input: feature.source,
        inputShape: map,
        outputShape: { channels: map.channels, ...output },
        pooling: { kernel, stride },
      },
      [context.batch, map.channels, output.height, output.width],
    );
  },
};
