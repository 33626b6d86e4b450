import type { FeatureShape, Padding, Size2d } from '../../ir/graph.ts';
import type { OnnxNode } from '../../ir/onnx.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../attributes.ts';
import { refuse } from '../operator-rule.ts';
import type { FeatureValue } from '../value.ts';

/** Most values a feature map may have: beyond it a file is damaged or not for this tool. */
const largestMap = 2 ** 24;

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

const noPads: Padding = { top: 0, left: 0, bottom: 0, right: 0 };

/** Attributes of a window that do not depend on what it slides over. */
export interface WindowAttributes {
  readonly kernel: Size2d;
  readonly stride: Size2d;
  readonly autoPad: 'NOTSET' | 'VALID' | 'SAME_UPPER' | 'SAME_LOWER';
  /** Explicit padding, for `NOTSET`. */
  readonly pads: Padding;
  readonly ceilMode: boolean;
}

/**
 * kernel_shape, strides, pads, auto_pad, dilations and ceil_mode of a two-dimensional window
 * (ONNX Conv and MaxPool). `kernelOfWeights` is that of a Conv, or null.
 */
export function windowAttributes(node: OnnxNode, kernelOfWeights: Size2d | null): WindowAttributes {
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
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  switch (autoPad) {
    case 'NOTSET':
    case 'VALID':
    case 'SAME_UPPER':
    case 'SAME_LOWER':
      break;
    default:
      return refuse(`auto_pad is "${autoPad}"`);
  }
  // ONNX: pads count only where auto_pad is NOTSET.
  const pads = autoPad === 'NOTSET' ? explicitPads(node, kernel) : noPads;
  const ceilMode = intAttribute(node, 'ceil_mode', 0) !== 0;
  return { kernel, stride, autoPad, pads, ceilMode };
}

/** Where a window slides over `map`: its padding and how many places it takes. */
export function slide(
  { kernel, stride, autoPad, pads, ceilMode }: WindowAttributes,
  map: FeatureShape,
): { readonly padding: Padding; readonly output: Size2d } {
  const padding =
    autoPad === 'NOTSET' || autoPad === 'VALID' ? pads : samePads(autoPad, map, kernel, stride);
  const vertical = map.height + padding.top + padding.bottom - kernel.height;
  const horizontal = map.width + padding.left + padding.right - kernel.width;
  if (vertical < 0 || horizontal < 0) {
    refuse(
      `a kernel of ${kernel.height}x${kernel.width} is larger than its padded input of ` +
        `${vertical + kernel.height}x${horizontal + kernel.width}`,
    );
  }
  if (ceilMode && (vertical % stride.height !== 0 || horizontal % stride.width !== 0)) {
    refuse('ceil_mode is 1 and the windows do not divide the input', 'ceil_mode 0');
  }
  const output = {
    height: Math.floor(vertical / stride.height) + 1,
    width: Math.floor(horizontal / stride.width) + 1,
  };
  return { padding, output };
}

/** Refuses maps that no real network has. */
export function checkMapSize(shape: FeatureShape): FeatureShape {
  const size = shape.channels * shape.height * shape.width;
  if (size >= 1 && size <= largestMap) return shape;
  return refuse(`its result of ${formatShape(shape)} is not a possible feature map`);
}

/** Padding that makes the output as large as the input over the stride (ONNX auto_pad SAME). */
function samePads(
  mode: 'SAME_UPPER' | 'SAME_LOWER',
  map: FeatureShape,
  kernel: Size2d,
  stride: Size2d,
): Padding {
  const split = (length: number, window: number, step: number): readonly [number, number] => {
    const total = Math.max(0, (Math.ceil(length / step) - 1) * step + window - length);
    const small = Math.floor(total / 2);
    return mode === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
  };
  const [top, bottom] = split(map.height, kernel.height, stride.height);
  const [left, right] = split(map.width, kernel.width, stride.width);
  return { top, left, bottom, right };
}

function explicitPads(node: OnnxNode, kernel: Size2d): Padding {
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
  const tooLarge = Math.max(top, bottom) >= kernel.height || Math.max(left, right) >= kernel.width;
  if (tooLarge || pads.some((pad) => pad < 0)) {
    refuse(`pads are [${pads.join(', ')}]`, 'pads of 0 or more, less than the kernel');
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
  return { height, width };
}
