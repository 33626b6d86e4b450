import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/base/invariant.ts';
import type { Packing } from '../../src/ir/packing.ts';
import { packingEfficiency, verifyPacking } from '../../src/pack/check-packing.ts';
import type { PackingProblem } from '../../src/pack/packing-problem.ts';

// Kernels 0 and 2 are complementary, 1 collides with 2 at index 1.
const problem: PackingProblem = {
  layer: 'fc',
  outputs: 3,
  indices: 2,
  nonZero: Uint8Array.of(1, 0, 0, 1, 0, 1),
};

const packing: Packing = {
  layer: 'fc',
  sets: [{ channels: [0, 2] }, { channels: [1] }],
  setSize: 2,
  depth: 1,
  efficiency: 0.75,
  complementary: true,
};

describe('verifyPacking', () => {
  it('accepts what is true', () => {
    expect(() => {
      verifyPacking(problem, packing);
    }).not.toThrow();
    expect(packingEfficiency(problem, { sets: 2, depth: 1 })).toBe(0.75);
  });

  const wrong: readonly { name: string; change: Partial<Packing>; message: RegExp }[] = [
    { name: 'another layer', change: { layer: 'conv' }, message: /given for fc/ },
    { name: 'a missing kernel', change: { sets: [{ channels: [0, 2] }] }, message: /in no set/ },
    {
      name: 'a kernel twice',
      change: { sets: [{ channels: [0, 2] }, { channels: [1, 2] }] },
      message: /packed twice/,
    },
    {
      name: 'a channel that is not there',
      change: { sets: [{ channels: [0, 3] }, { channels: [1] }] },
      message: /channel 3 of 3/,
    },
    {
      name: 'an empty set',
      change: { sets: [{ channels: [0, 2] }, { channels: [1] }, { channels: [] }] },
      message: /set 2 is empty/,
    },
    {
      name: 'channels out of order',
      change: { sets: [{ channels: [2, 0] }, { channels: [1] }] },
      message: /not ascending/,
    },
    {
      name: 'sets out of order',
      change: { sets: [{ channels: [1] }, { channels: [0, 2] }] },
      message: /not ordered/,
    },
    {
      name: 'depth understated',
      change: { sets: [{ channels: [0] }, { channels: [1, 2] }] },
      message: /depth 1, masks need 2/,
    },
    { name: 'depth overstated', change: { depth: 2 }, message: /depth 2, masks need 1/ },
    { name: 'a wrong set size', change: { setSize: 3 }, message: /setSize 3/ },
    { name: 'a wrong efficiency', change: { efficiency: 1 }, message: /efficiency 1/ },
    { name: 'complementary denied', change: { complementary: false }, message: /complementary/ },
  ];

  it.each(wrong)('refuses $name', ({ change, message }) => {
    const check = (): void => {
      verifyPacking(problem, { ...packing, ...change });
    };
    expect(check).toThrow(InvariantError);
    expect(check).toThrow(message);
  });

  it('refuses what exceeds the limits of the problem', () => {
    expect(() => {
      verifyPacking({ ...problem, setSize: 1 }, packing);
    }).toThrow(/at most 1/);
    const deep: Packing = {
      ...packing,
      sets: [{ channels: [0, 1, 2] }],
      setSize: 3,
      depth: 2,
      complementary: false,
    };
    expect(() => {
      verifyPacking({ ...problem, depthLimit: 1 }, deep);
    }).toThrow(/above the limit 1/);
  });
});
