import type { ParameterValue } from '../../space.ts';
import type { DashboardData, DashboardJob } from '../dashboard-schema.ts';

/** A trial with all its jobs, the last of which counts. */
export interface TrialRow {
  readonly trial: number;
  readonly point: readonly (ParameterValue | null)[];
  readonly feasible: boolean;
  readonly onFront: boolean;
  /** Index of the most costly task it has been through. */
  readonly task: number;
  /** Of that task, a value a metric; null when it failed. */
  readonly values: readonly (number | null)[] | null;
  readonly failure: string | null;
  /** In the order of the tasks. */
  readonly jobs: readonly DashboardJob[];
}

/** One row a trial, in the order of the search. */
export function trialRows({ trials, jobs }: DashboardData): readonly TrialRow[] {
  const byTrial = new Map<number, DashboardJob[]>();
  for (const job of jobs) {
    const known = byTrial.get(job.trial);
    if (known === undefined) byTrial.set(job.trial, [job]);
    else known.push(job);
  }
  return trials.flatMap(({ trial, point, feasible, onFront }) => {
    const own = (byTrial.get(trial) ?? []).sort((a, b) => a.task - b.task);
    const last = own.at(-1);
    if (last === undefined) return [];
    const { task, values, failure } = last;
    return [{ trial, point, feasible, onFront, task, values, failure, jobs: own }];
  });
}

/** What a trial has come to. */
export type TrialState = 'front' | 'feasible' | 'infeasible' | 'failed';

export function stateOf({ onFront, feasible, failure }: TrialRow): TrialState {
  if (failure !== null) return 'failed';
  if (onFront) return 'front';
  return feasible ? 'feasible' : 'infeasible';
}

export const stateLabel: Readonly<Record<TrialState, string>> = {
  front: 'on the front',
  feasible: 'feasible',
  infeasible: 'misses a threshold',
  failed: 'failed',
};
