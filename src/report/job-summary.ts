import { printable } from '../base/diagnostics.ts';
import { variantFigures } from '../ir/expectation.ts';
import { expectationLine } from './expectations.ts';
import { figuresOfVariant } from './figures.ts';
import { formatMegahertz, formatPercent, formatRatio, formatSi, plural } from './format.ts';
import type { Report, ReportVariant } from './schema.ts';
import { misfit, reportVariants, resourceNames } from './variants.ts';

/** A run as Markdown, short enough for the page of a CI job. */
export function summaryOfReport(report: Report): string {
  const { model, board, data, ratios, macs } = report;
  const variants = reportVariants(report);
  const lines = [
    `### ${cell(model.name)} on ${cell(board.name)}`,
    '',
    `${verdict(report)} ${cell(board.part)}, ${formatMegahertz(board.clockMHz)}, ${plural(data.samples, 'sample')}. ` +
      `Products ${formatSi(macs.dense)} dense, ${formatSi(macs.bothSparse)} where neither factor is zero.`,
    '',
    ...table(
      ['', ...variants.map(({ name }) => name)],
      [['Verified', ...variants.map(({ variant }) => verified(variant))], ...figureRows(report)],
    ),
    '',
    ...(ratios.reason === null
      ? [
          `Sparse-sparse against dense: throughput ${formatRatio(ratios.throughput)}, energy ${formatRatio(ratios.energy)}, latency ${formatRatio(ratios.latency)}; the zeros allow ${formatRatio(ratios.macLimit)}.`,
          '',
        ]
      : []),
    ...expectationLines(report),
    ...[...report.warnings].flatMap((warning) => [`> ${cell(warning)}`, '']),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** A row a figure; without those that no variant has any of. */
function figureRows(report: Report): readonly (readonly string[])[] {
  const variants = reportVariants(report).map(({ variant }) => variant);
  return variantFigures.flatMap((name) => {
    const { label, of, format } = figuresOfVariant[name];
    const resource = resourceNames.find((one) => one === name);
    const available = resource === undefined ? 0 : report.board.resources[resource];
    const values = variants.map(of);
    if (values.every((value) => value === null || value === 0)) return [];
    const cells = values.map((value) => {
      const share = available > 0 && value !== null ? ` (${formatPercent(value / available)})` : '';
      return `${format(value)}${share}`;
    });
    return [[label, ...cells]];
  });
}

function verdict(report: Report): string {
  const variants = reportVariants(report).map(({ variant }) => variant);
  const broken = (report.expectations ?? []).filter(({ met }) => !met).length;
  if (variants.some(({ verification }) => (verification?.mismatches ?? 0) > 0)) {
    return '❌ The Verilog does not equal the reference.';
  }
  if (broken > 0) return `❌ ${plural(broken, 'expectation does', 'expectations do')} not hold.`;
  if (variants.every(({ resources }) => !resources.fits)) return '❌ No variant fits the board.';
  return variants.some(({ verification }) => verification !== null)
    ? '✅ Bit-exact.'
    : 'Not simulated.';
}

function verified(variant: ReportVariant): string {
  const why = misfit(variant);
  if (why !== null) return cell(why);
  const run = variant.verification;
  if (run === null) return 'not simulated';
  return run.mismatches === 0 ? `${run.samples}/${run.samples} exact` : `${run.mismatches} differ`;
}

function expectationLines(report: Report): readonly string[] {
  const all = report.expectations ?? [];
  if (all.length === 0) return [];
  return [...all.map((one) => `- ${one.met ? '✅' : '❌'} ${cell(expectationLine(one))}`), ''];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '--:'))), ...rows.map(line)];
}

/** Text that may hold anything, in Markdown: no tag, link, image or column comes of it. */
function cell(text: string): string {
  return printable(text, 400)
    .replaceAll('\n', ' ')
    .replace(/[\\`*_{}[\]<>()#|!~&$@]/g, (character) => `&#${character.charCodeAt(0)};`);
}
