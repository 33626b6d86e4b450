import { invariant } from '../base/invariant.ts';
import type { Packing } from '../ir/packing.ts';

/**
 * The weight memory of a layer: for every input index `depth` words, each with one
 * (weight, kid) slot per set. An empty slot is (0, 0): it adds nothing to kid 0.
 */
export interface WeightWords {
  readonly indices: number;
  /** Words per index. */
  readonly depth: number;
  /** Slots per word. */
  readonly sets: number;
  /** `[index][depth][set]`. */
  readonly weight: Int16Array;
  /** `[index][depth][set]`: kernel of the set the weight belongs to. */
  readonly kid: Uint16Array;
}

/**
 * Lays quantised weights `[output][index]` out in the words a packing gives them. Weights
 * of one set at one index take successive words, by kid ascending; weights that quantised
 * to zero take none. Throws `InvariantError` when an index needs more than `depth` words.
 */
export function layoutWords(packing: Packing, weights: Int16Array, indices: number): WeightWords {
  const { depth, layer } = packing;
  const sets = packing.sets.length;
  const outputs = packing.sets.reduce((sum, set) => sum + set.channels.length, 0);
  invariant(
    weights.length === outputs * indices,
    `${layer}: ${weights.length} weights for ${outputs} x ${indices}`,
  );
  invariant(packing.setSize <= 0x10000, `${layer}: kid of a set of ${packing.setSize} kernels`);
  const weight = new Int16Array(indices * depth * sets);
  const kid = new Uint16Array(indices * depth * sets);
  const used = new Uint16Array(indices);
  for (const [set, { channels }] of packing.sets.entries()) {
    used.fill(0);
    for (const [kernel, channel] of channels.entries()) {
      const row = weights.subarray(channel * indices, (channel + 1) * indices);
      row.forEach((value, index) => {
        if (value === 0) return;
        const step = used[index] ?? 0;
        invariant(step < depth, `${layer}: set ${set} needs more than ${depth} words at ${index}`);
        used[index] = step + 1;
        const slot = (index * depth + step) * sets + set;
        weight[slot] = value;
        kid[slot] = kernel;
      });
    }
  }
  return { indices, depth, sets, weight, kid };
}
