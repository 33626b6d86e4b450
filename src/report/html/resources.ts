import { formatCells, formatCount, formatPercent, formatSi, plural } from '../format.ts';
import type { Report } from '../schema.ts';
import { misfit, reportVariants, resourceLabel, resourceNames } from '../variants.ts';
import { empty, markup, type Markup } from './markup.ts';
import { cssPercent, dataTable, figure, section, variantTag } from './parts.ts';
import { colourOf } from './comparison.ts';

/** Beyond this share of the board a bar is cut, so that the others stay readable. */
const shareMaximum = 2.5;

/** Resources of all copies beside what the board has. */
export function resources(report: Report): Markup {
  const variants = reportVariants(report);
  const board = report.board.resources;
  const names = resourceNames.filter((name) =>
    variants.some(({ variant }) => variant.resources[name] > 0),
  );
  const shareOf = (used: number, available: number): number =>
    available > 0 ? used / available : used > 0 ? Number.POSITIVE_INFINITY : 0;
  const largest = Math.max(
    1,
    ...variants.flatMap(({ variant }) =>
      names.map((name) => shareOf(variant.resources[name], board[name])),
    ),
  );
  const scale = Math.min(shareMaximum, largest > 1 ? largest * 1.02 : 1);

  const groups = names.map((name) => {
    const bars = variants.map(({ name: variantName, variant }) => {
      const used = variant.resources[name];
      const share = shareOf(used, board[name]);
      const over = share > 1 ? 'over' : '';
      const text = Number.isFinite(share) ? formatPercent(share, 0) : 'none on board';
      return markup`<div class="bar" role="listitem"><span class="bar-label">${variantTag(variantName)}</span><span class="track" aria-hidden="true"><i class="fill ${colourOf(variantName)} ${over}" style="width:${cssPercent(share / scale)}"></i></span><span class="bar-text"><b class="${over}">${text}</b> <span class="against">${formatSi(used)}</span></span></div>
`;
    });
    return figure(
      markup`${resourceLabel(name, report.board.resourceNames)} <span class="sense">${formatCount(board[name])} on the board</span>`,
      markup`<div class="bars board" role="list" style="--full:${cssPercent(1 / scale)}">${bars}</div>`,
    );
  });
  const problems = variants.flatMap(({ name, variant }) => {
    const problem = misfit(variant, report.board.resourceNames);
    return problem === null ? [] : [markup`<li>${name} ${problem}.</li>`];
  });
  const sources = [...new Set(variants.map(({ variant }) => variant.resources.source))].join(', ');
  return section(
    'resources',
    'Resources of the board',
    `All copies together; the end of the light track, or the line where a bar goes beyond, is 100 % of the board. Source: ${sources}.`,
    markup`${problems.length === 0 ? empty : markup`<ul class="warnings">${problems}</ul>`}<div class="columns three">${groups}</div>${rooflines(report)}${synthesised(report)}`,
  );
}

function rooflines(report: Report): Markup {
  const rows = reportVariants(report).flatMap(({ name, variant }) =>
    (variant.roofline ?? []).map((bound) => [
      variantTag(name),
      markup`${resourceLabel(bound.resource)}`,
      markup`${formatSi(bound.throughputPerSecond, '/s')}`,
      markup`${formatPercent(
        variant.timing === null || bound.throughputPerSecond === 0
          ? null
          : variant.timing.throughputPerSecond / bound.throughputPerSecond,
      )}`,
    ]),
  );
  if (rows.length === 0) return empty;
  const copies = reportVariants(report).flatMap(({ name, variant: { copiesInMemory } }) =>
    copiesInMemory === null || copiesInMemory === undefined
      ? []
      : [
          `The block memory holds the ${name} weights of ${plural(copiesInMemory, 'copy', 'copies')}.`,
        ],
  );
  return markup`<h3>Rooflines</h3>
<p class="note">Every multiplier busy in every cycle. LUT: at the LUTs a product that the planned engines take. Weight memory: every multiplier reads a weight of its own each cycle. ${copies.join(' ')}</p>${dataTable(
    'Upper bounds of the throughput by resource',
    [
      { title: 'Variant', align: 'left' },
      { title: 'Bound by', align: 'left' },
      { title: 'At most', align: 'right' },
      { title: 'Reached', align: 'right', hint: 'measured throughput / bound' },
    ],
    [{ heading: null, rows }],
  )}`;
}

/** Cells of every layer, and its longest path, where a tool has counted layer by layer. */
function synthesised(report: Report): Markup {
  const groups = reportVariants(report).flatMap(({ name, variant }) => {
    const rows = variant.layers.flatMap((layer) => {
      if (layer.synthesis === undefined) return [];
      const { lut, ff, bram36, uram, dsp, units } = layer.synthesis;
      const [longest] = units;
      const path = longest?.path ?? null;
      return [
        [
          markup`${layer.name}`,
          ...[lut, ff, bram36, uram, dsp].map((count) => markup`${formatCells(count)}`),
          markup`${path === null ? '–' : path.levels.toFixed(1)}`,
          markup`${path === null ? '' : `${longest?.unit ?? ''}: ${path.from} → ${path.to}`}`,
        ],
      ];
    });
    return rows.length === 0 ? [] : [{ heading: variantTag(name), rows }];
  });
  if (groups.length === 0) return empty;
  const right = (title: string) => ({ title, align: 'right' }) as const;
  return markup`<h3>Layers of one copy as synthesised</h3>
<p class="note">Longest path between registers, in LUT levels (a carry chain of 24 bits between two LUTs counts as five), and the unit that holds it. All units are in report.json.</p>${dataTable(
    'Cells and longest path of every layer',
    [
      { title: 'Layer', align: 'left' },
      ...['LUT', 'FF', 'BRAM36', 'URAM', 'DSP'].map(right),
      { ...right('Levels'), hint: 'longest path in LUT levels' },
      { title: 'From, to', align: 'left' },
    ],
    groups,
  )}`;
}
