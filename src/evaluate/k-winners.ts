import { invariant } from '../base/invariant.ts';
import type { FeatureShape, KWinners } from '../ir/graph.ts';

/** Feature maps the selection works on; the rule is the same in integers and in float. */
export type FeatureMap = Int16Array | Int32Array | Float32Array | Float64Array;

/** What the selection met: how many vectors, and in how many the k-th place was contested. */
export interface WinnerCounts {
  readonly vectors: number;
  /**
   * Vectors where equal values compete for the last places, so that the tie rule decides.
   * A contest between zeros decides nothing and is not counted.
   */
  readonly tiedVectors: number;
}

/**
 * k-winner-take-all in place on a map in CHW order: per vector exactly the k largest
 * values stay, ties going to the lowest index (the rule of ONNX TopK), all else becomes 0.
 * Winners that are 0 occupy a place. Scope `site`: `groups` vectors per (y, x), each over its
 * range of channels, index = channel; `layer`: the whole map, index = c*H*W + y*W + x.
 * With `keepTies` every value equal to the k-th stays, which is what a threshold does.
 */
export function keepWinners(
  values: FeatureMap,
  shape: FeatureShape,
  rule: KWinners,
  keepTies = false,
): WinnerCounts {
  const sites = shape.height * shape.width;
  const perSite = rule.scope === 'site';
  invariant(perSite || rule.groups === 1, 'k-WTA over a whole map has no groups');
  invariant(shape.channels % rule.groups === 0, 'groups of k-WTA are equal ranges of channels');
  const length = perSite ? shape.channels / rule.groups : shape.channels * sites;
  const starts = perSite ? sites : 1;
  const stride = perSite ? sites : 1;
  const thresholdOf = values instanceof Int16Array ? countingThreshold(values) : sortingThreshold;
  let tiedVectors = 0;
  for (let group = 0; group < rule.groups; group += 1) {
    const first = group * length * stride;
    for (let start = first; start < first + starts; start += 1) {
      const vector = { values, start, stride, length };
      if (keepVectorWinners(vector, thresholdOf, rule.k, keepTies)) tiedVectors += 1;
    }
  }
  return { vectors: starts * rule.groups, tiedVectors };
}

/** Every `stride`-th value of a map from `start` on. */
interface Vector {
  readonly values: FeatureMap;
  readonly start: number;
  readonly stride: number;
  readonly length: number;
}

/** The k-th largest value, k being 1 to the length, and how many are above it. */
type ThresholdOf = (
  vector: Vector,
  k: number,
) => { readonly threshold: number; readonly above: number };

function sortingThreshold(
  { values, start, stride, length }: Vector,
  k: number,
): ReturnType<ThresholdOf> {
  const sorted = new Float64Array(length);
  for (let index = 0; index < length; index += 1) {
    sorted[index] = values[start + index * stride] ?? 0;
  }
  sorted.sort();
  const threshold = sorted[length - k] ?? 0;
  let above = 0;
  while (above < k && (sorted[length - 1 - above] ?? 0) > threshold) above += 1;
  return { threshold, above };
}

/** Integers are counted instead: they are few. */
function countingThreshold(map: Int16Array): ThresholdOf {
  let [least, greatest] = [0, 0];
  for (let at = 0; at < map.length; at += 1) {
    const value = map[at] ?? 0;
    if (value > greatest) greatest = value;
    else if (value < least) least = value;
  }
  const counts = new Uint32Array(greatest - least + 1);
  return ({ values, start, stride, length }, k) => {
    counts.fill(0);
    for (let index = 0, at = start; index < length; index += 1, at += stride) {
      const place = (values[at] ?? 0) - least;
      counts[place] = (counts[place] ?? 0) + 1;
    }
    let place = greatest - least;
    let above = 0;
    while (above + (counts[place] ?? 0) < k) {
      above += counts[place] ?? 0;
      place -= 1;
    }
    return { threshold: place + least, above };
  };
}

/** One vector; tells whether the k-th place was contested by non-zero values. */
function keepVectorWinners(
  vector: Vector,
  thresholdOf: ThresholdOf,
  k: number,
  keepTies: boolean,
): boolean {
  const { values, start, stride, length } = vector;
  if (k >= length || losesNothing(vector, k)) return false;
  const { threshold, above } = k === 0 ? { threshold: Infinity, above: 0 } : thresholdOf(vector, k);
  let places = k - above;
  let contested = false;
  for (let index = 0; index < length; index += 1) {
    const at = start + index * stride;
    const value = values[at] ?? 0;
    if (value > threshold) continue;
    if (value === threshold) {
      if (places > 0) {
        places -= 1;
        continue;
      }
      contested = true;
      if (keepTies) continue;
    }
    values[at] = 0;
  }
  return contested && threshold !== 0;
}

/** No more than k values are above 0 and none below: the others are 0 whether they win or not. */
function losesNothing({ values, start, stride, length }: Vector, k: number): boolean {
  let positive = 0;
  for (let index = 0, at = start; index < length; index += 1, at += stride) {
    const value = values[at] ?? 0;
    if (value === 0) continue;
    positive += 1;
    // a NaN is not below 0 either, and gets the long way too
    if (!(value > 0) || positive > k) return false;
  }
  return true;
}
