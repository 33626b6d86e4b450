import type { WindowLayer } from '../../ir/graph.ts';
import type { BatchLayout } from './batch-layout.ts';

/** The weights of a layer that are not 0, output by output. */
export interface WeightList {
  /** Entries of output o are starts[o] .. starts[o + 1] - 1. */
  readonly starts: Int32Array;
  /** Place in `WindowLayer.weights`. */
  readonly positions: Int32Array;
  /** Input channel and kernel position, over all groups. */
  readonly taps: Int32Array;
  readonly values: Float64Array;
}

export function listWeights(layer: WindowLayer): WeightList {
  const outputs = layer.windowShape.channels;
  const inputs = layer.weights.length / outputs;
  const groupOutputs = outputs / layer.groups;
  const positions: number[] = [];
  const taps: number[] = [];
  const starts = new Int32Array(outputs + 1);
  for (let at = 0, output = 0; output < outputs; output += 1) {
    const firstTap = Math.floor(output / groupOutputs) * inputs;
    for (let n = 0; n < inputs; n += 1, at += 1) {
      if (layer.weights[at] === 0) continue;
      positions.push(at);
      taps.push(firstTap + n);
    }
    starts[output + 1] = positions.length;
  }
  return {
    starts,
    positions: Int32Array.from(positions),
    taps: Int32Array.from(taps),
    values: Float64Array.from(positions, (at) => layer.weights[at] ?? 0),
  };
}

/** The sums of a batch: `sums` [output][sample][row][column] from the laid-out input. */
export function sumWindows(
  layout: BatchLayout,
  { starts, taps, values }: WeightList,
  bias: Float64Array,
  placed: Float64Array,
  sums: Float64Array,
): void {
  const { places, runLength, tapOffsets, blocks, blockStride } = layout;
  const run = new Float64Array(runLength);
  const blockPlaces = places.length / blocks;
  const range = { first: 0, end: 0, base: 0 };
  for (let output = 0; output < bias.length; output += 1) {
    range.first = starts[output] ?? 0;
    range.end = starts[output + 1] ?? 0;
    for (let block = 0; block < blocks; block += 1) {
      range.base = block * blockStride;
      run.fill(bias[output] ?? 0);
      addRun(run, placed, values, taps, tapOffsets, range);
      const start = output * places.length + block * blockPlaces;
      for (let n = 0; n < blockPlaces; n += 1) sums[start + n] = run[places[n] ?? 0] ?? 0;
    }
  }
}

/** Adds weight times input for all places, eight weights at a time. */
function addRun(
  run: Float64Array,
  placed: Float64Array,
  values: Float64Array,
  taps: Int32Array,
  tapOffsets: Int32Array,
  { first, end, base }: { readonly first: number; readonly end: number; readonly base: number },
): void {
  const length = run.length;
  let entry = first;
  for (; entry + 7 < end; entry += 8) {
    const w0 = values[entry] ?? 0;
    const w1 = values[entry + 1] ?? 0;
    const w2 = values[entry + 2] ?? 0;
    const w3 = values[entry + 3] ?? 0;
    const w4 = values[entry + 4] ?? 0;
    const w5 = values[entry + 5] ?? 0;
    const w6 = values[entry + 6] ?? 0;
    const w7 = values[entry + 7] ?? 0;
    const from0 = base + (tapOffsets[taps[entry] ?? 0] ?? 0);
    const from1 = base + (tapOffsets[taps[entry + 1] ?? 0] ?? 0);
    const from2 = base + (tapOffsets[taps[entry + 2] ?? 0] ?? 0);
    const from3 = base + (tapOffsets[taps[entry + 3] ?? 0] ?? 0);
    const from4 = base + (tapOffsets[taps[entry + 4] ?? 0] ?? 0);
    const from5 = base + (tapOffsets[taps[entry + 5] ?? 0] ?? 0);
    const from6 = base + (tapOffsets[taps[entry + 6] ?? 0] ?? 0);
    const from7 = base + (tapOffsets[taps[entry + 7] ?? 0] ?? 0);
    for (let place = 0; place < length; place += 1) {
      run[place] =
        (run[place] ?? 0) +
        w0 * (placed[from0 + place] ?? 0) +
        w1 * (placed[from1 + place] ?? 0) +
        w2 * (placed[from2 + place] ?? 0) +
        w3 * (placed[from3 + place] ?? 0) +
        w4 * (placed[from4 + place] ?? 0) +
        w5 * (placed[from5 + place] ?? 0) +
        w6 * (placed[from6 + place] ?? 0) +
        w7 * (placed[from7 + place] ?? 0);
    }
  }
  for (; entry < end; entry += 1) {
    const weight = values[entry] ?? 0;
    const from = base + (tapOffsets[taps[entry] ?? 0] ?? 0);
    for (let place = 0; place < length; place += 1) {
      run[place] = (run[place] ?? 0) + weight * (placed[from + place] ?? 0);
    }
  }
}

/** Where the gradients of a window layer are added to. */
export interface WindowGradients {
  /** By entry of the weight list. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  /** Of the laid-out input; null where nobody wants it. */
  readonly placed: Float64Array | null;
}

/**
 * Gradients of weights, bias and input from those of the sums. Only sums with a gradient cost
 * anything: behind max-pooling, ReLU and k-WTA few have one.
 */
export function backWindows(
  layout: BatchLayout,
  list: WeightList,
  placed: Float64Array,
  sumGradients: Float64Array,
  into: WindowGradients,
): void {
  const { places, tapOffsets } = layout;
  const { starts, taps, values } = list;
  const at = new Int32Array(places.length);
  const gradient = new Float64Array(places.length);
  for (let output = 0; output < into.bias.length; output += 1) {
    const start = output * places.length;
    let count = 0;
    let sum = 0;
    for (let n = 0; n < places.length; n += 1) {
      const value = sumGradients[start + n] ?? 0;
      if (value === 0) continue;
      at[count] = places[n] ?? 0;
      gradient[count] = value;
      sum += value;
      count += 1;
    }
    if (count === 0) continue;
    into.bias[output] = (into.bias[output] ?? 0) + sum;
    for (let entry = starts[output] ?? 0; entry < (starts[output + 1] ?? 0); entry += 1) {
      const from = tapOffsets[taps[entry] ?? 0] ?? 0;
      into.weights[entry] =
        (into.weights[entry] ?? 0) + gatherProducts(placed, from, at, gradient, count);
      if (into.placed !== null) {
        scatterProducts(into.placed, from, at, gradient, count, values[entry] ?? 0);
      }
    }
  }
}

function gatherProducts(
  placed: Float64Array,
  from: number,
  at: Int32Array,
  gradient: Float64Array,
  count: number,
): number {
  let sum = 0;
  for (let n = 0; n < count; n += 1) {
    sum += (gradient[n] ?? 0) * (placed[from + (at[n] ?? 0)] ?? 0);
  }
  return sum;
}

function scatterProducts(
  target: Float64Array,
  from: number,
  at: Int32Array,
  gradient: Float64Array,
  count: number,
  weight: number,
): void {
  for (let n = 0; n < count; n += 1) {
    const place = from + (at[n] ?? 0);
    target[place] = (target[place] ?? 0) + weight * (gradient[n] ?? 0);
  }
}
