import type { AxisScale } from './axis-scale.ts';
import { positionOf } from './axis-scale.ts';
import { formatMetric, formatParameter } from './metric-format.ts';
import type { TrialRow, TrialState } from './trial-rows.ts';
import { stateLabel, stateOf } from './trial-rows.ts';

/** From and to, as positions of an axis. */
export type Interval = readonly [number, number];

/** Which trials are looked at. */
export interface Filter {
  /** By name of the axis: the trial stands in one of these. */
  readonly brushes: ReadonlyMap<string, readonly Interval[]>;
  /** All of its words are somewhere in the trial's row. */
  readonly words: string;
  /** Null for all. */
  readonly state: TrialState | 'passing' | null;
}

export const noFilter: Filter = { brushes: new Map(), words: '', state: null };

/** Positions on the screen are no finer than this. */
const tolerance = 1e-6;

/** Says of a trial whether the filter lets it through. */
export function filterBy(
  { brushes, words, state }: Filter,
  scales: readonly AxisScale[],
): (row: TrialRow) => boolean {
  const brushed = scales.flatMap((scale) => {
    const intervals = brushes.get(scale.name) ?? [];
    return intervals.length === 0 ? [] : [{ scale, intervals }];
  });
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return (row) =>
    (state === null || isIn(row, state)) &&
    brushed.every(({ scale, intervals }) => {
      const at = positionOf(scale, scale.valueOf(row));
      return intervals.some(([from, to]) => at >= from - tolerance && at <= to + tolerance);
    }) &&
    (wanted.length === 0 || hasWords(row, scales, wanted));
}

function isIn(row: TrialRow, state: TrialState | 'passing'): boolean {
  const own = stateOf(row);
  return state === 'passing' ? own === 'front' || own === 'feasible' : own === state;
}

function hasWords(row: TrialRow, scales: readonly AxisScale[], wanted: readonly string[]): boolean {
  const cells = scales.map((scale) => `${scale.name}=${cellText(scale, row)}`);
  const text = [`#${String(row.trial)}`, stateLabel[stateOf(row)], row.failure ?? '', ...cells]
    .join('\n')
    .toLowerCase();
  return wanted.every((word) => text.includes(word));
}

/** What a table shows of a trial on an axis; nothing where it has no metric. */
export function cellText(scale: AxisScale, row: TrialRow): string {
  const value = scale.valueOf(row);
  if (scale.kind === 'parameter') return formatParameter(value);
  return typeof value === 'number' ? formatMetric(scale.name, value) : '';
}
