import { formatMegahertz, formatPercent, plural } from '../format.ts';
import type { Report } from '../schema.ts';
import { isPredicted, reportVariants } from '../variants.ts';
import { markup, type Markup } from './markup.ts';
import { section } from './parts.ts';

/** What the numbers rest on, in sentences. */
export function assumptions(report: Report): Markup {
  const sentences = [
    ...clockSentences(report),
    ...resourceSentences(report),
    ...energySentences(report),
    ...comparisonSentences(report),
    ...report.notes,
  ];
  return section(
    'assumptions',
    'What these numbers rest on',
    '',
    markup`<ul class="sentences">${sentences.map((sentence) => markup`<li>${sentence}</li>`)}</ul>`,
  );
}

function clockSentences(report: Report): readonly string[] {
  const timings = reportVariants(report).flatMap(({ variant }) => variant.timing ?? []);
  const assumed = timings.filter(
    ({ clockSource }) => clockSource === 'board' || clockSource === 'option',
  );
  const sources = [
    ...new Set(
      timings.filter((timing) => !assumed.includes(timing)).map((timing) => timing.clockSource),
    ),
  ];
  const clock = formatMegahertz(report.board.clockMHz);
  return [
    ...cycleSentences(report),
    ...(assumed.length === 0
      ? []
      : [`The clock of ${clock} is an assumption until place-and-route has confirmed it.`]),
    ...sources.map((source) =>
      source === 'place-and-route'
        ? 'Place and route confirmed the clock of some variants, or the slower one that is used here.'
        : `The clock of some variants comes from ${source}.`,
    ),
  ];
}

function cycleSentences(report: Report): readonly string[] {
  const timed = reportVariants(report).filter(({ variant }) => variant.timing !== null);
  const predicted = timed.filter(({ variant }) => isPredicted(variant)).map(({ name }) => name);
  const rates = 'times and rates are those cycles at the clock.';
  if (predicted.length === 0) return [`Cycles are counted in simulation of the Verilog; ${rates}`];
  const counted = predicted.length === timed.length ? '' : ', the others counted in simulation';
  return [`Cycles of ${predicted.join(', ')} are predicted by the cycle model${counted}; ${rates}`];
}

function resourceSentences(report: Report): readonly string[] {
  const sources = new Set(reportVariants(report).map(({ variant }) => variant.resources.source));
  return [...sources].map((source) =>
    source === 'model'
      ? 'Resources come from a model of the generated hardware, not from synthesis.'
      : `Resources were counted by ${source}.`,
  );
}

function energySentences(report: Report): readonly string[] {
  const energies = reportVariants(report).flatMap(({ name, variant }) =>
    variant.energy === null ? [] : [{ name, energy: variant.energy }],
  );
  if (energies.length === 0) return [];
  const uncounted = energies.filter(({ energy }) => energy.activitySource === 'predicted');
  const forecast =
    uncounted.length === 0 ? '' : ` (${uncounted.map(({ name }) => name).join(', ')}: predicted)`;
  const shares = energies.flatMap(({ name, energy }) => {
    const staticUj = energy.breakdownUj['static'];
    return staticUj === undefined || energy.perInferenceUj.nominal === 0
      ? []
      : [`${formatPercent(staticUj / energy.perInferenceUj.nominal, 0)} of ${name}`];
  });
  return [
    `Energy is events counted in simulation${forecast} times coefficients of the device family. Nobody publishes a measured table, so each coefficient is a range, and so is every energy.`,
    ...(report.ratios.energyRange === null
      ? []
      : [
          'The range of the energy ratio holds for eight of ten draws of the coefficients, each draw shared by both variants.',
        ]),
    ...(shares.length === 0
      ? []
      : [
          `Static power is charged to the inferences by the time they take at full load: ${shares.join(', ')} at nominal coefficients.`,
        ]),
  ];
}

function comparisonSentences(report: Report): readonly string[] {
  const isolated = reportVariants(report).flatMap(
    ({ variant }) => variant.cycles?.samplesIsolated ?? [],
  );
  const latency =
    isolated.length === 0
      ? []
      : [
          `Latency is the median of ${plural(Math.min(...isolated), 'isolated inference')}, from the first input beat taken to the last output beat given.`,
        ];
  return [
    ...(report.variants.dense === undefined
      ? []
      : [
          'Dense is a baseline from the same compiler, planner, board and clock, not a measurement of another product.',
        ]),
    ...latency,
  ];
}
