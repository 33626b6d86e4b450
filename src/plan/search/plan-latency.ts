import { present } from '../../base/invariant.ts';
import type { Evaluation } from '../../evaluate/quantized.ts';
import type { BoardFamily } from '../../ir/board.ts';
import { shapeSize } from '../../ir/graph.ts';
import type { Packing } from '../../ir/packing.ts';
import type { Plan } from '../../ir/plan.ts';
import type { QuantizedGraph } from '../../ir/quantized.ts';
import type { SearchContext } from './search-context.ts';
import { predictIsolated } from '../cycles/cycle-model.ts';
import { workloadOf } from '../cycles/workload.ts';
import { latencyBound } from '../cycles/worst-case.ts';
import { LatencySearch } from './latency-search.ts';
import type { LatencyDesign } from './latency-search.ts';
import { planHardware } from '../plan-network.ts';
import type { NetworkChoice, PlanContext } from '../plan-network.ts';
import type { LatencyGoal } from '../planner-options.ts';
import { planResources } from '../resources/plan-resources.ts';

/** Samples that every design is looked at with; the one that is taken is confirmed with all there are. */
const samplesLookedAt = 5;
/** Values of all layers in all designs that are looked at, and how many designs that is at least and most. */
const valuesLookedAt = 4e6;
const fewestTrials = 12;
const mostTrials = 300;
/** Searches with a shorter target, where more samples show that the median is longer. */
const confirmations = 3;

/** What designs are made of besides a search's choice. */
export interface LatencyContext {
  readonly search: SearchContext;
  readonly plan: PlanContext;
  readonly family: BoardFamily;
  /** The packings of a choice, by layer. */
  readonly packingsOf: (choice: NetworkChoice) => readonly (Packing | null)[];
}

/** Cycles of one inference alone in a design: the median of samples; without any, of the worst case. */
export function medianLatency(plan: Plan, evaluations: readonly Evaluation[]): number {
  if (evaluations.length === 0) return latencyBound(plan);
  const latencies = predictIsolated(plan, workloadOf({ ...plan, copies: 1 }, evaluations)).sort();
  return present(latencies[Math.floor((latencies.length - 1) / 2)], 'a latency');
}

/**
 * The smallest design of one copy whose median latency is at most the target, or the one of the least
 * latency; null where none fits. Deterministic.
 */
export function planLatency(
  graph: QuantizedGraph,
  { targetCycles, evaluations }: LatencyGoal,
  context: LatencyContext,
): LatencyDesign | null {
  const values = graph.layers.reduce((sum, { layer }) => sum + shapeSize(layer.outputShape), 0);
  const few = evaluations.slice(0, samplesLookedAt);
  const search = new LatencySearch(graph, context.search, {
    planOf: (choice, interval) =>
      planHardware(graph, context.packingsOf(choice), choice, { ...context.plan, interval }),
    resourcesOf: (plan) => planResources(plan, context.family).total,
    latencyOf: (plan) => medianLatency(plan, few),
    trials: Math.min(mostTrials, Math.max(fewestTrials, Math.floor(valuesLookedAt / values))),
  });
  const wanted = targetCycles ?? 0;
  let target = wanted;
  let confirmed: LatencyDesign | null = null;
  for (let round = 0; round < confirmations; round += 1) {
    const design = search.best(target);
    if (design === null) return null;
    const latencyCycles = medianLatency(design.plan, evaluations);
    if (confirmed === null || latencyCycles < confirmed.latencyCycles) {
      confirmed = { ...design, latencyCycles };
    }
    if (latencyCycles <= wanted || design.latencyCycles > target) break;
    target = Math.floor((target * wanted) / latencyCycles);
  }
  return confirmed;
}
