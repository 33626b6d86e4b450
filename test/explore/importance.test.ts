import { describe, expect, it } from 'vitest';
import { permutationImportance } from '../../src/explore/importance/permutation-importance.ts';
import { growTree, predict } from '../../src/explore/importance/regression-tree.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';

const random = seededRandom(5);
const share = (): number => random(1 << 20) / (1 << 20);
const count = 200;
const draws = (): Float64Array => Float64Array.from({ length: count }, share);
const codes = Float64Array.from({ length: count }, () => random(4));
const [first, second, none] = [draws(), draws(), draws()];
const features = [
  { categorical: false, values: first },
  { categorical: false, values: second },
  { categorical: false, values: none },
  { categorical: true, values: codes },
];

describe('regression trees', () => {
  it('split categories that have no order', () => {
    const target = Float64Array.from(codes, (code) => (code === 1 || code === 3 ? 10 : 0));
    const all = Array.from({ length: count }, (_, sample) => sample);
    const tree = growTree([{ categorical: true, values: codes }], target, all, seededRandom(1));
    expect([0, 1, 2, 3].map((code) => predict(tree, () => code))).toEqual([0, 10, 0, 10]);
    expect(tree).toMatchObject({ kind: 'split', below: { kind: 'leaf' }, above: { kind: 'leaf' } });
  });

  it('have leaves of three samples at least', () => {
    const values = Float64Array.from([1, 2, 3, 4, 5]);
    const tree = growTree([{ categorical: false, values }], values, [0, 1, 2, 3, 4], random);
    expect(tree).toEqual({ kind: 'leaf', mean: 3 });
  });
});

describe('permutation importance', () => {
  const target = Float64Array.from(first, (value, sample) => {
    const code = codes[sample] ?? 0;
    return 4 * value + (second[sample] ?? 0) + (code === 2 ? 2 : 0);
  });

  it('ranks what decides the target, and gives nothing to what does not', () => {
    const found = permutationImportance(features, target, 1);
    const [a = 0, b = 0, c = 0, d = 0] = found?.shares ?? [];
    expect(a).toBeGreaterThan(d);
    expect(d).toBeGreaterThan(b);
    expect(b).toBeGreaterThan(c);
    expect(c).toBeLessThan(0.02);
    expect(found?.explained).toBeGreaterThan(0.7);
  });

  it('says when nothing decides it', () => {
    const noise = draws();
    const found = permutationImportance(features, noise, 1);
    expect(found?.explained).toBeLessThan(0.2);
  });

  it('is the same for the same seed, and null where there is nothing to learn', () => {
    expect(permutationImportance(features, target, 9)).toEqual(
      permutationImportance(features, target, 9),
    );
    expect(permutationImportance(features, new Float64Array(count).fill(1), 1)).toBeNull();
    expect(permutationImportance([], target, 1)).toBeNull();
    expect(permutationImportance(features, target.subarray(0, 9), 1)).toBeNull();
  });
});
