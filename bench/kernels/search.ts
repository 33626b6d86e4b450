import { present } from '../../src/base/invariant.ts';
import { resourceKinds, usableResources } from '../../src/ir/board.ts';
import type { Board, Resources } from '../../src/ir/board.ts';
import type { Packing } from '../../src/ir/packing.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import type { PlannedNetwork } from '../../src/plan/plan-network.ts';
import { KernelFoldings } from './foldings.ts';
import type { Folding } from './foldings.ts';
import { denseProducts } from './kernel.ts';
import type { KernelGraph } from './kernel-graph.ts';
import { kernelCycles, planKernel } from './planned-kernel.ts';
import type { KernelCycles } from './planned-kernel.ts';

/** Multipliers of a unit where all variants have equally many. */
export const unitMultipliers = 64;

/** The best folding that was found, and what the exact cycle model says of it. */
export interface Found {
  readonly folding: Folding;
  readonly network: PlannedNetwork;
  readonly cycles: KernelCycles;
}

/** What is searched: a kernel as a variant on a board, with the packing of its sparse forms. */
export interface Subject {
  readonly kernel: KernelGraph;
  readonly variant: VariantName;
  readonly board: Board;
  readonly packing: Packing;
}

const targetStep = 1.08;
/** Targets with foldings of few enough multipliers that are looked at. */
const targetsLookedAt = 3;
/** Foldings whose exact cycles are computed. */
const finalists = 4;
/** Where intervals differ by less, the smaller unit is taken. */
const alike = 1.01;
/** Longer intervals than these many times the best one do not fill a board better. */
const hopeless = 5;

/** Products that a variant makes where nothing gets in its way. */
function productsOf({ kernel, variant }: Subject): number {
  if (variant === 'sparse-sparse') return kernel.products;
  const dense = denseProducts(kernel.kernel);
  return variant === 'dense' ? dense : dense / kernel.sparsity.weights;
}

/** The shortest interval of a unit of at most `unitMultipliers` multipliers. */
export function bestOfMultipliers(subject: Subject): Found {
  const foldings = foldingsOf(subject);
  const found = new Map<string, Folding>();
  let looked = 0;
  const least = Math.max(24, Math.floor((0.8 * productsOf(subject)) / unitMultipliers));
  for (let target = least; looked < targetsLookedAt; target = Math.ceil(target * targetStep)) {
    const small = foldings.for(target, unitMultipliers);
    for (const folding of small) found.set(JSON.stringify(folding.choice), folding);
    if (small.length > 0) looked += 1;
  }
  const list = [...found.values()].sort(
    (one, other) => one.bound - other.bound || one.resources.lut - other.resources.lut,
  );
  const exact = exactly(subject, foldings, list);
  const shortest = Math.min(...exact.map(({ cycles }) => cycles.interval));
  return present(
    exact
      .filter(({ cycles }) => cycles.interval <= shortest * alike)
      .sort((one, other) => one.folding.resources.lut - other.folding.resources.lut)[0],
    'a unit of few multipliers',
  );
}

/** A unit and how many of them fit a board. */
export interface FoundOnBoard extends Found {
  readonly copies: number;
}

function copiesOf(resources: Resources, usable: Resources): number {
  return resourceKinds.reduce(
    (copies, kind) =>
      resources[kind] === 0 ? copies : Math.min(copies, Math.floor(usable[kind] / resources[kind])),
    Infinity,
  );
}

/** The unit of which a whole board makes most inferences a second; null where none fits. */
export function bestOfBoard(subject: Subject): FoundOnBoard | null {
  const foldings = foldingsOf(subject);
  const usable = usableResources(subject.board);
  const rate = (folding: Folding): number => copiesOf(folding.resources, usable) / folding.bound;
  const found = new Map<string, Folding>();
  let best: Folding | null = null;
  for (let target = 24; target < 1e8; target = Math.ceil(target * targetStep ** 2)) {
    if (best !== null && target > hopeless * best.bound) break;
    for (const folding of foldings.for(target)) {
      if (copiesOf(folding.resources, usable) === 0) continue;
      found.set(JSON.stringify(folding.choice), folding);
      if (best === null || rate(folding) > rate(best)) best = folding;
    }
  }
  const list = [...found.values()].sort((one, other) => rate(other) - rate(one));
  const exact = exactly(subject, foldings, list);
  const throughput = ({ folding, cycles }: Found): number =>
    copiesOf(folding.resources, usable) / cycles.interval;
  const [winner] = exact.sort((one, other) => throughput(other) - throughput(one));
  if (winner === undefined) return null;
  return { ...winner, copies: copiesOf(winner.folding.resources, usable) };
}

function foldingsOf({ kernel, variant, board, packing }: Subject): KernelFoldings {
  return new KernelFoldings(kernel, variant, board, packing);
}

function exactly(
  { kernel, variant, board }: Subject,
  foldings: KernelFoldings,
  list: readonly Folding[],
): Found[] {
  return list.slice(0, finalists).map((folding) => {
    const { choice, outputTokens } = folding;
    const packing = foldings.packing(choice);
    const network = planKernel(kernel, variant, board, { choice, outputTokens, packing });
    return { folding, network, cycles: kernelCycles(network.plan, kernel) };
  });
}
