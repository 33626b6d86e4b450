import { present } from '../../base/invariant.ts';
import { seededRandom } from '../../pack/seeded-random.ts';
import type { RandomBelow } from '../../pack/seeded-random.ts';
import type { Feature } from './regression-tree.ts';
import { growTree, predict } from './regression-tree.ts';

/** How much features say about a target. */
export interface Importance {
  /**
   * By feature: how much larger the squared error of prediction becomes when the feature's values are
   * shuffled, as a share of the target's variance; 0 where it makes none.
   */
  readonly shares: readonly number[];
  /** Share of the variance that the forest predicts on samples it has not seen; at most 1. */
  readonly explained: number;
}

const trees = 32;

/**
 * Permutation importance by a random forest (Breiman 2001): each tree grows on a draw with replacement,
 * and is asked about the samples outside of it, with and without one feature shuffled among them. The
 * same input gives the same result. Null for fewer than 10 samples, or a target that never changes.
 */
export function permutationImportance(
  features: readonly Feature[],
  target: Float64Array,
  seed: number,
): Importance | null {
  const count = target.length;
  const variance = varianceOf(target);
  if (count < 10 || features.length === 0 || !(variance > 0)) return null;
  const random = seededRandom(seed);
  const increases = features.map(() => 0);
  let error = 0;
  let asked = 0;
  for (let number = 0; number < trees; number += 1) {
    const drawn = Array.from({ length: count }, () => random(count));
    const inside = new Set(drawn);
    const outside = Array.from(target.keys()).filter((sample) => !inside.has(sample));
    const tree = growTree(features, target, drawn, random);
    const value = (feature: number, sample: number): number =>
      features[feature]?.values[sample] ?? 0;
    const base = outside.map((sample) => predict(tree, (feature) => value(feature, sample)));
    const baseError = squaredError(target, outside, base);
    for (const shuffled of features.keys()) {
      const other = shuffle(outside, random);
      const predicted = outside.map((sample, place) =>
        predict(tree, (feature) =>
          value(feature, feature === shuffled ? present(other[place], 'a sample') : sample),
        ),
      );
      const more = squaredError(target, outside, predicted) - baseError;
      increases[shuffled] = present(increases[shuffled], 'a sum') + more;
    }
    error += baseError;
    asked += outside.length;
  }
  const scale = asked * variance;
  return {
    shares: increases.map((increase) => Math.max(0, increase / scale)),
    explained: 1 - error / scale,
  };
}

function squaredError(
  target: Float64Array,
  samples: readonly number[],
  predicted: readonly number[],
): number {
  return samples.reduce(
    (sum, sample, place) => sum + ((target[sample] ?? 0) - (predicted[place] ?? 0)) ** 2,
    0,
  );
}

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

function shuffle(samples: readonly number[], random: RandomBelow): readonly number[] {
  const shuffled = [...samples];
  for (let place = shuffled.length - 1; place > 0; place -= 1) {
    const other = random(place + 1);
    const [a, b] = [shuffled[place] ?? 0, shuffled[other] ?? 0];
    shuffled[place] = b;
    shuffled[other] = a;
  }
  return shuffled;
}
