import type { FeatureShape, Padding, Size2d } from '../../ir/graph.ts';
import type { OnnxNode } from '../../ir/onnx.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../attributes.ts';
import { noPadding } from '../operation.ts';
import { refuse } from '../operator-rule.ts';

/** Attributes of a window that do not depend on what it slides over. */
export interface WindowAttributes {
  readonly kernel: Size2d;
  readonly dilation: Size2d;
  readonly stride: Size2d;
  readonly autoPad: 'NOTSET' | 'VALID' | 'SAME_UPPER' | 'SAME_LOWER';
  /** Explicit padding, for `NOTSET`. */
  readonly pads: Padding;
  readonly ceilMode: boolean;
}

/**
 * kernel_shape, strides, pads, auto_pad, dilations and ceil_mode of a window in one or two
 * dimensions (ONNX Conv and poolings); one dimension is a row. `kernelOfWeights` is the spatial
 * shape of the weights of a Conv, or null.
 */
export function windowAttributes(
  node: OnnxNode,
  axes: 1 | 2,
  kernelOfWeights: readonly number[] | null,
): WindowAttributes {
  const given = intsAttribute(node, 'kernel_shape') ?? kernelOfWeights;
  if (given === null) return refuse('kernel_shape is missing');
  if (kernelOfWeights !== null && given.join() !== kernelOfWeights.join()) {
    refuse('kernel_shape differs from the shape of the weights');
  }
  const kernel = sizeOf(given, axes, 'kernel_shape');
  const stride = sizeOf(intsAttribute(node, 'strides') ?? [1, 1].slice(2 - axes), axes, 'strides');
  const dilation = sizeOf(
    intsAttribute(node, 'dilations') ?? [1, 1].slice(2 - axes),
    axes,
    'dilations',
  );
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  switch (autoPad) {
    case 'NOTSET':
    case 'VALID':
    case 'SAME_UPPER':
    case 'SAME_LOWER':
      break;
    default:
      return refuse(`auto_pad is "${autoPad}"`, 'NOTSET, VALID, SAME_UPPER, SAME_LOWER');
  }
  // ONNX: pads count only where auto_pad is NOTSET.
  const pads =
    autoPad === 'NOTSET' ? explicitPads(node, axes, spanOf(kernel, dilation)) : noPadding;
  const ceilMode = intAttribute(node, 'ceil_mode', 0) !== 0;
  return { kernel, dilation, stride, autoPad, pads, ceilMode };
}

/** Rows and columns from the first to the last position of a kernel. */
export function spanOf(kernel: Size2d, dilation: Size2d): Size2d {
  return {
    height: (kernel.height - 1) * dilation.height + 1,
    width: (kernel.width - 1) * dilation.width + 1,
  };
}

/** Where a window slides over a map. */
export interface Sliding {
  readonly padding: Padding;
  readonly output: Size2d;
  /** How much of the padding at bottom and right only `ceil_mode` asks for. */
  readonly added: Size2d;
}

/** Padding of a window over `map`, and how many places it takes. */
export function slide(window: WindowAttributes, map: FeatureShape): Sliding {
  const { kernel, dilation, stride, autoPad, pads, ceilMode } = window;
  const span = spanOf(kernel, dilation);
  const padding =
    autoPad === 'NOTSET' || autoPad === 'VALID' ? pads : samePads(autoPad, map, span, stride);
  const vertical = map.height + padding.top + padding.bottom - span.height;
  const horizontal = map.width + padding.left + padding.right - span.width;
  if (vertical < 0 || horizontal < 0) {
    refuse(
      `a kernel of ${span.height}x${span.width} is larger than its padded input of ` +
        `${vertical + span.height}x${horizontal + span.width}`,
    );
  }
  const places = (room: number, step: number, lastStart: number): number => {
    const whole = Math.floor(room / step) + 1;
    if (!ceilMode || room % step === 0) return whole;
    // ONNX: a last window that would start behind the map is left out.
    return whole * step < lastStart ? whole + 1 : whole;
  };
  const output = {
    height: places(vertical, stride.height, map.height + padding.top),
    width: places(horizontal, stride.width, map.width + padding.left),
  };
  const added = {
    height: Math.max(0, (output.height - 1) * stride.height - vertical),
    width: Math.max(0, (output.width - 1) * stride.width - horizontal),
  };
  return {
    padding: {
      ...padding,
      bottom: padding.bottom + added.height,
      right: padding.right + added.width,
    },
    output,
    added,
  };
}

/** Padding that makes the output as large as the input over the stride (ONNX auto_pad SAME). */
function samePads(
  mode: 'SAME_UPPER' | 'SAME_LOWER',
  map: FeatureShape,
  span: Size2d,
  stride: Size2d,
): Padding {
  const split = (length: number, window: number, step: number): readonly [number, number] => {
    const total = Math.max(0, (Math.ceil(length / step) - 1) * step + window - length);
    const small = Math.floor(total / 2);
    return mode === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
  };
  const [top, bottom] = split(map.height, span.height, stride.height);
  const [left, right] = split(map.width, span.width, stride.width);
  return { top, left, bottom, right };
}

function explicitPads(node: OnnxNode, axes: 1 | 2, span: Size2d): Padding {
  const pads = intsAttribute(node, 'pads') ?? [0, 0, 0, 0].slice(4 - 2 * axes);
  const written = `pads are [${pads.join(', ')}]`;
  if (pads.length !== 2 * axes) {
    return refuse(
      `${written}, not ${axes === 2 ? 'four' : 'two'} numbers`,
      'a pad for each end of each axis',
    );
  }
  const [top = 0, left = 0, bottom = 0, right = 0] =
    axes === 2 ? pads : [0, pads[0] ?? 0, 0, pads[1] ?? 0];
  // A pad as large as the kernel would make windows that see nothing of the input.
  const tooLarge = Math.max(top, bottom) >= span.height || Math.max(left, right) >= span.width;
  if (tooLarge || pads.some((pad) => pad < 0)) {
    refuse(written, 'pads of 0 or more, less than the kernel');
  }
  return { top, left, bottom, right };
}

/** A number for each spatial axis; one dimension is a row. */
function sizeOf(values: readonly number[], axes: 1 | 2, what: string): Size2d {
  if (values.length !== axes) {
    return refuse(
      `${what} is [${values.join(', ')}], not ${axes === 2 ? 'two numbers' : 'one number'}`,
      'windows in one or two dimensions, with as many axes as the input',
    );
  }
  if (values.some((value) => value < 1))
    refuse(`${what} is [${values.join(', ')}]`, 'numbers from 1');
  const [height = 1, width = 1] = axes === 2 ? values : [1, ...values];
  return { height, width };
}
