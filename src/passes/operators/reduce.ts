import type { FeatureShape } from '../../ir/graph.ts';
import { intAttribute, intsAttribute } from '../attributes.ts';
import { noPadding } from '../operation.ts';
import {
  featureInput,
  normalizeAxis,
  numbersOf,
  optionalConstant,
  refuse,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { FeatureValue } from '../value.ts';
import { piecesOf, samePieceSet, type View } from '../view.ts';
import { formatDims, requestChannels, singleInput } from './features.ts';
import { equalWeights } from './pooling.ts';

type Reduction = 'ReduceMean' | 'ReduceSum' | 'ReduceMax';

/**
 * Mean, sum or maximum over all rows, all columns, or both (ONNX ReduceMean, ReduceSum,
 * ReduceMax), wherever these stand among the axes.
 */
export function reduction(operator: Reduction): OperatorRule {
  return {
    attributes: {
      axes: 'the axes of height, width or both; an input from operator set 18 (ReduceSum: 13)',
      keepdims: '0 or 1',
      noop_with_empty_axes: '0 or 1',
    },
    accepted: `${operator} over the height, the width or both`,
    translate: (context) => {
      const feature = featureInput(context, 0);
      const axes = reducedAxes(context, feature);
      const { view, shape } = feature;
      if (axes.length === 0) return feature;
      const reduced = axes.flatMap((axis) => view.axes[axis] ?? []);
      const [rows, columns] = [piecesOf(view, 'row'), piecesOf(view, 'column')];
      const over = (pieces: readonly number[]): boolean =>
        pieces.length > 0 && pieces.every((piece) => reduced.includes(piece));
      const kernel = {
        height: over(rows) ? shape.height : 1,
        width: over(columns) ? shape.width : 1,
      };
      const meant = [...(over(rows) ? rows : []), ...(over(columns) ? columns : [])];
      if (!samePieceSet(reduced, meant)) {
        const left = view.dims.flatMap((_, axis) =>
          axis > 0 && !axes.includes(axis) ? [axis] : [],
        );
        if (left.length === 1) requestChannels(feature, left[0] ?? 0);
        refuse(
          `it reduces the axes ${axes.join(', ')} of ${formatDims(view.dims)}, which are not the sites of a map`,
        );
      }
      const outputShape: FeatureShape = {
        channels: shape.channels,
        height: shape.height / kernel.height,
        width: shape.width / kernel.width,
      };
      const common = { ...singleInput(context, feature), outputShape };
      const view2 = withoutAxes(view, axes, intAttribute(context.node, 'keepdims', 1) !== 0);
      if (operator === 'ReduceMax') {
        return context.emit(
          { kind: 'max-pool', ...common, kernel, stride: kernel, padding: noPadding },
          view2,
        );
      }
      const weight = operator === 'ReduceSum' ? 1 : 1 / (kernel.height * kernel.width);
      return context.emit({ ...equalWeights(feature, kernel, weight), ...common }, view2);
    },
  };
}

/** Axes that are reduced, as attribute or input; without any, all but where told to do nothing. */
export function reducedAxes(context: OperatorContext, { view }: FeatureValue): readonly number[] {
  const { node } = context;
  const rank = view.dims.length;
  const tensor = optionalConstant(context, 1, 'the list of axes');
  const given = intsAttribute(node, 'axes') ?? (tensor === null ? [] : numbersOf(tensor));
  if (given.length > 0) return given.map((axis) => normalizeAxis(axis, rank));
  return intAttribute(node, 'noop_with_empty_axes', 0) === 0
    ? view.dims.map((_, axis) => axis)
    : [];
}

/** The view of what is left when the pieces of some axes are gone. */
function withoutAxes(view: View, removed: readonly number[], keepsDims: boolean): View {
  const gone = new Set(removed.flatMap((axis) => view.axes[axis] ?? []));
  const left = view.pieces.flatMap((_, index) => (gone.has(index) ? [] : [index]));
  const dims: number[] = [];
  const axes: number[][] = [];
  view.dims.forEach((length, axis) => {
    const isRemoved = removed.includes(axis);
    if (isRemoved && !keepsDims) return;
    dims.push(isRemoved ? 1 : length);
    axes.push(isRemoved ? [] : (view.axes[axis] ?? []).map((piece) => left.indexOf(piece)));
  });
  return { dims, pieces: view.pieces.filter((_, index) => !gone.has(index)), axes };
}
