import type { ParameterValue } from '../../space.ts';
import type { TrialRow } from './trial-rows.ts';

/** By what a table is sorted. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** Rows by a key; numbers by size, texts by their letters; those without a value last, equals as they were. */
export function sortRows(
  rows: readonly TrialRow[],
  key: (row: TrialRow) => ParameterValue | null,
  descending: boolean,
): readonly TrialRow[] {
  const sign = descending ? -1 : 1;
  return rows
    .map((row, place) => ({ row, place, value: key(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null)
        return Number(a.value === null) - Number(b.value === null) || a.place - b.place;
      return sign * compare(a.value, b.value) || a.place - b.place;
    })
    .map(({ row }) => row);
}

function compare(one: ParameterValue, other: ParameterValue): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  const [a, b] = [String(one), String(other)];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
