import { ceilDivide, ceilLog2 } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { EngineLayerPlan, WinnersTail } from '../../ir/plan.ts';
import { cyclesOfDrainBeat, drainCycles } from '../lower/drain-cycles.ts';
import { readBeats, readParts } from '../lower/read-beats.ts';
import { queueLatency, shareSteps } from './queue-candidates.ts';
import { wiredSteps } from '../wired/wired-steps.ts';

/** Fewest cycles between two groups of an engine: windowCyclescontrol computes the next one. */
const groupMinimum = 5;

/**
 * Cycles an inference occupies a layer in steady state, from mean token counts; the exact model
 * confirms it. `tokensPerSite` is the mean over sites of max(1, tokens) on the input edge.
 */
export interface LayerRate {
  /** Cycles an inference, the largest of the stages below. */
  readonly interval: number;
  /** Of the lanes alone: multiply-accumulate steps. */
  readonly accumulate: number;
  readonly drain: number;
  /** Requantise and tail. */
  readonly tail: number;
  /** Beats on the input edge. */
  readonly input: number;
}

/** Cycles an engine's tail needs per vector. */
function tailCycles(layer: EngineLayerPlan): number {
  const beats = readBeats(layer) * cyclesOfDrainBeat(layer);
  const pooled =
    layer.tail.kind !== 'select' &&
    (layer.wired !== undefined ||
      layer.window.pool.height * layer.window.pool.width > 1 ||
      readParts(layer.choice) > 1);
  const read = beats + (pooled ? 1 : 0);
  switch (layer.tail.kind) {
    case 'logits':
      return Math.max(read, ceilDivide(layer.outputChannels, layer.tail.wordsPerBeat));
    case 'insert':
    case 'select':
      return Math.max(read, winnerBeats(layer.tail));
    case 'nonzero':
      return read;
    case 'histogram': {
      const channels = layer.outputChannels / layer.tail.groups;
      const rows = ceilDivide(channels, layer.choice.readWidth);
      const bits = layer.output.valueBits;
      const scan =
        2 ** Math.floor(bits / 2) +
        2 ** Math.ceil(bits / 2) +
        4 +
        2 * ceilLog2(layer.choice.readWidth);
      return Math.max(read, scan + 2, rows + 5, winnerBeats(layer.tail));
    }
  }
}

/** Beats of the tokens between a tail and its `densify`. */
function tokenCycles({ output, choice }: EngineLayerPlan, outputTokens: number): number {
  return output.kind === 'dense' ? Math.ceil(outputTokens / choice.tailTokens) : 0;
}

/** Beats of the winners of a vector, group by group. */
function winnerBeats({ winners, groups, tokensPerBeat }: WinnersTail): number {
  return groups * ceilDivide(winners, tokensPerBeat);
}

/**
 * The rate of a layer as planned. `outputTokens`: mean of max(1, tokens) of a site that leaves; only
 * used where the tail makes a dense stream of them.
 */
export function layerRate(
  layer: EngineLayerPlan,
  tokensPerSite: number,
  outputTokens = 1,
): LayerRate {
  if (layer.wired !== undefined) return wiredRate(layer, outputTokens);
  const { choice, window } = layer;
  const steps =
    layer.input.kind === 'dense'
      ? (layer.parameters['FixedCount'] ?? 1) * layer.words
      : Math.max(1, tokensPerSite * layer.words);
  const windows = window.pool.height * window.pool.width;
  const groups = window.output.height * window.output.width;
  const perEngine = groups / choice.engines;
  // two banks: a bank is free again a core latency (or its drain) after its window
  const walk = choice.channelLanes
    ? shareSteps(layer.input, choice.lanes, tokensPerSite)
    : layer.lanePositions * steps;
  const windowCycles =
    choice.queues > 0
      ? Math.max(walk, layer.windowWords) + queueLatency
      : choice.oneBank !== undefined
        ? walk + layer.coreLatency + 3 + drainCycles(layer)
        : Math.max(walk, layer.coreLatency + 3, layer.streamed?.periodCycles ?? 0);
  const accumulate = perEngine * Math.max(groupMinimum, windows * windowCycles);
  const drain = perEngine * windows * (drainCycles(layer) + 1);
  const tail = perEngine * Math.max(tailCycles(layer), tokenCycles(layer, outputTokens));
  const beatsPerSite =
    layer.input.kind === 'dense'
      ? layer.input.maximumBeats
      : Math.max(1, ceilDivide(tokensPerSite, layer.input.tokensPerBeat));
  const input =
    window.input.height * ceilDivide(window.input.width, layer.input.sitesPerBeat) * beatsPerSite;
  return { interval: Math.max(accumulate, drain, tail, input), accumulate, drain, tail, input };
}

/** Of a wired layer: a step a cycle, a vector a group, tails in turn. */
function wiredRate(layer: EngineLayerPlan, outputTokens: number): LayerRate {
  const { window, drainBeats, choice, input } = layer;
  const { pool, output } = window;
  const sites = output.height * output.width;
  const rows = pool.height / choice.values;
  const steps = wiredSteps(layer);
  // a vector ends with the last step of its group, not sooner than the beats of the one before
  const apart = rows * present(layer.parameters['GroupColumns'], 'GroupColumns');
  const accumulate = steps + (sites - output.height) * Math.max(0, drainBeats - apart);
  const drain = sites * drainBeats;
  const vector = Math.max(tailCycles(layer), tokenCycles(layer, outputTokens));
  const tail = (sites / choice.engines) * vector;
  const beats = window.input.height * ceilDivide(window.input.width, input.sitesPerBeat);
  return {
    interval: Math.max(accumulate, drain, tail, beats),
    accumulate,
    drain,
    tail,
    input: beats,
  };
}
