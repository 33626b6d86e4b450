import { subtractRows } from '../algebra/subtract-rows.ts';
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

/** Input positions `first` to `end` - 1, chosen from last to first. */
interface Block {
  readonly first: number;
  readonly end: number;
}

/** From the last positions to the first. */
function blocksOf(inputs: number): readonly Block[] {
  const count = Math.ceil(inputs / blockInputs);
  return Array.from({ length: count }, (_, index) => {
    const first = (count - 1 - index) * blockInputs;
    return { first, end: Math.min(inputs, first + blockInputs) };
  });
}

/**
 * Sets one weight of a kernel to 0 and moves what it did to the inputs before it, in its block only.
 * Returns the step that `finishBlock` takes for the others.
 */
function eliminate(
  { inputs, inverseFactor }: Reconstruction,
  weights: Float64Array,
  kernel: number,
  input: number,
  { first }: Block,
): number {
  const start = kernel * inputs;
  const row = input * inputs;
  const step = (weights[start + input] ?? 0) / (inverseFactor[row + input] ?? 1);
  if (step !== 0) {
    for (let n = first; n < input; n += 1) {
      weights[start + n] = (weights[start + n] ?? 0) - step * (inverseFactor[row + n] ?? 0);
    }
  }
  weights[start + input] = 0;
  return step;
}

/**
 * Moves what a kernel's weights of a block did to the inputs before the block, in the order in which
 * they went. `steps`: of the last input of the block first, 0 for a weight that stays.
 */
function finishBlock(
  { inputs, inverseFactor }: Reconstruction,
  weights: Float64Array,
  kernel: number,
  { first, end }: Block,
  steps: Float64Array,
): void {
  const start = (end - 1) * inputs;
  const rows = { data: inverseFactor, start, stride: -inputs, count: end - first };
  subtractRows(weights, kernel * inputs, rows, steps, first);
}

function sweepSets(problem: Reconstruction, weights: Float64Array, setSize: number): Uint8Array {
  const { inputs, outputs } = problem;
  const mask = new Uint8Array(weights.length);
  for (let firstKernel = 0; firstKernel < outputs; firstKernel += setSize) {
    const endKernel = Math.min(outputs, firstKernel + setSize);
    const steps = Array.from(
      { length: endKernel - firstKernel },
      () => new Float64Array(blockInputs),
    );
    for (const block of blocksOf(inputs)) {
      for (const own of steps) own.fill(0);
      for (let input = block.end - 1; input >= block.first; input -= 1) {
        let owner = firstKernel;
        for (let kernel = firstKernel + 1; kernel < endKernel; kernel += 1) {
          const best = Math.abs(weights[owner * inputs + input] ?? 0);
          if (Math.abs(weights[kernel * inputs + input] ?? 0) > best) owner = kernel;
        }
        mask[owner * inputs + input] = 1;
        for (const [index, own] of steps.entries()) {
          const kernel = firstKernel + index;
          if (kernel === owner) continue;
          own[block.end - 1 - input] = eliminate(problem, weights, kernel, input, block);
        }
      }
      for (const [index, own] of steps.entries())
        finishBlock(problem, weights, firstKernel + index, block, own);
    }
  }
  return mask;
}

function sweepBlocks(problem: Reconstruction, weights: Float64Array, keep: number): Uint8Array {
  const { inputs, outputs } = problem;
  const mask = new Uint8Array(weights.length);
  const share = keepByBlock(problem, keep);
  const steps = new Float64Array(blockInputs);
  for (const block of blocksOf(inputs)) {
    const { first, end } = block;
    const width = end - first;
    const scores = new Float64Array(outputs * width);
    for (let kernel = 0; kernel < outputs; kernel += 1) {
      for (let n = 0; n < width; n += 1) {
        const weight = weights[kernel * inputs + first + n] ?? 0;
        scores[kernel * width + n] = saliency(weight, problem, first + n);
      }
    }
    const chosen = markLargest(scores, share[first / blockInputs] ?? 0);
    for (let kernel = 0; kernel < outputs; kernel += 1) {
      steps.fill(0);
      for (let n = width - 1; n >= 0; n -= 1) {
        if (chosen[kernel * width + n] === 1) mask[kernel * inputs + first + n] = 1;
        else steps[width - 1 - n] = eliminate(problem, weights, kernel, first + n, block);
      }
      finishBlock(problem, weights, kernel, block, steps);
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
