import type { FeatureShape, Padding, Size2d } from '../../ir/graph.ts';
import { intAttribute } from '../attributes.ts';
import { isPadded, noPadding, unitSize } from '../operation.ts';
import { featureInput, refuse, type OperatorContext, type OperatorRule } from '../operator-rule.ts';
import type { FeatureValue } from '../value.ts';
import { asMap, emitMap, singleInput, spatialAxes } from './features.ts';
import { slide, windowAttributes } from './spatial.ts';

/** Maximum over windows, padding left out (ONNX MaxPool). */
export const maxPool: OperatorRule = {
  attributes: {
    auto_pad: 'NOTSET, VALID, SAME_UPPER, SAME_LOWER',
    ceil_mode: '0 or 1',
    dilations: '1',
    kernel_shape: 'any',
    pads: 'from 0, also asymmetric, less than the kernel',
    storage_order: '0',
    strides: 'any, overlapping too',
  },
  accepted: 'MaxPool with dilations 1, of which only the first output is used',
  translate: (context) => {
    const { node } = context;
    if (intAttribute(node, 'storage_order', 0) !== 0) refuse('storage_order is 1');
    const map = asMap(context, featureInput(context, 0));
    const window = windowAttributes(node, spatialAxes(map), null);
    refuseDilation(window.dilation);
    const { padding, output } = slide(window, map.shape);
    const result = emitMaxPool(context, map, { ...map.shape, ...output }, { ...window, padding });
    // The largest of some integers is one of them.
    const { encoding } = map;
    return encoding === undefined ? result : { ...result, encoding };
  },
};

/** Mean over windows (ONNX AveragePool): a convolution of each channel with equal weights. */
export const averagePool: OperatorRule = {
  attributes: {
    auto_pad: 'NOTSET, VALID, SAME_UPPER, SAME_LOWER; SAME only where it adds no padding',
    ceil_mode: '0; 1 where the windows divide the input',
    count_include_pad: '0 without padding, 1',
    dilations: '1',
    kernel_shape: 'any',
    pads: 'from 0, less than the kernel; above 0 with count_include_pad 1',
    strides: 'any, overlapping too',
  },
  accepted: 'AveragePool whose windows all have the same number of values',
  translate: (context) => {
    const { node } = context;
    const map = asMap(context, featureInput(context, 0));
    const window = windowAttributes(node, spatialAxes(map), null);
    refuseDilation(window.dilation);
    const { padding, output, added } = slide(window, map.shape);
    const counted = intAttribute(node, 'count_include_pad', 0) !== 0;
    if (added.height > 0 || added.width > 0) {
      refuse(
        'ceil_mode is 1 and the last windows reach beyond the padded input, so that they divide by another number',
        'ceil_mode 0, or windows that divide the input',
      );
    }
    if (!counted && isPadded(padding)) {
      refuse(
        'it pads its input and count_include_pad is 0, so that windows at the edge divide by another number',
        'count_include_pad 1, or no padding',
      );
    }
    const outputShape = { ...map.shape, ...output };
    const weight = 1 / (window.kernel.height * window.kernel.width);
    return emitMap(
      context,
      {
        ...equalWeights(map, window.kernel, weight),
        ...singleInput(context, map),
        outputShape,
        stride: window.stride,
        padding,
      },
      spatialAxes(map),
    );
  },
};

/** Mean or maximum over all sites of each channel (ONNX GlobalAveragePool, GlobalMaxPool). */
export function globalPool(operator: 'GlobalAveragePool' | 'GlobalMaxPool'): OperatorRule {
  return {
    attributes: {},
    accepted: `${operator} over the sites of a map`,
    translate: (context) => {
      const map = asMap(context, featureInput(context, 0));
      const { channels, height, width } = map.shape;
      const outputShape = { channels, height: 1, width: 1 };
      const kernel = { height, width };
      if (operator === 'GlobalMaxPool') {
        return emitMaxPool(context, map, outputShape, {
          kernel,
          stride: kernel,
          padding: noPadding,
        });
      }
      return emitMap(
        context,
        {
          ...equalWeights(map, kernel, 1 / (height * width)),
          ...singleInput(context, map),
          outputShape,
        },
        spatialAxes(map),
      );
    },
  };
}

/** Fields of a window that sums the values of a kernel, channel by channel, times `weight`. */
export function equalWeights(
  { shape: { channels } }: FeatureValue,
  kernel: Size2d,
  weight: number,
): EqualWeights {
  return {
    kind: 'window',
    operator: 'conv',
    groups: channels,
    weights: new Float32Array(channels * kernel.height * kernel.width).fill(weight),
    bias: new Float64Array(channels),
    kernel,
    dilation: unitSize,
    stride: unitSize,
    padding: noPadding,
  };
}

interface EqualWeights {
  readonly kind: 'window';
  readonly operator: 'conv';
  readonly groups: number;
  readonly weights: Float32Array;
  readonly bias: Float64Array;
  readonly kernel: Size2d;
  readonly dilation: Size2d;
  readonly stride: Size2d;
  readonly padding: Padding;
}

function emitMaxPool(
  context: OperatorContext,
  map: FeatureValue,
  outputShape: FeatureShape,
  {
    kernel,
    stride,
    padding,
  }: { readonly kernel: Size2d; readonly stride: Size2d; readonly padding: Padding },
): FeatureValue {
  return emitMap(
    context,
    { kind: 'max-pool', ...singleInput(context, map), outputShape, kernel, stride, padding },
    spatialAxes(map),
  );
}

function refuseDilation({ height, width }: Size2d): void {
  if (height !== 1 || width !== 1) refuse(`dilations are [${height}, ${width}]`, 'dilations of 1');
}
