import { formatRange } from '../evaluate/integer.ts';
import type { ActivationFormat } from '../ir/quantized.ts';

/** How the range of an edge is found: `max` covers everything seen, `error` clips where it pays. */
export type RangeRule = 'error' | 'max';

/** The range chosen for an edge and what it costs on the calibration values. */
export interface ChosenRange {
  readonly format: ActivationFormat;
  /** Largest magnitude represented, real units. */
  readonly clip: number;
  /** Largest magnitude seen, real units. */
  readonly largest: number;
  /** Mean squared error over the non-zero values, real units squared. */
  readonly meanSquaredError: number;
  /** Share of the non-zero values beyond the clip, 0 .. 1. */
  readonly saturatedShare: number;
}

/**
 * Histogram of the magnitudes of non-zero values with a relative resolution of 1/1024 at
 * every scale: the bin is the upper bits of the float32, so an outlier costs no resolution.
 */
export interface MagnitudeHistogram {
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  /** Least and greatest value added, zeros included; 0 when there are none. */
  smallest: number;
  greatest: number;
  /** Bins outside firstBin .. endBin - 1 are empty. */
  firstBin: number;
  endBin: number;
}

const droppedBits = 13;
const bins = 2 ** (31 - droppedBits);
/** The largest of the 256 exponents is that of infinity and NaN. */
const notFiniteBins = bins / 256;

export function createHistogram(): MagnitudeHistogram {
  return {
    counts: new Float64Array(bins),
    sums: new Float64Array(bins),
    smallest: 0,
    greatest: 0,
    firstBin: bins,
    endBin: 0,
  };
}

/** Whether no value added was infinite or NaN. */
export function isFiniteHistogram({ endBin }: MagnitudeHistogram): boolean {
  return endBin <= bins - notFiniteBins;
}

/** Adds values; zeros only count for the observed interval. */
export function addToHistogram(histogram: MagnitudeHistogram, values: Float32Array): void {
  const bitsOf = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    if (value === 0) continue;
    const bin = ((bitsOf[index] ?? 0) & 0x7fffffff) >>> droppedBits;
    histogram.counts[bin] = (histogram.counts[bin] ?? 0) + 1;
    histogram.sums[bin] = (histogram.sums[bin] ?? 0) + Math.abs(value);
    if (value < histogram.smallest) histogram.smallest = value;
    if (value > histogram.greatest) histogram.greatest = value;
    if (bin < histogram.firstBin) histogram.firstBin = bin;
    if (bin >= histogram.endBin) histogram.endBin = bin + 1;
  }
}

/**
 * How much more squared error than the best a wider range may have. Rounding errors average
 * out over the inputs of the next layer; clipping always takes from the strongest values, and
 * calibration has not seen the strongest there will be.
 */
const headroomTolerance = 1.25;
/** Steps per octave of the coarse search and of the one around its best clip. */
const coarseSteps = 16;
const fineSteps = 256;
const octaves = 8;

/**
 * The range of an edge of `bits` bits from the values seen on it. `error` tries clips from
 * the largest magnitude down to 1/256 of it and takes the widest whose mean squared error is
 * within 1.25 times the smallest; zeros are exact in every format and have no say. Without
 * any value the clip is 1.
 */
export function chooseRange(
  histogram: MagnitudeHistogram,
  bits: number,
  signed: boolean,
  rule: RangeRule,
): ChosenRange {
  const { values, weights, total } = compact(histogram);
  const steps = formatRange({ bits, signed, scale: 1 }).maximum;
  const errorAt = (clip: number): number => squaredError(values, weights, clip, steps) / total;
  const largest = largestSeen(histogram);
  const clip = total === 0 ? 1 : rule === 'max' ? largest : searchClip(largest, errorAt);
  return costOf(histogram, { bits, signed, scale: clip / steps }, clip);
}

/** A format that is fixed, with what it costs on the values seen. */
export function measureRange(histogram: MagnitudeHistogram, format: ActivationFormat): ChosenRange {
  return costOf(histogram, format, formatRange(format).maximum * format.scale);
}

function costOf(
  histogram: MagnitudeHistogram,
  format: ActivationFormat,
  clip: number,
): ChosenRange {
  const { values, weights, total } = compact(histogram);
  if (total === 0) return { format, clip, largest: 0, meanSquaredError: 0, saturatedShare: 0 };
  let beyond = 0;
  values.forEach((value, index) => {
    if (value > clip) beyond += weights[index] ?? 0;
  });
  const error = squaredError(values, weights, clip, formatRange(format).maximum);
  return {
    format,
    clip,
    largest: largestSeen(histogram),
    meanSquaredError: error / total,
    saturatedShare: beyond / total,
  };
}

function largestSeen({ smallest, greatest }: MagnitudeHistogram): number {
  return Math.max(greatest, -smallest);
}

/** All values of several histograms. */
export function mergeHistograms(histograms: readonly MagnitudeHistogram[]): MagnitudeHistogram {
  const [only, ...others] = histograms;
  if (only !== undefined && others.length === 0) return only;
  const merged = createHistogram();
  for (const { counts, sums, smallest, greatest, firstBin, endBin } of histograms) {
    for (let bin = firstBin; bin < endBin; bin += 1) {
      merged.counts[bin] = (merged.counts[bin] ?? 0) + (counts[bin] ?? 0);
      merged.sums[bin] = (merged.sums[bin] ?? 0) + (sums[bin] ?? 0);
    }
    merged.smallest = Math.min(merged.smallest, smallest);
    merged.greatest = Math.max(merged.greatest, greatest);
    merged.firstBin = Math.min(merged.firstBin, firstBin);
    merged.endBin = Math.max(merged.endBin, endBin);
  }
  return merged;
}

function searchClip(largest: number, errorAt: (clip: number) => number): number {
  const coarse = bestOctaves(0, octaves, coarseSteps, largest, errorAt);
  const around = 1 / coarseSteps;
  const from = Math.max(0, coarse - around);
  const best = bestOctaves(from, coarse + around, fineSteps, largest, errorAt);
  const tolerated = errorAt(largest * 2 ** -best) * headroomTolerance;
  for (let below = 0; below < best; below += 1 / coarseSteps) {
    if (errorAt(largest * 2 ** -below) <= tolerated) return largest * 2 ** -below;
  }
  return largest * 2 ** -best;
}

/** How many octaves below `largest`, between the two given, the error is smallest. */
function bestOctaves(
  from: number,
  to: number,
  stepsPerOctave: number,
  largest: number,
  errorAt: (clip: number) => number,
): number {
  let best = from;
  let smallest = Infinity;
  for (let below = from; below <= to; below += 1 / stepsPerOctave) {
    const error = errorAt(largest * 2 ** -below);
    if (error >= smallest) continue;
    smallest = error;
    best = below;
  }
  return best;
}

function squaredError(
  values: Float64Array,
  weights: Float64Array,
  clip: number,
  steps: number,
): number {
  const scale = clip / steps;
  let error = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    const difference = value - Math.min(steps, Math.floor(value / scale + 0.5)) * scale;
    error += difference * difference * (weights[index] ?? 0);
  }
  return error;
}

interface CompactHistogram {
  /** Mean magnitude and number of values of every bin that is not empty. */
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly total: number;
}

function compact(histogram: MagnitudeHistogram): CompactHistogram {
  const used: number[] = [];
  for (let bin = histogram.firstBin; bin < histogram.endBin; bin += 1) {
    if ((histogram.counts[bin] ?? 0) > 0) used.push(bin);
  }
  const weights = Float64Array.from(used, (bin) => histogram.counts[bin] ?? 0);
  const values = Float64Array.from(used, (bin, index) => {
    return (histogram.sums[bin] ?? 0) / (weights[index] ?? 1);
  });
  return { values, weights, total: weights.reduce((sum, count) => sum + count, 0) };
}
