import { energyCategoryOrder, energyLabel } from '../energy-label.ts';
import { formatCycles, formatMicrojoules, formatPercent } from '../format.ts';
import type { Report, ReportVariant } from '../schema.ts';
import { misfit, oneCopyInterval, reportVariants } from '../variants.ts';
import { stackedBar, type Segment } from './bars.ts';
import { empty, joinMarkup, markup, type Markup } from './markup.ts';
import { figure, legend, section, variantTag } from './parts.ts';

const cycleKinds = [
  { className: 'c-busy', label: 'busy' },
  { className: 'c-starved', label: 'waiting for input' },
  { className: 'c-blocked', label: 'waiting for output' },
  { className: 'c-idle', label: 'nothing to do' },
] as const;

/** Where the cycles go and where the energy goes, per layer and variant. */
export function budget(report: Report): Markup {
  const variants = reportVariants(report);
  const cycleFigures = variants.map(({ name, variant }) => {
    const interval = oneCopyInterval(variant);
    const every =
      interval === null
        ? empty
        : markup` <span class="sense">${formatCycles(interval)} cycles an inference</span>`;
    return figure(markup`${variantTag(name)}${every}`, cycleBars(variant, interval));
  });
  const categories = energyCategoriesOf(report);
  const energyFigures = variants.map(({ name, variant }) => {
    const total = variant.energy?.perInferenceUj.nominal ?? null;
    const sum =
      total === null
        ? empty
        : markup` <span class="sense">${formatMicrojoules(total)} an inference</span>`;
    return figure(markup`${variantTag(name)}${sum}`, energyBars(variant, categories));
  });
  return joinMarkup([
    section(
      'cycles',
      'Where the cycles go',
      'Each bar is one interval of a copy at full load: the layer that is busy all the time sets the pace, the others wait for it.',
      markup`${legend(cycleKinds)}<div class="columns three">${cycleFigures}</div>`,
    ),
    section(
      'energy',
      'Where the energy goes',
      'Nominal coefficients, by layer and by what it is spent on. Each variant has its own scale; bars within a variant compare.',
      markup`${legend(categories.map((category, index) => ({ className: energyClass(index), label: energyLabel(category) })))}<div class="columns three">${energyFigures}</div>`,
    ),
  ]);
}

function cycleBars(variant: ReportVariant, interval: number | null): Markup {
  if (interval === null || variant.cycles === null) return absent(variant);
  const bars = variant.layers.map((layer) => {
    const used = layer.busyCycles + layer.starvedCycles + layer.blockedCycles;
    const values = [
      layer.busyCycles,
      layer.starvedCycles,
      layer.blockedCycles,
      Math.max(0, interval - used),
    ];
    const segments = cycleKinds.map((kind, index): Segment => {
      const value = values[index] ?? 0;
      return { ...kind, value, text: `${formatCycles(value)} cycles` };
    });
    return stackedBar(
      layer.name,
      segments,
      Math.max(interval, used),
      markup`<b>${formatPercent(layer.busyCycles / Math.max(interval, used), 0)}</b> busy`,
    );
  });
  return markup`<div class="bars" role="list">${bars}</div>`;
}

function energyBars(variant: ReportVariant, categories: readonly string[]): Markup {
  if (variant.energy === null) return absent(variant);
  const layers = variant.energy.energyByLayerUj;
  const sumOf = (breakdown: Readonly<Record<string, number>>): number =>
    Object.values(breakdown).reduce((sum, value) => sum + value, 0);
  const scale = Math.max(0, ...layers.map((layer) => sumOf(layer.breakdownUj)));
  const bars = layers.map(({ name, breakdownUj }) => {
    const byCategory = new Map(Object.entries(breakdownUj));
    const segments = categories.map((category, index): Segment => {
      const value = byCategory.get(category) ?? 0;
      return {
        className: energyClass(index),
        label: energyLabel(category),
        value,
        text: formatMicrojoules(value),
      };
    });
    return stackedBar(
      name,
      segments,
      scale,
      markup`<b>${formatMicrojoules(sumOf(breakdownUj))}</b>`,
    );
  });
  return markup`<div class="bars" role="list">${bars}</div>`;
}

function absent(variant: ReportVariant): Markup {
  return markup`<p class="absent">${misfit(variant) ?? variant.reason ?? 'not measured'}</p>`;
}

/** Every category any variant spends energy on, known ones first and in their order. */
function energyCategoriesOf(report: Report): readonly string[] {
  const used = new Set(
    reportVariants(report).flatMap(({ variant }) =>
      (variant.energy?.energyByLayerUj ?? []).flatMap((layer) => Object.keys(layer.breakdownUj)),
    ),
  );
  return [
    ...energyCategoryOrder.filter((category) => used.has(category)),
    ...[...used].filter((category) => !energyCategoryOrder.includes(category)),
  ];
}

const energyColours = 8;

function energyClass(index: number): string {
  return `e-${String(index % energyColours)}`;
}
