import { present } from '../base/invariant.ts';
import type { Size2d } from '../ir/graph.ts';
import { lanesOf, packLanes, takeLane, type Lanes } from './lanes.ts';
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
  /**
   * `sum` of several inputs in less time: as many at once as doubles hold the sums of. Weights have
   * to be integers.
   */
  readonly sumMany: (inputs: readonly Int16Array[]) => readonly IntegerSums[];
}

export interface WindowSums {
  readonly sums: Float64Array;
  readonly products: number;
}

/** `WindowSums` of integers, none of more than 32 bits. */
export interface IntegerSums {
  readonly sums: Int32Array;
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

  /** Runs of all outputs, each handed on before the next one overwrites it. */
  const runs = (placed: Float64Array, take: (run: Float64Array, start: number) => void): void => {
    const run = new Float64Array(layout.runLength);
    for (let output = 0; output < windowShape.channels; output += 1) {
      addUp(run, placed, lists, output);
      take(run, output * sites);
    }
  };
  const allSites = windowShape.channels * sites;
  const productsOf = (placed: Float64Array): number =>
    countProducts(placed, layout, weightsOfTap, windowShape);

  const sum = (input: Float32Array | Int16Array): WindowSums => {
    const placed = layout.place(input);
    const sums = new Float64Array(allSites);
    runs(placed, (run, start) => {
      takeWindows(run, layout.rowLength, windowShape, sums, start);
    });
    return { sums, products: productsOf(placed) };
  };

  const largestSum = largestMagnitudes(lists);
  const sumTogether = (inputs: readonly Int16Array[], lanes: Lanes): readonly IntegerSums[] => {
    const placed = inputs.map((input) => layout.place(input));
    const sums = inputs.map(() => new Int32Array(allSites));
    const lane = new Float64Array(layout.runLength);
    runs(packLanes(placed, lanes), (run, start) => {
      for (const [index, own] of sums.entries()) {
        const isLast = index === sums.length - 1;
        if (!isLast) takeLane(run, lanes, lane);
        takeWindows(isLast ? run : lane, layout.rowLength, windowShape, own, start);
      }
    });
    return sums.map((own, index) => {
      return { sums: own, products: productsOf(present(placed[index], 'an input')) };
    });
  };
  const sumMany = (inputs: readonly Int16Array[]): readonly IntegerSums[] => {
    const lanes = lanesOf(largestSum * largestValue(inputs));
    const found: IntegerSums[] = [];
    for (let first = 0; first < inputs.length; first += lanes.count) {
      found.push(...sumTogether(inputs.slice(first, first + lanes.count), lanes));
    }
    return found;
  };
  return { nonZeroWeights: lists.values.length, sum, sumMany };
}

/** The largest sum of magnitudes of the weights of an output. */
function largestMagnitudes({ starts, values }: OutputLists): number {
  let largest = 0;
  for (let output = 0; output + 1 < starts.length; output += 1) {
    let sum = 0;
    const end = starts[output + 1] ?? 0;
    for (let entry = starts[output] ?? 0; entry < end; entry += 1)
      sum += Math.abs(values[entry] ?? 0);
    if (sum > largest) largest = sum;
  }
  return largest;
}

/** The largest magnitude of all values. */
function largestValue(maps: readonly Int16Array[]): number {
  let [least, greatest] = [0, 0];
  for (const values of maps) {
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at] ?? 0;
      if (value > greatest) greatest = value;
      else if (value < least) least = value;
    }
  }
  return Math.max(-least, greatest);
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
  sums: Float64Array | Int32Array,
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

/**
 * Non-zero weights times non-zero values: by tap, its weights times the windows it is not 0 in, which are
 * a rectangle of its plane.
 */
function countProducts(
  placed: Float64Array,
  { rowLength, planeRows, tapOffsets }: WindowLayout,
  weightsOfTap: Uint32Array,
  { height, width }: Size2d,
): number {
  const planeSize = rowLength * planeRows;
  const columns = rowLength + 1;
  const tableSize = columns * (planeRows + 1);
  const tables = countedPlanes(placed, planeRows, rowLength);
  let products = 0;
  for (let tap = 0; tap < tapOffsets.length; tap += 1) {
    const weights = weightsOfTap[tap] ?? 0;
    if (weights === 0) continue;
    const offset = tapOffsets[tap] ?? 0;
    const plane = Math.floor(offset / planeSize);
    const place = offset - plane * planeSize;
    const row = Math.floor(place / rowLength);
    const top = plane * tableSize + row * columns + (place - row * rowLength);
    const bottom = top + height * columns;
    const below = (tables[bottom + width] ?? 0) - (tables[bottom] ?? 0);
    const above = (tables[top + width] ?? 0) - (tables[top] ?? 0);
    products += weights * (below - above);
  }
  return products;
}

/** By plane, for each of its corners: non-zero values above it and to its left. */
function countedPlanes(placed: Float64Array, rows: number, columns: number): Uint32Array {
  const planes = placed.length / (rows * columns);
  const tables = new Uint32Array(planes * (rows + 1) * (columns + 1));
  let at = 0;
  let corner = 0;
  for (let plane = 0; plane < planes; plane += 1) {
    corner += columns + 1;
    for (let row = 0; row < rows; row += 1) {
      let count = 0;
      corner += 1;
      for (let column = 0; column < columns; column += 1, at += 1, corner += 1) {
        if (placed[at] !== 0) count += 1;
        tables[corner] = (tables[corner - columns - 1] ?? 0) + count;
      }
    }
  }
  return tables;
}
