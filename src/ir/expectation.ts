import type { VariantName } from './variant.ts';

/** Figures of a report that can be expected of a variant, by name. */
export const variantFigures = [
  'throughput',
  'interval',
  'latency',
  'latencyLoaded',
  'energy',
  'accuracy',
  'copies',
  'lut',
  'ff',
  'bram36',
  'uram',
  'dsp',
  'mismatches',
] as const;

/** Figures of the whole report: sparse-sparse against dense. */
export const ratioFigures = [
  'throughputRatio',
  'latencyRatio',
  'energyRatio',
  'shareOfLimit',
] as const;

export type VariantFigure = (typeof variantFigures)[number];
export type RatioFigure = (typeof ratioFigures)[number];

export const comparisons = ['>=', '<=', '>', '<', '=='] as const;
export type Comparison = (typeof comparisons)[number];

/** What somebody relies on: `throughput >= 4.2 M/s`, `dense.lut <= 60 %`. */
export interface Expectation {
  /** As it was written. */
  readonly text: string;
  /** Null: of sparse-sparse, or of the last variant that there is; and for ratios. */
  readonly variant: VariantName | null;
  readonly figure: VariantFigure | RatioFigure;
  readonly comparison: Comparison;
  /** In the figure's own unit, or a share of what the board has. */
  readonly bound: number;
  readonly ofBoard: boolean;
}
