import type { Packing } from '../ir/packing.ts';
import { growDisjointSets } from './disjoint-sets.ts';
import { disjointnessGraph } from './disjointness.ts';
import { estimateSets } from './estimate-sets.ts';
import { findExactCover } from './exact-cover.ts';
import { findFewestSets } from './fewest-sets.ts';
import { finishPacking } from './finish-packing.ts';
import { kernelMasks } from './kernel-masks.ts';
import { levelSets } from './level-sets.ts';
import type { PackingProblem } from './packing-problem.ts';
import type { StepMeter } from './search-sets.ts';
import { seededRandom } from './seeded-random.ts';

/** Kernels a set at most where the problem does not say: one 64-deep LUT memory a multiplier. */
const defaultSetSize = 64;

/** Words an index at most where the problem does not say. */
const defaultDepthLimit = 16;

/** Share of the slots that each further word an index must save: depth costs cycles and drain. */
const depthPrice = 0.03;

/** Up to this many sets for each kernel at the busiest index, masks count as complementary. */
const nearlyComplementary = 1.5;

/** Effort on one layer, in mask entries looked at: well under a second each. */
const exactCoverSteps = 40_000_000;
const searchSteps = 80_000_000;

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
  const [shallowest, ...deeper] = packingsByDepth(problem);
  return deeper.reduce(
    (best, packing) => (costOf(packing) < costOf(best) ? packing : best),
    shallowest,
  );
}

/**
 * The best packings found, by rising depth, each with fewer slots than all shallower ones:
 * the choices of a planner between words an index and multipliers. The first has depth 1.
 */
export function packingsByDepth(problem: PackingProblem): readonly [Packing, ...Packing[]] {
  const masks = kernelMasks(problem);
  const graph = disjointnessGraph(masks);
  const setSize = problem.setSize ?? masks.outputs;
  const effort = problem.effort ?? 1;
  const budget = Math.ceil(exactCoverSteps * effort);
  const steps = Math.ceil(searchSteps * effort);
  const exact = findExactCover(masks, graph, { setSize, budget });
  if (exact !== null) return [finishPacking(problem, masks, exact)];

  const meter: StepMeter = { left: steps };
  const random = seededRandom(masks.outputs * 0x10001 + masks.indices);
  const grown = growDisjointSets(masks, graph, setSize);
  const disjoint = grown.length <= masks.busiest * nearlyComplementary ? grown : null;
  const single =
    disjoint === null
      ? null
      : findFewestSets(masks, {
          depth: 1,
          setSize,
          guess: masks.busiest,
          disjoint,
          meter: { left: steps },
          random,
        });
  const flat = finishPacking(problem, masks, single ?? levelSets(masks, grown, 1));
  if (slotsOf(flat) === masks.busiest) return [flat];

  const deepest = Math.min(problem.depthLimit ?? defaultDepthLimit, masks.busiest);
  const deeper: Packing[] = [];
  // Deepest first: few sets are searched fast, and tell how many the next depth needs at least.
  let slots = masks.busiest;
  for (let depth = deepest; depth >= 2; depth -= 1) {
    const sets = findFewestSets(masks, {
      depth,
      setSize: Math.min(setSize, defaultSetSize),
      guess: Math.max(Math.ceil(slots / depth), estimateSets(masks, depth)),
      disjoint,
      // The deepest is found at any price: without it a single word an index is all there is.
      meter: deeper.length === 0 ? { left: Number.MAX_SAFE_INTEGER } : meter,
      random,
    });
    if (sets === null) break;
    const packing = finishPacking(problem, masks, sets);
    slots = slotsOf(packing);
    deeper.unshift(packing);
  }
  let fewest = slotsOf(flat);
  const better = deeper.filter((packing) => {
    if (slotsOf(packing) >= fewest) return false;
    fewest = slotsOf(packing);
    return true;
  });
  return [flat, ...better];
}

function slotsOf(packing: Packing): number {
  return packing.sets.length * packing.depth;
}

function costOf(packing: Packing): number {
  return slotsOf(packing) * (1 + depthPrice * (packing.depth - 1));
}
