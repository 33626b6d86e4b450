import type { TrialRow } from '../view/trial-rows.ts';
import type { Mark } from './chart.ts';

/** Trials as points of two metrics, by their index; those that have both. */
export function marksOf(rows: readonly TrialRow[], x: number, y: number): readonly Mark[] {
  return rows.flatMap((row): readonly Mark[] => {
    const [across, up] = [row.values?.[x] ?? null, row.values?.[y] ?? null];
    return across === null || up === null ? [] : [[across, up, row.trial]];
  });
}
