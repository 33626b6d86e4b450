import { invariant } from '../base/invariant.ts';
import type { PackingProblem } from './packing-problem.ts';

/** The masks of a layer as index lists by kernel and kernel lists by index. */
export interface KernelMasks {
  readonly outputs: number;
  readonly indices: number;
  readonly nonZeros: number;
  /** For every kernel the indices it uses, ascending. */
  readonly byKernel: readonly Uint32Array[];
  /** For every index the kernels that use it, ascending. */
  readonly byIndex: readonly Uint32Array[];
  /**
   * Kernels at the busiest index. No packing has fewer than this many slots an index
   * (sets x depth), whatever its number of sets.
   */
  readonly busiest: number;
}

/** Reads the masks of a problem; throws `InvariantError` when sizes disagree. */
export function kernelMasks(problem: PackingProblem): KernelMasks {
  const { layer, outputs, indices, nonZero } = problem;
  invariant(outputs >= 1 && indices >= 1, `${layer}: packing needs outputs and indices`);
  invariant(
    nonZero.length === outputs * indices,
    `${layer}: mask of ${nonZero.length} entries for ${outputs} x ${indices}`,
  );
  const kernelCounts = new Uint32Array(outputs);
  const indexCounts = new Uint32Array(indices);
  for (let kernel = 0, at = 0; kernel < outputs; kernel += 1) {
    for (let index = 0; index < indices; index += 1, at += 1) {
      if (nonZero[at] === 0) continue;
      kernelCounts[kernel] = (kernelCounts[kernel] ?? 0) + 1;
      indexCounts[index] = (indexCounts[index] ?? 0) + 1;
    }
  }
  const byKernel = Array.from(kernelCounts, (count) => new Uint32Array(count));
  const byIndex = Array.from(indexCounts, (count) => new Uint32Array(count));
  const filled = new Uint32Array(indices);
  for (const [kernel, list] of byKernel.entries()) {
    const row = kernel * indices;
    let next = 0;
    for (let index = 0; index < indices; index += 1) {
      const kernels = byIndex[index];
      if (nonZero[row + index] === 0 || kernels === undefined) continue;
      list[next] = index;
      next += 1;
      const slot = filled[index] ?? 0;
      kernels[slot] = kernel;
      filled[index] = slot + 1;
    }
  }
  return {
    outputs,
    indices,
    nonZeros: kernelCounts.reduce((sum, count) => sum + count, 0),
    byKernel,
    byIndex,
    busiest: indexCounts.reduce((most, count) => Math.max(most, count), 0),
  };
}
