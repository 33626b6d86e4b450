import { clearBit, countCommon, emptyBitset, intersection, listBits } from './kernel-bitset.ts';
import { setBit, type KernelBitset } from './kernel-bitset.ts';
import type { KernelMasks } from './kernel-masks.ts';

/**
 * Partition of all kernels with non-zeros into sets without collisions, one set after the
 * other: the kernel with the fewest possible partners opens a set, and the kernel that
 * leaves the most partners possible joins. Kernels of complementary sets share their
 * mates, so sets with a few weights missing are still found whole; a kernel that collides
 * with its former mates ends in a set of its own or with others like it.
 */
export function growDisjointSets(
  masks: KernelMasks,
  graph: readonly KernelBitset[],
  setSize: number,
): readonly (readonly number[])[] {
  const alive = emptyBitset(masks.outputs);
  for (const [kernel, list] of masks.byKernel.entries()) if (list.length > 0) setBit(alive, kernel);
  const partners = Int32Array.from(graph, (neighbours) => countCommon(neighbours, alive));
  const take = (kernel: number): void => {
    clearBit(alive, kernel);
    // disjoint from each other: those it was a partner of
    for (const other of listBits(neighboursOf(graph, kernel))) {
      partners[other] = (partners[other] ?? 0) - 1;
    }
  };
  const sets: number[][] = [];
  for (let left = listBits(alive); left.length > 0; left = listBits(alive)) {
    const first = best(left, (kernel) => -(partners[kernel] ?? 0));
    const set = [first];
    take(first);
    let mates = intersection(alive, neighboursOf(graph, first));
    while (set.length < setSize) {
      const candidates = listBits(mates);
      if (candidates.length === 0) break;
      const common = mates;
      const next = best(candidates, (kernel) => {
        const shared = countCommon(neighboursOf(graph, kernel), common);
        // Among equals the largest: it is the hardest to place later.
        return shared + (masks.byKernel[kernel]?.length ?? 0) / (masks.indices + 1);
      });
      set.push(next);
      take(next);
      mates = intersection(mates, neighboursOf(graph, next));
    }
    sets.push(set);
  }
  return sets;
}

/** The first kernel with the highest score. */
function best(kernels: readonly number[], score: (kernel: number) => number): number {
  let winner = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (const kernel of kernels) {
    const value = score(kernel);
    if (value <= highest) continue;
    highest = value;
    winner = kernel;
  }
  return winner;
}

function neighboursOf(graph: readonly KernelBitset[], kernel: number): KernelBitset {
  return graph[kernel] ?? new Uint32Array(0);
}
