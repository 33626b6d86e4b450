import type { KernelMasks } from './kernel-masks.ts';

/**
 * Share of (set, index) places that would hold too many non-zeros if kernels were dealt out
 * at random, and that a search can still put right. Measured on random masks of 256 to
 * 2,048 kernels; it only decides where a search begins.
 */
const repairable = 0.025;

/**
 * About how many sets the kernels need for at most `depth` non-zeros at an index: with fewer,
 * more than a `repairable` share of the places of a random partition would be too full.
 */
export function estimateSets(masks: KernelMasks, depth: number): number {
  let low = 1;
  let high = masks.outputs;
  while (low < high) {
    const sets = Math.floor((low + high) / 2);
    let share = 0;
    for (const kernels of masks.byIndex) share += poissonAbove(depth, kernels.length / sets);
    if (share / masks.indices > repairable) low = sets + 1;
    else high = sets;
  }
  return low;
}

/** Probability that a Poisson variable of this mean is above `limit`. */
function poissonAbove(limit: number, mean: number): number {
  let term = Math.exp(-mean);
  let below = term;
  for (let count = 1; count <= limit; count += 1) {
    term *= mean / count;
    below += term;
  }
  return Math.max(0, 1 - below);
}
