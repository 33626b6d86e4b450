import { fitOf } from '../estimate/fit.ts';
import type { Board, ResourceKind, Resources } from '../ir/board.ts';
import { usableResources } from '../ir/board.ts';
import type { Plan } from '../ir/plan.ts';
import type { VariantPlan } from '../plan/planner.ts';
import { isAmd } from '../plan/resources/family-facts.ts';
import { planResources } from '../plan/resources/plan-resources.ts';
import { formatCount, formatRatio, formatSi, plural } from '../report/format.ts';
import { resourceLabel } from '../report/variants.ts';

/** What a design that its board is too small for would take. */
export interface Misfit {
  readonly resource: ResourceKind;
  readonly needed: number;
  readonly usable: number;
  /** Smallest known board that the same plan fits on; null where none does. */
  readonly smallestBoard: string | null;
  /** Layers, from the first on, that fit together; of so many. */
  readonly layersThatFit: number;
  readonly layers: number;
  readonly weightBytes: number;
  /** By the planner's bounds, one copy. */
  readonly inferencesPerSecond: number;
  /** To stream all weights once an inference, at that rate; the board's peak, null if not known. */
  readonly dramNeeded: number;
  readonly dramThere: number | null;
}

/** What does not fit of a variant, and what would; null when it fits. */
export function misfitOf(
  variant: VariantPlan,
  board: Board,
  boards: readonly Board[],
): Misfit | null {
  if (variant.exceeded === null) return null;
  const { plan } = variant.network;
  const { resource } = variant.exceeded;
  const weightBytes = plan.memories
    .filter(({ purpose }) => purpose === 'weights')
    .reduce((sum, { widthBits, depth }) => sum + (widthBits * depth) / 8, 0);
  const inferencesPerSecond = (plan.clockMHz * 1e6 * plan.copies) / variant.plannedInterval;
  const gigabytes = board.dramGigabytesPerSecond;
  return {
    resource,
    needed: variant.resources[resource],
    usable: usableResources(board)[resource],
    smallestBoard: smallestBoard(plan, alike(board, boards))?.name ?? null,
    layersThatFit: layersThatFit(plan, board),
    layers: plan.layers.length,
    weightBytes,
    inferencesPerSecond,
    dramNeeded: weightBytes * inferencesPerSecond,
    dramThere: gigabytes === null ? null : gigabytes * 1e9,
  };
}

/** Boards whose parts a plan for this one could be for: its LUTs and memories are those of the family. */
function alike(board: Board, boards: readonly Board[]): readonly Board[] {
  return boards.filter(({ family }) =>
    isAmd(board.family) ? isAmd(family) : family === board.family,
  );
}

/** Of the boards that hold the plan, the one with the fewest LUTs. */
function smallestBoard(plan: Plan, boards: readonly Board[]): Board | null {
  const holding = boards.filter((board) => {
    return fitOf(planResources(plan, board.family).total, board).fits;
  });
  holding.sort((one, other) => one.resources.lut - other.resources.lut);
  return holding[0] ?? null;
}

function layersThatFit(plan: Plan, board: Board): number {
  const { byLayer } = planResources(plan, board.family);
  let together: Resources = { lut: 0, ff: 0, bram36: 0, uram: 0, dsp: 0 };
  for (const [count, { resources }] of byLayer.entries()) {
    together = {
      lut: together.lut + resources.lut,
      ff: together.ff + resources.ff,
      bram36: together.bram36 + resources.bram36,
      uram: together.uram + resources.uram,
      dsp: together.dsp + resources.dsp,
    };
    if (!fitOf(together, board).fits) return count;
  }
  return byLayer.length;
}

/** A misfit in sentences, for the terminal. */
export function misfitText(name: string, board: Board, misfit: Misfit): readonly string[] {
  const { resource, needed, usable, weightBytes, layersThatFit: count, layers } = misfit;
  const label = resourceLabel(resource, board.resourceNames);
  const other =
    misfit.smallestBoard === null
      ? 'no known board holds it'
      : `the smallest known board that holds it is ${misfit.smallestBoard}`;
  const there =
    misfit.dramThere === null
      ? 'the bandwidth of the board is not known'
      : `the board has ${formatSi(misfit.dramThere, 'B/s')}`;
  return [
    `${name} does not fit ${board.name}: it needs ${formatCount(needed)} ${label}, ` +
      `${formatRatio(needed / Math.max(1, usable))} the ${formatCount(usable)} that are usable, ` +
      `within 5 % of the smallest that was found`,
    `  What fits: ${other}; on ${board.name}, the first ${count} of ${plural(layers, 'layer')}`,
    `  Weights are streamed from DRAM in dense variants only, of layers without padding and pooling: ` +
      `${formatSi(weightBytes, 'B')} of weight words once an inference would be ` +
      `${formatSi(misfit.dramNeeded, 'B/s')} at the planned ` +
      `${formatSi(misfit.inferencesPerSecond, '/s')}; ${there}`,
  ];
}
