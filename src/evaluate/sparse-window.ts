import type { Size2d } from '../ir/graph.ts';
import { layWindows, type WindowGeometry, type WindowLayout } from './window-layout.ts';

/** The sum of a layer over all its windows, prepared once for fast repeated use. */
export interface SparseWindow {
  /** Weights that are not 0. */
  readonly nonZeroWeights: number;
  /**
   * Sums of weight * value over every window of `input` (CHW of `inputShape`), [O][H][W] of
   * `windowShape`, and how many of the products have no factor 0. Sums of integers are exact.
   */
  readonly sum: (input: Float32Array | Int16Array) => WindowSums;
}

export interface WindowSums {
  readonly sums: Float64Array;
  readonly products: number;
}

/** Fewer places than this in a run are summed one by one, weights innermost. */
const shortRun = 8;

/**
 * Lists the non-zero weights of every output channel with the place of their input in the
 * layout of `layWindows`; a sum is then a few long vector operations per weight. `weights`
 * are in [O][C / groups][kernel row][kernel column] order; -0 is zero.
 */
export function prepareSparseWindow(
  layer: WindowGeometry,
  weights: Float32Array | Int16Array,
): SparseWindow {
  const layout = layWindows(layer);
  const { lists, weightsOfTap } = listByOutput(layer, weights, layout.tapOffsets);
  const { windowShape } = layer;
  const sites = windowShape.height * windowShape.width;
  const addUp = layout.runLength < shortRun ? addPlaces : addRuns;

  const sum = (input: Float32Array | Int16Array): WindowSums => {
    const placed = layout.place(input);
    const sums = new Float64Array(windowShape.channels * sites);
    const run = new Float64Array(layout.runLength);
    for (let output = 0; output < windowShape.channels; output += 1) {
      addUp(run, placed, lists, output);
      takeWindows(run, layout.rowLength, windowShape, sums, output * sites);
    }
    return { sums, products: countProducts(placed, layout, weightsOfTap, windowShape) };
  };
  return { nonZeroWeights: lists.values.length, sum };
}

interface OutputLists {
  /** Entries of output channel o are starts[o] .. starts[o + 1] - 1. */
  readonly starts: Uint32Array;
  /** Place of the input of the first window. */
  readonly offsets: Uint32Array;
  /** Float32 holds weights of both kinds exactly. */
  readonly values: Float32Array;
}

function listByOutput(
  layer: WindowGeometry,
  weights: Float32Array | Int16Array,
  tapOffsets: Uint32Array,
): { readonly lists: OutputLists; readonly weightsOfTap: Uint32Array } {
  const outputs = layer.windowShape.channels;
  const groupTaps = tapOffsets.length / layer.groups;
  const groupOutputs = outputs / layer.groups;
  let total = 0;
  for (let at = 0; at < weights.length; at += 1) if (weights[at] !== 0) total += 1;
  const starts = new Uint32Array(outputs + 1);
  const offsets = new Uint32Array(total);
  const values = new Float32Array(total);
  const weightsOfTap = new Uint32Array(tapOffsets.length);
  let entry = 0;
  for (let at = 0, output = 0; output < outputs; output += 1) {
    const firstTap = Math.floor(output / groupOutputs) * groupTaps;
    for (let tap = firstTap; tap < firstTap + groupTaps; tap += 1, at += 1) {
      const weight = weights[at] ?? 0;
      if (weight === 0) continue;
      offsets[entry] = tapOffsets[tap] ?? 0;
      values[entry] = weight;
      weightsOfTap[tap] = (weightsOfTap[tap] ?? 0) + 1;
      entry += 1;
    }
    starts[output + 1] = entry;
  }
  return { lists: { starts, offsets, values }, weightsOfTap };
}

/** Sums of one output channel into `run`, eight weights at a time over all places. */
function addRuns(
  run: Float64Array,
  placed: Float64Array,
  { starts, offsets, values }: OutputLists,
  output: number,
): void {
  const length = run.length;
  run.fill(0);
  const end = starts[output + 1] ?? 0;
  let entry = starts[output] ?? 0;
  for (; entry + 7 < end; entry += 8) {
    const w0 = values[entry] ?? 0;
    const w1 = values[entry + 1] ?? 0;
    const w2 = values[entry + 2] ?? 0;
    const w3 = values[entry + 3] ?? 0;
    const w4 = values[entry + 4] ?? 0;
    const w5 = values[entry + 5] ?? 0;
    const w6 = values[entry + 6] ?? 0;
    const w7 = values[entry + 7] ?? 0;
    const from0 = offsets[entry] ?? 0;
    const from1 = offsets[entry + 1] ?? 0;
    const from2 = offsets[entry + 2] ?? 0;
    const from3 = offsets[entry + 3] ?? 0;
    const from4 = offsets[entry + 4] ?? 0;
    const from5 = offsets[entry + 5] ?? 0;
    const from6 = offsets[entry + 6] ?? 0;
    const from7 = offsets[entry + 7] ?? 0;
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
    const from = offsets[entry] ?? 0;
    for (let place = 0; place < length; place += 1) {
      run[place] = (run[place] ?? 0) + weight * (placed[from + place] ?? 0);
    }
  }
}

/** `addRuns` for few places. */
function addPlaces(
  run: Float64Array,
  placed: Float64Array,
  { starts, offsets, values }: OutputLists,
  output: number,
): void {
  const start = starts[output] ?? 0;
  const end = starts[output + 1] ?? 0;
  for (let place = 0; place < run.length; place += 1) {
    let sum = 0;
    for (let entry = start; entry < end; entry += 1) {
      sum += (values[entry] ?? 0) * (placed[(offsets[entry] ?? 0) + place] ?? 0);
    }
    run[place] = sum;
  }
}

/** Copies the windows of a run, without what lies between its rows. */
function takeWindows(
  run: Float64Array,
  rowLength: number,
  { height, width }: Size2d,
  sums: Float64Array,
  start: number,
): void {
  let at = start;
  for (let row = 0; row < height; row += 1) {
    const first = row * rowLength;
    for (let column = 0; column < width; column += 1, at += 1) {
      sums[at] = run[first + column] ?? 0;
    }
  }
}

/** Non-zero weights times non-zero values: by tap, its weights times the windows it is not 0 in. */
function countProducts(
  placed: Float64Array,
  { rowLength, tapOffsets }: WindowLayout,
  weightsOfTap: Uint32Array,
  { height, width }: Size2d,
): number {
  let products = 0;
  for (let tap = 0; tap < tapOffsets.length; tap += 1) {
    const weights = weightsOfTap[tap] ?? 0;
    if (weights === 0) continue;
    let nonZeros = 0;
    for (let row = 0; row < height; row += 1) {
      const first = (tapOffsets[tap] ?? 0) + row * rowLength;
      for (let place = first; place < first + width; place += 1) {
        if (placed[place] !== 0) nonZeros += 1;
      }
    }
    products += weights * nonZeros;
  }
  return products;
}
