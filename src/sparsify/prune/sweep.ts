import { markLargest, weightsLeft } from './pattern.ts';
import type { Pattern, SparseWeights } from './pattern.ts';
import type { Reconstruction } from './problem.ts';

/** Input positions whose weights are chosen together. */
const blockInputs = 64;

/**
 * Goes through the input positions from the last to the first, chooses which weights stay by their
 * saliency, and makes up for every weight that goes in the ones not yet reached (SparseGPT,
 * Frantar & Alistarh 2023, in the opposite order: then the inverse Hessian of what is left is in the
 * rows of one triangular matrix). Never returns a weight where the mask has none.
 */
export function sweepMask(problem: Reconstruction, pattern: Pattern): SparseWeights {
  const { inputs, outputs, full } = problem;
  const weights = full.slice();
  switch (pattern.kind) {
    case 'dense':
      return { weights, mask: new Uint8Array(weights.length).fill(1) };
    case 'complementary':
      return { weights, mask: sweepSets(problem, weights, pattern.setSize) };
    case 'unstructured':
      return {
        weights,
        mask: sweepBlocks(problem, weights, weightsLeft(pattern, outputs, inputs)),
      };
  }
}

/** What it costs to set a weight to 0 when only those before it can make up for it. */
function saliency(weight: number, { inputs, inverseFactor }: Reconstruction, at: number): number {
  const scaled = weight / (inverseFactor[at * inputs + at] ?? 1);
  return scaled * scaled;
}

/** Sets one weight of a kernel to 0 and moves what it did to the inputs before it. */
function eliminate(
  { inputs, inverseFactor }: Reconstruction,
  weights: Float64Array,
  kernel: number,
  input: number,
): void {
  const start = kernel * inputs;
  const row = input * inputs;
  const step = (weights[start + input] ?? 0) / (inverseFactor[row + input] ?? 1);
  if (step !== 0) {
    for (let n = 0; n < input; n += 1) {
      weights[start + n] = (weights[start + n] ?? 0) - step * (inverseFactor[row + n] ?? 0);
    }
  }
  weights[start + input] = 0;
}

function sweepSets(problem: Reconstruction, weights: Float64Array, setSize: number): Uint8Array {
  const { inputs, outputs } = problem;
  const mask = new Uint8Array(weights.length);
  for (let first = 0; first < outputs; first += setSize) {
    const end = Math.min(outputs, first + setSize);
    for (let input = inputs - 1; input >= 0; input -= 1) {
      let owner = first;
      for (let kernel = first + 1; kernel < end; kernel += 1) {
        const best = Math.abs(weights[owner * inputs + input] ?? 0);
        if (Math.abs(weights[kernel * inputs + input] ?? 0) > best) owner = kernel;
      }
      mask[owner * inputs + input] = 1;
      for (let kernel = first; kernel < end; kernel += 1) {
        if (kernel !== owner) eliminate(problem, weights, kernel, input);
      }
    }
  }
  return mask;
}

function sweepBlocks(problem: Reconstruction, weights: Float64Array, keep: number): Uint8Array {
  const { inputs, outputs } = problem;
  const mask = new Uint8Array(weights.length);
  const share = keepByBlock(problem, keep);
  for (let block = share.length - 1; block >= 0; block -= 1) {
    const first = block * blockInputs;
    const width = Math.min(blockInputs, inputs - first);
    const scores = new Float64Array(outputs * width);
    for (let kernel = 0; kernel < outputs; kernel += 1) {
      for (let n = 0; n < width; n += 1) {
        const weight = weights[kernel * inputs + first + n] ?? 0;
        scores[kernel * width + n] = saliency(weight, problem, first + n);
      }
    }
    const chosen = markLargest(scores, share[block] ?? 0);
    for (let kernel = 0; kernel < outputs; kernel += 1) {
      for (let n = width - 1; n >= 0; n -= 1) {
        if (chosen[kernel * width + n] === 1) mask[kernel * inputs + first + n] = 1;
        else eliminate(problem, weights, kernel, first + n);
      }
    }
  }
  return mask;
}

/** How many weights stay in each block of inputs: the share of the most salient ones there. */
function keepByBlock(problem: Reconstruction, keep: number): readonly number[] {
  const { inputs, outputs, full } = problem;
  const scores = full.map((weight, at) => saliency(weight, problem, at % inputs));
  const mask = markLargest(scores, keep);
  const counts = Array.from({ length: Math.ceil(inputs / blockInputs) }, () => 0);
  for (let kernel = 0; kernel < outputs; kernel += 1) {
    for (let input = 0; input < inputs; input += 1) {
      if (mask[kernel * inputs + input] !== 1) continue;
      const block = Math.floor(input / blockInputs);
      counts[block] = (counts[block] ?? 0) + 1;
    }
  }
  return counts;
}
