import { present } from '../base/invariant.ts';
import type { Metric } from './metrics.ts';
import { losses, shortfalls } from './metrics.ts';
import { crowdingDistances, frontNumbers } from './pareto.ts';
import type { FinishedJob } from './trial.ts';

/**
 * Jobs from best to worst: feasible ones by their front, on a front the lonely first; then those that
 * miss thresholds, by how far in all (each threshold's part as a share of the largest miss seen); those
 * that failed last (constrained domination, Deb and others 2002). Equals keep the order of the search.
 */
export function ranked(
  metrics: readonly Metric[],
  jobs: readonly FinishedJob[],
): readonly FinishedJob[] {
  const done = jobs.flatMap((job) =>
    job.outcome.kind === 'done' ? [{ job, values: job.outcome.values }] : [],
  );
  const misses = done.map(({ values }) => shortfalls(metrics, values));
  const scales = (misses[0] ?? []).map((_, axis) =>
    Math.max(...misses.map((one) => present(one[axis], 'a shortfall'))),
  );
  const violations = misses.map((one) =>
    one.reduce((sum, miss, axis) => {
      const scale = present(scales[axis], 'a scale');
      return sum + (scale === 0 ? 0 : miss / scale);
    }, 0),
  );
  const entries = done.map(({ job, values }, index) => ({
    job,
    losses: losses(metrics, values),
    violation: present(violations[index], 'a violation'),
  }));
  const feasible = byFronts(entries.filter(({ violation }) => violation === 0));
  const infeasible = entries
    .filter(({ violation }) => violation > 0)
    .sort((a, b) => a.violation - b.violation || a.job.number - b.job.number);
  const failed = jobs.filter(({ outcome }) => outcome.kind === 'failed');
  return [...[...feasible, ...infeasible].map(({ job }) => job), ...failed];
}

interface Entry {
  readonly job: FinishedJob;
  readonly losses: readonly number[];
}

function byFronts<One extends Entry>(entries: readonly One[]): readonly One[] {
  const fronts = frontNumbers(entries.map((one) => one.losses));
  const members = new Map<number, One[]>();
  for (const [index, entry] of entries.entries()) {
    const front = present(fronts[index], 'a front');
    members.set(front, [...(members.get(front) ?? []), entry]);
  }
  return [...members]
    .sort(([a], [b]) => a - b)
    .flatMap(([, front]) => {
      const distances = crowdingDistances(front.map((one) => one.losses));
      return front
        .map((entry, index) => ({ entry, distance: present(distances[index], 'a distance') }))
        .sort((a, b) => (a.distance === b.distance ? 0 : b.distance - a.distance))
        .map(({ entry }) => entry);
    });
}
