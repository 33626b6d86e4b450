import type { Problem } from './optimisers/optimiser.ts';
import type { SearchResults, TrialResult } from './results.ts';

type Cell = string | number | boolean | null;

/** One row a trial: what it is, its parameters, its metrics. Null where a trial has none. */
export function trialRows(
  { space, metrics, tasks }: Problem,
  { trials }: SearchResults,
): { readonly columns: readonly string[]; readonly rows: readonly (readonly Cell[])[] } {
  const parameters = space.parameters.map(({ name }) => name);
  const figures = metrics.map(({ name }) => name);
  const row = (one: TrialResult): readonly Cell[] => [
    one.trial,
    tasks[one.task]?.name ?? null,
    one.feasible,
    one.onFront,
    one.failure,
    ...parameters.map((name) => one.point.get(name) ?? null),
    ...figures.map((name) => one.values?.get(name) ?? null),
  ];
  return {
    columns: ['trial', 'task', 'feasible', 'pareto', 'failure', ...parameters, ...figures],
    rows: trials.map(row),
  };
}

/** RFC 4180: a line a trial under a line of names, `\r\n` between them. */
export function trialsAsCsv(problem: Problem, results: SearchResults): string {
  const { columns, rows } = trialRows(problem, results);
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
