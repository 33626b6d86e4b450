import { invariant, present } from '../../base/invariant.ts';
import type { Prediction } from './cycle-model.ts';

/** Of so many inferences per copy: those that fill the pipeline and do not count. */
export function warmRounds(rounds: number): number {
  return Math.min(8, Math.max(1, Math.floor(rounds / 4)));
}

/**
 * Cycles between two inferences in steady state: (t_last - t_warm) / (n - n_warm) over the
 * cycles in which inferences are completed. Copies complete in turn, so both ends are taken at the
 * same copy: inferences behind the last whole turn do not count. Needs two for every copy.
 */
export function steadyInterval(completions: ArrayLike<number>, copies: number): number {
  const rounds = Math.floor(completions.length / copies);
  const warm = warmRounds(rounds);
  invariant(rounds > warm, `${completions.length} inferences on ${copies} copies`);
  const lastCycle = present(completions[rounds * copies - 1], 'last completion');
  const warmCycle = present(completions[warm * copies - 1], 'warm completion');
  return (lastCycle - warmCycle) / ((rounds - warm) * copies);
}

/** `steadyInterval` of a prediction. */
export function interval(prediction: Prediction, copies: number): number {
  return steadyInterval(prediction.completions, copies);
}
