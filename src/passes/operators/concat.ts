import { intAttribute } from '../attributes.ts';
import {
  featureInput,
  normalizeAxis,
  refuse,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { FeatureValue } from '../value.ts';
import { piecesOf, samePieces, type View } from '../view.ts';
import { asVector, formatDims } from './features.ts';

/** Feature maps of one size, or vectors, side by side (ONNX Concat). */
export const concat: OperatorRule = {
  attributes: { axis: 'the axis of the channels, or of a vector' },
  accepted: 'Concat of feature maps of one size along their channels, or of vectors',
  translate: (context) => {
    const features = context.node.inputs.map((_, position) => featureInput(context, position));
    return joinFeatures(context, features);
  },
};

/** The features side by side along the attribute `axis`; an encoding that all share stays. */
export function joinFeatures(
  context: OperatorContext,
  features: readonly FeatureValue[],
): FeatureValue {
  const [first] = features;
  if (first === undefined) return refuse('it has no inputs');
  if (features.length === 1) return first;
  const rank = first.view.dims.length;
  const axis = normalizeAxis(intAttribute(context.node, 'axis', 1), rank);
  const fits = (feature: FeatureValue): boolean =>
    feature.view.dims.length === rank &&
    feature.view.dims.every((length, at) => at === axis || length === first.view.dims[at]);
  if (!features.every(fits)) {
    refuse(
      `its inputs have the shapes ${features.map(({ view }) => formatDims(view.dims)).join(', ')}`,
      'maps of one height and width',
    );
  }
  if (features.every((feature) => isChannelAxis(feature, first, axis))) {
    return join(context, features, axis);
  }
  // Flattened maps of different sizes: gathered into vectors first.
  if (features.every(({ view }) => holdsSample(view, axis))) {
    return join(
      context,
      features.map((feature) => asVector(context, feature)),
      axis,
    );
  }
  return refuse(
    `it joins along axis ${axis} of ${formatDims(first.view.dims)}, which is not that of the channels`,
  );
}

/**
 * Whether joining along `axis` joins channels: the axis runs over the channels first and over
 * what `like`'s axis has behind them too, and the other axes show the same sites.
 */
function isChannelAxis(feature: FeatureValue, like: FeatureValue, axis: number): boolean {
  if (feature.shape.height !== like.shape.height || feature.shape.width !== like.shape.width) {
    return false;
  }
  const own = sitesOf(feature.view, axis);
  const theirs = sitesOf(like.view, axis);
  return own !== null && theirs !== null && own === theirs;
}

/** What the axes show besides all channels, outermost on `axis`; null where these are elsewhere. */
function sitesOf({ pieces, axes }: View, axis: number): string | null {
  const channels = piecesOf({ pieces, axes, dims: [] }, 'channel');
  const joined = axes[axis] ?? [];
  if (!samePieces(joined.slice(0, channels.length), channels)) return null;
  const rest = axes.with(axis, joined.slice(channels.length));
  // Positions counted behind the channels, whose number of pieces differs between inputs.
  const describe = (piece: number): string => {
    const { axis: name, length } = pieces[piece] ?? { axis: 'channel', length: 1 };
    const position = pieces.slice(0, piece).filter((other) => other.axis === name).length;
    return `${name}${position}:${length}`;
  };
  return rest.map((list) => list.map(describe).join('*')).join('|');
}

/** Whether the axis runs over everything but the batch. */
function holdsSample({ pieces, axes }: View, axis: number): boolean {
  return pieces.every(
    (piece, index) => piece.axis === 'batch' || (axes[axis] ?? []).includes(index),
  );
}

function join(
  context: OperatorContext,
  features: readonly FeatureValue[],
  axis: number,
): FeatureValue {
  const [first] = features;
  if (first === undefined) return refuse('it has no inputs');
  const inputShapes = features.map(({ shape }) => shape);
  const channels = inputShapes.reduce((total, shape) => total + shape.channels, 0);
  const length = features.reduce((total, { view }) => total + (view.dims[axis] ?? 0), 0);
  const { encoding } = first;
  const isShared = features.every(
    (feature) =>
      feature.encoding?.scale === encoding?.scale &&
      feature.encoding?.zeroPoint === encoding?.zeroPoint,
  );
  if (!isShared) refuse('its inputs are integers of different scales or zero points');
  const result = context.emit(
    {
      kind: 'concat',
      origin: [context.node.name],
      inputs: features.map(({ source }) => source),
      inputShapes,
      inputShape: first.shape,
      outputShape: { ...first.shape, channels },
    },
    joinedView(first.view, axis, length, channels),
  );
  return encoding === undefined ? result : { ...result, encoding };
}

/** The view with all its channels in one piece on `axis`. */
function joinedView(view: View, axis: number, length: number, channels: number): View {
  const old = piecesOf(view, 'channel');
  const start = piecesOf(view, 'batch').length;
  const moved = (piece: number): number => (piece < start ? piece : piece - old.length + 1);
  return {
    dims: view.dims.with(axis, length),
    pieces: view.pieces.toSpliced(start, old.length, { axis: 'channel', length: channels }),
    axes: view.axes.map((pieces, at) => {
      const kept = pieces.filter((piece) => !old.includes(piece)).map(moved);
      return at === axis ? [start, ...kept] : kept;
    }),
  };
}
