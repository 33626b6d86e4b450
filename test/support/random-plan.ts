import { inLockstep } from '../../src/plan/search/candidates.ts';
import { nextPowerOfTwo } from '../../src/base/bits.ts';
import { present } from '../../src/base/invariant.ts';
import type { Packing } from '../../src/ir/packing.ts';
import type { JoinChoice, LayerChoice } from '../../src/ir/plan.ts';
import { windowOf } from '../../src/ir/quantized.ts';
import type { QuantizedGraph, QuantizedMaxPool, QuantizedWindow } from '../../src/ir/quantized.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { sharesChannels, wholeLanes } from '../../src/plan/lower/check-choice.ts';
import { mayScaleSlowly } from '../../src/plan/lower/drain-cycles.ts';
import { hasHistogramBits, maximumInsertWinners } from '../../src/plan/lower/lower-tail.ts';
import { coreOf, packLayerForQueues } from '../../src/plan/lower/packing-of-layer.ts';
import type { NetworkChoice } from '../../src/plan/plan-network.ts';
import { orderIsModelled } from '../../src/plan/search/queue-packings.ts';
import { networkStreams } from '../../src/plan/streams/stream-classes.ts';
import type { NetworkStreams } from '../../src/plan/streams/stream-classes.ts';
import { topologyOf } from '../../src/plan/streams/topology.ts';
import {
  canBeWired,
  feedsWired,
  rowsOfStep,
  windowsOfStep,
} from '../../src/plan/wired/wired-graph.ts';
import { integerBetween } from '../evaluate/random-graph.ts';
import type { Random } from '../evaluate/random-graph.ts';

function pick<Value>(random: Random, values: readonly [Value, ...Value[]]): Value {
  return values[integerBetween(random, 0, values.length - 1)] ?? values[0];
}

function divisors(value: number): readonly [number, ...number[]] {
  const found = Array.from({ length: value }, (_, index) => index + 1).filter(
    (divisor) => value % divisor === 0,
  );
  return [1, ...found];
}

/** The same folding with queues in some of the sparse layers, and the packings that go with it. */
export function withQueues(
  random: Random,
  graph: QuantizedGraph,
  packings: readonly (Packing | null)[],
  choice: NetworkChoice,
): { readonly packings: readonly (Packing | null)[]; readonly choice: NetworkChoice } {
  const topology = topologyOf(graph);
  const queued = graph.layers.map((layer, index) => {
    const before = present(choice.layers[index], 'a choice');
    const packing = packings[index] ?? null;
    if (layer.kind !== 'window' || before.core !== 'sparse' || random() < 1 / 3) {
      return { packing, layer: before };
    }
    const [from = -1] = topology.givers[index] ?? [];
    if (!orderIsModelled(graph, topology, from)) return { packing, layer: before };
    const queues = pick(random, divisors(before.setsParallel));
    const { kernel, inputShape } = layer.layer;
    // one site a beat: dense beats of the network's input may have several
    const mayShare = sharesChannels(layer) && before.inputTokens <= inputShape.channels;
    const channelLanes = mayShare && random() < 0.7;
    const lanes = channelLanes ? pick(random, [2, 4, 8]) : before.lanes;
    const positions = kernel.height * kernel.width;
    const lanePositions = channelLanes ? null : Math.ceil(positions / lanes);
    const shape = { sets: before.setsParallel, queues, lanes, lanePositions };
    return {
      packing: packLayerForQueues(layer, shape),
      layer: { ...before, lanes, queues, channelLanes, blockWeights: random() < 0.3 },
    };
  });
  return {
    packings: queued.map(({ packing }) => packing),
    choice: { ...choice, layers: queued.map(({ layer }) => layer) },
  };
}

/** The same folding in the forms for devices whose LUTs are no memory, most layers. */
export function withSmallForms(
  random: Random,
  graph: QuantizedGraph,
  choice: NetworkChoice,
): NetworkChoice {
  const layers = choice.layers.map((layer, index) => {
    if ((layer.core !== 'sparse' && layer.core !== 'dense') || random() < 0.1) return layer;
    const oneBank = pick(random, ['block', 'registers'] as const);
    const rows = layer.core === 'sparse' && random() < 0.6;
    const small = { ...layer, oneBank, ...(rows ? { multiplyRows: true as const } : {}) };
    const slow = mayScaleSlowly(windowOf(present(graph.layers[index], 'layer')), small);
    return slow && random() < 0.6 ? { ...small, scaleCycles: pick(random, [2, 4, 8, 16]) } : small;
  });
  return { ...choice, layers };
}

/** The same folding with the weights of most layers wired that can be. */
export function withWires(
  random: Random,
  graph: QuantizedGraph,
  choice: NetworkChoice,
  variant: VariantName,
): NetworkChoice {
  if (variant === 'dense') return choice;
  const streams = networkStreams(graph, variant);
  const layers = graph.layers.map((layer, index) => {
    const before = present(choice.layers[index], 'a choice');
    if (layer.kind !== 'window' || before.core === 'join' || random() < 0.2) return before;
    const [from = -1] = streams.topology.givers[index] ?? [];
    const fed = feedsWired(streams.stream(from, before.inputTokens));
    if (!fed || !canBeWired(layer)) return before;
    const { windowShape, outputShape, kWinners } = layer.layer;
    const windows = pick(random, [1, ...windowsOfStep(layer)]);
    const pooledWidth = pick(random, [1, 1, 2, 4]);
    const most = Math.ceil(windowShape.channels / pooledWidth);
    const pooledDrain = pooledWidth * integerBetween(random, 1, most);
    const tails = integerBetween(random, 1, Math.min(4, outputShape.height * outputShape.width));
    // one unit selects the winners of all vectors, where it can
    const selects = kWinners !== null && random() < 0.5;
    const width = selects ? pick(random, [4, 4, 8]) : pooledWidth;
    const drainWidth = selects ? width : pooledDrain;
    // what does not go into one unit is found by a histogram where beats are wide
    const one = selects && kWinners.groups === 1;
    const narrow = kWinners !== null && !one && !hasHistogramBits(layer);
    const readWidth = narrow ? 1 : width;
    return {
      ...before,
      core: 'wired' as const,
      engines: selects ? 1 : tails,
      lanes: rowsOfStep(layer, windows),
      values: windows,
      queues: 0,
      channelLanes: false,
      blockWeights: false,
      setsParallel: drainWidth * Math.ceil(windowShape.channels / drainWidth),
      drainWidth,
      readWidth,
    };
  });
  return { ...choice, layers };
}

function powersUpTo(limit: number): readonly [number, ...number[]] {
  const powers: [number, ...number[]] = [1];
  for (let power = 2; power <= limit; power *= 2) powers.push(power);
  return powers;
}

/** What a random folding of a layer has to fit. */
interface Place {
  readonly streams: NetworkStreams;
  readonly variant: VariantName;
  readonly packings: readonly (Packing | null)[];
  /** By giver + 1. */
  readonly widths: readonly number[];
}

/** A random legal folding of every layer, streams of up to eight tokens a beat. */
export function randomChoice(
  random: Random,
  graph: QuantizedGraph,
  packings: readonly (Packing | null)[],
  variant: VariantName,
): NetworkChoice {
  const streams = networkStreams(graph, variant);
  const byClass = new Map<number, number>();
  const widths = Array.from({ length: graph.layers.length + 1 }, (_, at) => {
    const streamClass = streams.classOf(at - 1);
    const widest = Math.min(8, streams.widest(streamClass));
    const width = byClass.get(streamClass) ?? pick(random, powersUpTo(widest));
    byClass.set(streamClass, width);
    return width;
  });
  const place = { streams, variant, packings, widths };
  const copies = integerBetween(random, 1, 3);
  const answer = present(streams.topology.answers[0], 'a network has an answer');
  return {
    copies,
    answerWords: present(widths[answer + 1], 'a width'),
    layers: graph.layers.map((layer, index) => {
      switch (layer.kind) {
        case 'window':
          return randomEngines(random, layer, index, place);
        case 'max-pool':
          return randomPool(random, layer, index, place);
        case 'add':
        case 'concat':
        case 'winners':
          return randomJoin(random, layer.kind, index, place);
      }
    }),
  };
}

function randomJoin(
  random: Random,
  kind: 'add' | 'concat' | 'winners',
  index: number,
  { streams, widths }: Place,
): JoinChoice {
  const givers = present(streams.topology.givers[index], 'a layer has inputs');
  const dense = [...givers, index].find((giver) => streams.isDense(giver));
  const inputTokens = givers.map((giver) => present(widths[giver + 1], 'a width'));
  if (kind === 'winners') return { core: 'join', inputTokens, width: inputTokens[0] ?? 1 };
  return {
    core: 'join',
    inputTokens,
    width: dense === undefined ? pick(random, [1, 2, 4]) : present(widths[dense + 1], 'a width'),
  };
}

function randomPool(
  random: Random,
  { layer }: QuantizedMaxPool,
  index: number,
  { streams, widths }: Place,
): LayerChoice {
  const { kernel, inputShape, outputShape } = layer;
  const [giver = -1] = streams.topology.givers[index] ?? [];
  const inputTokens = present(widths[giver + 1], 'a width');
  const setsParallel = pick(random, powersUpTo(nextPowerOfTwo(inputShape.channels)));
  const drainWidth = pick(random, powersUpTo(setsParallel));
  const widest = streams.isDense(giver) ? Math.min(setsParallel, inputTokens) : 1;
  return {
    core: 'max',
    engines: integerBetween(random, 1, Math.min(4, outputShape.height * outputShape.width)),
    lanes: wholeLanes(kernel.height * kernel.width, integerBetween(random, 1, 9)),
    values: pick(random, powersUpTo(widest)),
    setsParallel,
    ...inLockstep,
    drainWidth,
    readWidth: pick(random, powersUpTo(drainWidth)),
    inputTokens,
    tailTokens: streams.isDense(index) ? pick(random, [1, 2]) : present(widths[index + 1], 'width'),
  };
}

function randomEngines(
  random: Random,
  layer: QuantizedWindow,
  index: number,
  { streams, variant, packings, widths }: Place,
): LayerChoice {
  const between = (low: number, high: number): number => integerBetween(random, low, high);
  const sets = packings[index]?.sets.length ?? 1;
  const { kernel, outputShape, inputShape, kWinners } = layer.layer;
  const setsParallel = between(1, Math.min(6, sets));
  const drainWidth = pick(random, divisors(setsParallel));
  const inserts = kWinners !== null && kWinners.k <= maximumInsertWinners;
  // a beat of the drain need not be whole parts
  const powers = powersUpTo(8).filter((width) => width < 2 * drainWidth);
  const [giver = -1] = streams.topology.givers[index] ?? [];
  const inputTokens = present(widths[giver + 1], 'a width');
  const core = coreOf(layer, variant);
  const widest = Math.min(inputTokens, nextPowerOfTwo(inputShape.channels));
  const denseOutput = layer.outputFormat !== null && streams.isDense(index);
  return {
    core,
    engines: between(1, Math.min(5, outputShape.height * outputShape.width)),
    lanes: wholeLanes(kernel.height * kernel.width, between(1, 9)),
    values: core === 'dense' ? pick(random, powersUpTo(widest)) : 1,
    setsParallel,
    ...inLockstep,
    drainWidth,
    readWidth:
      inserts && (random() < 0.7 || !hasHistogramBits(layer)) ? 1 : pick(random, [1, ...powers]),
    inputTokens,
    tailTokens: denseOutput ? 1 : present(widths[index + 1], 'a width'),
  };
}
