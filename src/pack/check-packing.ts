import { invariant } from '../base/invariant.ts';
import type { Packing } from '../ir/packing.ts';
import type { PackingProblem } from './packing-problem.ts';

/** Non-zero weights of a layer. */
export function countNonZeros(problem: PackingProblem): number {
  let count = 0;
  const { nonZero } = problem;
  for (let at = 0; at < nonZero.length; at += 1) if (nonZero[at] !== 0) count += 1;
  return count;
}

/**
 * Share of the weight slots that hold a non-zero weight:
 * non-zeros / (sets x depth x indices), between 0 and 1.
 */
export function packingEfficiency(
  problem: PackingProblem,
  shape: { readonly sets: number; readonly depth: number },
): number {
  return countNonZeros(problem) / (shape.sets * shape.depth * problem.indices);
}

/** The largest number of non-zeros one of the sets has at one index (0 for a layer of zeros). */
export function measureDepth(
  problem: PackingProblem,
  sets: readonly (readonly number[])[],
): number {
  const { indices, nonZero } = problem;
  const used = new Uint16Array(indices);
  let depth = 0;
  for (const channels of sets) {
    used.fill(0);
    for (const channel of channels) {
      const row = channel * indices;
      for (let index = 0; index < indices; index += 1) {
        if (nonZero[row + index] === 0) continue;
        const count = (used[index] ?? 0) + 1;
        used[index] = count;
        if (count > depth) depth = count;
      }
    }
  }
  return depth;
}

/**
 * Checks everything a `Packing` promises against the masks: every output channel in exactly
 * one set, sets and channels in canonical order, `setSize`, `depth`, `complementary` and
 * `efficiency` as they are. Throws `InvariantError` at the first difference.
 */
export function verifyPacking(problem: PackingProblem, packing: Packing): void {
  const { layer, outputs } = problem;
  const seen = new Uint8Array(outputs);
  let largest = 0;
  let previousFirst = -1;
  invariant(packing.layer === layer, `packing of ${packing.layer} given for ${layer}`);
  for (const [set, { channels }] of packing.sets.entries()) {
    invariant(channels.length > 0, `${layer}: set ${set} is empty`);
    largest = Math.max(largest, channels.length);
    let previous = -1;
    for (const channel of channels) {
      invariant(
        Number.isInteger(channel) && channel >= 0 && channel < outputs,
        `${layer}: set ${set} has output channel ${channel} of ${outputs}`,
      );
      invariant(seen[channel] === 0, `${layer}: output channel ${channel} is packed twice`);
      seen[channel] = 1;
      invariant(channel > previous, `${layer}: channels of set ${set} are not ascending`);
      previous = channel;
    }
    const first = channels[0] ?? -1;
    invariant(first > previousFirst, `${layer}: sets are not ordered by first channel`);
    previousFirst = first;
  }
  const missing = seen.indexOf(0);
  invariant(missing < 0, `${layer}: output channel ${missing} is in no set`);
  invariant(
    packing.setSize === largest,
    `${layer}: setSize ${packing.setSize}, largest set ${largest}`,
  );
  invariant(
    problem.setSize === undefined || largest <= problem.setSize,
    `${layer}: a set of ${largest} kernels, at most ${problem.setSize ?? 0} wanted`,
  );
  // A layer of zeros still has one word an index: hardware without words does not exist.
  const depth = Math.max(
    1,
    measureDepth(
      problem,
      packing.sets.map((set) => set.channels),
    ),
  );
  invariant(packing.depth === depth, `${layer}: depth ${packing.depth}, masks need ${depth}`);
  invariant(
    problem.depthLimit === undefined || depth <= problem.depthLimit,
    `${layer}: depth ${depth} above the limit ${problem.depthLimit ?? 0}`,
  );
  invariant(
    packing.complementary === depth <= 1,
    `${layer}: complementary is ${packing.complementary} at depth ${depth}`,
  );
  const efficiency = packingEfficiency(problem, { sets: packing.sets.length, depth });
  invariant(
    Math.abs(packing.efficiency - efficiency) < 1e-12,
    `${layer}: efficiency ${packing.efficiency}, masks give ${efficiency}`,
  );
}
