import type { Board } from '../ir/board.ts';
import { usableResources } from '../ir/board.ts';
import { hasEngines } from '../ir/plan.ts';
import type { EngineLayerPlan, Plan } from '../ir/plan.ts';
import { layerResources } from '../plan/resources/layer-resources.ts';

/** An upper bound of the throughput, and what sets it. */
export interface RooflineBound {
  /** `dsp`, `lut`, or in words. */
  readonly resource: string;
  readonly throughputPerSecond: number;
}

export interface Roofline {
  /** Lowest first. */
  readonly bounds: readonly RooflineBound[];
  /**
   * Copies of the network whose weights fit into the usable block memory, and UltraRAM where weights
   * are loaded; null without weights there.
   */
  readonly copiesInMemory: number | null;
}

function dramBound({ weightStream, copies }: Plan): readonly {
  readonly resource: string;
  readonly amount: number;
  readonly need: number;
}[] {
  if (weightStream === undefined) return [];
  const { rate, beats } = weightStream;
  const resource = `DRAM bandwidth, ${copies} inference${copies === 1 ? '' : 's'} a reading`;
  return [{ resource, amount: (copies * rate.beats) / rate.cycles, need: beats }];
}

/** Bits an UltraRAM holds, and reads in a cycle. */
const ultraBits = 294_912;
const ultraReadBits = 72;

/**
 * What a dense design could reach at best on a board at the clock of its plan, every multiplier
 * busy in every cycle. `products`: per layer, dense products of an inference.
 *
 * - DSP: every usable block computes as many 8-bit products a cycle as the family allows.
 * - LUT: every layer takes the LUTs a product that its planned engines take.
 * - weight memory: every product reads its weight, as every multiplier of `dense_core` has its own
 *   word; layers whose weights are in LUTs do not count, UltraRAM does where weights are loaded.
 * - ports: one beat a cycle in and out.
 * - DRAM bandwidth, where weights are streamed: a reading of all of them serves an inference of every copy.
 */
export function denseRoofline(plan: Plan, board: Board, products: readonly number[]): Roofline {
  const usable = usableResources(board);
  const perSecond = plan.clockMHz * 1e6;
  const total = products.reduce((sum, count) => sum + count, 0);
  const weigh = (cost: (layer: EngineLayerPlan) => number): number =>
    plan.layers.reduce(
      (sum, layer, index) => sum + (hasEngines(layer) ? (products[index] ?? 0) * cost(layer) : 0),
      0,
    );
  const inBlocks = (layer: EngineLayerPlan): boolean =>
    (layer.parameters['BlockWeights'] ?? 0) !== 0;
  const lutsPerProduct = weigh(
    (layer) => layerResources(layer, board.family).lut / layer.multipliers,
  );
  const readBits = weigh((layer) => (inBlocks(layer) ? layer.weightBits : 0));
  // UltraRAM has no initial contents
  const ultra = plan.load === undefined ? 0 : usable.uram;
  const beats = Math.max(plan.input.beatsPerInference, plan.output.beatsPerInference);
  const bounds = [
    { resource: 'dsp', amount: usable.dsp * board.int8ProductsPerDsp, need: total },
    { resource: 'lut', amount: usable.lut, need: lutsPerProduct },
    {
      resource: 'weight memory',
      amount: usable.bram36 * board.blockMemory.readBits + ultra * ultraReadBits,
      need: readBits,
    },
    { resource: 'ports', amount: 1, need: beats },
    ...dramBound(plan),
  ].flatMap(({ resource, amount, need }): readonly RooflineBound[] =>
    need === 0 ? [] : [{ resource, throughputPerSecond: (amount * perSecond) / need }],
  );
  const weights = plan.memories
    .filter(({ purpose, memory }) => purpose === 'weights' && memory !== 'logic')
    .reduce((sum, { widthBits, depth }) => sum + widthBits * depth, 0);
  return {
    bounds: bounds.sort((one, other) => one.throughputPerSecond - other.throughputPerSecond),
    copiesInMemory:
      weights === 0
        ? null
        : Math.floor((usable.bram36 * board.blockMemory.bits + ultra * ultraBits) / weights),
  };
}
