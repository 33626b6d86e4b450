import { intAttribute, intsAttribute } from '../attributes.ts';
import { noPadding } from '../operation.ts';
import {
  constantInput,
  featureInput,
  knownInput,
  normalizeAxis,
  numbersOf,
  optionalConstant,
  refuse,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { FeatureValue } from '../value.ts';
import { asMap, channelWindow, emitMap, formatDims, singleInput, spatialAxes } from './features.ts';
import { gatherLargest, sliceLargest } from './k-winners.ts';
import { equalWeights } from './pooling.ts';
import { placesOf, sliceRanges } from './slice-ranges.ts';

const accepted =
  'a part of the channels, every n-th site up to the end of the map, or the k-th value of a TopK';

/** A part of a map (ONNX Slice) as a window of ones; or the k-th largest of a TopK. */
export const slice: OperatorRule = {
  attributes: {
    axes: 'operator set 9 and older; later an input',
    ends: 'as axes',
    starts: 'as axes',
  },
  accepted: `Slice of ${accepted}`,
  translate: (context) => {
    const ranges = sliceRanges(context);
    const value = knownInput(context, 0);
    if (value.kind === 'largest') return sliceLargest(context, value, ranges);
    const feature = featureInput(context, 0);
    const { dims } = feature.view;
    return ranges.reduce((part, range) => {
      const axis = normalizeAxis(range.axis, dims.length);
      return takePlaces(context, part, axis, placesOf(range, dims[axis] ?? 1));
    }, feature);
  },
};

/** Elements of an axis by constant indices (ONNX Gather). */
export const gather: OperatorRule = {
  attributes: { axis: 'that of the TopK, or of the channels' },
  accepted: `Gather of ${accepted}`,
  translate: (context) => {
    const indices = constantInput(context, 1, 'the index');
    const given = intAttribute(context.node, 'axis', 0);
    const value = knownInput(context, 0);
    if (value.kind === 'largest') return gatherLargest(context, value, given, indices);
    const feature = featureInput(context, 0);
    const axis = normalizeAxis(given, feature.view.dims.length);
    const length = feature.view.dims[axis] ?? 1;
    if (indices.shape.length !== 1) refuse('it picks a single place', 'a list of indices');
    const places = numbersOf(indices).map((index) => normalizeAxis(index, length));
    return takePlaces(context, feature, axis, places);
  },
};

/** A map cut into ranges of channels (ONNX Split), each a window of ones. */
export const split: OperatorRule = {
  attributes: {
    axis: 'that of the channels',
    num_outputs: 'any',
    split: 'any; an input from operator set 13',
  },
  accepted: 'Split along the channels of a map or vector',
  translate: (context) => {
    const { node } = context;
    const feature = featureInput(context, 0);
    const axis = normalizeAxis(intAttribute(node, 'axis', 0), feature.view.dims.length);
    const length = feature.view.dims[axis] ?? 1;
    const tensor = optionalConstant(context, 1, 'the list of lengths');
    const parts = intsAttribute(node, 'split') ?? (tensor === null ? null : numbersOf(tensor));
    const equal = Math.ceil(length / node.outputs.length);
    const lengths =
      parts ?? node.outputs.map((_, index) => Math.max(0, Math.min(equal, length - index * equal)));
    if (lengths.reduce((total, part) => total + part, 0) !== length) {
      refuse(`it splits ${length} values into ${lengths.join(' + ')}`);
    }
    let start = 0;
    return lengths.map((count) => {
      const places = Array.from({ length: count }, (_, index) => start + index);
      start += count;
      return takePlaces(context, feature, axis, places);
    });
  },
};

/** The given places of one axis of a map [batch, channels, ...] or vector [batch, channels]. */
function takePlaces(
  context: OperatorContext,
  feature: FeatureValue,
  axis: number,
  places: readonly number[],
): FeatureValue {
  const { dims } = feature.view;
  const length = dims[axis] ?? 1;
  if (places.length === 0) refuse('it takes nothing');
  if (places.length === length && places.every((place, index) => place === index)) return feature;
  if (axis === 0) refuse('it takes a part of the batch');
  if (axis === 1) return takeChannels(context, feature, places);
  const map = asMap(context, feature);
  const { shape } = map;
  const isRow = spatialAxes(map) === 2 && axis === 2;
  const [first = 0, second = first + 1] = places;
  const step = second - first;
  const stride = places.length === 1 ? length : step;
  const regular = places.every((place, index) => place === first + index * stride);
  const fitting = Math.floor((length - 1 - first) / stride) + 1;
  if (!regular || stride < 1 || fitting !== places.length) {
    refuse(
      `it takes ${places.length} of ${length} along axis ${axis} of ${formatDims(dims)}`,
      'every n-th place up to the end',
    );
  }
  // A kernel that reaches from the first place of the window to the one that is taken.
  const kernel = isRow ? { height: first + 1, width: 1 } : { height: 1, width: first + 1 };
  const fields = equalWeights(map, kernel, 1);
  const weights = fields.weights.map((_, index) => (index % (first + 1) === first ? 1 : 0));
  return emitMap(
    context,
    {
      ...fields,
      ...singleInput(context, map),
      weights,
      padding: noPadding,
      stride: isRow ? { height: stride, width: 1 } : { height: 1, width: stride },
      outputShape: isRow ? { ...shape, height: places.length } : { ...shape, width: places.length },
    },
    spatialAxes(map),
  );
}

function takeChannels(
  context: OperatorContext,
  feature: FeatureValue,
  places: readonly number[],
): FeatureValue {
  const isVector = feature.view.dims.length === 2;
  if (isVector && (feature.shape.height > 1 || feature.shape.width > 1)) {
    refuse('it takes a part of a flattened map', accepted);
  }
  const map = isVector ? feature : asMap(context, feature);
  const outputShape = { ...map.shape, channels: places.length };
  const result = emitMap(
    context,
    {
      ...channelWindow(map.shape.channels, places),
      ...singleInput(context, map),
      outputShape,
    },
    isVector ? 2 : spatialAxes(map),
  );
  if (!isVector) return result;
  const { view } = result;
  return { ...result, view: { ...view, dims: view.dims.slice(0, 2), axes: view.axes.slice(0, 2) } };
}
