import { printable } from '../base/diagnostics.ts';
import { plural } from '../report/format.ts';
import type { Definition } from './definition.ts';
import { heldOutMetric } from './evaluate/held-out.ts';
import { trialRows } from './export-trials.ts';
import { objectives } from './metrics.ts';
import type { SearchResults, TrialResult } from './results.ts';
import type { SearchEnd } from './search.ts';

/** Front members that are listed. */
const listed = 12;

/** What a search has found, for the terminal. */
export function describeResults(
  { problem }: Definition,
  results: SearchResults,
  { store, end }: { readonly store: string; readonly end: SearchEnd | null },
): string {
  const { trials, front, jobs, cost } = results;
  const feasible = trials.filter((one) => one.feasible).length;
  const failed = trials.filter(({ failure }) => failure !== null).length;
  const tasks = problem.tasks.map(({ name }, task) => `${name} ${String(jobs[task]?.done ?? 0)}`);
  const lines = [
    `${plural(trials.length, 'trial')}: ${String(feasible)} feasible, ${String(failed)} failed; tasks done: ${tasks.join(', ')}; cost ${cost.toFixed(1)}`,
    ...(end === 'exhausted'
      ? ['There is nothing left to look at: every point of the space is known.']
      : []),
    ...(front.length === 0 ? nothingFeasible(trials) : frontLines(problem, front)),
    `Store: ${store}`,
  ];
  return `${lines.join('\n')}\n`;
}

function nothingFeasible(trials: readonly TrialResult[]): readonly string[] {
  const reasons = new Map<string, number>();
  for (const { failure } of trials)
    if (failure !== null) reasons.set(failure, (reasons.get(failure) ?? 0) + 1);
  const [most] = [...reasons].sort(([, a], [, b]) => b - a);
  return [
    'No trial has met all thresholds through the last task.',
    ...(most === undefined
      ? []
      : [`Most frequent failure (${String(most[1])} times): ${printable(most[0])}`]),
    'Loosen a threshold, widen the parameters, or give the search more budget: finished trials are kept.',
  ];
}

function frontLines(
  { metrics, space }: Definition['problem'],
  front: readonly TrialResult[],
): readonly string[] {
  const names = [...objectives(metrics).map(({ name }) => name), heldOutMetric];
  const header = ['trial', ...names, ...space.parameters.map(({ name }) => name)];
  const rows = front.slice(0, listed).map((one) => [
    String(one.trial),
    ...names.map((name) => number(one.values?.get(name))),
    ...space.parameters.map(({ name }) => {
      const value = one.point.get(name);
      return typeof value === 'number' ? number(value) : printable(String(value ?? ''));
    }),
  ]);
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ');
  return [
    `Pareto front, ${plural(front.length, 'design')}:`,
    line(header),
    ...rows.map(line),
    ...(front.length > listed ? [`… and ${String(front.length - listed)} more`] : []),
  ];
}

function number(value: number | undefined): string {
  return value === undefined ? '' : String(Number(value.toPrecision(4)));
}

/** The same for programs. */
export function resultsData({ problem }: Definition, results: SearchResults): object {
  const { columns, rows } = trialRows(problem, results);
  return {
    cost: results.cost,
    tasks: problem.tasks.map(({ name, cost }, task) => ({ name, cost, ...results.jobs[task] })),
    front: results.front.map(({ trial }) => trial),
    trials: rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]]))),
  };
}
