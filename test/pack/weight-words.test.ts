import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/base/invariant.ts';
import type { Packing } from '../../src/ir/packing.ts';
import { packKernels } from '../../src/pack/pack-kernels.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';
import { layoutWords } from '../../src/pack/weight-words.ts';
import { randomMasks } from './masks.ts';

const packing: Packing = {
  layer: 'fc',
  sets: [{ channels: [0, 2] }, { channels: [1] }],
  setSize: 2,
  depth: 2,
  efficiency: 5 / 12,
  complementary: false,
};

describe('layoutWords', () => {
  it('puts each weight at its index, in its set, with its kid', () => {
    // Channel 0: 5 at 0, -3 at 1. Channel 1: 7 at 2. Channel 2: 4 at 1, -128 at 2.
    const weights = Int16Array.of(5, -3, 0, 0, 0, 7, 0, 4, -128);
    const words = layoutWords(packing, weights, 3);
    expect(words).toMatchObject({ indices: 3, depth: 2, sets: 2 });
    //                         index 0       index 1        index 2
    expect([...words.weight]).toEqual([5, 0, 0, 0, -3, 0, 4, 0, -128, 7, 0, 0]);
    expect([...words.kid]).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0]);
  });

  it('loses and invents nothing', () => {
    const problem = randomMasks(40, 60, 800, 3);
    const random = seededRandom(4);
    // Some weights that were trained to be non-zero quantise to zero.
    const weights = Int16Array.from(problem.nonZero, (bit) => bit * (random(9) - 4));
    const packed = packKernels(problem);
    const words = layoutWords(packed, weights, problem.indices);
    const rebuilt = new Int16Array(weights.length);
    words.weight.forEach((value, slot) => {
      if (value === 0) {
        expect(words.kid[slot]).toBe(0);
        return;
      }
      const set = packed.sets[slot % words.sets];
      const index = Math.floor(slot / (words.sets * words.depth));
      const channel = set?.channels[words.kid[slot] ?? -1] ?? -1;
      expect(rebuilt[channel * problem.indices + index]).toBe(0);
      rebuilt[channel * problem.indices + index] = value;
    });
    expect(rebuilt).toEqual(weights);
  });

  it('refuses weights that need more words or are of another size', () => {
    const crowded = { ...packing, depth: 1 };
    expect(() => layoutWords(crowded, Int16Array.of(1, 0, 1), 1)).toThrow(/more than 1 words/);
    expect(() => layoutWords(packing, new Int16Array(4), 2)).toThrow(InvariantError);
  });
});
