import { isWide } from '../view/axis-scale.ts';
import { formatMetric } from '../view/metric-format.ts';
import type { Theme } from './theme.ts';

/** From where to where an axis goes, and whether by logarithm. */
export interface AxisEnds {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
}

/** Ends of an axis that shows all of these with some room, by logarithm where they differ much. */
export function axisEnds(values: readonly number[]): AxisEnds {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { low: 0, high: 1, log: false };
  if (isWide(low, high)) {
    const room = (high / low) ** 0.04;
    return { low: low / room, high: high * room, log: true };
  }
  const room = high > low ? (high - low) * 0.05 : Math.abs(high) * 0.05 + 1e-9;
  return { low: low - room, high: high + room, log: false };
}

/** The axis of a metric for the chart library. */
export function valueAxis(
  name: string,
  { low, high, log }: AxisEnds,
  { quiet, line }: Theme,
  across: boolean,
): object {
  return {
    type: log ? 'log' : 'value',
    min: low,
    max: high,
    name,
    nameLocation: across ? 'middle' : 'end',
    nameGap: across ? 28 : 10,
    nameTextStyle: { color: quiet, align: across ? 'center' : 'left' },
    axisLabel: {
      color: quiet,
      hideOverlap: true,
      showMinLabel: false,
      showMaxLabel: false,
      formatter: (value: number) => formatMetric(name, Number(value.toPrecision(10))),
    },
    axisLine: { show: across, lineStyle: { color: line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: line } },
    minorSplitLine: { show: false },
  };
}
