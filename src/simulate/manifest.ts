import { invariant } from '../base/invariant.ts';
import type { Size2d } from '../ir/graph.ts';
import { hasEngines, inputStreamsOf } from '../ir/plan.ts';
import type { EngineLayerPlan, LayerPlan, Plan, StreamPlan, WinnersLayerPlan } from '../ir/plan.ts';
import { drainCycles } from '../plan/lower/drain-cycles.ts';
import { winnersUnit, winnersWork } from '../plan/lower/lower-winners.ts';
import { readBeats } from '../plan/lower/read-beats.ts';
import { beatsPerMap } from '../plan/streams/streams.ts';
import { weightStreamFile } from '../plan/streams/weight-stream.ts';
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
  /** That evaluate copies or engines at once, at most; 1 unless given. Results are the same. */
  readonly threads?: number;
}

export interface RunFiles {
  readonly stimulus: string;
  /** Beats of the load stream; null for a design of fixed weights. */
  readonly load: string | null;
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
    ...loadLines(plan, files.load),
    ...weightLines(plan),
    ['stream_inferences', run.streamInferences],
    ['isolated', run.isolatedSamples.join(' ')],
    // 0 means none to the simulator
    ['gap_seed', run.gapSeed === null ? 0 : 1 + (run.gapSeed % 0xffff_fffe)],
    ['random_state_seed', run.stateSeed === undefined ? 0 : 1 + (run.stateSeed % 0x7fff_fffe)],
    ['settle_cycles', settleCycles(plan)],
    ['hang_cycles', hangCycles(plan)],
    ['pipeline_inferences', Math.min(run.pipelineInferences, run.streamInferences)],
    ['threads', run.threads ?? 1],
    ['result', files.result],
    ['logits_out', files.logits],
    ...(run.waves === null ? [] : [['waves', run.waves] as const]),
    ...output.answers.map(({ edge, channels, height, width, beatsPerSite }) => {
      return ['answer', [edge.from, channels, height, width, beatsPerSite].join(' ')] as const;
    }),
  ];
  plan.layers.forEach((layer, index) => {
    const paths = reference.layers[index];
    invariant(paths !== undefined, `no reference of layer ${index}`);
    lines.push(...layerLines(layer));
    if (layer.kind === 'window') lines.push(['accumulators', paths.accumulators]);
    if (layer.output.kind !== 'logits' && paths.values !== null) {
      lines.push(['values', paths.values]);
    }
  });
  return `${lines.map(([key, value]) => `${key} ${value}`).join('\n')}\n`;
}

function loadLines(
  plan: Plan,
  file: string | null,
): readonly (readonly [string, string | number])[] {
  if (plan.load === undefined) return [];
  invariant(file !== null, 'a design with a load stream has weights to load');
  return [
    ['load_bits', plan.load.beatBits],
    ['load_beats', plan.load.beats],
    ['load', file],
  ];
}

/** The beats lie in the folder in which the simulator runs. */
function weightLines({ weightStream }: Plan): readonly (readonly [string, string | number])[] {
  if (weightStream === undefined) return [];
  return [
    ['weight_bits', weightStream.beatBits],
    ['weight_beats', weightStream.beats],
    ['weight_rate_beats', weightStream.rate.beats],
    ['weight_rate_cycles', weightStream.rate.cycles],
    ['weights', weightStreamFile],
  ];
}

function layerLines(layer: LayerPlan): readonly (readonly [string, string | number])[] {
  const { output } = layer;
  return [
    ['layer', layer.index],
    ['channels', layer.outputChannels],
    ['output_height', output.height],
    ['output_width', output.width],
    ['stream', output.kind],
    ['dense_beats', output.kind === 'dense' ? output.maximumBeats : 0],
    ...(hasEngines(layer) ? engineLines(layer) : [['engines', 0] as const]),
  ];
}

/** The windows of a layer as they lie on its map: engines may see rows of another length (`siteRing`). */
function windowMap({ window, output }: EngineLayerPlan): Size2d {
  const { height, width } = output;
  const { windows } = window;
  return windows.height * windows.width === height * width ? { height, width } : windows;
}

function engineLines(layer: EngineLayerPlan): readonly (readonly [string, string | number])[] {
  const { window } = layer;
  const windows = windowMap(layer);
  return [
    ...drainLines(layer),
    ['window_height', windows.height],
    ['window_width', windows.width],
    ['pool_height', window.pool.height],
    ['pool_width', window.pool.width],
    ['pool_step_height', window.poolStride.height],
    ['pool_step_width', window.poolStride.width],
  ];
}

/** Units that walk windows, and which sums come together; wired sums all at once. */
function drainLines(layer: EngineLayerPlan): readonly (readonly [string, string | number])[] {
  if (layer.wired !== undefined) {
    const channels = Array.from({ length: layer.outputChannels }, (_, channel) => channel);
    return [
      ['engines', 1],
      ['drain_width', layer.outputChannels],
      ['drain_beats', 1],
      ['pool_by_columns', 1],
      ['slots', channels.join(' ')],
    ];
  }
  return [
    ['engines', layer.choice.engines],
    ['drain_width', layer.choice.drainWidth],
    ['drain_beats', layer.drainBeats],
    ['slots', layer.slots.join(' ')],
  ];
}

/** More cycles than a value takes through the pipeline of a join. */
const joinLatency = 32;

/**
 * So many cycles without a lane step, drained sum or transfer, and nothing moves any more until
 * new input comes: more than what a vector takes from its last step through pool and tail.
 */
export function settleCycles(plan: Plan): number {
  const silent = plan.layers.map((layer) => {
    if (layer.kind === 'winners') return mapWork(layer);
    if (!hasEngines(layer))
      return joinLatency + Math.max(...inputStreamsOf(layer).map(tokensPerSite));
    const { coreLatency, drainLatency, requantiseLatency, tail } = layer;
    const reads = readBeats(layer);
    // k-WTA by histogram scans two levels of bins between reading and giving
    const scan = tail.kind === 'histogram' ? 2 ** (2 + Math.ceil(layer.output.valueBits / 2)) : 0;
    return coreLatency + drainLatency + requantiseLatency + reads + scan;
  });
  return 64 + Math.max(...silent) + weightFillCycles(plan);
}

/**
 * So many cycles without any transfer, drained sum or finished window are a hang: several times
 * what the slowest single window or site can take, with every input non-zero.
 */
export function hangCycles(plan: Plan): number {
  const slowest = plan.layers.map((layer) => {
    if (layer.kind === 'winners') return mapWork(layer);
    if (!hasEngines(layer)) return Math.max(...inputStreamsOf(layer).map(tokensPerSite));
    const words = layer.choice.queues > 0 ? layer.depth : layer.words;
    const steps = layer.lanePositions * tokensPerSite(layer.input) * words;
    // a streamed window may wait for another one's words first
    const { periodCycles = 0 } = layer.streamed ?? {};
    return (
      2 * periodCycles +
      steps +
      drainCycles(layer) * layer.window.pool.height * layer.window.pool.width
    );
  });
  return 20_000 + 8 * (settleCycles(plan) + Math.max(...slowest));
}

/** The FIFO of the weight stream fills up, and two beats more are offered. */
function weightFillCycles({ weightStream }: Plan): number {
  if (weightStream === undefined) return 0;
  const { fifoDepth, rate, sections } = weightStream;
  const beats = fifoDepth + 4 + Math.max(...sections.map(({ beatsPerWord }) => beatsPerWord));
  return Math.ceil((beats * rate.cycles) / rate.beats);
}

/** Cycles between the last beat of a full map and its first winner, and more. */
function mapWork(layer: WinnersLayerPlan): number {
  const beats = inputStreamsOf(layer).reduce((sum, stream) => sum + beatsPerMap(stream), 0);
  return joinLatency + winnersWork(winnersUnit(layer), beats);
}

function tokensPerSite(stream: StreamPlan): number {
  return Math.max(stream.maximumTokens, stream.valuesPerSite);
}
