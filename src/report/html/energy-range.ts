import { energyScopes, type EnergyScope } from '../../estimate/energy-scopes.ts';
import { quantityLabel } from '../energy-label.ts';
import { formatMicrojoules, formatRatio, missing } from '../format.ts';
import type { Report, ReportVariant } from '../schema.ts';
import { reportVariants, type NamedVariant } from '../variants.ts';
import { empty, joinMarkup, markup, type Markup } from './markup.ts';
import { dataTable, section, variantTag, type Column } from './parts.ts';

type ReportEnergy = NonNullable<ReportVariant['energy']>;
type Scopes = NonNullable<ReportEnergy['scopes']>;
type Swings = NonNullable<ReportEnergy['sensitivity']>;

const scopeLabels: Readonly<Record<EnergyScope, string>> = {
  dynamic: 'core, dynamic',
  device: 'with device',
  board: 'with board',
};

const scopeHints: Readonly<Record<EnergyScope, string>> = {
  dynamic: 'events of the core, reads of external memory among them',
  device: 'and static power of the device over the time of an inference',
  board: 'events, and what the board draws at rest over the time of an inference',
};

/** Energy in three scopes with its range, the same of every ratio, and what they hang on. */
export function energyRange(report: Report): Markup {
  const variants = reportVariants(report).filter(
    ({ variant }) => variant.energy?.scopes !== undefined,
  );
  const first = variants[0]?.variant.energy?.scopes;
  if (first === undefined) return empty;
  const reason =
    first.boardReason === null
      ? empty
      : markup`<p class="note">No figure with the board: ${first.boardReason}.</p>`;
  return section(
    'energy-range',
    'How sure the energy is',
    'Median over 2,000 draws of the coefficients, and in grey the range that eight of ten draws stay in. All variants share each draw, so a ratio is surer than the energies it is made of.',
    joinMarkup([scopeTable(variants), ratioTable(report), reason, swingTable(report, variants)]),
  );
}

function rangeCell(
  figure: Scopes['board'],
  format: (value: number, digits?: number) => string,
): Markup {
  if (figure === null) return markup`${missing}`;
  return markup`<b>${format(figure.p50)}</b> <span class="quiet">${format(figure.p10, 2)} to ${format(figure.p90, 2)}</span>`;
}

function scopeTable(variants: readonly NamedVariant[]): Markup {
  return dataTable(
    'Energy of an inference by what it takes in',
    [
      { title: 'Energy an inference', align: 'left' },
      ...variants.map(({ name }): Column => ({ title: name, align: 'right' })),
    ],
    [
      {
        heading: null,
        rows: energyScopes.map((scope) => [
          markup`<span title="${scopeHints[scope]}">${scopeLabels[scope]}</span>`,
          ...variants.map(({ variant }) =>
            rangeCell(variant.energy?.scopes?.[scope] ?? null, formatMicrojoules),
          ),
        ]),
      },
    ],
  );
}

function ratioTable(report: Report): Markup {
  const ratios = report.ratios.energyRatios ?? [];
  if (ratios.length === 0) return empty;
  return dataTable(
    'Ratios of energy by what it takes in',
    [
      { title: 'Energy of … over …', align: 'left' },
      ...energyScopes.map((scope): Column => ({
        title: scopeLabels[scope],
        hint: scopeHints[scope],
        align: 'right',
      })),
    ],
    [
      {
        heading: null,
        rows: ratios.map(({ of, over, scopes }) => [
          markup`${variantTag(of)} / ${over}`,
          ...energyScopes.map((scope) => rangeCell(scopes[scope], formatRatio)),
        ]),
      },
    ],
  );
}

/** A column of swings and how its values are written. */
interface SwingColumn {
  readonly title: string;
  readonly swings: Swings;
  readonly format: (value: number, digits?: number) => string;
}

function swingTable(report: Report, variants: readonly NamedVariant[]): Markup {
  const columns: readonly SwingColumn[] = [
    ...variants.map(({ name, variant }) => ({
      title: name,
      swings: variant.energy?.sensitivity ?? [],
      format: formatMicrojoules,
    })),
    ...(report.ratios.energyRatios ?? []).map(({ of, over, sensitivity }) => ({
      title: `${of} / ${over}`,
      swings: sensitivity,
      format: formatRatio,
    })),
  ];
  const quantities = rankedQuantities(columns);
  const rows = quantities.map((quantity) => [
    markup`${quantityLabel(quantity)}`,
    ...columns.map(({ swings, format }) => {
      const swing = swings.find((candidate) => candidate.quantity === quantity);
      return swing === undefined
        ? markup`<span class="quiet">${missing}</span>`
        : markup`${format(swing.low, 2)} to ${format(swing.high, 2)}`;
    }),
  ]);
  const table = dataTable(
    'Energy with one coefficient at its low and its high end',
    [
      { title: 'Coefficient, low to high', align: 'left' },
      ...columns.map(({ title }): Column => ({ title, align: 'right' })),
    ],
    [{ heading: null, rows }],
  );
  return markup`<details open><summary>What it hangs on</summary>${table}<p class="note">Energy with the device, and its ratios, with one coefficient at the low and the high end of its range and all others nominal; a dash where that changes less than a thousandth.</p></details>`;
}

/** Every quantity of any column, the one with the largest change in one of them first. */
function rankedQuantities(columns: readonly SwingColumn[]): readonly string[] {
  const largest = new Map<string, number>();
  for (const { quantity, low, high } of columns.flatMap(({ swings }) => swings)) {
    const factor = Math.max(low, high) / Math.max(Math.min(low, high), Number.MIN_VALUE);
    largest.set(quantity, Math.max(largest.get(quantity) ?? 1, factor));
  }
  return [...largest].sort(([, one], [, other]) => other - one).map(([quantity]) => quantity);
}
