import { intAttribute, intsAttribute } from '../attributes.ts';
import {
  constantInput,
  knownInput,
  normalizeAxis,
  numbersOf,
  optionalConstant,
  product,
  refuse,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { Value } from '../value.ts';
import { piecesOf, reshapeView, samePieces, transposeView, type View } from '../view.ts';
import { formatDims } from './features.ts';

const accepted =
  'any change of shape that keeps the order of the values and does not cut axes apart';

/** ONNX Flatten. */
export const flatten: OperatorRule = {
  attributes: { axis: 'any' },
  accepted,
  translate: (context) =>
    view(context, (dims) => flattenShape(dims, intAttribute(context.node, 'axis', 1))),
};

/** Two axes: the product of those in front of `axis`, and of the others. */
export function flattenShape(dims: readonly number[], given: number): readonly number[] {
  const axis = given === dims.length ? given : normalizeAxis(given, dims.length);
  return [product(dims.slice(0, axis)), product(dims.slice(axis))];
}

/** ONNX Reshape. */
export const reshape: OperatorRule = {
  attributes: { allowzero: '0 or 1' },
  accepted,
  translate: (context) =>
    view(context, (dims) => {
      const target = numbersOf(constantInput(context, 1, 'the new shape'));
      const allowZero = intAttribute(context.node, 'allowzero', 0) !== 0;
      return resolveShape(dims, target, allowZero);
    }),
};

/** ONNX Squeeze: axes as attribute before operator set 13, as input from there. */
export const squeeze: OperatorRule = {
  attributes: { axes: 'any of length 1; an input from operator set 13' },
  accepted,
  translate: (context) =>
    view(context, (dims) => {
      const given = axesOf(context);
      const axes = given?.map((axis) => normalizeAxis(axis, dims.length));
      return squeezeShape(dims, axes ?? null);
    }),
};

/** ONNX Unsqueeze: axes as attribute before operator set 13, as input from there. */
export const unsqueeze: OperatorRule = {
  attributes: { axes: 'any; an input from operator set 13' },
  accepted,
  translate: (context) =>
    view(context, (dims) =>
      unsqueezeShape(dims, axesOf(context) ?? refuse('its axes are missing')),
    ),
};

/** Axes of Squeeze and Unsqueeze, or null when they are not given. */
export function axesOf(context: OperatorContext): readonly number[] | null {
  const attribute = intsAttribute(context.node, 'axes');
  if (attribute !== null) return attribute;
  const tensor = optionalConstant(context, 1, 'the list of axes');
  return tensor === null ? null : numbersOf(tensor);
}

/** Without the given axes, or without all of length 1. */
export function squeezeShape(
  dims: readonly number[],
  axes: readonly number[] | null,
): readonly number[] {
  const removed = axes ?? dims.flatMap((length, axis) => (length === 1 ? [axis] : []));
  if (removed.some((axis) => dims[axis] !== 1)) refuse('it removes an axis that is longer than 1');
  return dims.filter((_, axis) => !removed.includes(axis));
}

/** With axes of length 1 inserted; negative axes count from the end of the result. */
export function unsqueezeShape(
  dims: readonly number[],
  axes: readonly number[],
): readonly number[] {
  const rank = dims.length + axes.length;
  const inserted = new Set(axes.map((axis) => normalizeAxis(axis, rank)));
  if (inserted.size !== axes.length) refuse('it inserts an axis twice');
  const rest = [...dims];
  return Array.from({ length: rank }, (_, axis) => (inserted.has(axis) ? 1 : (rest.shift() ?? 1)));
}

/** The shape that ONNX Reshape makes of `target`: 0 copies a length, -1 takes the rest. */
export function resolveShape(
  dims: readonly number[],
  target: readonly number[],
  allowZero: boolean,
): readonly number[] {
  const size = product(dims);
  const copied = target.map((length, axis) =>
    length === 0 && !allowZero ? (dims[axis] ?? 0) : length,
  );
  const known = product(copied.filter((length) => length !== -1));
  const free = copied.filter((length) => length === -1).length;
  const shape = copied.map((length) => (length === -1 ? size / known : length));
  if (
    free > 1 ||
    product(shape) !== size ||
    shape.some((length) => !Number.isInteger(length) || length < 0)
  ) {
    refuse(`a value of shape [${dims.join(', ')}] cannot become [${target.join(', ')}]`);
  }
  return shape;
}

/** A value with another ONNX shape over the same data. */
function view(
  context: OperatorContext,
  reshapeDims: (dims: readonly number[]) => readonly number[],
): Value {
  return changeView(context, (old) => {
    const dims = reshapeDims(old.dims);
    const text = `it reshapes ${formatDims(old.dims)} to ${formatDims(dims)}`;
    const changed = reshapeView(old, dims) ?? refuse(`${text}, which cuts axes apart`);
    const batch = piecesOf(changed, 'batch');
    if (batch.length > 0 && !changed.axes.some((axis) => samePieces(axis, batch))) {
      refuse(`${text}, which mixes the batch axis with others`);
    }
    return changed;
  });
}

/** A feature, or a part of a k-WTA, seen in another way. */
function changeView(context: OperatorContext, change: (view: View) => View): Value {
  const value = knownInput(context, 0);
  switch (value.kind) {
    case 'feature':
      return { ...value, view: change(value.view) };
    case 'threshold':
    case 'winner-mask':
      return { ...value, view: change(value.view), origin: [...value.origin, context.node.name] };
    default:
      return refuse('its input is not a feature map or vector');
  }
}

/** ONNX Transpose: axes in another order; what reads the value in the end decides whether it fits. */
export const transpose: OperatorRule = {
  attributes: {
    perm: 'any whose effect is cancelled, flattened into a fully connected layer, or a channel shuffle',
  },
  accepted:
    'Transpose that a later one cancels, between channels-last and channels-first, of channels in groups, or in front of a Flatten and a fully connected layer',
  translate: (context) =>
    changeView(context, (old) => {
      const order =
        intsAttribute(context.node, 'perm') ??
        old.dims.map((_, axis) => old.dims.length - 1 - axis);
      const axes = order.map((axis) => normalizeAxis(axis, old.dims.length));
      if (axes.length !== old.dims.length || new Set(axes).size !== axes.length) {
        refuse(`perm is ${formatDims(order)}`);
      }
      return transposeView(old, axes);
    }),
};
