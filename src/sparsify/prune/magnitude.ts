import { assignPositions, markLargest, weightsLeft } from './pattern.ts';
import type { Pattern, SparseWeights } from './pattern.ts';

/** The plain alternative: the largest weights stay as they are. */
export function pruneByMagnitude(
  dense: Float64Array,
  outputs: number,
  inputs: number,
  pattern: Pattern,
): SparseWeights {
  const mask = maskOf(dense.map(Math.abs), outputs, inputs, pattern);
  return { mask, weights: dense.map((weight, at) => (mask[at] === 1 ? weight : 0)) };
}

function maskOf(
  scores: Float64Array,
  outputs: number,
  inputs: number,
  pattern: Pattern,
): Uint8Array {
  switch (pattern.kind) {
    case 'dense':
      return new Uint8Array(scores.length).fill(1);
    case 'unstructured':
      return markLargest(scores, weightsLeft(pattern, outputs, inputs));
    case 'complementary':
      return assignPositions(scores, outputs, inputs, pattern.setSize);
  }
}
