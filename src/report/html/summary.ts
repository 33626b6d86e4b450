import {
  formatCount,
  formatMegahertz,
  formatMicrojoules,
  formatMicroseconds,
  formatPercent,
  formatPoints,
  formatRatio,
  formatSi,
  missing,
  plural,
} from '../format.ts';
import type { Report, ReportVariant } from '../schema.ts';
import { isPredicted, reportVariants, verificationTotals } from '../variants.ts';
import { empty, joinMarkup, markup, type Markup } from './markup.ts';

interface Tile {
  readonly title: string;
  readonly value: string;
  readonly detail: string;
  readonly tone: 'plain' | 'good' | 'bad';
}

/** Title, the result in two sentences, and the four numbers a manager takes away. */
export function summary(report: Report): Markup {
  const { model, board, data } = report;
  return markup`<header>
<p class="eyebrow">nzflow report</p>
<h1>${model.name}</h1>
<p class="facts"><span>${board.name}</span><span>${board.part}</span><span>${formatMegahertz(board.clockMHz)}</span><span>${plural(data.samples, 'sample')}${data.labelled ? '' : ', no labels'}</span></p>
<p class="headline">${headline(report)}</p>
<div class="tiles">${tiles(report).map(tileMarkup)}</div>
${warnings(report)}
</header>
`;
}

function tileMarkup({ title, value, detail, tone }: Tile): Markup {
  return markup`<div class="tile ${tone}"><p class="tile-title">${title}</p><p class="tile-value">${value}</p><p class="tile-detail">${detail}</p></div>
`;
}

function headline(report: Report): Markup {
  const { throughput, energy, source } = report.ratios;
  if (throughput === null) {
    const reason = report.ratios.reason;
    const compared = reason === null ? empty : markup` No comparison with dense: ${reason}.`;
    return markup`${absolute(report)}${compared}`;
  }
  const speed =
    throughput >= 1
      ? markup`runs <strong>${formatRatio(throughput)} as fast</strong>`
      : markup`runs at <strong>${formatRatio(throughput)} the speed</strong>`;
  const joules =
    energy === null
      ? empty
      : markup` and needs <strong>${formatPercent(energy === 0 ? null : 1 / energy, 0)} of the energy</strong> per inference`;
  return markup`Skipping zero weights and zero activations, the network ${speed}${joules}, ${source === 'predicted' ? 'by prediction' : 'measured'} against the dense version compiled for the same board. ${limitSentence(report)}`;
}

function limitSentence(report: Report): Markup {
  const { macLimit, shareOfLimit } = report.ratios;
  if (macLimit === null || shareOfLimit === null) return empty;
  const beyond =
    shareOfLimit > 1 ? ' Wired layers, which need no multipliers, carry it beyond.' : '';
  return markup`On equal multipliers the zeros alone would allow ${formatRatio(macLimit)}; the speed-up is ${formatPercent(shareOfLimit, 0)} of that.${beyond}`;
}

function absolute(report: Report): Markup {
  const best = flagship(report);
  if (best === null) return markup`No variant that fits the board was measured.`;
  const { timing } = best.variant;
  return markup`The ${best.name} variant computes <strong>${formatSi(timing?.throughputPerSecond ?? null)} inferences a second</strong> with a latency of ${formatMicroseconds(timing?.latencyUs ?? null)}${isPredicted(best.variant) ? ', by prediction' : ''}.`;
}

/** The variant a summary speaks of: the sparsest that was measured. */
function flagship(report: Report): { name: string; variant: ReportVariant } | null {
  return reportVariants(report).findLast(({ variant }) => variant.timing !== null) ?? null;
}

function tiles(report: Report): readonly Tile[] {
  return [speedTile(report), energyTile(report), accuracyTile(report), verifiedTile(report)];
}

function speedTile(report: Report): Tile {
  const timing = flagship(report)?.variant.timing ?? null;
  const perSecond =
    timing === null ? 'not measured' : `${formatSi(timing.throughputPerSecond)} inferences/s`;
  const latency =
    timing === null
      ? ''
      : `latency ${formatMicroseconds(timing.latencyUs)}, ${formatMicroseconds(timing.latencyLoadedUs)} under load${timing.cyclesSource === 'predicted' ? ', predicted' : ''}`;
  const { throughput, source } = report.ratios;
  return throughput === null
    ? {
        title: 'Throughput',
        value: timing === null ? missing : formatSi(timing.throughputPerSecond, '/s'),
        detail: latency,
        tone: 'plain',
      }
    : {
        title: `Throughput against dense${source === 'predicted' ? ', predicted' : ''}`,
        value: formatRatio(throughput),
        detail: `${perSecond}, ${latency}`,
        tone: 'plain',
      };
}

function energyTile(report: Report): Tile {
  const energy = flagship(report)?.variant.energy?.perInferenceUj ?? null;
  const { energy: ratio, energyRange } = report.ratios;
  const joules =
    energy === null
      ? 'not estimated'
      : `${formatMicrojoules(energy.nominal)} an inference (${formatMicrojoules(energy.low, 2)} to ${formatMicrojoules(energy.high, 2)})`;
  if (ratio === null) {
    return {
      title: 'Energy per inference',
      value: energy === null ? missing : formatMicrojoules(energy.nominal),
      detail:
        energy === null
          ? 'not estimated'
          : `${formatMicrojoules(energy.low, 2)} to ${formatMicrojoules(energy.high, 2)} over the coefficient range`,
      tone: 'plain',
    };
  }
  const range =
    energyRange === null
      ? ''
      : `${formatRatio(energyRange.p10)} to ${formatRatio(energyRange.p90)} over the coefficient range; `;
  return {
    title: 'Inferences per joule against dense',
    value: formatRatio(ratio),
    detail: `${range}${joules}`,
    tone: 'plain',
  };
}

function accuracyTile(report: Report): Tile {
  if (report.accuracy === null) {
    return {
      title: 'Accuracy',
      value: missing,
      detail: 'the samples have no labels',
      tone: 'plain',
    };
  }
  const { float, quantized } = report.accuracy;
  return {
    title: 'Accuracy in 8 bits',
    value: formatPercent(quantized),
    detail: `${formatPoints(quantized - float)} against ${formatPercent(float)} in float`,
    tone: 'plain',
  };
}

function verifiedTile(report: Report): Tile {
  const { variants, requested, samples, mismatches } = verificationTotals(report);
  const title = 'Verilog against the reference';
  if (variants === 0) {
    return { title, value: 'Not run', detail: 'no variant was simulated', tone: 'bad' };
  }
  const simulated =
    variants === requested
      ? plural(variants, 'variant')
      : `${formatCount(variants)} of ${plural(requested, 'variant')}`;
  const scope = `${simulated}, ${plural(samples, 'sample')} each`;
  return mismatches === 0
    ? { title, value: 'Bit-exact', detail: `every output bit of ${scope}`, tone: 'good' }
    : { title, value: plural(mismatches, 'mismatch', 'mismatches'), detail: scope, tone: 'bad' };
}

function warnings(report: Report): Markup {
  if (report.warnings.length === 0) return empty;
  return markup`<ul class="warnings" aria-label="Warnings">${joinMarkup(
    report.warnings.map((warning) => markup`<li>${warning}</li>`),
  )}</ul>`;
}
