import { emptyBitset, setBit, type KernelBitset } from './kernel-bitset.ts';
import type { KernelMasks } from './kernel-masks.ts';

/**
 * The disjointness graph of a layer: `graph[k]` holds the kernels with at least one non-zero
 * that share no index with kernel k. A kernel without non-zeros has no neighbours: it fits
 * anywhere and is left out of the search.
 */
export function disjointnessGraph(masks: KernelMasks): readonly KernelBitset[] {
  const used = emptyBitset(masks.outputs);
  for (const [kernel, list] of masks.byKernel.entries()) if (list.length > 0) setBit(used, kernel);
  const columns = masks.byIndex.map((kernels) => {
    const column = emptyBitset(masks.outputs);
    for (const kernel of kernels) setBit(column, kernel);
    return column;
  });
  return masks.byKernel.map((list) => {
    const neighbours = emptyBitset(masks.outputs);
    if (list.length === 0) return neighbours;
    for (const index of list) {
      const column = columns[index];
      if (column === undefined) continue;
      for (let word = 0; word < neighbours.length; word += 1) {
        neighbours[word] = (neighbours[word] ?? 0) | (column[word] ?? 0);
      }
    }
    // So far those that collide with this kernel, itself included.
    for (let word = 0; word < neighbours.length; word += 1) {
      neighbours[word] = (used[word] ?? 0) & ~(neighbours[word] ?? 0);
    }
    return neighbours;
  });
}
