import type { FeatureShape, Padding, Size2d } from '../../ir/graph.ts';
import { invariant } from '../../base/invariant.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../attributes.ts';
import { refuse, type OperatorContext } from '../operator-rule.ts';
import type { FeatureValue } from '../value.ts';

/** Most values a feature map may have: beyond it a file is damaged or not for this tool. */
const largestMap = 2 ** 24;

/** Attributes that Conv and MaxPool share, with the output size they lead to. */
export interface SlidingWindow {
  readonly kernel: Size2d;
  readonly stride: Size2d;
  readonly padding: Padding;
  readonly output: Size2d;
}

/** A feature seen as a map: [batch, channels, height, width] in the order it was computed. */
export function mapShape(feature: FeatureValue): FeatureShape {
  const [, channels, height, width] = feature.dims;
  if (
    feature.dims.length !== 4 ||
    channels === undefined ||
    height === undefined ||
    width === undefined
  ) {
    return refuse(
      `its input has shape [${feature.dims.join(', ')}], not [batch, channels, height, width]`,
    );
  }
  const shape = { channels, height, width };
  if (feature.isInput || sameShape(shape, feature.shape)) return shape;
  return refuse(
    `its input of shape [${feature.dims.join(', ')}] is reshaped from a map of ` +
      `${formatShape(feature.shape)}, which reorders values`,
  );
}

export function sameShape(left: FeatureShape, right: FeatureShape): boolean {
  return (
    left.channels === right.channels && left.height === right.height && left.width === right.width
  );
}

/** `64x5x5` */
export function formatShape(shape: FeatureShape): string {
  return `${shape.channels}x${shape.height}x${shape.width}`;
}

/**
 * kernel_shape, strides, pads, auto_pad, dilations and ceil_mode of a two-dimensional window
 * over `map` (ONNX Conv and MaxPool). `kernel` is the one of the weights, or null.
 */
export function slidingWindow(
  { node }: OperatorContext,
  map: FeatureShape,
  kernelOfWeights: Size2d | null,
): SlidingWindow {
  const kernel = pair(intsAttribute(node, 'kernel_shape'), 'kernel_shape') ?? kernelOfWeights;
  if (kernel === null) return refuse('kernel_shape is missing');
  if (
    kernelOfWeights !== null &&
    (kernel.height !== kernelOfWeights.height || kernel.width !== kernelOfWeights.width)
  ) {
    refuse('kernel_shape differs from the shape of the weights');
  }
  const stride = pair(intsAttribute(node, 'strides'), 'strides') ?? { height: 1, width: 1 };
  const dilation = pair(intsAttribute(node, 'dilations'), 'dilations');
  if (dilation !== null && (dilation.height !== 1 || dilation.width !== 1)) {
    refuse(`dilations are [${dilation.height}, ${dilation.width}]`, 'dilations of 1');
  }
  const padding = paddingOf(node, map, kernel, stride);
  const vertical = map.height + padding.top + padding.bottom - kernel.height;
  const horizontal = map.width + padding.left + padding.right - kernel.width;
  if (vertical < 0 || horizontal < 0) {
    refuse(
      `a kernel of ${kernel.height}x${kernel.width} is larger than its padded input of ` +
        `${vertical + kernel.height}x${horizontal + kernel.width}`,
    );
  }
  if (
    intAttribute(node, 'ceil_mode', 0) !== 0 &&
    (vertical % stride.height !== 0 || horizontal % stride.width !== 0)
  ) {
    refuse('ceil_mode is 1 and the windows do not divide the input', 'ceil_mode 0');
  }
  const output = {
    height: Math.floor(vertical / stride.height) + 1,
    width: Math.floor(horizontal / stride.width) + 1,
  };
  return { kernel, stride, padding, output };
}

/** Refuses maps that no real network has. */
export function checkMapSize(shape: FeatureShape): FeatureShape {
  const size = shape.channels * shape.height * shape.width;
  if (size >= 1 && size <= largestMap) return shape;
  return refuse(`its result of ${formatShape(shape)} is not a possible feature map`);
}

function paddingOf(
  node: OperatorContext['node'],
  map: FeatureShape,
  kernel: Size2d,
  stride: Size2d,
): Padding {
  const mode = stringAttribute(node, 'auto_pad', 'NOTSET');
  if (mode === 'VALID') return { top: 0, left: 0, bottom: 0, right: 0 };
  if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER') {
    const split = (length: number, window: number, step: number): readonly [number, number] => {
      const total = Math.max(0, (Math.ceil(length / step) - 1) * step + window - length);
      const small = Math.floor(total / 2);
      return mode === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
    };
    const [top, bottom] = split(map.height, kernel.height, stride.height);
    const [left, right] = split(map.width, kernel.width, stride.width);
    return { top, left, bottom, right };
  }
  if (mode !== 'NOTSET') refuse(`auto_pad is "${mode}"`);
  const pads = intsAttribute(node, 'pads') ?? [0, 0, 0, 0];
  const [top, left, bottom, right] = pads;
  if (
    pads.length !== 4 ||
    top === undefined ||
    left === undefined ||
    bottom === undefined ||
    right === undefined
  ) {
    return refuse(`pads are [${pads.join(', ')}], not four numbers`, 'two-dimensional windows');
  }
  // A pad as large as the kernel would make windows that see nothing of the input.
  if (
    pads.some((pad) => pad < 0) ||
    Math.max(top, bottom) >= kernel.height ||
    Math.max(left, right) >= kernel.width
  ) {
    if (pads.some((pad) => pad !== 0)) {
      refuse(`pads are [${pads.join(', ')}]`, 'pads of 0 or more, less than the kernel');
    }
  }
  return { top, left, bottom, right };
}

function pair(values: readonly number[] | null, what: string): Size2d | null {
  if (values === null) return null;
  const [height, width] = values;
  if (values.length !== 2 || height === undefined || width === undefined) {
    return refuse(
      `${what} is [${values.join(', ')}], not two numbers`,
      'two-dimensional windows (height, width)',
    );
  }
  if (height < 1 || width < 1) refuse(`${what} is [${height}, ${width}]`, 'numbers from 1');
  invariant(Number.isInteger(height) && Number.isInteger(width), 'attributes are integers');
  return { height, width };
}
