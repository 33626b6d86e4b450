import {
  formatCount,
  formatCycles,
  formatPercent,
  formatShape,
  formatSi,
  missing,
} from '../format.ts';
import type { Report, ReportLayer, ReportVariantLayer } from '../schema.ts';
import { misfit, oneCopyInterval, reportVariants } from '../variants.ts';
import { empty, markup, type Markup } from './markup.ts';
import { cssPercent, dataTable, section, variantTag, type Column } from './parts.ts';

/** The network as trained, then the hardware each variant gives it. */
export function layers(report: Report): Markup {
  return section(
    'layers',
    'Layer by layer',
    '',
    markup`<h3>The network</h3>
${networkTable(report.layers)}
<h3>The hardware</h3>
${hardwareTable(report)}
<p class="note">Cycles are means per inference and engine at full load. A layer that is starved waits for its input, a blocked one for its output or drain. Utilisation is the share of multiplier cycles that carry a useful product.</p>`,
  );
}

const networkColumns: readonly Column[] = [
  { title: 'Layer', align: 'left' },
  { title: 'Kind', align: 'left' },
  { title: 'Input', align: 'right' },
  { title: 'Output', align: 'right' },
  { title: 'Weights', align: 'right', hint: 'non-zero, after quantisation' },
  { title: 'Weight density', align: 'right' },
  { title: 'Input density', align: 'right', hint: 'share of the input values that are not zero' },
  { title: 'Packing', align: 'right', hint: 'non-zeros / word slots of the weight memory' },
  { title: 'Activation', align: 'left' },
  { title: 'Ties', align: 'right', hint: 'k-WTA vectors with a tie at the k-th value' },
  { title: 'Clipped', align: 'right', hint: 'outputs cut by the quantised range' },
];

function networkTable(layerList: readonly ReportLayer[]): Markup {
  const rows = layerList.map((layer): readonly Markup[] => {
    const { weights, activations } = layer;
    return [
      markup`<span class="name" title="${layer.name}">${layer.name}</span>`,
      markup`${layer.kind}`,
      markup`${formatShape(layer.inputShape)}`,
      markup`${formatShape(layer.outputShape)}`,
      markup`${formatCount(weights.nonZero)}`,
      weights.total === 0 ? markup`${missing}` : density(weights.nonZero / weights.total),
      density(layer.inputDensity),
      markup`${weights.total === 0 ? missing : formatPercent(layer.packingEfficiency, 0)}`,
      markup`${activationText(layer)}`,
      markup`${formatPercent(activations.tieRate)}`,
      markup`${formatPercent(activations.clipRate, 2)}`,
    ];
  });
  return dataTable('Layers of the network', networkColumns, [{ heading: null, rows }]);
}

function activationText({ activations }: ReportLayer): string {
  switch (activations.kind) {
    case 'none':
      return 'none';
    case 'relu':
      return 'ReLU';
    case 'clip':
      return 'clip';
    case 'leaky-relu':
      return 'leaky ReLU';
    case 'k-wta':
      return `k-WTA ${formatCount(activations.k)} per ${activations.scope ?? 'vector'}`;
  }
}

const hardwareColumns: readonly Column[] = [
  { title: 'Layer', align: 'left' },
  { title: 'Unit', align: 'left' },
  {
    title: 'Engines',
    align: 'right',
    hint: 'site-parallel units of one copy; of a wired layer its tails',
  },
  { title: 'Lanes', align: 'right', hint: 'activations consumed in parallel by an engine' },
  { title: 'Sets', align: 'right', hint: 'sets of kernels in parallel' },
  { title: 'Folds', align: 'right', hint: 'groups processed one after another' },
  { title: 'Drain', align: 'right', hint: 'accumulators leaving an engine per cycle' },
  { title: 'Multipliers', align: 'right', hint: 'of one copy' },
  { title: 'Memory', align: 'right', hint: 'weights, accumulators and activations of one copy' },
  { title: 'Busy', align: 'right', hint: 'cycles' },
  { title: 'Starved', align: 'right', hint: 'cycles waiting for input' },
  { title: 'Blocked', align: 'right', hint: 'cycles waiting for output or drain' },
  { title: 'Predicted', align: 'right', hint: 'cycles this layer alone needs, by the cycle model' },
  { title: 'Queues', align: 'right', hint: 'groups of sets at their own pace; 0: in lockstep' },
  { title: 'Slots', align: 'right', hint: 'non-zeros / slots of the weight words' },
  { title: 'Time', align: 'right', hint: 'useful products / (multipliers x busy cycles)' },
  { title: 'Utilisation', align: 'right', hint: 'of the multipliers, useful products only' },
  { title: 'Limited by', align: 'left', hint: 'what keeps the multipliers from more products' },
];

function hardwareTable(report: Report): Markup {
  const groups = reportVariants(report).map(({ name, variant }) => {
    const interval = oneCopyInterval(variant);
    const measured = variant.cycles !== null;
    const every =
      interval === null
        ? empty
        : markup`, one inference per copy every ${formatCycles(interval)} cycles`;
    const problem = misfit(variant);
    const why = problem === null ? empty : markup`, <span class="absent">${problem}</span>`;
    return {
      heading: markup`${variantTag(name)} <span class="quiet">${formatCount(variant.copies)} ${variant.copies === 1 ? 'copy' : 'copies'}${every}${why}</span>`,
      rows: variant.layers.map((layer) => hardwareRow(layer, measured)),
    };
  });
  return dataTable('Hardware of each layer and variant', hardwareColumns, groups);
}

function hardwareRow(layer: ReportVariantLayer, measured: boolean): readonly Markup[] {
  const cycles = (value: number): Markup => markup`${measured ? formatCycles(value) : missing}`;
  return [
    markup`<span class="name" title="${layer.name}">${layer.name}</span>`,
    markup`${layer.unit}`,
    markup`${formatCount(layer.engines)}`,
    markup`${formatCount(layer.lanes)}`,
    markup`${formatCount(layer.setsParallel)}`,
    markup`${formatCount(layer.folds)}`,
    markup`${formatCount(layer.drainWidth)}`,
    markup`${formatCount(layer.multipliers)}`,
    markup`${formatSi(layer.memoryBits, 'bit')}`,
    cycles(layer.busyCycles),
    cycles(layer.starvedCycles),
    cycles(layer.blockedCycles),
    markup`${formatCycles(layer.modelInterval)}`,
    markup`${formatCount(layer.queues)}`,
    layer.multipliers === 0 ? markup`${missing}` : density(layer.slotEfficiency),
    measured ? density(layer.timeEfficiency) : markup`${missing}`,
    measured ? density(layer.multiplierUtilisation) : markup`${missing}`,
    markup`${layer.limitedBy ?? missing}`,
  ];
}

/** A percentage with a small bar under it. */
function density(share: number): Markup {
  return markup`<span class="meter"><span>${formatPercent(share)}</span><i style="width:${cssPercent(share)}"></i></span>`;
}
