import type { Packing } from '../ir/packing.ts';
import { measureDepth, packingEfficiency, verifyPacking } from './check-packing.ts';
import type { KernelMasks } from './kernel-masks.ts';
import type { PackingProblem } from './packing-problem.ts';

/**
 * A `Packing` from a partition of the kernels with non-zeros: kernels without any join the
 * smallest sets, everything is put in canonical order, measured and verified.
 */
export function finishPacking(
  problem: PackingProblem,
  masks: KernelMasks,
  sets: readonly (readonly number[])[],
): Packing {
  const filled = sets.map((set) => [...set]);
  const limit = problem.setSize ?? masks.outputs;
  for (const [kernel, list] of masks.byKernel.entries()) {
    if (list.length > 0) continue;
    let smallest = filled[0];
    for (const set of filled) if (set.length < (smallest?.length ?? 0)) smallest = set;
    if (smallest !== undefined && smallest.length < limit) smallest.push(kernel);
    else filled.push([kernel]);
  }
  const ordered = filled
    .map((channels) => channels.sort((one, other) => one - other))
    .sort((one, other) => (one[0] ?? 0) - (other[0] ?? 0));
  // A layer of zeros keeps one word an index: a memory needs a word.
  const depth = Math.max(1, measureDepth(problem, ordered));
  const packing: Packing = {
    layer: problem.layer,
    sets: ordered.map((channels) => ({ channels })),
    setSize: ordered.reduce((most, channels) => Math.max(most, channels.length), 0),
    depth,
    efficiency: packingEfficiency(problem, { sets: ordered.length, depth }),
    complementary: depth <= 1,
  };
  verifyPacking(problem, packing);
  return packing;
}
