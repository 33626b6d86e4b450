import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/base/invariant.ts';
import { packLockstep } from '../../src/pack/pack-lockstep.ts';
import type { PackingProblem } from '../../src/pack/packing-problem.ts';
import { complementaryMasks, randomMasks } from './masks.ts';

/** Words by index, counted anew. */
function countWords(problem: PackingProblem, sets: readonly (readonly number[])[]): number[] {
  return Array.from({ length: problem.indices }, (_, index) =>
    sets.reduce((most, channels) => {
      const count = channels.reduce(
        (sum, channel) => sum + (problem.nonZero[channel * problem.indices + index] ?? 0),
        0,
      );
      return Math.max(most, count);
    }, 0),
  );
}

describe('packLockstep', () => {
  it.each([
    { zeros: 800, sets: 4 },
    { zeros: 900, sets: 8 },
    { zeros: 980, sets: 7 },
  ])('deals $zeros zeros in 1000 out to $sets sets', ({ zeros, sets }) => {
    const problem = randomMasks(100, 120, zeros, zeros);
    const packing = packLockstep(problem, { sets, steps: 2_000_000 });
    const channels = packing.sets.map((set) => set.channels);
    expect(channels.flat().sort((one, other) => one - other)).toEqual(
      Array.from({ length: 100 }, (_, output) => output),
    );
    expect(channels).toHaveLength(sets);
    for (const set of channels) {
      expect(set).toEqual([...set].sort((one, other) => one - other));
      expect(packing.setSize - set.length).toBeLessThanOrEqual(1);
    }
    const words = countWords(problem, channels);
    expect([...packing.words]).toEqual(words);
    const total = words.reduce((sum, count) => sum + count, 0);
    const nonZeros = problem.nonZero.reduce((sum, bit) => sum + bit, 0);
    expect(packing.wordsRead).toBe(total);
    expect(packing.efficiency).toBeCloseTo(nonZeros / (sets * total), 12);
    expect(packing.activeEfficiency).toBeCloseTo(packing.efficiency, 12);
    // Dealt out in channel order the sets waste more.
    const naive = Array.from({ length: sets }, (_, set) =>
      Array.from({ length: 100 }, (_unused, output) => output).filter((o) => o % sets === set),
    );
    const naiveTotal = countWords(problem, naive).reduce((sum, count) => sum + count, 0);
    expect(total).toBeLessThan(naiveTotal * 0.95);
  });

  it('uses 68 % of the slots of 512 x 1024 at 90 % zeros with 8 sets', () => {
    const problem = randomMasks(512, 1024, 900, 900);
    const packing = packLockstep(problem, { sets: 8 });
    expect(packing.efficiency).toBeGreaterThanOrEqual(0.68);
  });

  it('stores and reads nothing at an index without weights', () => {
    const problem = randomMasks(20, 30, 700, 1);
    for (let output = 0; output < 20; output += 1) problem.nonZero[output * 30 + 7] = 0;
    expect(packLockstep(problem, { sets: 4 }).words[7]).toBe(0);
  });

  it('reads fewer words where indices are active', () => {
    const problem = randomMasks(64, 100, 850, 2);
    const activity = Float64Array.from({ length: 100 }, (_, index) => (index < 30 ? 0.9 : 0.05));
    const blind = packLockstep(problem, { sets: 8, steps: 4_000_000 });
    const aware = packLockstep(problem, { sets: 8, steps: 4_000_000, activity });
    const read = activity.reduce((sum, share, at) => sum + share * (blind.words[at] ?? 0), 0);
    expect(aware.wordsRead).toBeLessThan(read * 0.97);
    expect(aware.activeEfficiency).toBeGreaterThan(aware.efficiency);
  });

  it('gives the same packing every time', () => {
    const { problem } = complementaryMasks(24, 40, 4, 3);
    expect(packLockstep(problem, { sets: 6 })).toEqual(packLockstep(problem, { sets: 6 }));
  });

  it('takes what is degenerate', () => {
    const zero = randomMasks(3, 4, 1000, 1);
    expect(packLockstep(zero, { sets: 2 })).toMatchObject({ efficiency: 0, wordsRead: 0 });
    const dense = randomMasks(3, 4, 0, 1);
    expect(packLockstep(dense, { sets: 9 })).toMatchObject({ setSize: 1, efficiency: 1 });
    expect(packLockstep(dense, { sets: 1 })).toMatchObject({ setSize: 3, efficiency: 1 });
    expect(() => packLockstep(dense, { sets: 0 })).toThrow(InvariantError);
    expect(() => packLockstep(dense, { sets: 1, activity: new Float64Array(3) })).toThrow(
      InvariantError,
    );
  });
});
