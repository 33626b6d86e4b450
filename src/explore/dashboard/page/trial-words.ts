import { formatMetric } from '../view/metric-format.ts';
import type { TrialRow } from '../view/trial-rows.ts';
import { stateLabel, stateOf } from '../view/trial-rows.ts';
import type { PageModel } from './page-state.ts';

/** What a tooltip says of a trial: its state and the metrics the search is about. */
export function trialWords({ data }: PageModel, row: TrialRow): string {
  const figures = data.metrics.flatMap(({ name, declared }, index) => {
    const value = row.values?.[index] ?? null;
    return declared && value !== null ? [`${name}  ${formatMetric(name, value)}`] : [];
  });
  const task = data.tasks[row.task]?.name ?? '';
  return [`Trial ${String(row.trial)}, ${stateLabel[stateOf(row)]}, task ${task}`, ...figures].join(
    '\n',
  );
}
