import { present } from '../../base/invariant.ts';
import { ranked } from '../ranking.ts';
import type { Proposal } from '../trial.ts';
import type { Knowledge, Problem } from './optimiser.ts';

/**
 * Which trial deserves the next, more costly task: of those through a task, the best one in r, r being
 * what the next task costs more, are promoted as soon as they are known to be, so that every task gets
 * about the same share of the budget (asynchronous successive halving, Li and others 2020; several
 * objectives by their fronts as Schmucker and others 2021 do). Trials that were the best once and no longer are
 * keep their places: else the costly tasks would get a multiple of their share, as each round has new ones. Costly tasks are looked at first. Failed
 * trials stay where they are.
 */
export function promotion(
  { metrics, tasks }: Problem,
  { finished, pending }: Knowledge,
): Proposal | null {
  for (let task = tasks.length - 2; task >= 0; task -= 1) {
    const here = finished.filter((job) => job.task === task);
    const cost = present(tasks[task], 'a task').cost;
    const more = present(tasks[task + 1], 'a task').cost / cost;
    const places = Math.floor(here.length / Math.max(1.5, more));
    if (places === 0) continue;
    const gone = new Set(
      [...finished, ...pending].filter((job) => job.task > task).map(({ trial }) => trial),
    );
    if (gone.size >= places) continue;
    const deserving = ranked(metrics, here)
      .slice(0, places)
      .find(({ trial, outcome }) => !gone.has(trial) && outcome.kind === 'done');
    if (deserving !== undefined) return { kind: 'promote', trial: deserving.trial };
  }
  return null;
}
