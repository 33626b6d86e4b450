import type { DashboardData } from '../dashboard-schema.ts';

/** After this job the best feasible value through the last task was this. */
export interface BestStep {
  readonly job: number;
  readonly value: number;
}

/**
 * How the best value of a metric grew with the jobs: of those through the last task whose thresholds all
 * hold. Empty for a metric without a goal.
 */
export function bestSoFar({ metrics, tasks, jobs }: DashboardData, metric: number): BestStep[] {
  const goal = metrics[metric]?.goal ?? 'store';
  if (goal === 'store') return [];
  const steps: BestStep[] = [];
  let best: number | null = null;
  for (const { number, task, values } of jobs) {
    const value = values?.[metric] ?? null;
    if (task !== tasks.length - 1 || values === null || value === null) continue;
    if (!holds(metrics, values)) continue;
    if (best !== null && (goal === 'maximise' ? value <= best : value >= best)) continue;
    best = value;
    steps.push({ job: number, value });
  }
  return steps;
}

/** All thresholds hold. */
export function holds(
  metrics: DashboardData['metrics'],
  values: readonly (number | null)[],
): boolean {
  return metrics.every(({ threshold }, index) => {
    if (threshold === null) return true;
    const value = values[index] ?? null;
    if (value === null) return false;
    return threshold.comparison === '>=' ? value >= threshold.value : value <= threshold.value;
  });
}
