import { expect, it } from 'vitest';
import { kernelMasks } from '../../src/pack/kernel-masks.ts';
import { levelSets } from '../../src/pack/level-sets.ts';

// Kernels 0 to 3 use index 0 to 3, kernel 4 uses index 0.
const masks = kernelMasks({
  layer: 'test',
  outputs: 5,
  indices: 4,
  nonZero: Uint8Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0),
});

it('moves kernels to smaller sets where they fit', () => {
  const sets = levelSets(masks, [[0, 1, 2, 3], [4]], 1);
  expect(sets.map((set) => set.length)).toEqual([3, 2]);
  // Kernel 0 may not join kernel 4.
  expect(sets.find((set) => set.includes(4))).not.toContain(0);
  expect(sets.flat().sort()).toEqual([0, 1, 2, 3, 4]);
});

it('leaves sets that are level or cannot be levelled', () => {
  expect(levelSets(masks, [[0, 1], [2, 3], [4]], 1)).toEqual([[0, 1], [2, 3], [4]]);
  const stuck = kernelMasks({
    layer: 'test',
    outputs: 4,
    indices: 3,
    nonZero: Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1),
  });
  expect(levelSets(stuck, [[0, 1, 2], [3]], 1)).toEqual([[0, 1, 2], [3]]);
});
