import { printable } from '../base/diagnostics.ts';
import { ratioFigures, variantFigures } from '../ir/expectation.ts';
import { variantNames } from '../ir/variant.ts';
import type { Figure } from './figures.ts';
import { figuresOfRatios, figuresOfVariant } from './figures.ts';
import { missing, plural } from './format.ts';
import type { Report, ReportVariant } from './schema.ts';

/** A figure in two reports. */
export interface FigureChange {
  /** A variant, or `ratios`. */
  readonly of: string;
  readonly figure: string;
  readonly label: string;
  readonly before: number | null;
  readonly after: number | null;
  /** After over before, less one; null where one is unknown or the one before is 0. */
  readonly change: number | null;
  readonly verdict: 'better' | 'worse' | 'changed' | 'same' | 'appeared' | 'gone';
  readonly shown: readonly [before: string, after: string];
}

export interface ReportDiff {
  /** What is not the same about what was run: a sentence each. */
  readonly conditions: readonly string[];
  readonly figures: readonly FigureChange[];
}

/** Two reports figure by figure: every variant in either, then sparse-sparse against dense. */
export function diffReports(before: Report, after: Report): ReportDiff {
  const figures = variantNames.flatMap((name) => {
    const old = before.variants[name];
    const young = after.variants[name];
    if (old === undefined && young === undefined) return [];
    return variantFigures.map((figure) =>
      changeOf(name, figure, figuresOfVariant[figure], old ?? null, young ?? null),
    );
  });
  const ratios = ratioFigures.map((figure) =>
    changeOf('ratios', figure, figuresOfRatios[figure], before.ratios, after.ratios),
  );
  return { conditions: conditions(before, after), figures: [...figures, ...ratios] };
}

function changeOf<Source>(
  of: string,
  name: string,
  figure: Figure<Source>,
  old: Source | null,
  young: Source | null,
): FigureChange {
  const before = old === null ? null : figure.of(old);
  const after = young === null ? null : figure.of(young);
  const change = before === null || after === null || before === 0 ? null : after / before - 1;
  return {
    of,
    figure: name,
    label: figure.label,
    before,
    after,
    change,
    verdict: verdictOf(name, before, after, figure.better),
    shown: [figure.format(before), figure.format(after)],
  };
}

function verdictOf(
  name: string,
  before: number | null,
  after: number | null,
  better: 'more' | 'less' | null,
): FigureChange['verdict'] {
  if (before === after) return 'same';
  // differences in a design that was not simulated before are no news to be glad of
  if (name === 'mismatches' && after !== null && after > (before ?? 0)) return 'worse';
  if (before === null) return 'appeared';
  if (after === null) return 'gone';
  if (better === null) return 'changed';
  return after > before === (better === 'more') ? 'better' : 'worse';
}

function conditions(before: Report, after: Report): readonly string[] {
  const pairs: readonly (readonly [string, string | number, string | number])[] = [
    ['model', before.model.name, after.model.name],
    ['SHA-256 of the model', before.model.sha256, after.model.sha256],
    ['board', before.board.name, after.board.name],
    ['clock in MHz', before.board.clockMHz, after.board.clockMHz],
    ['samples', before.data.samples, after.data.samples],
    ['version of nzflow', before.tool.version, after.tool.version],
  ];
  const inBoth = variantNames.flatMap((name) => {
    const [old, young] = [before.variants[name], after.variants[name]];
    if (old === undefined || young === undefined) return [];
    const clock = ({ timing }: ReportVariant): string =>
      timing === null ? 'none' : `${timing.clockMHz} MHz (${timing.clockSource})`;
    return [
      [
        `cycles of ${name}`,
        old.timing?.cyclesSource ?? 'none',
        young.timing?.cyclesSource ?? 'none',
      ],
      [`clock of ${name}`, clock(old), clock(young)],
      [`source of the resources of ${name}`, old.resources.source, young.resources.source],
    ] as const;
  });
  return [...pairs, ...inBoth].flatMap(([what, old, young]) => {
    const text = (value: string | number): string => printable(String(value), 80);
    return old === young ? [] : [`${what}: ${text(old)} before, ${text(young)} after`];
  });
}

/** Figures that got worse by more than a share: 0.05 allows 5 %. Gone ones are worse by any. */
export function regressions(diff: ReportDiff, allowed: number): readonly FigureChange[] {
  return diff.figures.filter(({ verdict, change }) => {
    if (verdict === 'gone') return true;
    // 98 of 100 is not more than 2 % less, whatever the last digit of the quotient
    return verdict === 'worse' && (change === null || Math.abs(change) > allowed + 1e-9);
  });
}

/** As a table; what did not change is counted only. */
export function formatDiff(diff: ReportDiff): string {
  const changed = diff.figures.filter(({ verdict }) => verdict !== 'same');
  const groups = [...new Set(changed.map(({ of }) => of))];
  const same = diff.figures.length - changed.length;
  const lines = [
    ...diff.conditions.map((line) => `Not the same ${line}`),
    ...groups.flatMap((group) => [
      group === 'ratios' ? 'sparse-sparse against dense' : group,
      ...changed.filter(({ of }) => of === group).map(changeLine),
    ]),
    changed.length === 0
      ? `All ${plural(same, 'figure')} are the same`
      : `${plural(same, 'figure')} as before`,
  ];
  return `${lines.join('\n')}\n`;
}

function changeLine({ label, shown: [before, after], change, verdict }: FigureChange): string {
  const percent =
    change === null ? missing : `${change < 0 ? '−' : '+'}${Math.abs(change * 100).toFixed(1)} %`;
  return (
    `  ${label.padEnd(24)}${before.padStart(14)}${after.padStart(14)}` +
    `${percent.padStart(12)}  ${verdict}`
  );
}
