import type { KernelMasks } from './kernel-masks.ts';

/**
 * Moves kernels out of the largest sets into smaller ones as long as no set gets more than
 * `depth` non-zeros at an index, so that the largest set, which every accumulator memory is
 * sized for, is as small as moves alone make it.
 */
export function levelSets(
  masks: KernelMasks,
  sets: readonly (readonly number[])[],
  depth: number,
): readonly (readonly number[])[] {
  const levelled = sets.map((set) => ({ kernels: [...set], used: new Uint16Array(masks.indices) }));
  const place = (used: Uint16Array, kernel: number, change: number): void => {
    for (const index of masks.byKernel[kernel] ?? []) used[index] = (used[index] ?? 0) + change;
  };
  for (const { kernels, used } of levelled) for (const kernel of kernels) place(used, kernel, 1);
  for (;;) {
    levelled.sort((one, other) => other.kernels.length - one.kernels.length);
    const [largest] = levelled;
    if (largest === undefined) return [];
    const smaller = levelled
      .filter(({ kernels }) => kernels.length <= largest.kernels.length - 2)
      .reverse();
    const move = largest.kernels
      .map((kernel) => ({
        kernel,
        target: smaller.find(({ used }) =>
          (masks.byKernel[kernel] ?? []).every((index) => (used[index] ?? 0) < depth),
        ),
      }))
      .find(({ target }) => target !== undefined);
    if (move?.target === undefined) return levelled.map(({ kernels }) => kernels);
    largest.kernels.splice(largest.kernels.indexOf(move.kernel), 1);
    place(largest.used, move.kernel, -1);
    move.target.kernels.push(move.kernel);
    place(move.target.used, move.kernel, 1);
  }
}
