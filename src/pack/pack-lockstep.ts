import { invariant, present } from '../base/invariant.ts';
import type { KernelSet } from '../ir/packing.ts';
import { kernelMasks, type KernelMasks } from './kernel-masks.ts';
import type { PackingProblem } from './packing-problem.ts';
import { seededRandom } from './seeded-random.ts';

/**
 * Kernels in sets that read their words in lockstep, with as many words at each index as the
 * fullest set needs there and none where no kernel has a weight. (`Packing` gives all
 * indices as many words as the fullest one.)
 */
export interface LockstepPacking {
  readonly layer: string;
  /** In canonical order, as in `Packing`. */
  readonly sets: readonly KernelSet[];
  /** Kernels of the largest set. */
  readonly setSize: number;
  /** Words by index: the most non-zeros one set has there. */
  readonly words: Uint16Array;
  /** Words read for an average input: the sum of words x activity. */
  readonly wordsRead: number;
  /** Non-zeros / (sets x words), all indices alike; 0 for a layer of zeros. */
  readonly efficiency: number;
  /** The same over the words read: share of the multiplier slots in use on average. */
  readonly activeEfficiency: number;
}

export interface LockstepOptions {
  /** Number of sets. Those left without a kernel are dropped. */
  readonly sets: number;
  /** How often each index is active, 0 to 1; all alike when absent. */
  readonly activity?: Float64Array;
  /** Effort, in mask entries looked at; more finds a little better packings. */
  readonly steps?: number;
}

/** Effort where the caller does not say, in mask entries looked at: well under a second. */
const defaultSteps = 30_000_000;

/** Warmth of the annealing at its start and end, in mean words x activity of an index. */
const startWarmth = 0.5;
const endWarmth = 0.02;

/**
 * Deals kernels out to sets so that few words are read: simulated annealing over swaps of
 * two kernels of different sets, on the sum over indices of activity x words. Sets differ by
 * one kernel at most. Deterministic. Throws `InvariantError` when sizes disagree.
 */
export function packLockstep(problem: PackingProblem, options: LockstepOptions): LockstepPacking {
  const masks = kernelMasks(problem);
  const activity = options.activity ?? new Float64Array(masks.indices).fill(1);
  invariant(
    activity.length === masks.indices,
    `${problem.layer}: activity of ${activity.length} indices for ${masks.indices}`,
  );
  const sets = Math.min(options.sets, masks.outputs);
  invariant(sets >= 1, `${problem.layer}: packing into ${options.sets} sets`);
  const members = anneal(masks, dealKernels(masks, sets), activity, options.steps ?? defaultSteps);
  const ordered = members
    .map((channels) => channels.sort((one, other) => one - other))
    .sort((one, other) => (one[0] ?? 0) - (other[0] ?? 0));
  const words = new Uint16Array(masks.indices);
  for (const channels of ordered) {
    const used = new Uint16Array(masks.indices);
    for (const kernel of channels) for (const index of at(masks, kernel)) bump(used, index, 1);
    used.forEach((count, index) => {
      words[index] = Math.max(words[index] ?? 0, count);
    });
  }
  let wordsRead = 0;
  let weightsRead = 0;
  for (const [index, share] of activity.entries()) {
    wordsRead += share * (words[index] ?? 0);
    weightsRead += share * (masks.byIndex[index]?.length ?? 0);
  }
  const slots = sets * words.reduce((sum, count) => sum + count, 0);
  return {
    layer: problem.layer,
    sets: ordered.map((channels) => ({ channels })),
    setSize: Math.ceil(masks.outputs / sets),
    words,
    wordsRead,
    efficiency: slots === 0 ? 0 : masks.nonZeros / slots,
    activeEfficiency: wordsRead === 0 ? 0 : weightsRead / (sets * wordsRead),
  };
}

/** Largest first, back and forth over the sets, so that all hold about as many non-zeros. */
function dealKernels(masks: KernelMasks, sets: number): number[][] {
  const members: number[][] = Array.from({ length: sets }, () => []);
  masks.byKernel
    .map((list, kernel) => ({ kernel, size: list.length }))
    .sort((one, other) => other.size - one.size || one.kernel - other.kernel)
    .forEach(({ kernel }, rank) => {
      const place = rank % sets;
      members[Math.floor(rank / sets) % 2 === 0 ? place : sets - 1 - place]?.push(kernel);
    });
  return members;
}

function anneal(
  masks: KernelMasks,
  members: number[][],
  activity: Float64Array,
  steps: number,
): number[][] {
  const { indices, nonZeros } = masks;
  const counts = members.map((kernels) => {
    const used = new Uint16Array(indices);
    for (const kernel of kernels) for (const index of at(masks, kernel)) bump(used, index, 1);
    return used;
  });
  if (members.length < 2 || nonZeros === 0) return members;
  // The fullest sets at an index: how full, and how many of them.
  const most = new Uint16Array(indices);
  const fullest = new Uint16Array(indices);
  for (let index = 0; index < indices; index += 1) recount(counts, index, most, fullest);

  /** Words x activity gained if one non-zero at the index went from one set to the other. */
  const change = (index: number, from: Uint16Array, to: Uint16Array): number => {
    const peak = most[index] ?? 0;
    const there = to[index] ?? 0;
    if (there === peak) return activity[index] ?? 0;
    if (there + 1 === peak || from[index] !== peak || fullest[index] !== 1) return 0;
    return -(activity[index] ?? 0);
  };
  const carry = (kernel: number, from: Uint16Array, to: Uint16Array): void => {
    for (const index of at(masks, kernel)) {
      bump(from, index, -1);
      bump(to, index, 1);
    }
  };

  const random = seededRandom(nonZeros);
  const swaps = Math.ceil((steps * masks.outputs) / (2 * nonZeros));
  const scale = activity.reduce((sum, share) => sum + share, 0) / indices;
  const cooling = (endWarmth / startWarmth) ** (1 / swaps);
  const marked = new Uint8Array(indices);
  let warmth = startWarmth * scale;
  for (let swap = 0; swap < swaps; swap += 1, warmth *= cooling) {
    const one = random(members.length);
    const other = (one + 1 + random(members.length - 1)) % members.length;
    const [ones, others] = [members[one] ?? [], members[other] ?? []];
    const [onePlace, otherPlace] = [random(ones.length), random(others.length)];
    const [oneKernel, otherKernel] = [ones[onePlace] ?? 0, others[otherPlace] ?? 0];
    const oneUsed = present(counts[one], 'counts of a set');
    const otherUsed = present(counts[other], 'counts of a set');
    // An index both kernels use keeps its counts: marked once by each, it is skipped.
    for (const index of at(masks, otherKernel)) marked[index] = 1;
    let delta = 0;
    for (const index of at(masks, oneKernel)) {
      if (marked[index] === 1) marked[index] = 2;
      else delta += change(index, oneUsed, otherUsed);
    }
    for (const index of at(masks, otherKernel)) {
      if (marked[index] === 1) delta += change(index, otherUsed, oneUsed);
      marked[index] = 0;
    }
    // 2^20 steps of probability are fine enough to tell apart what matters.
    if (delta > 0 && random(2 ** 20) / 2 ** 20 >= Math.exp(-delta / warmth)) continue;
    ones[onePlace] = otherKernel;
    others[otherPlace] = oneKernel;
    carry(oneKernel, oneUsed, otherUsed);
    carry(otherKernel, otherUsed, oneUsed);
    for (const index of at(masks, oneKernel)) recount(counts, index, most, fullest);
    for (const index of at(masks, otherKernel)) recount(counts, index, most, fullest);
  }
  return members;
}

function recount(
  counts: readonly Uint16Array[],
  index: number,
  most: Uint16Array,
  fullest: Uint16Array,
): void {
  let peak = 0;
  let sets = 0;
  for (const used of counts) {
    const count = used[index] ?? 0;
    if (count > peak) {
      peak = count;
      sets = 1;
    } else if (count === peak) {
      sets += 1;
    }
  }
  most[index] = peak;
  fullest[index] = sets;
}

function at(masks: KernelMasks, kernel: number): Uint32Array {
  return masks.byKernel[kernel] ?? new Uint32Array(0);
}

function bump(counts: Uint16Array, index: number, by: number): void {
  counts[index] = (counts[index] ?? 0) + by;
}
