import { permutationImportance } from '../../importance/permutation-importance.ts';
import type { Feature } from '../../importance/regression-tree.ts';
import type { DashboardData, DashboardJob } from '../dashboard-schema.ts';
import type { AxisScale } from './axis-scale.ts';
import { positionOf } from './axis-scale.ts';
import type { TrialRow } from './trial-rows.ts';

/** Trials that are looked at; more change the ranking little and the time much. */
const mostSamples = 800;

export interface ParameterImportance {
  /** Most important first. */
  readonly parameters: readonly { readonly name: string; readonly share: number }[];
  readonly explained: number;
  readonly samples: number;
}

/** The task most trials have been through; of equals the most costly. */
export function commonTask({ tasks, jobs }: DashboardData): number {
  const done = tasks.map(
    (_, task) => jobs.filter((job) => job.task === task && job.values !== null).length,
  );
  return done.lastIndexOf(Math.max(...done));
}

/**
 * Which parameters decide a metric among the trials through a task. Numbers are taken at their place in
 * the range, categories as such; a parameter that is not active is a value of its own. Null where there is
 * too little to learn from.
 */
export function parameterImportance(
  { seed }: DashboardData,
  scales: readonly AxisScale[],
  rows: readonly TrialRow[],
  { metric, task }: { readonly metric: number; readonly task: number },
): ParameterImportance | null {
  const known = rows.flatMap((row) => {
    const value = row.jobs.find((job: DashboardJob) => job.task === task)?.values?.[metric] ?? null;
    return value === null ? [] : [{ row, value }];
  });
  const step = Math.max(1, known.length / mostSamples);
  const count = Math.min(known.length, mostSamples);
  const taken = Array.from({ length: count }, (_, index) => known[Math.floor(index * step)]).filter(
    (one) => one !== undefined,
  );
  const searched = scales.filter(({ kind }) => kind === 'parameter');
  const features = searched.map((scale): Feature => ({
    categorical: scale.categories !== null,
    values: Float64Array.from(taken, ({ row }) => positionOf(scale, scale.valueOf(row))),
  }));
  const target = Float64Array.from(taken, ({ value }) => value);
  const importance = permutationImportance(features, target, seed);
  if (importance === null) return null;
  const { shares, explained } = importance;
  const parameters = searched
    .map(({ name }, index) => ({ name, share: shares[index] ?? 0 }))
    .sort((a, b) => b.share - a.share);
  return { parameters, explained, samples: count };
}
