import type { OnnxTensor } from '../../ir/onnx.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../attributes.ts';
import {
  constantInput,
  featureInput,
  knownInput,
  normalizeAxis,
  numbersOf,
  optionalConstant,
  refuse,
  scalarOf,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type {
  FeatureValue,
  LargestValue,
  ThresholdValue,
  Value,
  WinnerMaskValue,
} from '../value.ts';
import { piecesOf, replaceAxis, samePieceSet } from '../view.ts';
import { formatDims } from './features.ts';
import type { SliceRange } from './slice-ranges.ts';
import {
  keepWinners,
  maskOfIndices,
  maskOfThreshold,
  mirrored,
  type Comparison,
} from './winner-mask.ts';

const accepted =
  'k-WTA as TopK, then Slice, Gather or ReduceMin of the k-th value, GreaterOrEqual, Cast, and Mul or Where';

/** The k largest values of each vector (ONNX TopK): the beginning of every k-WTA. */
export const topK: OperatorRule = {
  attributes: {
    axis: 'the channels, a group of them, or a whole flattened map',
    k: 'operator set 9 and older; later an input',
    largest: '1',
    sorted: '0 or 1',
  },
  accepted,
  translate: (context) => {
    const { node, opset } = context;
    if (intAttribute(node, 'largest', 1) !== 1) refuse('it takes the smallest values', 'largest 1');
    const k =
      opset < 10
        ? intAttribute(node, 'k', 0)
        : scalarOf(constantInput(context, 1, 'the number of winners'), 'the number of winners');
    const feature = featureInput(context, 0);
    const { dims } = feature.view;
    const axis = normalizeAxis(intAttribute(node, 'axis', -1), dims.length);
    const length = dims[axis] ?? 0;
    if (!choosesChannels(feature, axis)) {
      refuse(
        `it chooses along axis ${axis} of a value of shape ${formatDims(dims)}`,
        'the channels of a map, a range of equal groups of them, or a whole vector',
      );
    }
    if (!Number.isInteger(k) || k < 1 || k > length) refuse(`it takes ${k} of ${length} values`);
    const selection = { feature, k, axis, origin: [node.name] };
    const sorted = intAttribute(node, 'sorted', 1) === 1;
    return [
      { kind: 'largest', sorted, ...selection },
      { kind: 'largest-indices', ...selection },
    ];
  },
};

/** Whether an axis holds the innermost channels, or everything; a free input is still to be laid out. */
function choosesChannels({ view, isFree }: FeatureValue, axis: number): boolean {
  const chosen = view.axes[axis] ?? [];
  const whole = view.pieces.flatMap((piece, index) => (piece.axis === 'batch' ? [] : [index]));
  const channels = piecesOf(view, 'channel');
  const inner = channels.slice(channels.length - chosen.length);
  return isFree || samePieceSet(chosen, whole) || samePieceSet(chosen, inner);
}

/** The k-th largest as a slice of TopK. */
export function sliceLargest(
  context: OperatorContext,
  largest: LargestValue,
  ranges: readonly SliceRange[],
): ThresholdValue {
  const { dims } = largest.feature.view;
  const own = ranges.find(({ axis }) => normalizeAxis(axis, dims.length) === largest.axis);
  if (ranges.some((range) => range !== own && !takesAll(range))) {
    refuse('it cuts another axis than that of the TopK');
  }
  const place = (at: number): number => Math.min(largest.k, at < 0 ? at + largest.k : at);
  if (own === undefined || own.step !== 1 || place(own.end) !== place(own.start) + 1) {
    return refuse('it takes several of the largest values, not the k-th alone');
  }
  return threshold(context, largest, place(own.start), true);
}

/** The k-th largest as an element of TopK. */
export function gatherLargest(
  context: OperatorContext,
  largest: LargestValue,
  axis: number,
  indices: OnnxTensor,
): ThresholdValue {
  const index = scalarOf(indices, 'the index');
  const { dims } = largest.feature.view;
  if (normalizeAxis(axis, dims.length) !== largest.axis) {
    refuse('it picks along another axis than that of the TopK');
  }
  const position = index < 0 ? index + largest.k : index;
  return threshold(context, largest, position, indices.shape.length === 1);
}

/** The smallest of the k largest (ONNX ReduceMin): the k-th. */
export const reduceMin: OperatorRule = {
  attributes: {
    axes: 'that of the TopK; an input from operator set 18',
    keepdims: '0 or 1',
    noop_with_empty_axes: '0 or 1',
  },
  accepted,
  translate: (context) => {
    const largest = largestInput(context);
    const tensor = optionalConstant(context, 1, 'the list of axes');
    const axes = intsAttribute(context.node, 'axes') ?? (tensor === null ? [] : numbersOf(tensor));
    const [axis] = axes;
    if (
      axes.length !== 1 ||
      axis === undefined ||
      normalizeAxis(axis, largest.feature.view.dims.length) !== largest.axis
    ) {
      refuse('it does not reduce the axis of the TopK alone');
    }
    const keepsAxis = intAttribute(context.node, 'keepdims', 1) === 1;
    return threshold(context, { ...largest, sorted: true }, largest.k - 1, keepsAxis);
  },
};

/** Which values reach the k-th (ONNX GreaterOrEqual and its relatives). */
export function comparison(operator: Comparison): OperatorRule {
  return {
    attributes: {},
    accepted,
    translate: (context) => {
      const [left, right] = [knownInput(context, 0), knownInput(context, 1)];
      const swapped = left.kind === 'threshold';
      const limit = swapped ? left : right;
      const feature = swapped ? right : left;
      if (limit.kind !== 'threshold' || feature.kind !== 'feature') {
        return refuse('it does not compare values with the k-th largest of them');
      }
      const meaning = swapped ? mirrored[operator] : operator;
      if (meaning === 'Greater' || meaning === 'LessOrEqual') {
        refuse('it drops the k-th value itself', 'x >= k-th largest');
      }
      return maskOfThreshold(context, feature, limit, meaning === 'Less');
    },
  };
}

/** Turns the mask round (ONNX Not). */
export const not: OperatorRule = {
  attributes: {},
  accepted,
  translate: (context) => {
    const mask = maskInput(context, 0);
    return turned(mask, context, !mask.inverted);
  },
};

/** Values where the mask says so, otherwise 0; or the mask as ones and zeros (ONNX Where). */
export const where: OperatorRule = {
  attributes: {},
  accepted,
  translate: (context) => {
    const mask = maskInput(context, 0);
    const [chosen, other] = [knownInput(context, 1), knownInput(context, 2)];
    if (isAll(chosen, 1) && isAll(other, 0)) return turned(mask, context, mask.inverted);
    if (isAll(chosen, 0) && isAll(other, 1)) {
      return turned(mask, context, !mask.inverted);
    }
    const [kept, dropped] = mask.inverted ? [2, 1] : [1, 2];
    const feature = featureInput(context, kept);
    const zero = constantInput(context, dropped, 'what the losers become');
    if (!isAll({ kind: 'constant', tensor: zero }, 0)) refuse('the losers do not become 0');
    return keepWinners(context, feature, { ...mask, inverted: false });
  },
};

/**
 * The k largest written to their places among zeros, or ones as a mask
 * (ONNX ScatterElements): a k-WTA that keeps exactly k at ties.
 */
export const scatterElements: OperatorRule = {
  attributes: { axis: 'that of the TopK', reduction: 'none' },
  accepted: 'ScatterElements of the TopK values, or of ones, into zeros at the TopK indices',
  translate: (context) => {
    const target = constantInput(context, 0, 'the target');
    if (numbersOf(target).some((value) => value !== 0)) refuse('its target is not all zeros');
    const reduction = stringAttribute(context.node, 'reduction', 'none');
    if (reduction !== 'none') refuse(`reduction is "${reduction}"`, 'reduction none');
    const places = knownInput(context, 1);
    if (places.kind !== 'largest-indices') return refuse('its indices are not those of a TopK');
    const { dims } = places.feature.view;
    const axis = normalizeAxis(intAttribute(context.node, 'axis', 0), dims.length);
    if (axis !== places.axis) refuse('it scatters along another axis than that of the TopK');
    if (target.shape.join() !== dims.join()) {
      refuse(`its target has shape ${formatDims(target.shape)}, the TopK saw ${formatDims(dims)}`);
    }
    const updates = knownInput(context, 2);
    const mask = maskOfIndices(places);
    if (isAll(updates, 1)) return turned(mask, context, false);
    if (
      updates.kind === 'largest' &&
      updates.feature === places.feature &&
      updates.k === places.k
    ) {
      return keepWinners(context, places.feature, mask);
    }
    return refuse('it writes other values than the TopK found');
  },
};

/** A threshold in the shape of what it is compared with (ONNX Expand); all else is refused. */
export const expand: OperatorRule = {
  attributes: {},
  accepted: 'Expand of constants, of the k-th largest of a k-WTA, or to the shape a value has',
  translate: (context) => {
    const target = numbersOf(constantInput(context, 1, 'the shape'));
    const value = knownInput(context, 0);
    if (value.kind === 'threshold') return value;
    const feature = featureInput(context, 0);
    const { dims } = feature.view;
    const grows = target
      .toReversed()
      .some((length, at) => length !== 1 && length !== (dims.at(-1 - at) ?? 1));
    if (grows || target.length > dims.length) {
      refuse(`it repeats values of shape ${formatDims(dims)} to ${formatDims(target)}`);
    }
    return feature;
  },
};

function threshold(
  context: OperatorContext,
  largest: LargestValue,
  position: number,
  keepsAxis: boolean,
): ThresholdValue {
  const { feature, axis, k, origin, sorted } = largest;
  if (!sorted) refuse('its TopK is not sorted', 'sorted 1');
  if (position < 0 || position >= k) refuse(`it takes value ${position} of ${k}`);
  const kept = replaceAxis(feature.view, axis, 1);
  const view = keepsAxis
    ? kept
    : { ...kept, dims: kept.dims.toSpliced(axis, 1), axes: kept.axes.toSpliced(axis, 1) };
  return {
    kind: 'threshold',
    feature,
    k: position + 1,
    view,
    origin: [...origin, context.node.name],
  };
}

function largestInput(context: OperatorContext): LargestValue {
  const value = knownInput(context, 0);
  if (value.kind === 'largest') return value;
  return refuse('it does not follow a TopK', 'a part of a k-WTA, or of constants');
}

function maskInput(context: OperatorContext, position: number): WinnerMaskValue {
  const value = knownInput(context, position);
  if (value.kind === 'winner-mask') return value;
  return refuse('its condition is not the mask of a k-WTA');
}

function turned(
  mask: WinnerMaskValue,
  context: OperatorContext,
  inverted: boolean,
): WinnerMaskValue {
  return { ...mask, inverted, origin: [...mask.origin, context.node.name] };
}

function isAll(value: Value, number: number): boolean {
  return value.kind === 'constant' && numbersOf(value.tensor).every((each) => each === number);
}

function takesAll({ start, end, step }: SliceRange): boolean {
  return start === 0 && step === 1 && end >= 2 ** 31 - 1;
}
