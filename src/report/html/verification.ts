import {
  formatCount,
  formatCycles,
  formatMicrojoules,
  formatPercent,
  formatSi,
  missing,
  plural,
} from '../format.ts';
import type { Report, ReportVariant } from '../schema.ts';
import { forecastNote, layerwiseNote, reportVariants } from '../variants.ts';
import { empty, markup, type Markup } from './markup.ts';
import { dataTable, section, variantTag, type Column } from './parts.ts';

const columns: readonly Column[] = [
  { title: 'Variant', align: 'left' },
  { title: 'Result', align: 'left' },
  { title: 'Samples', align: 'right' },
  { title: 'RTL accuracy', align: 'right' },
  { title: 'Accumulators', align: 'right', hint: 'compared before requantisation' },
  { title: 'Streams', align: 'right', hint: 'between layers, compared value by value' },
  {
    title: 'Random gaps',
    align: 'right',
    hint: 'extra runs with input gaps and back-pressure, by seed',
  },
  { title: 'Cycles', align: 'right', hint: 'simulated' },
  { title: 'Time', align: 'right' },
  { title: 'Simulator', align: 'left' },
];

const cycleColumns: readonly Column[] = [
  { title: 'Variant', align: 'left' },
  { title: 'Interval', align: 'right', hint: 'cycles between completed inferences, measured' },
  { title: 'Predicted', align: 'right' },
  { title: 'Difference', align: 'right' },
  { title: 'Latency', align: 'right', hint: 'cycles, median of isolated inferences, measured' },
  { title: 'Predicted', align: 'right' },
  { title: 'Difference', align: 'right' },
  { title: 'p99', align: 'right', hint: '99 of 100 isolated inferences take no longer' },
  { title: 'Worst', align: 'right', hint: 'latency of the slowest isolated inference' },
  { title: 'Bound', align: 'right', hint: 'no inference takes longer: all values non-zero' },
  { title: 'Loaded', align: 'right', hint: 'latency under full load' },
  { title: 'Isolated samples', align: 'right' },
];

/** What was compared with the reference, and the cycle model beside the simulation. */
export function verification(report: Report): Markup {
  const variants = reportVariants(report);
  const rows = variants.map(({ name, variant: { verification: run, reason } }) =>
    run === null
      ? [variantTag(name), markup`<span class="absent">${reason ?? 'not simulated'}</span>`]
      : [
          variantTag(name),
          run.mismatches === 0
            ? markup`<b class="good">bit-exact</b>${run.layerByLayer === undefined ? '' : ', layer by layer'}`
            : markup`<b class="over">${formatCount(run.mismatches)} mismatches</b>`,
          markup`${formatCount(run.samples)}`,
          markup`${formatPercent(run.accuracy)}`,
          markup`${formatSi(run.accumulatorsCompared)}`,
          markup`${formatCount(run.streamsCompared)}`,
          markup`${run.gapSeeds.length === 0 ? missing : `${run.gapSeeds.join(', ')} (${plural(run.gapSamples, 'sample')})`}`,
          markup`${formatSi(run.cyclesSimulated)}`,
          markup`${formatSi(run.seconds, 's')}`,
          markup`${run.simulator}`,
        ],
  );
  const cycleRows = variants.flatMap(({ name, variant: { cycles } }) =>
    cycles === null
      ? []
      : [
          [
            variantTag(name),
            markup`${formatCycles(cycles.interval)}`,
            markup`${formatCycles(cycles.modelInterval)}`,
            markup`${difference(cycles.modelInterval, cycles.interval)}`,
            markup`${formatCycles(cycles.latency)}`,
            markup`${formatCycles(cycles.modelLatency)}`,
            markup`${difference(cycles.modelLatency, cycles.latency)}`,
            markup`${formatCycles(cycles.latencyP99)}`,
            markup`${formatCycles(cycles.latencyWorst)}`,
            markup`${formatCycles(cycles.latencyBound)}`,
            markup`${formatCycles(cycles.latencyLoaded)}`,
            isolatedSamples(cycles),
          ],
        ],
  );
  const prediction =
    cycleRows.length === 0
      ? empty
      : markup`<h3>Cycles, measured and predicted</h3>${dataTable('Measured and predicted cycles', cycleColumns, [{ heading: null, rows: cycleRows }])}`;
  return section(
    'verification',
    'Verification',
    'The Verilog is simulated and compared with the integer evaluator that defines the arithmetic: every output of every sample, the streams between the layers, and the accumulators before rounding.',
    markup`${dataTable('Verification of each variant', columns, [{ heading: null, rows }])}${layerwise(report)}${notSimulated(report)}${neverRead(report)}${prediction}${loading(report)}`,
  );
}

const layerColumns: readonly Column[] = [
  { title: 'Layer', align: 'left' },
  { title: 'Cycles', align: 'right', hint: 'an inference of the layer alone, counted' },
  { title: 'Predicted', align: 'right' },
];

/** Layers that were simulated alone, and what that means for the other numbers. */
function layerwise(report: Report): Markup {
  const note = layerwiseNote(report);
  if (note === null) return empty;
  const groups = reportVariants(report).flatMap(({ name, variant: { verification: run } }) =>
    run?.layerByLayer === undefined
      ? []
      : [
          {
            heading: variantTag(name),
            rows: run.layerByLayer.map((layer) => [
              markup`${layer.name}`,
              markup`${formatCycles(layer.measured)}`,
              markup`${formatCycles(layer.predicted)}`,
            ]),
          },
        ],
  );
  return markup`<p class="note">${note}</p>${dataTable('Layers simulated alone', layerColumns, groups)}`;
}

/** Variants that the models alone speak for. */
function notSimulated(report: Report): Markup {
  const note = forecastNote(report);
  return note === null ? empty : markup`<p class="note">${note}</p>`;
}

/** What loading the weights takes, apart from all inferences. */
function loading(report: Report): Markup {
  const parts = reportVariants(report).flatMap(({ name, variant: { load } }) => {
    if (load === undefined) return [];
    const { beats, beatBits, cycles, milliseconds, energyUj } = load;
    return [
      `${name} ${formatCount(beats)} beats of ${formatCount(beatBits)} bits, ` +
        `${formatCycles(cycles)} cycles (${milliseconds.toFixed(3)} ms), ` +
        `${formatMicrojoules(energyUj.nominal)}`,
    ];
  });
  if (parts.length === 0) return empty;
  return markup`<p class="note">Loading all weights once, which is in no figure of an inference: ${parts.join('; ')}.</p>`;
}

/** Weights no sample ever touched are present but not proved by this data. */
function neverRead(report: Report): Markup {
  const parts = reportVariants(report).flatMap(({ name, variant }) => {
    const words = variant.verification?.wordsNeverRead ?? 0;
    return words === 0 ? [] : [`${formatCount(words)} in ${name}`];
  });
  if (parts.length === 0) return empty;
  return markup`<p class="note">Weight words these samples never read, hence not counted as verified by them: ${parts.join(', ')}.</p>`;
}

/** How many samples were sent alone, and whether each took the cycles predicted for it. */
function isolatedSamples({
  samplesIsolated,
  isolatedAsPredicted,
}: NonNullable<ReportVariant['cycles']>): Markup {
  if (samplesIsolated === 0) return markup`0`;
  return samplesIsolated === isolatedAsPredicted
    ? markup`${formatCount(samplesIsolated)}, all as predicted`
    : markup`<b class="over">${formatCount(isolatedAsPredicted)} of ${formatCount(samplesIsolated)} as predicted</b>`;
}

function difference(predicted: number, measured: number | null): string {
  if (measured === null || measured === 0) return missing;
  return formatPercent(Math.abs(predicted - measured) / measured, 2);
}
