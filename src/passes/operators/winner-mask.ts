import type { KWinners } from '../../ir/graph.ts';
import { refuse, type OperatorContext } from '../operator-rule.ts';
import type {
  FeatureValue,
  LargestIndicesValue,
  ThresholdValue,
  Value,
  WinnerMaskValue,
} from '../value.ts';
import { alignViews, piecesOf, samePieces, samePieceSet, sameView } from '../view.ts';
import { formatDims, singleInput } from './features.ts';

export type Comparison = 'GreaterOrEqual' | 'LessOrEqual' | 'Less' | 'Greater';

/** What `threshold <comparison> x` says when it is read as `x <mirrored> threshold`. */
export const mirrored: Readonly<Record<Comparison, Comparison>> = {
  GreaterOrEqual: 'LessOrEqual',
  LessOrEqual: 'GreaterOrEqual',
  Less: 'Greater',
  Greater: 'Less',
};

/** Where values reach the k-th largest of their vector (or not: `inverted`). */
export function maskOfThreshold(
  context: OperatorContext,
  feature: FeatureValue,
  limit: ThresholdValue,
  inverted: boolean,
): WinnerMaskValue {
  if (feature.source !== limit.feature.source) {
    refuse('it compares other values than those that TopK saw');
  }
  const aligned = alignViews(feature.view, limit.view);
  if (aligned === null) return misaligned(feature, limit);
  const [own, theirs] = aligned;
  const missing = own.axes.length - theirs.axes.length;
  // Broadcast from the last axis; an axis of the threshold runs over all pieces of its partner, or none.
  const fits = theirs.axes.every(
    (axis, at) => axis.length === 0 || samePieces(axis, own.axes[at + missing] ?? []),
  );
  if (missing < 0 || !fits) return misaligned(feature, limit);
  const kept = theirs.axes.flat();
  return {
    kind: 'winner-mask',
    feature: { ...feature, view: own },
    view: feature.view,
    vector: own.pieces.flatMap((_, piece) => (kept.includes(piece) ? [] : [piece])),
    k: limit.k,
    inverted,
    keepsTies: true,
    origin: [...limit.origin, context.node.name],
  };
}

function misaligned(feature: FeatureValue, limit: ThresholdValue): never {
  const [values, limits] = [formatDims(feature.view.dims), formatDims(limit.view.dims)];
  return refuse(
    `the k-th largest values of shape ${limits} do not line up with the vectors of ${values}`,
  );
}

/** The places of the k largest as a mask. */
export function maskOfIndices({ feature, axis, k, origin }: LargestIndicesValue): WinnerMaskValue {
  return {
    kind: 'winner-mask',
    feature,
    view: feature.view,
    vector: feature.view.axes[axis] ?? [],
    k,
    inverted: false,
    keepsTies: false,
    origin,
  };
}

/** `feature` with only the winners of `mask` left. */
export function keepWinners(
  context: OperatorContext,
  feature: FeatureValue,
  mask: WinnerMaskValue,
): Value {
  if (mask.inverted) refuse('it keeps the losers of a k-WTA');
  if (feature.source !== mask.feature.source || !sameView(feature.view, mask.view)) {
    refuse('it masks other values than those that TopK saw');
  }
  const rule = winnersRule(mask);
  if (rule === null) {
    context.note(`k-WTA "${context.node.name}" keeps all values and is left out`);
    return feature;
  }
  return context.emit(
    {
      kind: 'k-winners',
      ...singleInput(context, feature),
      origin: [...mask.origin, context.node.name],
      outputShape: feature.shape,
      kWinners: rule,
    },
    feature.view,
  );
}

/** What the vectors of a mask are in the data: the whole of it, or ranges of its channels. */
function winnersRule({
  feature: { view },
  vector,
  k,
  keepsTies,
}: WinnerMaskValue): KWinners | null {
  const sizeOf = (pieces: readonly number[]): number =>
    pieces.reduce((size, piece) => size * (view.pieces[piece]?.length ?? 1), 1);
  if (k === sizeOf(vector)) return null;
  const whole = view.pieces.flatMap((piece, index) => (piece.axis === 'batch' ? [] : [index]));
  if (samePieceSet(vector, whole)) {
    return { k, scope: 'layer', groups: 1, tiesInModel: keepsTies };
  }
  const channels = piecesOf(view, 'channel');
  const outer = channels.slice(0, Math.max(0, channels.length - vector.length));
  if (!samePieceSet(vector, channels.slice(outer.length))) {
    return refuse(
      'it does not choose among the channels of a site, equal ranges of them, or the whole map',
    );
  }
  return { k, scope: 'site', groups: sizeOf(outer), tiesInModel: keepsTies };
}
