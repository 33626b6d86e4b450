import { printable } from '../base/diagnostics.ts';
import { expectationLine } from './expectations.ts';
import {
  formatCount,
  formatCycles,
  formatMegahertz,
  formatMicrojoules,
  formatMicroseconds,
  formatPercent,
  formatPoints,
  formatRatio,
  formatSi,
  missing,
  plural,
} from './format.ts';
import type { Report, ReportVariant } from './schema.ts';
import { energySentence } from './terminal-energy.ts';
import { layOutTable, truncate, wrap, type TableRow } from './terminal-table.ts';
import {
  forecastNote,
  isPredicted,
  layerwiseNote,
  misfit,
  reportVariants,
  resourceLabel,
  resourceNames,
  type NamedVariant,
} from './variants.ts';

export interface TerminalOptions {
  /** Whether escape codes may be used; the caller looks at the terminal and NO_COLOR. */
  readonly colour: boolean;
  /** Columns of the terminal; below 60 the text is laid out for 60. */
  readonly width: number;
  /** Where report.html is, for the last line; left out when there is none. */
  readonly htmlPath?: string;
}

type Paint = (text: string) => string;

interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
}

const indent = '  ';

/**
 * The result of a run as a compact table: no line longer than `width`, no trailing spaces,
 * ends with a newline. Text from the model is made safe for a terminal.
 */
export function formatReport(report: Report, options: TerminalOptions): string {
  const width = Math.max(60, options.width);
  const paint = palette(options.colour);
  const fit = (text: string): string => truncate(plain(text), width);
  const say = (text: string): readonly string[] => wrap(plain(text), width, indent);
  const energy = energySentence(report);
  const lines = [
    paint.bold(fit(`${printable(report.model.name, 60)} on ${printable(report.board.name, 40)}`)),
    ...say(modelLine(report)),
    ...say(accuracyLine(report)),
    ...say(productsLine(report)),
    '',
    ...layOutTable(tableRows(report, paint), width),
    ...[layerwiseNote(report) ?? [], forecastNote(report) ?? []]
      .flat()
      .flatMap(say)
      .map(paint.warn),
    ...reportVariants(report)
      .flatMap(({ name, variant }) => {
        const why = misfit(variant, report.board.resourceNames);
        return why === null ? [] : say(`${name} ${printable(why, 400)}`);
      })
      .map(paint.bad),
    ...rooflineLines(report, width),
    ...chainLines(report, paint, width),
    ...(energy === null ? [] : ['', ...say(energy)]),
  ];
  if (report.ratios.reason !== null) {
    lines.push('', ...say(`No ratio to dense: ${printable(report.ratios.reason, 400)}.`));
  }
  const expectations = report.expectations ?? [];
  if (expectations.length > 0) lines.push('');
  for (const one of expectations) {
    const line = `${one.met ? '✓' : '✗'} ${printable(expectationLine(one), 400)}`;
    lines.push(...say(line).map(one.met ? paint.good : paint.bad));
  }
  for (const warning of report.warnings) {
    lines.push('', ...say(`Warning: ${printable(warning, 400)}`).map(paint.warn));
  }
  if (options.htmlPath !== undefined) {
    // Never wrapped or cut: a path is for clicking and copying.
    lines.push('', `${indent}Full report: ${printable(options.htmlPath)}`);
  }
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function modelLine(report: Report): string {
  const { part, clockMHz } = report.board;
  return `${printable(part, 60)}, ${formatMegahertz(clockMHz)}, ${plural(report.data.samples, 'sample')}${report.data.labelled ? '' : ' without labels'}`;
}

function accuracyLine(report: Report): string {
  if (report.accuracy === null) return 'Accuracy not measured: the samples have no labels';
  const { float, quantized } = report.accuracy;
  return `Accuracy ${formatPercent(float)} float, ${formatPercent(quantized)} quantised (${formatPoints(quantized - float)})`;
}

function productsLine(report: Report): string {
  const { dense, weightSparse, bothSparse } = report.macs;
  return `Products ${formatSi(dense)} dense, ${formatSi(weightSparse)} weight-sparse, ${formatSi(bothSparse)} both-sparse; limit ${formatRatio(report.ratios.macLimit)}`;
}

function tableRows(report: Report, paint: Palette): readonly TableRow[] {
  const variants = reportVariants(report);
  const row = (
    label: string,
    cell: (variant: ReportVariant, named: NamedVariant) => string,
    style?: (text: string, named: NamedVariant) => string,
  ): TableRow => ({
    label,
    cells: variants.map((named) => {
      const text = plain(cell(named.variant, named));
      return { text, paint: (shown: string) => style?.(shown, named) ?? shown };
    }),
  });
  const strong = (text: string): string => paint.bold(text);
  const quiet = (text: string): string => paint.dim(text);
  const board = report.board.resources;
  const rows: readonly TableRow[] = [
    row('', (_, { name }) => name, strong),
    row('Throughput', ({ timing }) => formatSi(timing?.throughputPerSecond ?? null, '/s'), strong),
    row('Latency', ({ timing }) => formatMicroseconds(timing?.latencyUs ?? null)),
    row(
      `${indent}under load`,
      ({ timing }) => formatMicroseconds(timing?.latencyLoadedUs ?? null),
      quiet,
    ),
    ...(variants.some(({ variant }) => isPredicted(variant))
      ? [
          row(
            `${indent}cycles`,
            ({ timing }) => timing?.cyclesSource ?? missing,
            (text) => (text === 'predicted' ? paint.warn(text) : paint.dim(text)),
          ),
        ]
      : []),
    row('Energy/inference', ({ energy }) =>
      formatMicrojoules(energy?.perInferenceUj.nominal ?? null),
    ),
    row(`${indent}low to high`, energyRange, quiet),
    row('Interval, cycles', ({ cycles }) => formatCycles(cycles?.interval ?? null)),
    row(`${indent}predicted`, ({ cycles }) => formatCycles(cycles?.modelInterval ?? null), quiet),
    row('Latency, cycles', ({ cycles }) => formatCycles(cycles?.latency ?? null)),
    row(`${indent}predicted`, ({ cycles }) => formatCycles(cycles?.modelLatency ?? null), quiet),
    row(`${indent}as predicted`, isolatedAsPredicted, (text, { variant: { cycles } }) =>
      cycles === null || cycles.isolatedAsPredicted === cycles.samplesIsolated
        ? paint.dim(text)
        : paint.bad(text),
    ),
    row(`${indent}p99`, ({ cycles }) => formatCycles(cycles?.latencyP99 ?? null), quiet),
    row(`${indent}worst, bound`, ({ cycles }) => worstLatency(cycles), quiet),
    ...(variants.some(({ variant }) => variant.load !== undefined)
      ? [
          row('Loading weights', ({ load }) =>
            formatMicroseconds(load === undefined ? null : load.milliseconds * 1000),
          ),
          row(`${indent}cycles, energy`, loadCost, quiet),
        ]
      : []),
    row('Copies', ({ copies }) => formatCount(copies)),
    ...resourceNames
      .filter((name) => variants.some(({ variant }) => variant.resources[name] > 0))
      .map((name) =>
        row(
          resourceLabel(name, report.board.resourceNames),
          ({ resources }) => utilisation(resources[name], board[name]),
          (text, { variant }) => (variant.resources[name] > board[name] ? paint.bad(text) : text),
        ),
      ),
    row('Verified', verified, (text, { variant }) => {
      if (variant.verification === null) return paint.warn(text);
      return variant.verification.mismatches === 0 ? paint.good(text) : paint.bad(text);
    }),
    row(`${indent}with gaps too`, gapsVerified, quiet),
  ];
  return rows;
}

/** How many of the samples sent alone took exactly the cycles predicted for them. */
function isolatedAsPredicted({ cycles }: ReportVariant): string {
  if (cycles === null || cycles.samplesIsolated === 0) return missing;
  return `${cycles.isolatedAsPredicted} of ${cycles.samplesIsolated}`;
}

function energyRange(variant: ReportVariant): string {
  if (variant.energy === null) return missing;
  const { low, high } = variant.energy.perInferenceUj;
  return `${formatMicrojoules(low, 2)} to ${formatMicrojoules(high, 2)}`;
}

function loadCost({ load }: ReportVariant): string {
  if (load === undefined) return missing;
  return `${formatCycles(load.cycles)}, ${formatMicrojoules(load.energyUj.nominal)}`;
}

function utilisation(used: number, available: number): string {
  return available === 0 ? `${formatCount(used)} of 0` : formatPercent(used / available);
}

function verified({ verification }: ReportVariant): string {
  if (verification === null) return 'not simulated';
  const { samples, mismatches, layerByLayer } = verification;
  if (layerByLayer !== undefined && mismatches === 0) return `by layer, ${samples}/${samples}`;
  return mismatches === 0 ? `${samples}/${samples} exact` : `${mismatches} differ`;
}

/** Runs with random gaps and back-pressure, and samples in each. */
function gapsVerified({ verification }: ReportVariant): string {
  if (verification === null || verification.gapSeeds.length === 0) return missing;
  const { gapSeeds, gapSamples } = verification;
  return `${gapSeeds.length} × ${plural(gapSamples, 'sample')}`;
}

/** What the board allows a variant at best, and how much of the lowest bound it reaches. */
function rooflineLines(report: Report, width: number): readonly string[] {
  return reportVariants(report).flatMap(
    ({ name, variant: { roofline, copiesInMemory, timing, layers, weightStream } }) => {
      const [lowest] = roofline ?? [];
      if (roofline === undefined || lowest === undefined) return [];
      const bounds = roofline.map(
        ({ resource, throughputPerSecond }) =>
          `${resourceLabel(resource)} ${formatSi(throughputPerSecond, '/s')}`,
      );
      const copies =
        copiesInMemory === null || copiesInMemory === undefined
          ? ''
          : `; block memory holds the weights of ${plural(copiesInMemory, 'copy', 'copies')}`;
      const reached =
        timing === null
          ? ''
          : `; reached ${formatPercent(timing.throughputPerSecond / lowest.throughputPerSecond, 0)} of the lowest`;
      const streamed = weightStream === undefined ? '' : ` ${streamedText(layers, weightStream)}`;
      const text = `Roofline of ${name}: ${bounds.join(', ')}${copies}${reached}.${streamed}`;
      return ['', ...wrap(plain(text), width, indent)];
    },
  );
}

function streamedText(
  layers: ReportVariant['layers'],
  { bytes, gigabytesPerSecond, share }: NonNullable<ReportVariant['weightStream']>,
): string {
  const names = layers.flatMap(({ name, weightSource }) =>
    weightSource === undefined ? [] : printable(name, 40),
  );
  const used = share === null ? '' : `, ${formatPercent(share, 0)} of it used`;
  return (
    `Weights of ${names.join(', ')} come from DRAM: ${formatSi(bytes, 'B')} a reading, at ` +
    `${formatSi(gigabytesPerSecond * 1e9, 'B/s')}${used}.`
  );
}

function chainLines(report: Report, paint: Palette, width: number): readonly string[] {
  const { chain } = report.ratios;
  if (chain.length < 2) return [];
  const cells = (texts: readonly string[], style: Paint = (text) => text): TableRow['cells'] =>
    texts.map((text) => ({ text: plain(text), paint: style }));
  return [
    '',
    ...layOutTable(
      [
        {
          label: 'Against dense',
          cells: cells(['products', 'limit', 'throughput', 'energy'], paint.bold),
        },
        ...chain.map((link) => ({
          label: `${indent}${link.variant}`,
          cells: cells([
            formatSi(link.macs),
            formatRatio(link.macLimit),
            formatRatio(link.throughputRatio),
            formatRatio(link.energyRatio),
          ]),
        })),
      ],
      width,
    ),
    ...wrap(plain(ratioSentence(report)), width, indent),
  ];
}

/** The slowest inference seen alone, and what none can exceed. */
function worstLatency(cycles: ReportVariant['cycles']): string {
  if (cycles === null) return formatCycles(null);
  return `${formatCycles(cycles.latencyWorst)}, ${formatCycles(cycles.latencyBound)}`;
}

function ratioSentence(report: Report): string {
  const { throughput, shareOfLimit, energy, energyRange: range, source } = report.ratios;
  if (throughput === null) return '';
  const how = source === 'predicted' ? 'Predicted, not measured: ' : '';
  const share =
    shareOfLimit === null
      ? ''
      : `, ${formatPercent(shareOfLimit, 0)} of what the zeros allow${beyondLimit(shareOfLimit)}`;
  const joules =
    energy === null
      ? ''
      : `; dense needs ${formatRatio(energy)} its energy${range === null ? '' : ` (${formatRatio(range.p10)} to ${formatRatio(range.p90)})`}`;
  return `${how}sparse-sparse has ${formatRatio(throughput)} the throughput of dense${share}${joules}.`;
}

/** Why a speed-up can pass the limit that the products set. */
function beyondLimit(shareOfLimit: number): string {
  return shareOfLimit > 1 ? ' on equal multipliers (wired layers need none)' : '';
}

/** Terminals and grep want ordinary spaces. */
function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}

function palette(colour: boolean): Palette {
  const style =
    (open: number, close: number): Paint =>
    (text) =>
      colour && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    good: style(32, 39),
    bad: style(31, 39),
    warn: style(33, 39),
  };
}
