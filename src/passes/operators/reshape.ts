import { shapeSize } from '../../ir/graph.ts';
import { intAttribute, intsAttribute } from '../attributes.ts';
import {
  constantInput,
  knownInput,
  normalizeAxis,
  numbersOf,
  optionalConstant,
  product,
  refuse,
  sameNumbers,
  withoutBatch,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { FeatureValue, Value } from '../value.ts';

const accepted =
  'a flattening to [batch, length], or adding and removing axes of length 1; the batch axis stays first';

/** ONNX Flatten. */
export const flatten: OperatorRule = {
  attributes: ['axis'],
  accepted,
  translate: (context) =>
    view(context, (dims) => {
      const given = intAttribute(context.node, 'axis', 1);
      const axis = given === dims.length ? given : normalizeAxis(given, dims.length);
      return [product(dims.slice(0, axis)), product(dims.slice(axis))];
    }),
};

/** ONNX Reshape. */
export const reshape: OperatorRule = {
  attributes: ['allowzero'],
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
  attributes: ['axes'],
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
  attributes: ['axes'],
  accepted,
  translate: (context) => {
    const given = axesOf(context) ?? refuse('its axes are missing');
    const value = knownInput(context, 0);
    // The k-th largest without its axis, x.topk(k)[0][:, k - 1], gets it back here.
    if (value.kind === 'threshold' && !value.keepsAxis) {
      const [axis] = given;
      const rank = value.feature.dims.length;
      if (given.length !== 1 || axis === undefined || normalizeAxis(axis, rank) !== value.axis) {
        refuse('it does not put back the axis of the TopK');
      }
      return { ...value, keepsAxis: true, origin: [...value.origin, context.node.name] };
    }
    return view(context, (dims) => unsqueezeShape(dims, given));
  },
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
  const value = knownInput(context, 0);
  if (value.kind === 'host') return { kind: 'host', dims: reshapeDims(value.dims) };
  if (value.kind !== 'feature') {
    return refuse('its input is not a feature map or vector');
  }
  return viewFeature(value, reshapeDims(value.dims), context.batch);
}

function viewFeature(feature: FeatureValue, dims: readonly number[], batch: number): FeatureValue {
  const asText = `[${feature.dims.join(', ')}] to [${dims.join(', ')}]`;
  if (dims[0] !== batch || product(withoutBatch(dims)) !== shapeSize(feature.shape)) {
    return refuse(`it reshapes ${asText}, which mixes the batch axis with others`);
  }
  const rest = withoutBatch(dims);
  if (feature.isInput) return { ...feature, dims, shape: inputShape(rest) ?? feature.shape };
  const long = (lengths: readonly number[]): readonly number[] =>
    lengths.filter((length) => length !== 1);
  const { channels, height, width } = feature.shape;
  const flat = rest.length === 1;
  if (flat || sameNumbers(long(rest), long([channels, height, width]))) return { ...feature, dims };
  return refuse(`it reshapes ${asText}`);
}

/** How an input of these axes (without the batch) is laid out; null for a flattened one. */
function inputShape(rest: readonly number[]): FeatureValue['shape'] | null {
  const [channels, height, width] = rest;
  return rest.length === 3 && channels !== undefined && height !== undefined && width !== undefined
    ? { channels, height, width }
    : null;
}
