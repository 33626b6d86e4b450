import { describe, expect, it } from 'vitest';
import { growDisjointSets } from '../../src/pack/disjoint-sets.ts';
import { disjointnessGraph } from '../../src/pack/disjointness.ts';
import { findExactCover } from '../../src/pack/exact-cover.ts';
import { kernelMasks } from '../../src/pack/kernel-masks.ts';
import { packKernels } from '../../src/pack/pack-kernels.ts';
import type { PackingProblem } from '../../src/pack/packing-problem.ts';
import { complementaryMasks } from './masks.ts';

function cover(
  problem: PackingProblem,
  limits: { setSize?: number; budget?: number } = {},
): readonly (readonly number[])[] | null {
  const masks = kernelMasks(problem);
  const { setSize = problem.outputs, budget = 10_000_000 } = limits;
  return findExactCover(masks, disjointnessGraph(masks), { setSize, budget });
}

describe('findExactCover', () => {
  // So few indices that most partners of a kernel belong to other sets.
  const ambiguous = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
    return complementaryMasks(40, 16, 4, seed).problem;
  });

  it('finds a partition among many false partners', () => {
    for (const problem of ambiguous) {
      const sets = cover(problem);
      expect(sets).not.toBeNull();
      expect(sets?.flat().sort((one, other) => one - other)).toEqual(
        Array.from({ length: 40 }, (_, output) => output),
      );
      expect(packKernels(problem)).toMatchObject({ depth: 1, efficiency: 1 });
    }
  });

  it('is needed: taking the best partner each time does not find it', () => {
    const grown = ambiguous.map((problem) => {
      const masks = kernelMasks(problem);
      return growDisjointSets(masks, disjointnessGraph(masks), 40).length;
    });
    expect(Math.max(...grown)).toBeGreaterThan(10);
  });

  it('says when there is none', () => {
    // Every index has two kernels, but each two of the three kernels collide.
    const triangle = Uint8Array.of(1, 1, 0, 0, 1, 1, 1, 0, 1);
    expect(cover({ layer: 'test', outputs: 3, indices: 3, nonZero: triangle })).toBeNull();
    const uneven = Uint8Array.of(1, 1, 0, 1);
    expect(cover({ layer: 'test', outputs: 2, indices: 2, nonZero: uneven })).toBeNull();
  });

  it('keeps to set size and budget', () => {
    const { problem } = complementaryMasks(40, 200, 4, 1);
    expect(cover(problem)).toHaveLength(10);
    expect(cover(problem, { setSize: 4 })).toHaveLength(10);
    expect(cover(problem, { setSize: 3 })).toBeNull();
    expect(cover(problem, { budget: 50 })).toBeNull();
  });

  it('leaves out indices without weights and kernels without any', () => {
    const nonZero = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 1);
    const sets = cover({ layer: 'test', outputs: 3, indices: 3, nonZero });
    expect(sets).toEqual([[0, 2]]);
    expect(cover({ layer: 'test', outputs: 2, indices: 2, nonZero: new Uint8Array(4) })).toEqual(
      [],
    );
  });
});
