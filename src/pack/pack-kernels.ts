import type { Packing } from '../ir/packing.ts';
import { measureDepth, packingEfficiency, verifyPacking } from './check-packing.ts';
import { growDisjointSets } from './disjoint-sets.ts';
import { disjointnessGraph } from './disjointness.ts';
import { findExactCover } from './exact-cover.ts';
import { kernelMasks, type KernelMasks } from './kernel-masks.ts';
import type { PackingProblem } from './packing-problem.ts';
import { searchSets, spreadKernels } from './search-sets.ts';
import { seededRandom } from './seeded-random.ts';

type Sets = readonly (readonly number[])[];

/** Kernels a set at most where the problem does not say: one 64-deep LUT memory a multiplier. */
const defaultSetSize = 64;

/** Words an index at most where the problem does not say. */
const defaultDepthLimit = 16;

/** Share of the slots that each further word an index must save: depth costs cycles and drain. */
const depthPrice = 0.03;

const exactCoverBudget = 40_000_000;
const searchBudget = 8_000_000;

/**
 * Assigns the output kernels of a layer to sets.
 *
 * Where the masks are complementary (a partition exists that uses each index once in every
 * set) that partition is found whatever the order of the kernels: depth 1, efficiency 1.
 * Otherwise the packing with the fewest slots (sets x depth) is chosen among those with up
 * to `depthLimit` words an index, where each word more must save 3 % of the slots.
 *
 * Channels in a set ascend and sets are ordered by first channel. Deterministic: the same
 * masks give the same packing. Throws `InvariantError` when sizes disagree.
 */
export function packKernels(problem: PackingProblem): Packing {
  let best: Packing | null = null;
  for (const packing of packingsByDepth(problem)) {
    if (best === null || costOf(packing) < costOf(best)) best = packing;
  }
  return best ?? onePerSet(problem);
}

/**
 * The best packing found for each depth from 1 up, each with fewer slots than all shallower
 * ones: the choices of a planner between words an index and multipliers. Ends at the first
 * that cannot be improved.
 */
export function packingsByDepth(problem: PackingProblem): readonly Packing[] {
  const masks = kernelMasks(problem);
  const depthLimit = Math.max(1, problem.depthLimit ?? defaultDepthLimit);
  const shallow = packAtDepthOne(masks, problem);
  const packings = [toPacking(problem, masks, shallow)];
  let fewestSlots = slotsOf(packings[0] ?? onePerSet(problem));
  const setSize = Math.min(problem.setSize ?? defaultSetSize, masks.outputs);
  const random = seededRandom(masks.outputs * 0x10001 + masks.indices);
  for (let depth = 2; depth <= depthLimit && fewestSlots > masks.busiest; depth += 1) {
    const fewestSets = Math.max(
      Math.ceil(masks.busiest / depth),
      Math.ceil(masks.outputs / setSize),
    );
    let low = fewestSets;
    let high = Math.ceil(fewestSlots / depth);
    let found: Sets | null = null;
    // Between sets that cannot be enough and sets that would save nothing.
    while (low < high) {
      const sets = Math.floor((low + high) / 2);
      const goal = { sets, depth, setSize, budget: searchBudget, random };
      const result = searchSets(masks, spreadKernels(masks, goal), goal);
      if (result === null) {
        low = sets + 1;
      } else {
        found = result;
        high = sets;
      }
    }
    if (found === null) continue;
    const packing = toPacking(problem, masks, found);
    packings.push(packing);
    fewestSlots = slotsOf(packing);
  }
  return packings;
}

/** Sets without collisions: the complementary ones, or as few as are found. */
function packAtDepthOne(masks: KernelMasks, problem: PackingProblem): Sets {
  const setSize = problem.setSize ?? masks.outputs;
  const graph = disjointnessGraph(masks);
  const exact = findExactCover(masks, graph, { setSize, budget: exactCoverBudget });
  if (exact !== null) return exact;
  let sets = growDisjointSets(masks, graph, setSize);
  const random = seededRandom(masks.outputs);
  // Nearly complementary: dissolve the smallest set and find room for its kernels elsewhere.
  while (sets.length > masks.busiest && sets.length <= masks.busiest * 1.5) {
    const start = dissolveSmallest(sets, setSize);
    if (start === null) break;
    const goal = { sets: sets.length - 1, depth: 1, setSize, budget: searchBudget, random };
    const fewer = searchSets(masks, start, goal);
    if (fewer === null) break;
    sets = fewer;
  }
  return sets;
}

/** The same kernels in one set less, collisions and all; null when they do not fit. */
function dissolveSmallest(sets: Sets, setSize: number): Sets | null {
  const bySize = sets.map((set) => [...set]).sort((one, other) => other.length - one.length);
  for (const kernel of bySize.pop() ?? []) {
    const room = bySize.findLast((set) => set.length < setSize);
    if (room === undefined) return null;
    room.push(kernel);
  }
  return bySize;
}

/** Adds the kernels without non-zeros, puts all in canonical order and measures. */
function toPacking(problem: PackingProblem, masks: KernelMasks, sets: Sets): Packing {
  const filled = sets.map((set) => [...set]);
  const limit = problem.setSize ?? masks.outputs;
  for (const [kernel, list] of masks.byKernel.entries()) {
    if (list.length > 0) continue;
    let smallest = filled[0];
    for (const set of filled) if (set.length < (smallest?.length ?? 0)) smallest = set;
    if (smallest !== undefined && smallest.length < limit) smallest.push(kernel);
    else filled.push([kernel]);
  }
  return finishPacking(problem, filled);
}

function onePerSet(problem: PackingProblem): Packing {
  return finishPacking(
    problem,
    Array.from({ length: problem.outputs }, (_, output) => [output]),
  );
}

function finishPacking(problem: PackingProblem, sets: Sets): Packing {
  const ordered = sets
    .map((channels) => [...channels].sort((one, other) => one - other))
    .sort((one, other) => (one[0] ?? 0) - (other[0] ?? 0));
  // A layer of zeros keeps one word an index: a memory needs a word.
  const depth = Math.max(1, measureDepth(problem, ordered));
  const packing: Packing = {
    layer: problem.layer,
    sets: ordered.map((channels) => ({ channels })),
    setSize: ordered.reduce((most, channels) => Math.max(most, channels.length), 0),
    depth,
    efficiency: packingEfficiency(problem, { sets: ordered.length, depth }),
    complementary: depth <= 1,
  };
  verifyPacking(problem, packing);
  return packing;
}

function slotsOf(packing: Packing): number {
  return packing.sets.length * packing.depth;
}

function costOf(packing: Packing): number {
  return slotsOf(packing) * (1 + depthPrice * (packing.depth - 1));
}
