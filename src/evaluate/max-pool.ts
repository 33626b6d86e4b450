import { invariant } from '../base/invariant.ts';
import type { FeatureShape, Padding, Size2d } from '../ir/graph.ts';

/** Kernel, step and (for a max-pool layer) padding of a pooling. */
export interface PoolGeometry {
  readonly kernel: Size2d;
  readonly stride: Size2d;
  readonly padding?: Padding;
}

type Numbers = Int16Array | Int32Array | Float32Array | Float64Array;

/**
 * Max-pool of a CHW map of `shape` into `result`, a map of `outputShape`. A padded position
 * takes no part; every window has at least one position inside the map.
 */
export function maxPoolInto(
  values: Numbers,
  shape: FeatureShape,
  geometry: PoolGeometry,
  result: Numbers,
  outputShape: FeatureShape,
): void {
  if (isTiling(geometry, shape, outputShape)) {
    poolTiles(values, shape, result, outputShape);
    return;
  }
  const { kernel, stride, padding } = geometry;
  const rows = spans(shape.height, outputShape.height, kernel.height, stride.height, padding?.top);
  const columns = spans(shape.width, outputShape.width, kernel.width, stride.width, padding?.left);
  let at = 0;
  for (let channel = 0; channel < outputShape.channels; channel += 1) {
    const map = channel * shape.height * shape.width;
    for (let y = 0; y < outputShape.height; y += 1) {
      const firstRow = rows.first[y] ?? 0;
      const endRow = rows.end[y] ?? 0;
      for (let x = 0; x < outputShape.width; x += 1, at += 1) {
        const firstColumn = columns.first[x] ?? 0;
        const endColumn = columns.end[x] ?? 0;
        let largest = -Infinity;
        for (let row = firstRow; row < endRow; row += 1) {
          const line = map + row * shape.width;
          for (let column = firstColumn; column < endColumn; column += 1) {
            const value = values[line + column] ?? -Infinity;
            if (value > largest) largest = value;
          }
        }
        result[at] = largest;
      }
    }
  }
}

/** Windows of 2 by 2, side by side and none over an edge, as most networks have them. */
function isTiling(
  { kernel, stride, padding }: PoolGeometry,
  shape: FeatureShape,
  outputShape: FeatureShape,
): boolean {
  return (
    [kernel, stride].every(({ height, width }) => height === 2 && width === 2) &&
    (padding === undefined || (padding.top === 0 && padding.left === 0)) &&
    outputShape.height * 2 <= shape.height &&
    outputShape.width * 2 <= shape.width
  );
}

function poolTiles(
  values: Numbers,
  shape: FeatureShape,
  result: Numbers,
  outputShape: FeatureShape,
): void {
  const { width } = shape;
  let at = 0;
  for (let channel = 0; channel < outputShape.channels; channel += 1) {
    for (let y = 0; y < outputShape.height; y += 1) {
      let from = (channel * shape.height + 2 * y) * width;
      for (let x = 0; x < outputShape.width; x += 1, at += 1, from += 2) {
        const first = values[from] ?? 0;
        const right = values[from + 1] ?? 0;
        const below = values[from + width] ?? 0;
        const last = values[from + width + 1] ?? 0;
        let largest = -Infinity;
        if (first > largest) largest = first;
        if (right > largest) largest = right;
        if (below > largest) largest = below;
        result[at] = last > largest ? last : largest;
      }
    }
  }
}

interface Spans {
  readonly first: Int32Array;
  readonly end: Int32Array;
}

/** The coordinates inside the map that each window of an axis covers. */
function spans(size: number, windows: number, kernel: number, stride: number, before = 0): Spans {
  const first = new Int32Array(windows);
  const end = new Int32Array(windows);
  for (let window = 0; window < windows; window += 1) {
    const start = window * stride - before;
    first[window] = Math.max(0, start);
    end[window] = Math.min(size, start + kernel);
    invariant(Math.max(0, start) < Math.min(size, start + kernel), 'a pool lies on its map');
  }
  return { first, end };
}
