import type { Metric } from '../metrics.ts';
import type { Space } from '../space.ts';
import type { FinishedJob, Job, Proposal, Task } from '../trial.ts';
import type { Uniform } from '../uniform.ts';

/** What a search is about. */
export interface Problem {
  readonly space: Space;
  readonly metrics: readonly Metric[];
  /** From cheap to costly; the last one is the truth. */
  readonly tasks: readonly Task[];
}

/** All that a proposal may depend on, and so all that makes it reproducible. */
export interface Knowledge {
  /** In the order of the search. */
  readonly finished: readonly FinishedJob[];
  /** Jobs that were proposed before and whose outcome is not to be looked at yet. */
  readonly pending: readonly Job[];
}

/** The next job; null when there is nothing left to look at. The same for the same arguments. */
export type Optimiser = (
  problem: Problem,
  knowledge: Knowledge,
  uniform: Uniform,
) => Proposal | null;

/** Points that were proposed, each once, in the order of the search. */
export function knownJobs({ finished, pending }: Knowledge): readonly Job[] {
  return [...finished, ...pending].filter(({ number, trial }) => number === trial);
}

/** Outcome of each trial with the most costly task it has been through, in the order of the trials. */
export function latestOutcomes(finished: readonly FinishedJob[]): readonly FinishedJob[] {
  const latest = new Map<number, FinishedJob>();
  for (const job of finished) {
    const before = latest.get(job.trial);
    if (before === undefined || before.task < job.task) latest.set(job.trial, job);
  }
  return [...latest.values()].sort((a, b) => a.trial - b.trial);
}
