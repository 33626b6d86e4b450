import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/base/invariant.ts';
import type { Packing } from '../../src/ir/packing.ts';
import { verifyPacking } from '../../src/pack/check-packing.ts';
import { packingsByDepth, packKernels } from '../../src/pack/pack-kernels.ts';
import type { PackingProblem } from '../../src/pack/packing-problem.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';
import { complementaryMasks, randomMasks } from './masks.ts';

function channelsOf(packing: Packing): readonly (readonly number[])[] {
  return packing.sets.map((set) => set.channels);
}

function slotsOf(packing: Packing): number {
  return packing.sets.length * packing.depth;
}

/** First fit by channel at depth 1, then at every depth: what a simple packer reaches. */
function simpleGreedySlots(problem: PackingProblem, depth: number, setSize: number): number {
  const { outputs, indices, nonZero } = problem;
  const sets: { kernels: number; used: Uint16Array }[] = [];
  for (let output = 0; output < outputs; output += 1) {
    const row = nonZero.subarray(output * indices, (output + 1) * indices);
    let home = sets.find(
      ({ kernels, used }) =>
        kernels < setSize && row.every((bit, index) => (used[index] ?? 0) + bit <= depth),
    );
    if (home === undefined) {
      home = { kernels: 0, used: new Uint16Array(indices) };
      sets.push(home);
    }
    const { used } = home;
    home.kernels += 1;
    row.forEach((bit, index) => {
      used[index] = (used[index] ?? 0) + bit;
    });
  }
  return sets.length * depth;
}

describe('complementary masks', () => {
  it.each([
    { outputs: 64, indices: 25, setSize: 2 },
    { outputs: 64, indices: 1600, setSize: 16 },
    { outputs: 1500, indices: 1600, setSize: 20 },
    { outputs: 12, indices: 1500, setSize: 4 },
    { outputs: 16, indices: 9, setSize: 1 },
    { outputs: 32, indices: 144, setSize: 4 },
    { outputs: 64, indices: 128, setSize: 4 },
    { outputs: 12, indices: 64, setSize: 2 },
    { outputs: 100, indices: 400, setSize: 7 },
  ])('$outputs x $indices in sets of $setSize are recovered', ({ outputs, indices, setSize }) => {
    for (const seed of [1, 2, 3]) {
      const { problem, sets } = complementaryMasks(outputs, indices, setSize, seed);
      const packing = packKernels(problem);
      verifyPacking(problem, packing);
      expect(packing).toMatchObject({ depth: 1, complementary: true, efficiency: 1, setSize });
      // With 25 indices other partitions may be as good; elsewhere there is only one.
      if (indices > 25) expect(channelsOf(packing)).toEqual(sets);
    }
  });

  it('stay together when weights are pruned further', () => {
    const { problem, sets } = complementaryMasks(320, 800, 20, 4);
    const random = seededRandom(5);
    const nonZero = problem.nonZero.map((bit) => (random(100) < 5 ? 0 : bit));
    const packing = packKernels({ ...problem, nonZero });
    expect(channelsOf(packing)).toEqual(sets);
    expect(packing.depth).toBe(1);
    expect(packing.efficiency).toBeGreaterThan(0.94);
  });

  it('lose little by a few collisions', () => {
    const { problem } = complementaryMasks(320, 800, 20, 6);
    const random = seededRandom(7);
    const nonZero = problem.nonZero.slice();
    for (let extra = 0; extra < 8; extra += 1) nonZero[random(nonZero.length)] = 1;
    const packing = packKernels({ ...problem, nonZero });
    verifyPacking({ ...problem, nonZero }, packing);
    expect(packing.depth).toBe(1);
    expect(packing.efficiency).toBeGreaterThanOrEqual(0.8);
  });

  it('take in kernels without non-zeros', () => {
    const { problem, sets } = complementaryMasks(64, 400, 8, 8);
    const outputs = problem.outputs + 3;
    const nonZero = new Uint8Array(outputs * problem.indices);
    nonZero.set(problem.nonZero);
    const padded = { ...problem, outputs, nonZero };
    const packing = packKernels(padded);
    verifyPacking(padded, packing);
    expect(packing).toMatchObject({ depth: 1, efficiency: 1, setSize: 9 });
    expect(packing.sets).toHaveLength(sets.length);
  });

  it('are split where sets must be smaller', () => {
    const { problem } = complementaryMasks(64, 400, 8, 9);
    const packing = packKernels({ ...problem, setSize: 4 });
    verifyPacking({ ...problem, setSize: 4 }, packing);
    expect(packing.setSize).toBe(4);
    expect(packing.sets).toHaveLength(16);
  });
});

describe('unstructured masks', () => {
  it.each([
    { outputs: 48, indices: 120, zeros: 900 },
    { outputs: 96, indices: 200, zeros: 800 },
    { outputs: 96, indices: 200, zeros: 950 },
    { outputs: 128, indices: 256, zeros: 980 },
  ])('$outputs x $indices, $zeros zeros in 1000', ({ outputs, indices, zeros }) => {
    const problem = randomMasks(outputs, indices, zeros, outputs + zeros);
    const packings = packingsByDepth(problem);
    for (const packing of packings) {
      verifyPacking(problem, packing);
      const greedy = simpleGreedySlots(problem, packing.depth, packing.depth === 1 ? outputs : 64);
      expect(slotsOf(packing)).toBeLessThanOrEqual(greedy);
    }
    expect(packings.map(slotsOf)).toEqual(packings.map(slotsOf).sort((one, other) => other - one));
    expect(packings).toContainEqual(packKernels(problem));
  });

  it('keep to the limits given', () => {
    const problem = { ...randomMasks(60, 100, 850, 1), setSize: 6, depthLimit: 3 };
    const packing = packKernels(problem);
    verifyPacking(problem, packing);
    expect(packing.sets.length).toBeGreaterThanOrEqual(10);
    expect(packing.depth).toBeLessThanOrEqual(3);
    expect(packKernels({ ...problem, depthLimit: 1 }).depth).toBe(1);
  });

  it('are packed to a low limit of words even where that takes many sets', () => {
    const problem = { ...randomMasks(512, 512, 900, 3), depthLimit: 3 };
    const packing = packKernels(problem);
    verifyPacking(problem, packing);
    expect(packing.depth).toBe(3);
    expect(packing.efficiency).toBeGreaterThan(0.3);
  });

  it('give the same packing every time', () => {
    const problem = randomMasks(64, 128, 900, 2);
    expect(packKernels(problem)).toEqual(packKernels({ ...problem }));
  });
});

describe('edges', () => {
  const cases: readonly { name: string; problem: PackingProblem; expected: Partial<Packing> }[] = [
    {
      name: 'all dense: a set each',
      problem: randomMasks(6, 10, 0, 1),
      expected: { setSize: 1, depth: 1, efficiency: 1 },
    },
    {
      name: 'all zero: one set, one empty word',
      problem: randomMasks(6, 10, 1000, 1),
      expected: { setSize: 6, depth: 1, efficiency: 0, complementary: true },
    },
    {
      name: 'a single output',
      problem: randomMasks(1, 50, 500, 1),
      expected: { setSize: 1, depth: 1, sets: [{ channels: [0] }] },
    },
    {
      name: 'a single index',
      problem: { layer: 'test', outputs: 4, indices: 1, nonZero: Uint8Array.of(1, 0, 1, 0) },
      expected: { depth: 1, efficiency: 1, sets: [{ channels: [0, 1] }, { channels: [2, 3] }] },
    },
    {
      name: 'sets of one by force',
      problem: { ...complementaryMasks(8, 20, 4, 1).problem, setSize: 1 },
      expected: { setSize: 1, depth: 1, efficiency: 0.25 },
    },
  ];

  it.each(cases)('$name', ({ problem, expected }) => {
    const packing = packKernels(problem);
    verifyPacking(problem, packing);
    expect(packing).toMatchObject(expected);
  });

  it('refuses a mask of another size', () => {
    const problem = { layer: 'test', outputs: 2, indices: 2, nonZero: new Uint8Array(3) };
    expect(() => packKernels(problem)).toThrow(InvariantError);
  });
});
