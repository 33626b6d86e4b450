import { formatPercent, formatRatio, formatSi, missing } from '../format.ts';
import type { Report, ReportChainLink } from '../schema.ts';
import { barChart, type Bar } from './bars.ts';
import { empty, joinMarkup, markup, type Markup } from './markup.ts';
import { dataTable, figure, section, variantTag, type Column } from './parts.ts';
import { colourOf } from './comparison.ts';

const productKinds = [
  { key: 'dense', label: 'all products', className: 'v-dense' },
  { key: 'weightSparse', label: 'weight not zero', className: 'v-sparse-dense' },
  { key: 'bothSparse', label: 'weight and activation not zero', className: 'v-sparse-sparse' },
] as const;

/** How many products the zeros save, what that allows, and what was reached. */
export function chain(report: Report): Markup {
  const { chain: links } = report.ratios;
  const reached = links.length < 2 ? empty : reachedFigure(links);
  return section(
    'limits',
    'What the zeros allow, and what is reached',
    'A product matters only where neither factor is zero. The number of products left sets the limit of the speed-up on equal multipliers; memory, ports and uneven layers decide how much of it is reached. Wired layers, whose constant weights are additions in logic, need no multipliers and can pass it.',
    markup`<div class="columns two">
${figure(markup`Products per inference`, barChart('Products per inference', productBars(report)), 'Counted after quantisation, mean over the samples.')}
${reached}
</div>
${links.length < 2 ? empty : joinMarkup([networkTable(links), layerTable(links)])}`,
  );
}

function productBars(report: Report): readonly Bar[] {
  return productKinds.map(({ key, label, className }): Bar => {
    const value = report.macs[key];
    const limit =
      key === 'dense' || value <= 0
        ? empty
        : markup` <span class="against">${formatRatio(report.macs.dense / value)} fewer</span>`;
    return {
      label: markup`${label}`,
      value,
      text: markup`<b>${formatSi(value)}</b>${limit}`,
      className,
    };
  });
}

function reachedFigure(links: readonly ReportChainLink[]): Markup {
  const bars = links.map((link): Bar => ({
    label: variantTag(link.variant),
    value: link.throughputRatio,
    ...(link.macLimit === null ? {} : { limit: link.macLimit }),
    text: markup`<b>${formatRatio(link.throughputRatio)}</b> <span class="against">limit ${formatRatio(link.macLimit)}</span>`,
    className: colourOf(link.variant),
  }));
  return figure(
    markup`Throughput against dense, and its limit`,
    barChart('Throughput against dense and the limit the products set', bars),
    'The light bar is the limit: products of dense divided by the products left.',
  );
}

type ChainNumbers = Omit<ReportChainLink, 'variant' | 'energyRatio' | 'layers'>;

const numberColumns: readonly Column[] = [
  { title: 'Products', align: 'right', hint: 'per inference' },
  { title: 'Limit', align: 'right', hint: 'products of dense / products here' },
  { title: 'Throughput', align: 'right', hint: 'of a layer: what it alone would sustain' },
  { title: 'Against dense', align: 'right', hint: 'throughput here / throughput of dense' },
];

function numberCells(numbers: ChainNumbers): readonly Markup[] {
  return [
    markup`${formatSi(numbers.macs)}`,
    markup`${formatRatio(numbers.macLimit)}`,
    markup`${formatSi(numbers.throughput, '/s')}`,
    markup`${formatRatio(numbers.throughputRatio)}`,
  ];
}

function networkTable(links: readonly ReportChainLink[]): Markup {
  return dataTable(
    'Products, limit and results of the whole network',
    [
      { title: 'Whole network', align: 'left' },
      ...numberColumns,
      { title: 'Of the limit', align: 'right', hint: 'throughput ratio / limit' },
      { title: 'Per joule', align: 'right', hint: 'inferences per joule against dense, nominal' },
    ],
    [
      {
        heading: null,
        rows: links.map((link) => [
          variantTag(link.variant),
          ...numberCells(link),
          markup`${shareOfLimit(link.throughputRatio, link.macLimit)}`,
          markup`${formatRatio(link.energyRatio)}`,
        ]),
      },
    ],
  );
}

/** Long networks start folded. */
const openLayersMaximum = 12;

function layerTable(links: readonly ReportChainLink[]): Markup {
  const names = links[0]?.layers.map((layer) => layer.name) ?? [];
  if (names.length === 0) return empty;
  const groups = names.map((name) => ({
    heading: markup`<span class="name">${name}</span>`,
    rows: links.flatMap((link) => {
      const layer = link.layers.find((candidate) => candidate.name === name);
      return layer === undefined ? [] : [[variantTag(link.variant), ...numberCells(layer)]];
    }),
  }));
  const open = names.length <= openLayersMaximum ? markup` open` : empty;
  return markup`<details${open}><summary>Per layer</summary>${dataTable(
    'Products, limit and throughput of each layer',
    [{ title: 'Layer', align: 'left' }, ...numberColumns],
    groups,
  )}<p class="note">The throughput of a layer is what its own hardware would sustain in all copies. It may pass the layer’s limit, because multipliers the zeros save in one layer are given to another.</p></details>`;
}

function shareOfLimit(ratio: number | null, limit: number | null): string {
  return ratio === null || limit === null || limit <= 0 ? missing : formatPercent(ratio / limit, 0);
}
