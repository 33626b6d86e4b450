import type { RatioFigure, VariantFigure } from '../ir/expectation.ts';
import { variantFigures } from '../ir/expectation.ts';
import {
  formatCount,
  formatCycles,
  formatMicrojoules,
  formatMicroseconds,
  formatPercent,
  formatRatio,
  formatSi,
} from './format.ts';
import type { ReportRatios, ReportVariant } from './schema.ts';

/** A number of a report that is expected or compared. */
export interface Figure<Source> {
  readonly label: string;
  /** Which way is an improvement; null where neither is. */
  readonly better: 'more' | 'less' | null;
  /** Null where it is not known. */
  readonly of: (source: Source) => number | null;
  readonly format: (value: number | null) => string;
}

function resource(
  name: 'lut' | 'ff' | 'bram36' | 'uram' | 'dsp',
): readonly [typeof name, Figure<ReportVariant>] {
  return [
    name,
    {
      label: name.toUpperCase(),
      better: 'less',
      of: ({ resources }) => resources[name],
      format: formatCount,
    },
  ];
}

/** In order of presentation. */
export const figuresOfVariant: Readonly<Record<VariantFigure, Figure<ReportVariant>>> = {
  throughput: {
    label: 'Throughput',
    better: 'more',
    of: ({ timing }) => timing?.throughputPerSecond ?? null,
    format: (value) => formatSi(value, '/s'),
  },
  interval: {
    label: 'Interval, cycles',
    better: 'less',
    of: ({ cycles }) => cycles?.interval ?? cycles?.modelInterval ?? null,
    format: formatCycles,
  },
  latency: {
    label: 'Latency',
    better: 'less',
    of: ({ timing }) => timing?.latencyUs ?? null,
    format: formatMicroseconds,
  },
  latencyLoaded: {
    label: 'Latency under load',
    better: 'less',
    of: ({ timing }) => timing?.latencyLoadedUs ?? null,
    format: formatMicroseconds,
  },
  energy: {
    label: 'Energy/inference',
    better: 'less',
    of: ({ energy }) => energy?.perInferenceUj.nominal ?? null,
    format: formatMicrojoules,
  },
  accuracy: {
    label: 'Accuracy of the RTL',
    better: 'more',
    of: ({ verification }) => verification?.accuracy ?? null,
    format: (value) => formatPercent(value, 2),
  },
  copies: {
    label: 'Copies',
    better: null,
    of: ({ copies }) => copies,
    format: formatCount,
  },
  ...(Object.fromEntries((['lut', 'ff', 'bram36', 'uram', 'dsp'] as const).map(resource)) as Record<
    'lut' | 'ff' | 'bram36' | 'uram' | 'dsp',
    Figure<ReportVariant>
  >),
  mismatches: {
    label: 'Differences',
    better: 'less',
    of: ({ verification }) => verification?.mismatches ?? null,
    format: formatCount,
  },
};

/** Sparse-sparse against dense, in order of presentation. */
export const figuresOfRatios: Readonly<Record<RatioFigure, Figure<ReportRatios>>> = {
  throughputRatio: {
    label: 'Throughput, times dense',
    better: 'more',
    of: ({ throughput }) => throughput,
    format: formatRatio,
  },
  latencyRatio: {
    label: 'Latency, times shorter',
    better: 'more',
    of: ({ latency }) => latency,
    format: formatRatio,
  },
  energyRatio: {
    label: 'Energy, times less',
    better: 'more',
    of: ({ energy }) => energy,
    format: formatRatio,
  },
  shareOfLimit: {
    label: 'Share of the limit',
    better: 'more',
    of: ({ shareOfLimit }) => shareOfLimit,
    format: (value) => formatPercent(value),
  },
};

export function isVariantFigure(name: VariantFigure | RatioFigure): name is VariantFigure {
  return variantFigures.some((one) => one === name);
}
