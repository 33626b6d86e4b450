import type { FeatureShape, WindowLayer } from '../ir/graph.ts';
import { axisTaps } from './axis-taps.ts';

/** The sum of a layer over all its windows, prepared once for fast repeated use. */
export interface SparseWindow {
  /** Weights that are not 0. */
  readonly nonZeroWeights: number;
  /**
   * Adds weight * value for every non-zero value of `input` (CHW of `inputShape`) and every
   * non-zero weight that meets it, into zeroed sums [O][H][W] of `windowShape`, returned
   * with the number of products made. Sums of integers are exact.
   */
  readonly sum: (input: Float32Array | Int16Array) => WindowSums;
}

export interface WindowSums {
  readonly sums: Float64Array;
  readonly products: number;
}

type WindowGeometry = Pick<
  WindowLayer,
  'inputShape' | 'windowShape' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'groups'
>;

/**
 * Lists the non-zero weights by the input index (channel, kernel row, kernel column) they
 * wait for, so that one activation finds its products without a search: the way the
 * hardware does it. `weights` are in [O][C / groups][kernel row][kernel column] order; -0 is
 * zero.
 */
export function prepareSparseWindow(
  layer: WindowGeometry,
  weights: Float32Array | Int16Array,
): SparseWindow {
  const { inputShape, windowShape, kernel } = layer;
  const outputs = windowShape.channels;
  const area = kernel.height * kernel.width;
  const { starts, channels, values } = listByTap(layer, weights);
  const rows = axisTaps({
    size: inputShape.height,
    windows: windowShape.height,
    kernel: kernel.height,
    stride: layer.stride.height,
    dilation: layer.dilation.height,
    before: layer.padding.top,
  });
  const columns = axisTaps({
    size: inputShape.width,
    windows: windowShape.width,
    kernel: kernel.width,
    stride: layer.stride.width,
    dilation: layer.dilation.width,
    before: layer.padding.left,
  });

  const sum = (input: Float32Array | Int16Array): WindowSums => {
    // Channels innermost while adding, because one tap feeds many channels of one position.
    const bySite = new Float64Array(outputs * windowShape.height * windowShape.width);
    let products = 0;
    let at = 0;
    for (let channel = 0; channel < inputShape.channels; channel += 1) {
      for (let y = 0; y < inputShape.height; y += 1) {
        const firstRow = rows.starts[y] ?? 0;
        const endRow = rows.starts[y + 1] ?? 0;
        for (let x = 0; x < inputShape.width; x += 1, at += 1) {
          const value = input[at] ?? 0;
          if (value === 0) continue;
          const firstColumn = columns.starts[x] ?? 0;
          const endColumn = columns.starts[x + 1] ?? 0;
          for (let row = firstRow; row < endRow; row += 1) {
            const windowRow = (rows.windows[row] ?? 0) * windowShape.width;
            const tapRow = channel * area + (rows.kernels[row] ?? 0) * kernel.width;
            for (let column = firstColumn; column < endColumn; column += 1) {
              const site = (windowRow + (columns.windows[column] ?? 0)) * outputs;
              const tap = tapRow + (columns.kernels[column] ?? 0);
              const start = starts[tap] ?? 0;
              const end = starts[tap + 1] ?? 0;
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

interface TapLists {
  /** Entries of tap t are starts[t] .. starts[t + 1] - 1. */
  readonly starts: Uint32Array;
  readonly channels: Uint32Array;
  readonly values: Float32Array | Int16Array;
}

function listByTap(layer: WindowGeometry, weights: Float32Array | Int16Array): TapLists {
  const outputs = layer.windowShape.channels;
  const taps = layer.inputShape.channels * layer.kernel.height * layer.kernel.width;
  const groupTaps = taps / layer.groups;
  const groupOutputs = outputs / layer.groups;
  const starts = new Uint32Array(taps + 1);
  for (let at = 0, output = 0; output < outputs; output += 1) {
    const firstTap = Math.floor(output / groupOutputs) * groupTaps;
    for (let tap = firstTap; tap < firstTap + groupTaps; tap += 1, at += 1) {
      if (weights[at] !== 0) starts[tap + 1] = (starts[tap + 1] ?? 0) + 1;
    }
  }
  for (let tap = 0; tap < taps; tap += 1) {
    starts[tap + 1] = (starts[tap + 1] ?? 0) + (starts[tap] ?? 0);
  }
  const total = starts[taps] ?? 0;
  const channels = new Uint32Array(total);
  const values = weights instanceof Int16Array ? new Int16Array(total) : new Float32Array(total);
  const next = starts.slice();
  for (let at = 0, output = 0; output < outputs; output += 1) {
    const firstTap = Math.floor(output / groupOutputs) * groupTaps;
    for (let tap = firstTap; tap < firstTap + groupTaps; tap += 1, at += 1) {
      const weight = weights[at] ?? 0;
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
