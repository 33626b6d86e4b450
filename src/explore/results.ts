import { present } from '../base/invariant.ts';
import type { Metric, MetricValues } from './metrics.ts';
import { isFeasible, losses } from './metrics.ts';
import type { Problem } from './optimisers/optimiser.ts';
import { latestOutcomes } from './optimisers/optimiser.ts';
import { frontIndices } from './pareto.ts';
import { ranked } from './ranking.ts';
import type { Point } from './space.ts';
import type { FinishedJob } from './trial.ts';

/** What is known of one trial, from the most costly task it has been through. */
export interface TrialResult {
  readonly trial: number;
  /** Index of that task. */
  readonly task: number;
  readonly point: Point;
  /** Null when it failed. */
  readonly values: MetricValues | null;
  readonly failure: string | null;
  /** All thresholds hold. */
  readonly feasible: boolean;
  /** Feasible, through the last task, and no other such trial is better in everything. */
  readonly onFront: boolean;
}

/** What a search has found so far. */
export interface SearchResults {
  /** In the order of the search. */
  readonly trials: readonly TrialResult[];
  /** The front, best ranked first. */
  readonly front: readonly TrialResult[];
  /** By task: how many jobs were done, and how many failed. */
  readonly jobs: readonly { readonly done: number; readonly failed: number }[];
  /** Sum of the costs of all jobs. */
  readonly cost: number;
}

export function searchResults(
  { metrics, tasks }: Problem,
  finished: readonly FinishedJob[],
): SearchResults {
  const latest = latestOutcomes(finished);
  const front = frontOf(metrics, latest, tasks.length - 1);
  const members = new Set(front.map(({ trial }) => trial));
  const trials = latest.map(({ trial, task, point, outcome }): TrialResult => {
    const values = outcome.kind === 'done' ? outcome.values : null;
    return {
      trial,
      task,
      point,
      values,
      failure: outcome.kind === 'failed' ? outcome.reason : null,
      feasible: values !== null && isFeasible(metrics, values),
      onFront: members.has(trial),
    };
  });
  const byTrial = new Map(trials.map((one) => [one.trial, one]));
  return {
    trials,
    front: front.map(({ trial }) => present(byTrial.get(trial), 'a trial')),
    jobs: tasks.map((_, task) => {
      const here = finished.filter((job) => job.task === task);
      const done = here.filter(({ outcome }) => outcome.kind === 'done').length;
      return { done, failed: here.length - done };
    }),
    cost: finished.reduce((sum, { task }) => sum + present(tasks[task], 'a task').cost, 0),
  };
}

/** Feasible trials through a task that no other of them dominates, best ranked first. */
export function frontOf(
  metrics: readonly Metric[],
  jobs: readonly FinishedJob[],
  task: number,
): readonly FinishedJob[] {
  const feasible = jobs.flatMap((job) =>
    job.task === task && job.outcome.kind === 'done' && isFeasible(metrics, job.outcome.values)
      ? [{ job, losses: losses(metrics, job.outcome.values) }]
      : [],
  );
  const members = frontIndices(feasible.map((one) => one.losses));
  return ranked(
    metrics,
    members.map((index) => present(feasible[index], 'a member').job),
  );
}
