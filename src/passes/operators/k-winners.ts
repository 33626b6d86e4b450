import { intAttribute, intsAttribute } from '../attributes.ts';
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
import { withOrigin } from './pass-through.ts';

const accepted =
  'k-WTA as TopK, then Slice, Gather or ReduceMin of the k-th value, GreaterOrEqual, Cast, and Mul or Where';

/** The k largest values of each vector (ONNX TopK): the beginning of every k-WTA. */
export const topK: OperatorRule = {
  attributes: ['axis', 'k', 'largest', 'sorted'],
  accepted,
  translate: (context) => {
    const { node, opset } = context;
    if (intAttribute(node, 'largest', 1) !== 1) refuse('it takes the smallest values', 'largest 1');
    const k =
      opset < 10
        ? intAttribute(node, 'k', 0)
        : scalarOf(constantInput(context, 1, 'the number of winners'), 'the number of winners');
    const feature = featureInput(context, 0);
    const axis = normalizeAxis(intAttribute(node, 'axis', -1), feature.dims.length);
    const length = feature.dims[axis] ?? 0;
    if (axis !== 1) {
      refuse(
        `it chooses along axis ${axis} of a value of shape [${feature.dims.join(', ')}]`,
        'axis 1: the channels of a map, or a whole vector',
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

/** The k-th largest as a slice of TopK (ONNX Slice; before operator set 10 with attributes). */
export const slice: OperatorRule = {
  attributes: ['axes', 'ends', 'starts'],
  accepted,
  translate: (context) => {
    const largest = largestInput(context);
    const list = (name: string, position: number): readonly number[] | null => {
      const attribute = intsAttribute(context.node, name);
      if (attribute !== null) return attribute;
      const tensor = optionalConstant(context, position, name);
      return tensor === null ? null : numbersOf(tensor);
    };
    const starts = list('starts', 1) ?? [];
    const ends = list('ends', 2) ?? [];
    const axes = (list('axes', 3) ?? starts.map((_, axis) => axis)).map((axis) =>
      normalizeAxis(axis, largest.feature.dims.length),
    );
    const steps = context.opset < 10 ? null : list('steps', 4);
    const at = axes.indexOf(largest.axis);
    if (axes.some((_, index) => index !== at && !takesAll(starts[index], ends[index]))) {
      refuse('it cuts another axis than that of the TopK');
    }
    const [first, end] = [starts[at], ends[at]].map((place) =>
      Math.min(largest.k, (place ?? 0) < 0 ? (place ?? 0) + largest.k : (place ?? 0)),
    );
    if (at < 0 || first === undefined || end !== first + 1 || (steps?.[at] ?? 1) !== 1) {
      refuse('it takes several of the largest values, not the k-th alone');
    }
    return threshold(context, largest, first, true);
  },
};

/** The k-th largest as an element of TopK (ONNX Gather). */
export const gather: OperatorRule = {
  attributes: ['axis'],
  accepted,
  translate: (context) => {
    const largest = largestInput(context);
    const indices = constantInput(context, 1, 'the index');
    const index = scalarOf(indices, 'the index');
    const axis = normalizeAxis(intAttribute(context.node, 'axis', 0), largest.feature.dims.length);
    if (axis !== largest.axis) refuse('it picks along another axis than that of the TopK');
    const position = index < 0 ? index + largest.k : index;
    return threshold(context, largest, position, indices.shape.length === 1);
  },
};

/** The smallest of the k largest (ONNX ReduceMin): the k-th. */
export const reduceMin: OperatorRule = {
  attributes: ['axes', 'keepdims', 'noop_with_empty_axes'],
  accepted,
  translate: (context) => {
    const largest = largestInput(context);
    const tensor = optionalConstant(context, 1, 'the list of axes');
    const axes = intsAttribute(context.node, 'axes') ?? (tensor === null ? [] : numbersOf(tensor));
    const [axis] = axes;
    if (
      axes.length !== 1 ||
      axis === undefined ||
      normalizeAxis(axis, largest.feature.dims.length) !== largest.axis
    ) {
      refuse('it does not reduce the axis of the TopK alone');
    }
    const keepsAxis = intAttribute(context.node, 'keepdims', 1) === 1;
    return threshold(context, { ...largest, sorted: true }, largest.k - 1, keepsAxis);
  },
};

type Comparison = 'GreaterOrEqual' | 'LessOrEqual' | 'Less' | 'Greater';

/** What `threshold <comparison> x` says when it is read as `x <mirrored> threshold`. */
const mirrored: Readonly<Record<Comparison, Comparison>> = {
  GreaterOrEqual: 'LessOrEqual',
  LessOrEqual: 'GreaterOrEqual',
  Less: 'Greater',
  Greater: 'Less',
};

/** Which values reach the k-th (ONNX GreaterOrEqual and its relatives). */
export function comparison(operator: Comparison): OperatorRule {
  return {
    attributes: [],
    accepted,
    translate: (context) => {
      const [left, right] = [knownInput(context, 0), knownInput(context, 1)];
      const swapped = left.kind === 'threshold';
      const limit = swapped ? left : right;
      const feature = swapped ? right : left;
      if (limit.kind !== 'threshold' || feature.kind !== 'feature') {
        return refuse('it does not compare values with the k-th largest of them');
      }
      if (!limit.keepsAxis) refuse('the k-th largest values do not line up with the vectors');
      if (!sameFeature(feature, limit.feature)) {
        refuse('it compares other values than those that TopK saw');
      }
      const meaning = swapped ? mirrored[operator] : operator;
      if (meaning === 'Greater' || meaning === 'LessOrEqual') {
        refuse('it drops the k-th value itself', 'x >= k-th largest');
      }
      return {
        kind: 'winner-mask',
        feature,
        k: limit.k,
        axis: limit.axis,
        inverted: meaning === 'Less',
        keepsTies: true,
        origin: [...limit.origin, context.node.name],
      };
    },
  };
}

/** Turns the mask round (ONNX Not). */
export const not: OperatorRule = {
  attributes: [],
  accepted,
  translate: (context) => {
    const mask = maskInput(context, 0);
    return { ...withOrigin(mask, context), inverted: !mask.inverted };
  },
};

/** Values where the mask says so, otherwise 0; or the mask as ones and zeros (ONNX Where). */
export const where: OperatorRule = {
  attributes: [],
  accepted,
  translate: (context) => {
    const mask = maskInput(context, 0);
    const [chosen, other] = [knownInput(context, 1), knownInput(context, 2)];
    if (isAll(chosen, 1) && isAll(other, 0)) return withOrigin(mask, context);
    if (isAll(chosen, 0) && isAll(other, 1)) {
      return { ...withOrigin(mask, context), inverted: !mask.inverted };
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
  attributes: ['axis', 'reduction'],
  accepted: 'ScatterElements of the TopK values, or of ones, into zeros at the TopK indices',
  translate: (context) => {
    const target = constantInput(context, 0, 'the target');
    if (numbersOf(target).some((value) => value !== 0)) refuse('its target is not all zeros');
    const places = knownInput(context, 1);
    if (places.kind !== 'largest-indices') return refuse('its indices are not those of a TopK');
    const { feature } = places;
    const axis = normalizeAxis(intAttribute(context.node, 'axis', 0), feature.dims.length);
    if (axis !== places.axis) refuse('it scatters along another axis than that of the TopK');
    const mask: WinnerMaskValue = {
      ...withOrigin(places, context),
      kind: 'winner-mask',
      inverted: false,
      keepsTies: false,
    };
    const updates = knownInput(context, 2);
    if (isAll(updates, 1)) {
      return mask;
    }
    if (
      updates.kind === 'largest' &&
      sameFeature(updates.feature, feature) &&
      updates.k === places.k
    ) {
      return emitWinners(context, feature, { ...mask, origin: places.origin });
    }
    return refuse('it writes other values than the TopK found');
  },
};

/** `feature` with only the winners of `mask` left. */
export function keepWinners(
  context: OperatorContext,
  feature: FeatureValue,
  mask: WinnerMaskValue,
): Value {
  if (mask.inverted) refuse('it keeps the losers of a k-WTA');
  if (!sameFeature(feature, mask.feature)) {
    refuse('it masks other values than those that TopK saw');
  }
  return emitWinners(context, feature, mask);
}

function emitWinners(
  context: OperatorContext,
  feature: FeatureValue,
  mask: WinnerMaskValue,
): Value {
  const { height, width } = feature.shape;
  const perSite = feature.dims.length > 2 && height * width > 1;
  if (mask.k === feature.dims[mask.axis]) {
    context.note(`k-WTA "${context.node.name}" keeps all values and is left out`);
    return feature;
  }
  return context.emit(
    {
      kind: 'k-winners',
      origin: [...mask.origin, context.node.name],
      input: feature.source,
      inputShape: feature.shape,
      outputShape: feature.shape,
      kWinners: {
        k: mask.k,
        scope: perSite ? 'site' : 'layer',
        groups: 1,
        tiesInModel: mask.keepsTies,
      },
    },
    feature.dims,
  );
}

function threshold(
  context: OperatorContext,
  largest: LargestValue,
  position: number,
  keepsAxis: boolean,
): ThresholdValue {
  if (!largest.sorted) refuse('its TopK is not sorted', 'sorted 1');
  if (position < 0 || position >= largest.k) refuse(`it takes value ${position} of ${largest.k}`);
  return {
    ...withOrigin(largest, context),
    kind: 'threshold',
    k: position + 1,
    keepsAxis,
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

function sameFeature(left: FeatureValue, right: FeatureValue): boolean {
  return left.source === right.source && left.dims.join() === right.dims.join();
}

function isAll(value: Value, number: number): boolean {
  return value.kind === 'constant' && numbersOf(value.tensor).every((each) => each === number);
}

function takesAll(start: number | undefined, end: number | undefined): boolean {
  return start === 0 && end !== undefined && end >= 2 ** 31 - 1;
}
