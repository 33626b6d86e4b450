import { invariant } from '../base/invariant.ts';
import type { LayerPlan, Plan } from '../ir/plan.ts';
import type { ReferenceFiles } from './reference-files.ts';

/** What one run of a simulator is to do. */
export interface RunPlan {
  /** Inferences streamed back to back: samples 0, 1, ... and again from 0. */
  readonly streamInferences: number;
  /** Samples sent alone afterwards, each when the design is empty. */
  readonly isolatedSamples: readonly number[];
  /** Random input gaps and output back-pressure from this seed; null for none. */
  readonly gapSeed: number | null;
  /**
   * Seed of what registers hold before reset; without it they start at 0, as in an FPGA.
   */
  readonly stateSeed?: number;
  /** Of how many inferences to record when each layer worked on them. */
  readonly pipelineInferences: number;
  /** Waveform file, for a simulator built with waves. */
  readonly waves: string | null;
}

export interface RunFiles {
  readonly stimulus: string;
  readonly result: string;
  readonly logits: string;
}

/**
 * The text file that tells a simulator everything about a run (sim/manifest.h reads it): one
 * `key value` a line. Absolute paths, because the simulator runs in the folder of the images.
 */
export function runManifest(
  plan: Plan,
  reference: ReferenceFiles,
  run: RunPlan,
  files: RunFiles,
): string {
  const { input, output } = plan;
  const lines: (readonly [string, string | number])[] = [
    ['copies', plan.copies],
    ['input_bits', input.beatBits],
    ['input_beats', input.beatsPerInference],
    ['output_bits', output.beatBits],
    ['output_beats', output.beatsPerInference],
    ['output_words', output.words],
    ['samples', reference.samples],
    ['accumulator_samples', reference.accumulatorSamples],
    ['stimulus', files.stimulus],
    ['logits', reference.logits],
    ['stream_inferences', run.streamInferences],
    ['isolated', run.isolatedSamples.join(' ')],
    // 0 means none to the simulator
    ['gap_seed', run.gapSeed === null ? 0 : 1 + (run.gapSeed % 0xffff_fffe)],
    ['random_state_seed', run.stateSeed === undefined ? 0 : 1 + (run.stateSeed % 0x7fff_fffe)],
    ['settle_cycles', settleCycles(plan)],
    ['hang_cycles', hangCycles(plan)],
    ['pipeline_inferences', Math.min(run.pipelineInferences, run.streamInferences)],
    ['result', files.result],
    ['logits_out', files.logits],
    ...(run.waves === null ? [] : [['waves', run.waves] as const]),
  ];
  plan.layers.forEach((layer, index) => {
    const paths = reference.layers[index];
    invariant(paths !== undefined, `no reference of layer ${index}`);
    lines.push(...layerLines(layer), ['accumulators', paths.accumulators]);
    if (paths.values !== null) lines.push(['values', paths.values]);
  });
  return `${lines.map(([key, value]) => `${key} ${value}`).join('\n')}\n`;
}

function layerLines(layer: LayerPlan): readonly (readonly [string, string | number])[] {
  const { window, choice, output } = layer;
  return [
    ['layer', layer.index],
    ['engines', choice.engines],
    ['drain_width', choice.drainWidth],
    ['drain_beats', layer.drainBeats],
    ['channels', layer.outputChannels],
    ['window_height', window.windows.height],
    ['window_width', window.windows.width],
    ['pool_height', window.pool.height],
    ['pool_width', window.pool.width],
    ['output_height', window.output.height],
    ['output_width', window.output.width],
    ['stream', output.kind],
    ['dense_beats', output.kind === 'dense' ? output.maximumBeats : 0],
    ['slots', layer.slots.join(' ')],
  ];
}

/**
 * So many cycles without any transfer, drained sum or finished window, and nothing moves any more
 * until new input comes: more than the slowest window takes from its first step until its sums
 * are through the tail, with every input non-zero.
 */
export function settleCycles(plan: Plan): number {
  const slowest = plan.layers.map((layer) => {
    const { input, drainBeats, choice } = layer;
    const steps =
      input.kind === 'dense' ? (layer.parameters['FixedCount'] ?? 1) : input.maximumTokens;
    const words = choice.queues > 0 ? layer.depth : layer.words;
    const window = layer.lanePositions * steps * words;
    const drain = 2 * drainBeats * choice.drainWidth;
    const latency = layer.coreLatency + layer.drainLatency + layer.requantiseLatency;
    return window + drain + latency + tailCycles(layer);
  });
  return 64 + Math.max(...slowest);
}

/** k-WTA by histogram reads a whole vector, then scans, before it gives a token. */
function tailCycles(layer: LayerPlan): number {
  return layer.tail.kind === 'histogram' ? layer.outputChannels + 2 ** layer.output.valueBits : 0;
}

/** So many cycles without movement are a hang: several times what is needed to settle. */
export function hangCycles(plan: Plan): number {
  return 20_000 + 8 * settleCycles(plan);
}
