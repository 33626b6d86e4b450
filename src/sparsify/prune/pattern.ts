/** Which weights of a layer may stay. */
export type Pattern =
  | { readonly kind: 'dense' }
  /** The share of the weights that stays, anywhere in the layer. */
  | { readonly kind: 'unstructured'; readonly density: number }
  /**
   * Kernels in sets of `setSize`, neighbours by output channel (the last set may have fewer); at
   * each input position one kernel of a set has a weight, so that a set packs into one dense kernel.
   */
  | { readonly kind: 'complementary'; readonly setSize: number };

/** A layer's weights while they are chosen: [output][input], and 1 where one may be. */
export interface SparseWeights {
  readonly weights: Float64Array;
  readonly mask: Uint8Array;
}

/** Weights a pattern leaves of `outputs` kernels of `inputs` weights. */
export function weightsLeft(pattern: Pattern, outputs: number, inputs: number): number {
  switch (pattern.kind) {
    case 'dense':
      return outputs * inputs;
    case 'unstructured':
      return Math.round(pattern.density * outputs * inputs);
    case 'complementary':
      return Math.ceil(outputs / pattern.setSize) * inputs;
  }
}

/** The `count` largest of `scores` are marked; of equal ones the first. */
export function markLargest(scores: Float64Array, count: number): Uint8Array {
  const mask = new Uint8Array(scores.length);
  if (count <= 0) return mask;
  if (count >= scores.length) return mask.fill(1);
  const sorted = scores.slice().sort();
  const threshold = sorted[scores.length - count] ?? 0;
  let left = count;
  for (let at = 0; at < scores.length; at += 1) {
    if ((scores[at] ?? 0) > threshold) {
      mask[at] = 1;
      left -= 1;
    }
  }
  for (let at = 0; at < scores.length && left > 0; at += 1) {
    if (scores[at] === threshold) {
      mask[at] = 1;
      left -= 1;
    }
  }
  return mask;
}

/**
 * At each input position of each set the kernel with the largest score. A set's positions are
 * independent of each other, so the best of each position is the best assignment of all.
 */
export function assignPositions(
  scores: Float64Array,
  outputs: number,
  inputs: number,
  setSize: number,
): Uint8Array {
  const mask = new Uint8Array(scores.length);
  for (let first = 0; first < outputs; first += setSize) {
    const end = Math.min(outputs, first + setSize);
    for (let input = 0; input < inputs; input += 1) {
      let owner = first;
      for (let kernel = first + 1; kernel < end; kernel += 1) {
        const best = scores[owner * inputs + input] ?? 0;
        if ((scores[kernel * inputs + input] ?? 0) > best) owner = kernel;
      }
      mask[owner * inputs + input] = 1;
    }
  }
  return mask;
}
