import {
  formatMicrojoules,
  formatMicroseconds,
  formatPercent,
  formatRatio,
  formatSi,
} from '../format.ts';
import type { VariantName } from '../../ir/variant.ts';
import type { Report } from '../schema.ts';
import { isPredicted, misfit, reportVariants, type NamedVariant } from '../variants.ts';
import { barChart, type Bar } from './bars.ts';
import { empty, markup, type Markup } from './markup.ts';
import { figure, section, variantTag } from './parts.ts';

/** Throughput, latency and energy of the variants as bars on linear scales. */
export function comparison(report: Report): Markup {
  const variants = reportVariants(report);
  const dense = report.variants.dense;
  const throughput = (named: NamedVariant): number | null =>
    named.variant.timing?.throughputPerSecond ?? null;
  const latency = (named: NamedVariant): number | null => named.variant.timing?.latencyUs ?? null;
  const energy = (named: NamedVariant): number | null =>
    named.variant.energy?.perInferenceUj.nominal ?? null;
  const denseOf = (pick: (named: NamedVariant) => number | null): number | null =>
    dense === undefined ? null : pick({ name: 'dense', variant: dense });

  const bars = (
    pick: (named: NamedVariant) => number | null,
    format: (value: number | null) => string,
    against: (share: number) => string,
  ): readonly Bar[] =>
    variants.map((named) => {
      const value = pick(named);
      const ofDense = denseOf(pick);
      const comparison =
        value === null || ofDense === null || named.name === 'dense' || value <= 0 || ofDense <= 0
          ? empty
          : markup` <span class="against">${against(value / ofDense)}</span>`;
      const text =
        value === null
          ? markup`<span class="absent">${misfit(named.variant) ?? 'not measured'}</span>`
          : markup`<b>${format(value)}</b>${comparison}${isPredicted(named.variant) ? markup` <span class="against">predicted</span>` : empty}`;
      return { label: variantTag(named.name), value, text, className: colourOf(named.name) };
    });

  const energyBars = bars(energy, formatMicrojoules, shareOfDense).map((bar, index): Bar => {
    const range = variants[index]?.variant.energy?.perInferenceUj;
    return range === undefined ? bar : { ...bar, range };
  });
  return section(
    'comparison',
    'Speed and energy',
    'Every variant is compiled by the same compiler for the same board and clock, with as many copies of the network as fit.',
    markup`<div class="columns three">
${figure(
  markup`Inferences per second <span class="sense">longer is better</span>`,
  barChart(
    'Inferences per second',
    bars(
      throughput,
      (value) => formatSi(value, '/s'),
      (share) => `${formatRatio(share)} dense`,
    ),
  ),
)}
${figure(
  markup`Latency of one inference <span class="sense">shorter is better</span>`,
  barChart('Latency', bars(latency, formatMicroseconds, shareOfDense)),
)}
${figure(
  markup`Energy per inference <span class="sense">shorter is better</span>`,
  barChart('Energy per inference', energyBars),
  'The line spans low to high coefficients, the bar ends at the nominal ones.',
)}
</div>`,
  );
}

function shareOfDense(share: number): string {
  return `${formatPercent(share, 0)} of dense`;
}

/** Colour class of a variant's bars. */
export function colourOf(name: VariantName): string {
  return `v-${name}`;
}
