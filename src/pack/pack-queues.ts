import { invariant } from '../base/invariant.ts';
import type { KernelSet, Packing } from '../ir/packing.ts';
import { dealChannels, laneOfChannel } from './deal-channels.ts';
import { kernelMasks, type KernelMasks } from './kernel-masks.ts';
import { packLockstep } from './pack-lockstep.ts';
import type { PackingProblem } from './packing-problem.ts';
import { seededRandom } from './seeded-random.ts';

export interface QueueOptions {
  /** Sets in all, a multiple of `queues`. */
  readonly sets: number;
  /** Groups of sets that read words at their own pace; 1: all sets in lockstep. */
  readonly queues: number;
  /** Lanes that share the indices. */
  readonly lanes: number;
  /** Indices of a lane; the last lane may have fewer. Null: `dealChannels` deals them out. */
  readonly laneIndices: number | null;
  /** How often each index is active in a window, 0 to 1; all alike when absent. */
  readonly activity?: Float64Array;
  /** Swaps tried to even out the groups, and mask entries looked at within them. */
  readonly effort?: { readonly swaps: number; readonly steps: number };
}

const fullEffort = { swaps: 40_000, steps: 30_000_000 };
/** Small layers gain nothing from more than so many swaps of every kernel, within and between groups. */
const mostSwaps = 100;

/**
 * Deals kernels out for queues: first to groups, such that every group of every lane has about
 * as many weights to read (by activity), then to the sets of the groups, such that few words hold
 * them (`packLockstep`). All sets hold at most ceil(outputs / sets) kernels. Deterministic.
 */
export function packQueues(problem: PackingProblem, options: QueueOptions): Packing {
  const masks = kernelMasks(problem);
  const { sets, queues, lanes, laneIndices } = options;
  const activity = options.activity ?? new Float64Array(masks.indices).fill(1);
  invariant(sets >= 1 && sets % queues === 0, `${problem.layer}: ${queues} queues, ${sets} sets`);
  invariant(activity.length === masks.indices, `${problem.layer}: activity of other indices`);
  invariant(
    laneIndices === null ||
      (lanes * laneIndices >= masks.indices && (lanes - 1) * laneIndices < masks.indices),
    `${problem.layer}: ${lanes} lanes of ${laneIndices} indices`,
  );
  const turns = laneIndices === null ? dealIndices(masks, activity, lanes) : null;
  const laneOf: LaneOf =
    laneIndices === null
      ? (index) => laneOfChannel(turns ?? [], lanes, index)
      : (index) => Math.floor(index / laneIndices);
  const effort = options.effort ?? fullEffort;
  const swaps = Math.min(effort.swaps, mostSwaps * masks.outputs);
  const steps = Math.min(effort.steps, 2 * mostSwaps * masks.nonZeros);
  const share = sets / queues;
  const capacity = share * Math.ceil(masks.outputs / sets);
  const loads = kernelLoads(masks, activity, lanes, laneOf);
  const groups = evenGroups(dealGroups(loads, queues, capacity), loads, { lanes, swaps });
  const ordered = groups
    .map((kernels) => kernels.sort((one, other) => one - other))
    .sort((one, other) => (one[0] ?? Infinity) - (other[0] ?? Infinity));
  const dealt = ordered.map((kernels) =>
    setsOfGroup(problem, masks, kernels, { share, activity, steps: Math.ceil(steps / queues) }),
  );
  const packing = finish(problem, masks, dealt, { activity, sets, lanes, laneOf });
  if (turns === null || packing.queues === undefined) return packing;
  return { ...packing, queues: { ...packing.queues, turns } };
}

/** The lane an index belongs to. */
type LaneOf = (index: number) => number;

/** Evens out products and tokens of the lanes. */
function dealIndices(masks: KernelMasks, activity: Float64Array, lanes: number): Uint8Array {
  const products = activity.map((share, index) => share * (masks.byIndex[index]?.length ?? 0));
  return dealChannels([products, activity], lanes);
}

/** Weights of each kernel by lane, weighted by activity: [kernel][lane]. */
function kernelLoads(
  masks: KernelMasks,
  activity: Float64Array,
  lanes: number,
  laneOf: LaneOf,
): readonly Float64Array[] {
  return masks.byKernel.map((list) => {
    const load = new Float64Array(lanes);
    for (const index of list) {
      const lane = laneOf(index);
      load[lane] = (load[lane] ?? 0) + (activity[index] ?? 0);
    }
    return load;
  });
}

function total(load: Float64Array): number {
  return load.reduce((sum, part) => sum + part, 0);
}

/** Largest kernels first, each to the least loaded group that has room. */
function dealGroups(loads: readonly Float64Array[], queues: number, capacity: number): number[][] {
  const groups: number[][] = Array.from({ length: queues }, () => []);
  const weight = new Float64Array(queues);
  loads
    .map((load, kernel) => ({ kernel, size: total(load) }))
    .sort((one, other) => other.size - one.size || one.kernel - other.kernel)
    .forEach(({ kernel, size }) => {
      let best = -1;
      for (let group = 0; group < queues; group += 1) {
        if ((groups[group]?.length ?? 0) >= capacity) continue;
        if (best < 0 || (weight[group] ?? 0) < (weight[best] ?? 0)) best = group;
      }
      groups[best]?.push(kernel);
      weight[best] = (weight[best] ?? 0) + size;
    });
  return groups;
}

/** Swaps kernels of two groups as long as that lowers the peaks of the (group, lane) loads. */
function evenGroups(
  groups: number[][],
  loads: readonly Float64Array[],
  { lanes, swaps }: { readonly lanes: number; readonly swaps: number },
): number[][] {
  const queues = groups.length;
  if (queues < 2) return groups;
  const none = new Float64Array(lanes);
  const held = groups.map((kernels) => {
    const sum = new Float64Array(lanes);
    for (const kernel of kernels) {
      loads[kernel]?.forEach((part, lane) => {
        sum[lane] = (sum[lane] ?? 0) + part;
      });
    }
    return sum;
  });
  const random = seededRandom(queues * 0x10001 + loads.length);
  for (let swap = 0; swap < swaps; swap += 1) {
    const one = random(queues);
    const other = (one + 1 + random(queues - 1)) % queues;
    const [ones, others] = [groups[one] ?? [], groups[other] ?? []];
    if (ones.length === 0 || others.length === 0) continue;
    const [onePlace, otherPlace] = [random(ones.length), random(others.length)];
    const [oneKernel, otherKernel] = [ones[onePlace] ?? 0, others[otherPlace] ?? 0];
    const [oneHeld, otherHeld] = [held[one] ?? none, held[other] ?? none];
    const [oneLoad, otherLoad] = [loads[oneKernel] ?? none, loads[otherKernel] ?? none];
    // the fourth power minds the peaks, not the mean
    let change = 0;
    for (let lane = 0; lane < lanes; lane += 1) {
      const moved = (otherLoad[lane] ?? 0) - (oneLoad[lane] ?? 0);
      const [here, there] = [oneHeld[lane] ?? 0, otherHeld[lane] ?? 0];
      change += (here + moved) ** 4 - here ** 4 + (there - moved) ** 4 - there ** 4;
    }
    if (change >= 0) continue;
    for (let lane = 0; lane < lanes; lane += 1) {
      const moved = (otherLoad[lane] ?? 0) - (oneLoad[lane] ?? 0);
      oneHeld[lane] = (oneHeld[lane] ?? 0) + moved;
      otherHeld[lane] = (otherHeld[lane] ?? 0) - moved;
    }
    ones[onePlace] = otherKernel;
    others[otherPlace] = oneKernel;
  }
  return groups;
}

interface GroupOptions {
  readonly share: number;
  readonly activity: Float64Array;
  readonly steps: number;
}

/** The kernels of a group in `share` sets, some of them empty where there are fewer kernels. */
function setsOfGroup(
  problem: PackingProblem,
  masks: KernelMasks,
  kernels: readonly number[],
  { share, activity, steps }: GroupOptions,
): readonly KernelSet[] {
  if (share === 1 || kernels.length <= 1) return padded([{ channels: kernels }], share);
  const { indices } = masks;
  const nonZero = new Uint8Array(kernels.length * indices);
  kernels.forEach((kernel, row) => {
    for (const index of masks.byKernel[kernel] ?? []) nonZero[row * indices + index] = 1;
  });
  const packed = packLockstep(
    { layer: problem.layer, outputs: kernels.length, indices, nonZero },
    { sets: share, activity, steps },
  );
  const sets = packed.sets.map(({ channels }) => ({
    channels: channels.map((row) => kernels[row] ?? 0),
  }));
  return padded(sets, share);
}

function padded(sets: readonly KernelSet[], share: number): readonly KernelSet[] {
  return Array.from({ length: share }, (_, set) => sets[set] ?? { channels: [] });
}

function finish(
  problem: PackingProblem,
  masks: KernelMasks,
  groups: readonly (readonly KernelSet[])[],
  options: {
    readonly activity: Float64Array;
    readonly sets: number;
    readonly lanes: number;
    readonly laneOf: LaneOf;
  },
): Packing {
  const { activity, sets, lanes, laneOf } = options;
  const words = groups.map((group) => groupWords(masks, group));
  const share = sets / groups.length;
  let slots = 0;
  let depth = 1;
  let windowWords = 0;
  let laneWords = 1;
  for (const counts of words) {
    const load = new Float64Array(lanes);
    const held = new Uint32Array(lanes);
    counts.forEach((count, index) => {
      slots += share * count;
      depth = Math.max(depth, count);
      const lane = laneOf(index);
      load[lane] = (load[lane] ?? 0) + count * (activity[index] ?? 0);
      held[lane] = (held[lane] ?? 0) + count;
    });
    laneWords = Math.max(laneWords, ...held);
    windowWords = Math.max(windowWords, ...load);
  }
  return {
    layer: problem.layer,
    sets: groups.flat(),
    setSize: groups.flat().reduce((most, { channels }) => Math.max(most, channels.length), 1),
    depth,
    efficiency: slots === 0 ? 0 : masks.nonZeros / slots,
    complementary: false,
    queues: { words, lanes, windowWords, laneWords },
  };
}

/** By index: the most non-zeros that one of the sets has there. */
function groupWords(masks: KernelMasks, sets: readonly KernelSet[]): Uint16Array {
  const words = new Uint16Array(masks.indices);
  for (const { channels } of sets) {
    const used = new Uint16Array(masks.indices);
    for (const kernel of channels) {
      for (const index of masks.byKernel[kernel] ?? []) {
        const count = (used[index] ?? 0) + 1;
        used[index] = count;
        if (count > (words[index] ?? 0)) words[index] = count;
      }
    }
  }
  return words;
}
