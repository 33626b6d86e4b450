import { present } from '../base/invariant.ts';

/** A figure of a trial, and what the search wants of it. */
export interface Metric {
  readonly name: string;
  readonly goal: 'maximise' | 'minimise' | 'store';
  /** A design is feasible only if it holds. */
  readonly threshold: Threshold | null;
}

export interface Threshold {
  readonly comparison: '>=' | '<=';
  readonly value: number;
}

export type MetricValues = ReadonlyMap<string, number>;

export function objectives(metrics: readonly Metric[]): readonly Metric[] {
  return metrics.filter(({ goal }) => goal !== 'store');
}

/** Values to be made as small as possible, one an objective. */
export function losses(metrics: readonly Metric[], values: MetricValues): readonly number[] {
  return objectives(metrics).map(({ name, goal }) => {
    const value = present(values.get(name), name);
    return goal === 'maximise' ? -value : value;
  });
}

/** How far each threshold is missed, in the metric's unit; 0 where it holds. */
export function shortfalls(metrics: readonly Metric[], values: MetricValues): readonly number[] {
  return metrics.flatMap(({ name, threshold }) => {
    if (threshold === null) return [];
    const value = present(values.get(name), name);
    const missing =
      threshold.comparison === '>=' ? threshold.value - value : value - threshold.value;
    return [Math.max(0, missing)];
  });
}

export function isFeasible(metrics: readonly Metric[], values: MetricValues): boolean {
  return shortfalls(metrics, values).every((missing) => missing === 0);
}
