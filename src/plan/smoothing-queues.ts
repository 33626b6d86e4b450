import { present } from '../base/invariant.ts';
import type { Evaluation } from '../evaluate/quantized.ts';
import { resourceKinds, usableResources } from '../ir/board.ts';
import type { Board } from '../ir/board.ts';
import { hasEngines } from '../ir/plan.ts';
import { shapeSize } from '../ir/graph.ts';
import type { EdgePlan, LayerPlan, Plan } from '../ir/plan.ts';
import type { QuantizedGraph } from '../ir/quantized.ts';
import { inferencesShown, intervalOn } from './cycles/interval-on.ts';
import { copiesOnDies } from './search/copies-on-dies.ts';
import { enoughOf, fewestPlaces, worthwhile } from './streams/fewest-places.ts';
import { fifoOf } from './streams/join-buffers.ts';
import type { VariantPlan } from './planner.ts';
import { planResources } from './resources/plan-resources.ts';
import { withDeeperStores } from './streams/store-rows.ts';

/** Depths tried, in beats. */
const depths = [32, 128, 512, 2048];
/** Fewer samples than this show nothing. */
const fewestSamples = 8;
/** Values in all that are looked at: larger networks get none of these queues. */
const mostValues = 4e6;

/** How many samples `withSmoothing` looks at; 0 where the network is too large for it. */
export function smoothingSamples(graph: QuantizedGraph): number {
  const values = graph.layers.reduce((sum, { layer }) => sum + shapeSize(layer.outputShape), 0);
  const samples = Math.min(inferencesShown, Math.floor(mostValues / values));
  return samples < fewestSamples ? 0 : samples;
}

/**
 * The plan with FIFOs in front of layers that read tokens, where samples whose layers take
 * unequally long get through faster with them. How deep they are and where they stand comes from
 * the cycle model on those samples. Most networks need none: the rows of sites in the stores even
 * out as much already.
 *
 * @param evaluations of `smoothingSamples` calibration samples; of fewer, they come again
 */
export function withSmoothing(plan: Plan, evaluations: readonly Evaluation[]): Plan {
  const places = smoothable(plan);
  if (places.length === 0 || evaluations.length === 0) return plan;
  const interval = intervalOn(plan, evaluations);
  const bare = interval(plan);
  const deep = (depth: number, at = places): Plan => withDepth(plan, at, depth);
  const most = present(depths.at(-1), 'depths');
  const best = interval(deep(most));
  const enough = enoughOf(bare, best);
  if (enough === null) return plan;
  const depth = depths.find((each) => interval(deep(each)) <= enough) ?? most;
  const kept = fewestPlaces(places, enough, (at) => interval(deep(depth, at)));
  return withDepth(plan, kept.places, depth);
}

/**
 * What was planned for a board with FIFOs (`withSmoothing`) and then deeper stores
 * (`withDeeperStores`), where they shorten the interval and still fit. For deeper stores there may be
 * fewer copies, if these give more inferences together.
 */
export function smoothVariant(
  variant: VariantPlan,
  evaluations: readonly Evaluation[],
  board: Board,
): VariantPlan {
  if (!variant.fits) return variant;
  const queued = withSmoothing(variant.network.plan, evaluations);
  const smooth = onBoard(variant, queued, board) ?? variant;
  const { plan, gain } = withDeeperStores(smooth.network.plan, evaluations);
  for (let { copies } = plan; copies * gain > plan.copies * (1 + worthwhile); copies -= 1) {
    const deeper = onBoard(smooth, { ...plan, copies }, board);
    if (deeper !== null) return deeper;
  }
  return smooth;
}

/** The variant with another plan of the same layers; null where that does not fit. */
function onBoard(variant: VariantPlan, plan: Plan, board: Board): VariantPlan | null {
  const { total: resources, perCopy } = planResources(plan, board.family);
  const usable = usableResources(board);
  if (plan.copies > copiesOnDies(perCopy, usable, board.dies)) return null;
  if (resourceKinds.some((kind) => resources[kind] > usable[kind])) return null;
  const choice = { ...variant.choice, copies: plan.copies };
  return { ...variant, network: { ...variant.network, plan }, choice, resources };
}

/** Index of a layer whose input can get a FIFO. */
function smoothable(plan: Plan): readonly number[] {
  return plan.layers.flatMap((layer, index) =>
    hasEngines(layer) && layer.input.kind === 'tokens' && layer.inputs[0]?.fifoDepth === 0
      ? index
      : [],
  );
}

function withDepth(plan: Plan, places: readonly number[], depth: number): Plan {
  const layers = plan.layers.map((layer, index): LayerPlan => {
    if (!places.includes(index) || !hasEngines(layer)) return layer;
    const queued = (edge: EdgePlan): EdgePlan => ({ ...edge, ...fifoOf(layer.input, depth) });
    return { ...layer, inputs: layer.inputs.map(queued) };
  });
  return { ...plan, layers };
}
