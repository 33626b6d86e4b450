import { seededRandom } from '../../src/pack/seeded-random.ts';
import type { Kernel, Sparsity } from './kernel.ts';

function magnitude(random: (bound: number) => number): number {
  const value = 1 + random(127);
  return random(2) === 0 ? value : -value;
}

/** Weights of a kernel, [output][channel][row][column], with the zeros asked for. */
export function kernelWeights(
  { input, side, outputs }: Kernel,
  { weights: oneIn, masks }: Sparsity,
): Int16Array {
  const indices = input.channels * side * side;
  const random = seededRandom(1000 * side + oneIn);
  const weights = new Int16Array(outputs * indices);
  if (masks === 'complementary') {
    for (let first = 0; first < outputs; first += oneIn) {
      const size = Math.min(oneIn, outputs - first);
      for (let index = 0; index < indices; index += 1) {
        weights[(first + random(size)) * indices + index] = magnitude(random);
      }
    }
    return weights;
  }
  const nonZeros = Math.max(1, Math.round(indices / oneIn));
  for (let output = 0; output < outputs; output += 1) {
    const order = Array.from({ length: indices }, (_, index) => index);
    for (let at = 0; at < nonZeros; at += 1) {
      const other = at + random(indices - at);
      const chosen = order[other] ?? 0;
      order[other] = order[at] ?? 0;
      weights[output * indices + chosen] = magnitude(random);
    }
  }
  return weights;
}
