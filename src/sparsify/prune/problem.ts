import { factorCholesky, invertLower, solveAllCholesky } from '../algebra/cholesky.ts';
import type { Moments } from '../calibrate/moments.ts';

/**
 * The layer-wise least squares of one layer (or group of one): find sparse w, by output, with the
 * least 1/2 w^T H w - r^T w. H is the damped second moment of the inputs, r what the sums of the
 * dense network have to do with them, both drawn a little towards the weights as trained. Except for
 * a constant that is the squared error of the sums, bias apart (OBC, Frantar & Alistarh 2022).
 */
export interface Reconstruction {
  readonly inputs: number;
  readonly outputs: number;
  /** H: row-major, symmetric, positive definite. */
  readonly hessian: Float64Array;
  /** r: [output][input]. */
  readonly target: Float64Array;
  /** The best weights without any zeros: [output][input]. */
  readonly full: Float64Array;
  /** Inverse of the Cholesky factor of H, lower triangular, row-major. */
  readonly inverseFactor: Float64Array;
}

/** Share of the mean of H's diagonal added to all of it; more where that is not enough. */
const dampings = [0.01, 0.1, 1, 10];

/**
 * Prepares the problem; `dense` are the weights as trained, [output][input]. Null when the inputs are
 * the same in all rows: then no weight tells more than another.
 */
export function prepareReconstruction(
  moments: Moments,
  dense: Float64Array,
): Reconstruction | null {
  const { inputs, outputs } = moments;
  let trace = 0;
  for (let n = 0; n < inputs; n += 1) trace += moments.hessian[n * inputs + n] ?? 0;
  for (const damping of trace > 0 ? dampings : []) {
    const strength = (damping * trace) / inputs;
    const hessian = moments.hessian.slice();
    for (let n = 0; n < inputs; n += 1) {
      hessian[n * inputs + n] = (hessian[n * inputs + n] ?? 0) + strength;
    }
    const factor = hessian.slice();
    if (!factorCholesky(factor, inputs)) continue;
    const target = moments.cross.map((value, at) => value + strength * (dense[at] ?? 0));
    const full = target.slice();
    solveAllCholesky(factor, inputs, full);
    const inverseFactor = invertLower(factor, inputs);
    return { inputs, outputs, hessian, target, full, inverseFactor };
  }
  return null;
}
