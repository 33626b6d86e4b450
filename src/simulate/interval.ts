import { invariant, present } from '../base/invariant.ts';

/**
 * Cycles between two inferences in steady state: (t_last - t_warm) / (n - n_warm) over completion
 * cycles at the output of the top. Copies finish one after another in the same order, so both
 * ends are taken at the same copy: `warm` and `n` are multiples of `copies`.
 */
export function steadyInterval(completionCycles: readonly number[], copies: number): number {
  const rounds = Math.floor(completionCycles.length / copies);
  const warmRounds = warmRoundsOf(rounds);
  invariant(rounds > warmRounds, `${completionCycles.length} inferences on ${copies} copies`);
  const last = present(completionCycles[rounds * copies - 1], 'last completion');
  const warm = present(completionCycles[warmRounds * copies - 1], 'warm completion');
  return (last - warm) / ((rounds - warmRounds) * copies);
}

/** Inferences per copy that fill the pipeline before the interval is measured. */
function warmRoundsOf(rounds: number): number {
  return Math.min(8, Math.max(1, Math.floor(rounds / 4)));
}

/**
 * How many inferences to stream: every sample at least once, at least 20 per copy after the
 * pipeline has filled, and the same number for every copy.
 */
export function inferencesToStream(samples: number, copies: number): number {
  const rounds = Math.max(28, Math.ceil(samples / copies));
  return rounds * copies;
}

/** Middle value; mean of the two middle ones for an even count. Null for an empty list. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  const low = present(sorted[Math.ceil(middle) - 1], 'a middle value');
  const high = present(sorted[Math.floor(middle)], 'a middle value');
  return (low + high) / 2;
}

/** The least value that so many per cent of all do not exceed. Null for an empty list. */
export function percentile(values: readonly number[], percent: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((left, right) => left - right);
  const rank = Math.max(1, Math.ceil((values.length * percent) / 100));
  return present(sorted[rank - 1], 'a value of that rank');
}
