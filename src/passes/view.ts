import { invariant } from '../base/invariant.ts';
import { sourcePlaces, type AxisOrder } from '../ir/axis-order.ts';
import type { FeatureShape } from '../ir/graph.ts';

/** Axis of the data itself, outermost first. */
export type DataAxis = 'batch' | 'channel' | 'row' | 'column';

/** A part of an axis of the data, longer than 1. */
export interface Piece {
  readonly axis: DataAxis;
  readonly length: number;
}

/**
 * How an ONNX value looks at data that lie in memory as [batch][channel][row][column]: every
 * ONNX axis runs over pieces of the data's axes. Reshape and Transpose change only the view,
 * so that chains of them that amount to nothing cost nothing.
 */
export interface View {
  /** ONNX lengths. */
  readonly dims: readonly number[];
  /** Pieces of the data in its own order; the axes' lengths are their products. */
  readonly pieces: readonly Piece[];
  /** For every ONNX axis the pieces it runs over (positions in `pieces`), outermost first. */
  readonly axes: readonly (readonly number[])[];
}

/** Data of `shape` seen as [batch, channels, height, width]. */
export function mapView(batch: number, shape: FeatureShape): View {
  const dims = [batch, shape.channels, shape.height, shape.width];
  const names: readonly DataAxis[] = ['batch', 'channel', 'row', 'column'];
  const pieces: Piece[] = [];
  const axes = dims.map((length, index) => {
    if (length === 1) return [];
    pieces.push({ axis: names[index] ?? 'column', length });
    return [pieces.length - 1];
  });
  return { dims, pieces, axes };
}

/** The same elements in the same order under other lengths; null where pieces would be cut apart. */
export function reshapeView(view: View, dims: readonly number[]): View | null {
  let { pieces } = view;
  // Pieces still to be handed out, in the order of the view.
  let rest = view.axes.flat();
  const axes: number[][] = [];
  for (const length of dims) {
    const axis: number[] = [];
    let missing = length;
    while (missing > 1) {
      const [first] = rest;
      const piece = first === undefined ? undefined : pieces[first];
      if (first === undefined || piece === undefined) return null;
      if (missing % piece.length === 0) {
        axis.push(first);
        missing /= piece.length;
        rest = rest.slice(1);
      } else if (piece.length % missing === 0) {
        pieces = pieces.toSpliced(
          first,
          1,
          { axis: piece.axis, length: missing },
          { axis: piece.axis, length: piece.length / missing },
        );
        const moved = (index: number): number => (index > first ? index + 1 : index);
        axes.forEach((done, at) => (axes[at] = done.map(moved)));
        rest = [first + 1, ...rest.slice(1).map(moved)];
        axis.forEach((index, at) => (axis[at] = moved(index)));
        axis.push(first);
        missing = 1;
      } else {
        return null;
      }
    }
    axes.push(axis);
  }
  return rest.length === 0 ? { dims, pieces, axes } : null;
}

/** Axis i of the result is axis `order[i]` of the view. */
export function transposeView(view: View, order: readonly number[]): View {
  return {
    ...view,
    dims: order.map((axis) => view.dims[axis] ?? 1),
    axes: order.map((axis) => view.axes[axis] ?? []),
  };
}

/** With axis `axis` replaced: its length, and the pieces it runs over. */
export function replaceAxis(
  view: View,
  axis: number,
  length: number,
  pieces: readonly number[] = [],
): View {
  return { ...view, dims: view.dims.with(axis, length), axes: view.axes.with(axis, pieces) };
}

/** Positions of the pieces of one axis of the data, outermost first. */
export function piecesOf(view: View, axis: DataAxis): readonly number[] {
  return view.pieces.flatMap((piece, index) => (piece.axis === axis ? [index] : []));
}

export function samePieces(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((piece, index) => piece === right[index]);
}

/** Whether the two hold the same pieces in any order. */
export function samePieceSet(left: readonly number[], right: readonly number[]): boolean {
  const ordered = (pieces: readonly number[]): readonly number[] =>
    pieces.toSorted((a, b) => a - b);
  return samePieces(ordered(left), ordered(right));
}

/**
 * Two views of data of one shape over the same pieces, cut finer where one of them is; null
 * where the cuts do not nest.
 */
export function alignViews(left: View, right: View): readonly [View, View] | null {
  const pieces: Piece[] = [];
  for (const axis of ['batch', 'channel', 'row', 'column'] as const) {
    const strides = [...new Set([...innerStrides(left, axis), ...innerStrides(right, axis)])];
    strides.sort((a, b) => b - a);
    for (let index = 0; index + 1 < strides.length; index += 1) {
      const length = (strides[index] ?? 1) / (strides[index + 1] ?? 1);
      if (!Number.isInteger(length)) return null;
      pieces.push({ axis, length });
    }
  }
  return [refine(left, pieces), refine(right, pieces)];
}

/** Products of the lengths from each cut of a data axis inwards: [length of the axis, ..., 1]. */
function innerStrides(view: View, axis: DataAxis): readonly number[] {
  const strides = [1];
  for (const { axis: own, length } of view.pieces.toReversed()) {
    if (own === axis) strides.unshift((strides[0] ?? 1) * length);
  }
  return strides;
}

function refine(view: View, pieces: readonly Piece[]): View {
  const parts: number[][] = [];
  let at = 0;
  for (const { length } of view.pieces) {
    const part: number[] = [];
    for (let size = 1; size < length; at += 1) {
      size *= pieces[at]?.length ?? Infinity;
      part.push(at);
    }
    parts.push(part);
  }
  invariant(at === pieces.length, 'both views are of data of one shape');
  return {
    ...view,
    pieces,
    axes: view.axes.map((axis) => axis.flatMap((index) => parts[index] ?? [])),
  };
}

/** Whether two views of the same data show the same element at every ONNX position. */
export function sameView(left: View, right: View): boolean {
  if (left.dims.join() !== right.dims.join()) return false;
  const aligned = alignViews(left, right);
  if (aligned === null) return false;
  const [a, b] = aligned;
  return a.axes.every((axis, index) => samePieces(axis, b.axes[index] ?? []));
}

/** Position in the data (one sample, channels first) of each element of a sample in ONNX order. */
export function dataOrder(view: View): Int32Array {
  return sourcePlaces(axisOrder(view));
}

/** How one sample of the data becomes the ONNX value. */
export function axisOrder(view: View): AxisOrder {
  const isBatch = (piece: number): boolean => view.pieces[piece]?.axis === 'batch';
  const own = view.pieces.flatMap((_, piece) => (isBatch(piece) ? [] : [piece]));
  const walked = view.axes.flat().filter((piece) => !isBatch(piece));
  return {
    dims: view.dims.slice(1),
    lengths: own.map((piece) => view.pieces[piece]?.length ?? 1),
    axes: walked.map((piece) => own.indexOf(piece)),
  };
}

/** Whether one sample's elements stand in the order of the data. */
export function isInDataOrder(view: View): boolean {
  const walked = view.axes.flat();
  return walked.every((piece, index) => piece === index);
}
