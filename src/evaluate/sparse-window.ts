import type { FeatureShape, Pooling, WindowLayer } from '../ir/graph.ts';

/** The sum of a layer over all its windows, prepared once for fast repeated use. */
export interface SparseWindow {
  /** Weights that are not 0. */
  readonly nonZeroWeights: number;
  /**
   * Adds weight * value for every non-zero value of `input` (CHW of `inputShape`) and every
   * non-zero weight that meets it, into zeroed sums [O][H][W] of `windowShape`, returned
   * with the number of products made. Sums of integers are exact.
   */
  readonly sum: (input: ArrayLike<number>) => WindowSums;
}

export interface WindowSums {
  readonly sums: Float64Array;
  readonly products: number;
}

type WindowGeometry = Pick<
  WindowLayer,
  'inputShape' | 'windowShape' | 'kernel' | 'stride' | 'padding'
>;

/**
 * Lists the non-zero weights by the input index (channel, kernel row, kernel column) they
 * wait for, so that one activation finds its products without a search: the way the
 * hardware does it. `weights` are in [O][C][kernel row][kernel column] order; -0 is zero.
 */
export function prepareSparseWindow(
  layer: WindowGeometry,
  weights: ArrayLike<number>,
): SparseWindow {
  const { inputShape, windowShape, kernel, stride, padding } = layer;
  const outputs = windowShape.channels;
  const taps = inputShape.channels * kernel.height * kernel.width;
  const { starts, channels, values } = listByTap(weights, outputs, taps);

  const sum = (input: ArrayLike<number>): WindowSums => {
    // Channels innermost while adding, because one tap feeds many channels of one position.
    const bySite = new Float64Array(outputs * windowShape.height * windowShape.width);
    let products = 0;
    let at = 0;
    for (let channel = 0; channel < inputShape.channels; channel += 1) {
      for (let y = 0; y < inputShape.height; y += 1) {
        const bottom = y + padding.top;
        const firstRow = firstTap(bottom, windowShape.height, stride.height);
        const lastRow = Math.min(kernel.height - 1, bottom);
        for (let x = 0; x < inputShape.width; x += 1, at += 1) {
          const value = input[at] ?? 0;
          if (value === 0) continue;
          const right = x + padding.left;
          const firstColumn = firstTap(right, windowShape.width, stride.width);
          const lastColumn = Math.min(kernel.width - 1, right);
          for (let row = firstRow; row <= lastRow; row += stride.height) {
            const windowRow = ((bottom - row) / stride.height) * windowShape.width;
            const tapRow = (channel * kernel.height + row) * kernel.width;
            for (let column = firstColumn; column <= lastColumn; column += stride.width) {
              const site = (windowRow + (right - column) / stride.width) * outputs;
              const end = starts[tapRow + column + 1] ?? 0;
              const start = starts[tapRow + column] ?? 0;
              for (let entry = start; entry < end; entry += 1) {
                const target = site + (channels[entry] ?? 0);
                bySite[target] = (bySite[target] ?? 0) + value * (values[entry] ?? 0);
              }
              products += end - start;
            }
          }
        }
      }
    }
    return { sums: channelsFirst(bySite, windowShape), products };
  };
  return { nonZeroWeights: values.length, sum };
}

/** Smallest kernel index that brings an input coordinate (padding added) to a real window. */
function firstTap(coordinate: number, windows: number, stride: number): number {
  const fromLastWindow = coordinate - (windows - 1) * stride;
  return fromLastWindow > 0 ? fromLastWindow : coordinate % stride;
}

interface TapLists {
  /** Entries of tap t are starts[t] .. starts[t + 1] - 1. */
  readonly starts: Uint32Array;
  readonly channels: Uint32Array;
  readonly values: Float64Array;
}

function listByTap(weights: ArrayLike<number>, outputs: number, taps: number): TapLists {
  const starts = new Uint32Array(taps + 1);
  for (let index = 0; index < outputs * taps; index += 1) {
    if (weights[index] !== 0) starts[(index % taps) + 1] = (starts[(index % taps) + 1] ?? 0) + 1;
  }
  for (let tap = 0; tap < taps; tap += 1) {
    starts[tap + 1] = (starts[tap + 1] ?? 0) + (starts[tap] ?? 0);
  }
  const total = starts[taps] ?? 0;
  const channels = new Uint32Array(total);
  const values = new Float64Array(total);
  const next = starts.slice();
  for (let output = 0; output < outputs; output += 1) {
    for (let tap = 0; tap < taps; tap += 1) {
      const weight = weights[output * taps + tap] ?? 0;
      if (weight === 0) continue;
      const entry = next[tap] ?? 0;
      next[tap] = entry + 1;
      channels[entry] = output;
      values[entry] = weight;
    }
  }
  return { starts, channels, values };
}

function channelsFirst(bySite: Float64Array, shape: FeatureShape): Float64Array {
  const sites = shape.height * shape.width;
  if (sites === 1) return bySite;
  const result = new Float64Array(bySite.length);
  for (let site = 0; site < sites; site += 1) {
    for (let channel = 0; channel < shape.channels; channel += 1) {
      result[channel * sites + site] = bySite[site * shape.channels + channel] ?? 0;
    }
  }
  return result;
}

/**
 * Max-pool of a CHW map of `shape` into `outputShape`; without pooling the map itself.
 * Rows and columns that fill no whole pooling window are left out (floor mode, no padding).
 */
export function maxPool(
  values: Int32Array | Float64Array,
  shape: FeatureShape,
  pooling: Pooling | null,
  outputShape: FeatureShape,
): Int32Array | Float64Array {
  if (pooling === null) return values;
  const { kernel, stride } = pooling;
  const result = new Float64Array(outputShape.channels * outputShape.height * outputShape.width);
  let at = 0;
  for (let channel = 0; channel < outputShape.channels; channel += 1) {
    for (let y = 0; y < outputShape.height; y += 1) {
      for (let x = 0; x < outputShape.width; x += 1, at += 1) {
        let largest = -Infinity;
        for (let row = 0; row < kernel.height; row += 1) {
          const line = (channel * shape.height + y * stride.height + row) * shape.width;
          for (let column = 0; column < kernel.width; column += 1) {
            largest = Math.max(largest, values[line + x * stride.width + column] ?? -Infinity);
          }
        }
        result[at] = largest;
      }
    }
  }
  return result;
}
