import { present } from '../../base/invariant.ts';
import type { RandomBelow } from '../../pack/seeded-random.ts';

/** One column of what a tree looks at. */
export interface Feature {
  /** Values are codes 0, 1, … without an order. */
  readonly categorical: boolean;
  /** One a sample; finite. */
  readonly values: Float64Array;
}

/** A function that is constant on boxes of the features. */
export type RegressionTree =
  | { readonly kind: 'leaf'; readonly mean: number }
  | {
      readonly kind: 'split';
      readonly feature: number;
      /** Values up to here go left; of a categorical feature: those in `left`. */
      readonly threshold: number;
      readonly left: ReadonlySet<number> | null;
      readonly below: RegressionTree;
      readonly above: RegressionTree;
    };

/** A leaf holds at least so many samples. */
const smallestLeaf = 3;

/**
 * Grows a tree on some samples (indices, may repeat): each node takes the split that leaves the least
 * sum of squares, among a random third of the features. Categories are ordered by their mean before
 * they are split, which is exact for least squares (Breiman and others 1984, Fisher 1958).
 */
export function growTree(
  features: readonly Feature[],
  target: Float64Array,
  samples: readonly number[],
  random: RandomBelow,
): RegressionTree {
  const split =
    samples.length < 2 * smallestLeaf ? null : bestSplit(features, target, samples, random);
  if (split === null) return { kind: 'leaf', mean: meanOf(target, samples) };
  const goesLeft = (sample: number): boolean => isLeft(split, valueAt(features, split, sample));
  const below = samples.filter(goesLeft);
  const above = samples.filter((sample) => !goesLeft(sample));
  return {
    kind: 'split',
    ...split,
    below: growTree(features, target, below, random),
    above: growTree(features, target, above, random),
  };
}

/** What the tree says of a sample; `value` gives the sample's value of a feature. */
export function predict(tree: RegressionTree, value: (feature: number) => number): number {
  let node = tree;
  while (node.kind === 'split') node = isLeft(node, value(node.feature)) ? node.below : node.above;
  return node.mean;
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
  readonly left: ReadonlySet<number> | null;
}

function isLeft({ threshold, left }: Split, value: number): boolean {
  return left === null ? value <= threshold : left.has(value);
}

function valueAt(features: readonly Feature[], { feature }: Split, sample: number): number {
  return at(present(features[feature], 'a feature').values, sample);
}

function bestSplit(
  features: readonly Feature[],
  target: Float64Array,
  samples: readonly number[],
  random: RandomBelow,
): Split | null {
  let best: Split | null = null;
  let bestGain = 1e-12;
  for (const feature of someOf(features.length, Math.ceil(features.length / 3), random)) {
    const { categorical, values } = present(features[feature], 'a feature');
    const key = categorical ? meansByCode(values, target, samples) : null;
    const keys = samples.map((sample) => {
      const value = at(values, sample);
      return key === null ? value : present(key.get(value), 'a mean');
    });
    const found = splitAlong(keys, target, samples);
    if (found === null || found.gain <= bestGain) continue;
    bestGain = found.gain;
    const { threshold } = found;
    const left =
      key === null
        ? null
        : new Set([...key].flatMap(([code, mean]) => (mean <= threshold ? [code] : [])));
    best = { feature, threshold, left };
  }
  return best;
}

/** The threshold on `keys`, one a sample, that takes most from the sum of squares. */
function splitAlong(
  keys: readonly number[],
  target: Float64Array,
  samples: readonly number[],
): { readonly threshold: number; readonly gain: number } | null {
  const order = Uint32Array.from(keys.keys()).sort(
    (a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b,
  );
  const count = order.length;
  let total = 0;
  for (const sample of samples) total += at(target, sample);
  let sum = 0;
  let best: { threshold: number; gain: number } | null = null;
  for (let place = 0; place < count - smallestLeaf; place += 1) {
    const here = at(order, place);
    sum += at(target, samples[here] ?? 0);
    const left = place + 1;
    const key = keys[here] ?? 0;
    if (left < smallestLeaf || key === keys[at(order, left)]) continue;
    const gain = sum ** 2 / left + (total - sum) ** 2 / (count - left) - total ** 2 / count;
    if (best === null || gain > best.gain) best = { threshold: key, gain };
  }
  return best;
}

function meansByCode(
  values: Float64Array,
  target: Float64Array,
  samples: readonly number[],
): ReadonlyMap<number, number> {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const sample of samples) {
    const code = at(values, sample);
    const entry = sums.get(code) ?? { sum: 0, count: 0 };
    entry.sum += at(target, sample);
    entry.count += 1;
    sums.set(code, entry);
  }
  return new Map([...sums].map(([code, { sum, count }]) => [code, sum / count]));
}

function meanOf(target: Float64Array, samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + at(target, sample), 0) / Math.max(1, samples.length);
}

/** `wanted` different integers below `count`. */
function someOf(count: number, wanted: number, random: RandomBelow): readonly number[] {
  const left = Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: wanted }, () =>
    present(left.splice(random(left.length), 1)[0], 'one that is left'),
  );
}

function at(values: Float64Array | Uint32Array, index: number): number {
  return values[index] ?? 0;
}
