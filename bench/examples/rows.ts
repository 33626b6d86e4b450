import type { VariantName } from '../../src/ir/variant.ts';
import { variantNames } from '../../src/ir/variant.ts';
import type { Report, ReportVariant } from '../../src/report/schema.ts';
import { textHead, textRow } from '../text-table.ts';
import type { TextColumn } from '../text-table.ts';

interface Row {
  readonly name: string;
  readonly variantName: VariantName;
  readonly report: Report;
  readonly variant: ReportVariant;
}

function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? '-' : (100 * share).toFixed(1);
}

const columns: readonly TextColumn<Row>[] = [
  ['example', -14, ({ name }) => name],
  ['variant', -14, ({ variantName }) => variantName],
  ['board', -14, ({ report }) => report.board.name],
  ['samples', 7, ({ variant }) => String(variant.verification?.samples ?? 0)],
  ['differ', 6, ({ variant }) => String(variant.verification?.mismatches ?? '-')],
  ['float %', 7, ({ report }) => percent(report.accuracy?.float)],
  ['quant. %', 8, ({ report }) => percent(report.accuracy?.quantized)],
  ['RTL %', 6, ({ variant }) => percent(variant.verification?.accuracy)],
  ['copies', 6, ({ variant }) => String(variant.copies)],
  ['interval', 10, ({ variant }) => variant.cycles?.interval?.toFixed(2) ?? '-'],
  ['predicted', 10, ({ variant }) => variant.cycles?.modelInterval.toFixed(2) ?? '-'],
  ['latency', 8, ({ variant }) => String(variant.cycles?.latency ?? '-')],
  ['predicted', 9, ({ variant }) => String(variant.cycles?.modelLatency ?? '-')],
  ['per second', 11, ({ variant }) => variant.timing?.throughputPerSecond.toFixed(0) ?? '-'],
  ['µJ', 8, ({ variant }) => variant.energy?.perInferenceUj.nominal.toFixed(2) ?? '-'],
];

export function tableHead(): string {
  return textHead(columns);
}

export function tableRow(name: string, report: Report, variantName: VariantName): string {
  const variant = report.variants[variantName];
  if (variant === undefined) return `${name}  ${variantName}  missing`;
  return textRow(columns, { name, variantName, report, variant });
}

/** Points of accuracy that 8 bits may cost. */
const mostPoints = 1;

/** What is not as it should be, a sentence each. */
export function violations(name: string, report: Report): readonly string[] {
  const found: string[] = [];
  const check = (right: boolean, wrong: string): void => {
    if (!right) found.push(`${name}: ${wrong}`);
  };
  const { accuracy } = report;
  if (accuracy === null) return [`${name}: no accuracy`];
  const lost = 100 * (accuracy.float - accuracy.quantized);
  check(Math.abs(lost) <= mostPoints, `quantisation changes accuracy by ${lost.toFixed(2)} points`);
  for (const variantName of variantNames) {
    const variant = report.variants[variantName];
    const verification = variant?.verification;
    if (variant === undefined || verification === null || verification === undefined) {
      // what does not fit the board is not simulated, and says so
      check(variant?.resources.fits === false, `${variantName} was not verified`);
      continue;
    }
    const { samples, mismatches } = verification;
    check(mismatches === 0, `${variantName}: ${mismatches} differences`);
    check(samples === report.data.samples, `${variantName}: ${samples} samples were compared`);
    check(
      verification.accuracy === accuracy.quantized,
      `${variantName}: accuracy ${percent(verification.accuracy)} %, not that of the reference`,
    );
    const { cycles } = variant;
    check(
      cycles !== null && cycles.interval === cycles.modelInterval,
      `${variantName}: interval ${cycles?.interval ?? '-'}, predicted ${cycles?.modelInterval ?? '-'}`,
    );
    check(
      cycles !== null && cycles.latency === cycles.modelLatency,
      `${variantName}: latency ${cycles?.latency ?? '-'}, predicted ${cycles?.modelLatency ?? '-'}`,
    );
  }
  return found;
}
