import type { DashboardData } from '../dashboard-schema.ts';
import type { Domain, ParameterValue } from '../../space.ts';
import { formatMetric, notActive } from './metric-format.ts';
import type { TrialRow } from './trial-rows.ts';

/** Where values stand on an axis: from 0, the lowest, to 1; what has none stands below. */
export interface AxisScale {
  readonly name: string;
  readonly kind: 'parameter' | 'metric';
  /** Values in their order where they are few and have no other. */
  readonly categories: readonly ParameterValue[] | null;
  /** The lowest and the highest number; equal for categories. */
  readonly range: readonly [number, number];
  readonly log: boolean;
  /** What stands below the axis is called, null where nothing does. */
  readonly below: string | null;
  /** Value of a trial; null where it has none. */
  readonly valueOf: (row: TrialRow) => ParameterValue | null;
}

/** Where trials without a value stand. */
export const belowPosition = -0.14;

/** An axis a parameter, then one a metric, over what the trials have. */
export function axisScales(
  { parameters, metrics }: DashboardData,
  rows: readonly TrialRow[],
): readonly AxisScale[] {
  const ofParameters = parameters.map(({ name, domain, when }, index): AxisScale => ({
    name,
    kind: 'parameter',
    ...extentOf(domain),
    below: when.length > 0 ? notActive : null,
    valueOf: ({ point }) => point[index] ?? null,
  }));
  const ofMetrics = metrics.map(({ name }, index): AxisScale => {
    const valueOf = ({ values }: TrialRow): number | null => values?.[index] ?? null;
    const known = rows.flatMap((row) => valueOf(row) ?? []);
    const low = known.reduce((least, value) => Math.min(least, value), Infinity);
    const high = known.reduce((most, value) => Math.max(most, value), -Infinity);
    return {
      name,
      kind: 'metric',
      categories: null,
      range: known.length === 0 ? [0, 1] : [low, high],
      log: isWide(low, high),
      below: known.length < rows.length ? 'none' : null,
      valueOf,
    };
  });
  return [...ofParameters, ...ofMetrics];
}

/** Values that differ by more than this factor are shown by their logarithm. */
const wide = 30;

export function isWide(low: number, high: number): boolean {
  return low > 0 && Number.isFinite(high) && high / low > wide;
}

function extentOf(domain: Domain): Pick<AxisScale, 'categories' | 'range' | 'log'> {
  return domain.kind === 'categorical'
    ? { categories: domain.values, range: [0, 0], log: false }
    : { categories: null, range: [domain.low, domain.high], log: domain.log };
}

/** Position of a value, 0 to 1; a single value stands in the middle. */
export function positionOf(
  { categories, range: [low, high], log }: AxisScale,
  value: ParameterValue | null,
): number {
  if (value === null) return belowPosition;
  if (categories !== null) {
    const last = categories.length - 1;
    return last === 0 ? 0.5 : categories.indexOf(value) / last;
  }
  if (typeof value !== 'number') return belowPosition;
  if (high === low) return 0.5;
  const at = log ? Math.log : (number: number): number => number;
  return (at(value) - at(low)) / (at(high) - at(low));
}

/** The number that stands at a position. */
export function valueAt({ range: [low, high], log }: AxisScale, position: number): number {
  return log ? low * (high / low) ** position : low + (high - low) * position;
}

/** Places of the axis that are written at: its ends, its middle, its categories. */
export function ticksOf(scale: AxisScale): readonly { at: number; text: string }[] {
  const { name, kind, categories, range, below } = scale;
  const text = (value: number): string =>
    kind === 'metric' ? formatMetric(name, value) : String(Number(value.toPrecision(2)));
  const places =
    categories === null
      ? range[0] === range[1]
        ? [{ at: 0.5, text: text(range[0]) }]
        : [0, 0.5, 1].map((at) => ({ at, text: text(valueAt(scale, at)) }))
      : categories.map((value) => ({ at: positionOf(scale, value), text: String(value) }));
  return below === null ? places : [{ at: belowPosition, text: below }, ...places];
}
