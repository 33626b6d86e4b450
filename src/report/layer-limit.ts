import type { EngineLayerPlan } from '../ir/plan.ts';

/** Cycles per engine and inference: what lanes did, and the whole interval of a copy. */
export interface LayerCycles {
  readonly busy: number;
  readonly starved: number;
  readonly blocked: number;
  readonly interval: number;
}

/** Slots in use below which sets in lockstep are what costs most. */
const wellPacked = 0.75;
/** Share of the busy cycles from which on the words of a queue are what takes them. */
const mostly = 0.8;

/** What keeps a layer from more products a cycle, in a few words; null if not measured. */
export function limitOf(layer: EngineLayerPlan, cycles: LayerCycles): string | null {
  const { busy, starved, blocked, interval } = cycles;
  const wired = layer.wired !== undefined;
  if (interval === 0 || (layer.multipliers === 0 && !wired)) return null;
  // words come at the rate of the memory beside the device, while windows are there
  if (layer.streamed !== undefined && starved > 0 && starved + busy > 0.8 * interval) return 'DRAM';
  if (interval - starved - blocked - busy > busy || starved > busy) return 'another layer';
  if (blocked > busy) return wired ? 'tails' : 'drain';
  if (wired) return 'one column a cycle';
  if (layer.choice.core === 'dense') return 'multipliers';
  if (layer.choice.queues === 0) {
    return layer.packingEfficiency < wellPacked ? 'sets in lockstep' : 'slowest lane';
  }
  const { pool, output } = layer.window;
  const windows = (pool.height * pool.width * output.height * output.width) / layer.choice.engines;
  return layer.windowWords * windows >= mostly * busy ? 'busiest queue' : 'one token a cycle';
}
