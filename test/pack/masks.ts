import type { PackingProblem } from '../../src/pack/packing-problem.ts';
import { seededRandom, type RandomBelow } from '../../src/pack/seeded-random.ts';

/** A permutation of 0 .. n - 1. */
export function permutation(length: number, random: RandomBelow): number[] {
  const order = Array.from({ length }, (_, at) => at);
  for (let at = length - 1; at > 0; at -= 1) {
    const other = random(at + 1);
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  return order;
}

/**
 * Complementary masks as training makes them: sets of `setSize` kernels in which every index
 * has one owner, all kernels equally large (to one); then the kernels shuffled.
 */
export function complementaryMasks(
  outputs: number,
  indices: number,
  setSize: number,
  seed: number,
): { readonly problem: PackingProblem; readonly sets: readonly (readonly number[])[] } {
  const random = seededRandom(seed);
  const place = permutation(outputs, random);
  const nonZero = new Uint8Array(outputs * indices);
  const sets: number[][] = [];
  for (let first = 0; first < outputs; first += setSize) {
    const kernels = place.slice(first, first + setSize);
    sets.push([...kernels].sort((one, other) => one - other));
    for (const [index, owner] of permutation(indices, random).entries()) {
      nonZero[(kernels[owner % kernels.length] ?? 0) * indices + index] = 1;
    }
  }
  sets.sort((one, other) => (one[0] ?? 0) - (other[0] ?? 0));
  return { problem: { layer: 'test', outputs, indices, nonZero }, sets };
}

/** Masks with the given number of zeros in a thousand, without any structure. */
export function randomMasks(
  outputs: number,
  indices: number,
  zerosPerThousand: number,
  seed: number,
): PackingProblem {
  const random = seededRandom(seed);
  const nonZero = Uint8Array.from({ length: outputs * indices }, () =>
    random(1000) < zerosPerThousand ? 0 : 1,
  );
  return { layer: 'test', outputs, indices, nonZero };
}
