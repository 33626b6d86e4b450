import { nextPowerOfTwo } from '../../src/base/bits.ts';
import { wholeLanes } from '../../src/plan/lower-layer.ts';
import type { LayerChoice } from '../../src/ir/plan.ts';
import type { Packing } from '../../src/ir/packing.ts';
import type { QuantizedGraph, QuantizedLayer } from '../../src/ir/quantized.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { densePacking, packLayer, packLayerForQueues } from '../../src/plan/packing-of-layer.ts';
import { maximumInsertWinners } from '../../src/plan/lower-layer.ts';
import type { NetworkChoice } from '../../src/plan/plan-network.ts';
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

/** Packings of a network for a variant. */
export function packingsFor(graph: QuantizedGraph, variant: VariantName): readonly Packing[] {
  return graph.layers.map((layer) =>
    variant === 'dense' ? densePacking(layer) : packLayer(layer),
  );
}

/** A random legal folding of every layer. */
export function randomChoice(
  random: Random,
  graph: QuantizedGraph,
  packings: readonly Packing[],
  variant: VariantName,
): NetworkChoice {
  const between = (low: number, high: number): number => integerBetween(random, low, high);
  const layers = graph.layers.map((layer, index): LayerChoice => {
    const sets = packings[index]?.sets.length ?? 1;
    const { kernel, outputShape, inputShape, kWinners } = layer.layer;
    const setsParallel = between(1, Math.min(6, sets));
    const drainWidth = pick(random, divisors(setsParallel));
    const needsOne = kWinners !== null && (kWinners.k <= maximumInsertWinners || random() < 0);
    const readWidth = needsOne && random() < 0.7 ? 1 : readWidthOf(random, layer, drainWidth);
    const dense = variant === 'dense';
    const denseIn = variant !== 'sparse-sparse' || index === 0;
    const inputTokens = pick(random, [1, 2, 4, 8]);
    const padded = nextPowerOfTwo(inputShape.channels);
    const widest = Math.min(inputTokens, padded);
    const values = dense ? pick(random, powersUpTo(widest)) : 1;
    const row = index === 0 ? inputShape.width : 1;
    const fitting = denseIn ? fitBeat(inputTokens, row, padded) : inputTokens;
    return {
      core: dense ? 'dense' : 'sparse',
      engines: between(1, Math.min(5, outputShape.height * outputShape.width)),
      lanes: wholeLanes(kernel.height * kernel.width, between(1, 9)),
      values: Math.min(values, fitting),
      setsParallel,
      queues: 0,
      drainWidth,
      readWidth,
      inputTokens: fitting,
      tailTokens: 1,
    };
  });
  return {
    copies: between(1, 3),
    layers: layers.map((layer, index) => {
      const next = layers[index + 1];
      const tokens = next === undefined ? pick(random, [1, 2, 4]) : next.inputTokens;
      return {
        ...layer,
        tailTokens: next === undefined || variant === 'sparse-sparse' ? tokens : 1,
      };
    }),
  };
}

/**
 * The same folding with queues in some of the sparse layers, and the packings that go with it. The
 * last layer is left as it is for one seed in three, like any other.
 */
export function withQueues(
  random: Random,
  graph: QuantizedGraph,
  packings: readonly Packing[],
  choice: NetworkChoice,
): { readonly packings: readonly Packing[]; readonly choice: NetworkChoice } {
  const queued = graph.layers.map((layer, index) => {
    const before = choice.layers[index];
    const packing = packings[index];
    if (before === undefined || packing === undefined) throw new Error('a layer without a choice');
    if (before.core === 'dense' || random() < 1 / 3) return { packing, layer: before };
    const queues = pick(random, divisors(before.setsParallel));
    const { kernel } = layer.layer;
    const lanePositions = Math.ceil((kernel.height * kernel.width) / before.lanes);
    const shape = { sets: before.setsParallel, queues, lanes: before.lanes, lanePositions };
    return { packing: packLayerForQueues(layer, shape), layer: { ...before, queues } };
  });
  return {
    packings: queued.map(({ packing }) => packing),
    choice: { ...choice, layers: queued.map(({ layer }) => layer) },
  };
}

function powersUpTo(limit: number): readonly [number, ...number[]] {
  const powers: [number, ...number[]] = [1];
  for (let power = 2; power <= limit; power *= 2) powers.push(power);
  return powers;
}

/** Beats hold at most one row of sites. */
function fitBeat(tokens: number, width: number, padded: number): number {
  let fitting = tokens;
  while (fitting > padded * nextPowerOfTwo(width)) fitting /= 2;
  return fitting;
}

function readWidthOf(random: Random, layer: QuantizedLayer, drainWidth: number): number {
  const powers = powersUpTo(8).filter((width) => drainWidth % width === 0);
  return layer.requantization === null
    ? pick(random, [1, ...powers])
    : pick(random, [1, ...powers]);
}
