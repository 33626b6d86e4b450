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
  const scratch = new Float64Array(length);
  let tiedVectors = 0;
  for (let group = 0; group < rule.groups; group += 1) {
    const first = group * length * stride;
    for (let start = first; start < first + starts; start += 1) {
      if (keepVectorWinners(values, start, stride, scratch, rule.k, keepTies)) tiedVectors += 1;
    }
  }
  return { vectors: starts * rule.groups, tiedVectors };
}

/** One vector; tells whether the k-th place was contested by non-zero values. */
function keepVectorWinners(
  values: FeatureMap,
  start: number,
  stride: number,
  scratch: Float64Array,
  k: number,
  keepTies: boolean,
): boolean {
  const length = scratch.length;
  if (k >= length) return false;
  for (let index = 0; index < length; index += 1) {
    scratch[index] = values[start + index * stride] ?? 0;
  }
  scratch.sort();
  const threshold = k === 0 ? Infinity : (scratch[length - k] ?? 0);
  let above = 0;
  while (above < k && (scratch[length - 1 - above] ?? 0) > threshold) above += 1;
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
