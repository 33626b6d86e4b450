import { clearBit, countCommon, emptyBitset, intersection } from './kernel-bitset.ts';
import { listBits, setBit, type KernelBitset } from './kernel-bitset.ts';
import type { KernelMasks } from './kernel-masks.ts';

/** One decision of the search: which kernel comes next, of those possible. */
interface Decision {
  /** Kernels to try, best first. */
  readonly choices: readonly number[];
  /** True where the kernel opens a new set, false where it joins the set being filled. */
  readonly opens: boolean;
  /** Before the decision: kernels that could still join the set, indices it does not use. */
  readonly mates: KernelBitset;
  readonly uncovered: number;
  /** Kernels of the set before the decision. */
  readonly size: number;
  /** Choices tried; the last of them is the current one. */
  tried: number;
}

/**
 * Partition of all kernels with non-zeros into sets in which every index that is used at
 * all is used exactly once; null where none exists or the search gives up after `budget`
 * elementary steps.
 *
 * Backtracking: the kernel with the fewest possible partners opens a set, the index with
 * the fewest possible owners decides who joins (Knuth's algorithm X on one set at a time),
 * and among those the kernel with the most partners in common with the set comes first.
 */
export function findExactCover(
  masks: KernelMasks,
  graph: readonly KernelBitset[],
  options: { readonly setSize: number; readonly budget: number },
): readonly (readonly number[])[] | null {
  const usedIndices = masks.byIndex.filter((kernels) => kernels.length > 0);
  // Each set uses each index once, so every index has as many kernels as there are sets.
  if (usedIndices.some((kernels) => kernels.length !== masks.busiest)) return null;

  const alive = emptyBitset(masks.outputs);
  let left = 0;
  for (const [kernel, list] of masks.byKernel.entries()) {
    if (list.length === 0) continue;
    setBit(alive, kernel);
    left += 1;
  }
  const owners = new Uint32Array(masks.indices);
  let steps = 0;

  const openSet = (): Decision => {
    let first = -1;
    let fewest = Number.POSITIVE_INFINITY;
    for (const kernel of listBits(alive)) {
      const partners = countCommon(neighboursOf(graph, kernel), alive);
      if (partners >= fewest) continue;
      fewest = partners;
      first = kernel;
    }
    steps += left * alive.length;
    // Whichever set it is in, this kernel is in one: no other opener need be tried.
    return {
      choices: [first],
      opens: true,
      mates: alive.slice(),
      uncovered: usedIndices.length,
      size: 0,
      tried: 0,
    };
  };

  // Mates never use a covered index, so the indices they use are uncovered ones.
  const rarestOwners = (mates: KernelBitset, uncovered: number): readonly number[] => {
    const kernels = listBits(mates);
    owners.fill(0);
    let reachable = 0;
    for (const kernel of kernels) {
      for (const index of masks.byKernel[kernel] ?? []) {
        const count = owners[index] ?? 0;
        if (count === 0) reachable += 1;
        owners[index] = count + 1;
      }
      steps += sizeOf(masks, kernel);
    }
    steps += owners.length;
    if (reachable < uncovered) return [];
    let rarest = -1;
    let fewest = Number.POSITIVE_INFINITY;
    for (let index = 0; index < owners.length; index += 1) {
      const count = owners[index] ?? 0;
      if (count === 0 || count >= fewest) continue;
      fewest = count;
      rarest = index;
    }
    return kernels
      .filter((kernel) => masks.byKernel[kernel]?.includes(rarest) === true)
      .map((kernel) => ({ kernel, common: countCommon(neighboursOf(graph, kernel), mates) }))
      .sort((one, other) => other.common - one.common || one.kernel - other.kernel)
      .map(({ kernel }) => kernel);
  };

  if (left === 0) return [];
  const decisions: Decision[] = [openSet()];
  for (let decision = decisions.at(-1); decision !== undefined; decision = decisions.at(-1)) {
    const previous = decision.choices[decision.tried - 1];
    if (previous !== undefined) {
      setBit(alive, previous);
      left += 1;
    }
    if (steps > options.budget) return null;
    const kernel = decision.choices[decision.tried];
    if (kernel === undefined) {
      decisions.pop();
      continue;
    }
    decision.tried += 1;
    clearBit(alive, kernel);
    left -= 1;
    const uncovered = decision.uncovered - sizeOf(masks, kernel);
    const size = decision.size + 1;
    if (uncovered === 0) {
      if (left === 0) return collectSets(decisions);
      decisions.push(openSet());
    } else {
      const mates = intersection(decision.mates, neighboursOf(graph, kernel));
      const choices = size >= options.setSize ? [] : rarestOwners(mates, uncovered);
      decisions.push({ choices, opens: false, mates, uncovered, size, tried: 0 });
    }
  }
  return null;
}

function collectSets(decisions: readonly Decision[]): readonly (readonly number[])[] {
  const sets: number[][] = [];
  for (const { choices, opens, tried } of decisions) {
    if (opens) sets.push([]);
    sets.at(-1)?.push(choices[tried - 1] ?? -1);
  }
  return sets;
}

function sizeOf(masks: KernelMasks, kernel: number): number {
  return masks.byKernel[kernel]?.length ?? 0;
}

function neighboursOf(graph: readonly KernelBitset[], kernel: number): KernelBitset {
  return graph[kernel] ?? new Uint32Array(0);
}
