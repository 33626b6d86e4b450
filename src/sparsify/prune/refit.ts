import {
  factorCholesky,
  inverseDiagonal,
  invertLower,
  solveCholesky,
} from '../algebra/cholesky.ts';
import type { Reconstruction } from './problem.ts';

/** A kernel's best weights on a given support, and what one more change would do. */
export interface KernelFit {
  /** Input positions of the kernel, ascending. */
  readonly support: Int32Array;
  /** By place in `support`. */
  readonly weights: Float64Array;
  /** What the error grows by when this weight goes and the others make up for it. */
  readonly losses: Float64Array;
  /** How much lower the error is than without any weight; the more the better. */
  readonly explained: number;
}

/** The least squares of one kernel on its support, exactly; null when rounding gets in the way. */
export function fitKernel(
  problem: Reconstruction,
  kernel: number,
  support: Int32Array,
): KernelFit | null {
  const { inputs, hessian, target } = problem;
  const size = support.length;
  const factor = new Float64Array(size * size);
  const weights = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    const row = (support[i] ?? 0) * inputs;
    weights[i] = target[kernel * inputs + (support[i] ?? 0)] ?? 0;
    for (let j = 0; j <= i; j += 1) factor[i * size + j] = hessian[row + (support[j] ?? 0)] ?? 0;
  }
  if (!factorCholesky(factor, size)) return null;
  const right = weights.slice();
  solveCholesky(factor, size, weights);
  const diagonal = inverseDiagonal(invertLower(factor, size), size);
  let explained = 0;
  for (let i = 0; i < size; i += 1) explained += ((right[i] ?? 0) * (weights[i] ?? 0)) / 2;
  const losses = weights.map((weight, i) => (weight * weight) / (2 * (diagonal[i] ?? 1)));
  return { support, weights, losses, explained };
}

/**
 * For every input position, how much lower the error would be at least with a weight there too;
 * 0 where there is one. Writes `inputs` values into `gains`.
 */
export function gainsOf(
  { inputs, hessian, target }: Reconstruction,
  kernel: number,
  { support, weights }: KernelFit,
  gains: Float64Array,
): void {
  gains.set(target.subarray(kernel * inputs, (kernel + 1) * inputs));
  for (let i = 0; i < support.length; i += 1) {
    const row = (support[i] ?? 0) * inputs;
    const weight = weights[i] ?? 0;
    for (let n = 0; n < inputs; n += 1) {
      gains[n] = (gains[n] ?? 0) - weight * (hessian[row + n] ?? 0);
    }
  }
  for (let n = 0; n < inputs; n += 1) {
    const slope = gains[n] ?? 0;
    gains[n] = (slope * slope) / (2 * (hessian[n * inputs + n] ?? 1));
  }
  for (const input of support) gains[input] = 0;
}
