import { present } from '../../base/invariant.ts';
import { usableResources } from '../../ir/board.ts';
import type { Resources } from '../../ir/board.ts';
import type { Packing } from '../../ir/packing.ts';
import type { Plan } from '../../ir/plan.ts';
import type { QuantizedGraph } from '../../ir/quantized.ts';
import type { SearchContext } from '../search/search-context.ts';
import { copiesOnDies } from '../search/copies-on-dies.ts';
import { intervalOn } from '../cycles/interval-on.ts';
import { fedCopies, portBeats, throughputOf } from '../search/fed-copies.ts';
import { planHardware } from '../plan-network.ts';
import type { NetworkChoice, PlanContext } from '../plan-network.ts';
import { planResources } from '../resources/plan-resources.ts';
import { fillOf } from '../resources/share.ts';
import { exactCandidates, isSearched } from './exact-search.ts';
import type { Candidate } from './exact-search.ts';
import { Goal } from './goal.ts';

/** A design as it was planned. */
export interface Design {
  readonly choice: NetworkChoice;
  /** Cycles between two inferences of a copy, by bounds. */
  readonly interval: number;
}

/** The design of another search. */
export interface DesignThere {
  readonly plan: Plan;
  readonly interval: number;
  readonly resources: Resources;
  readonly fits: boolean;
}

/** What planning as a whole takes from the planner. */
export interface ExactPlanning {
  readonly search: SearchContext;
  readonly context: PlanContext;
  readonly packingsOf: (choice: NetworkChoice) => readonly (Packing | null)[];
}

/** Candidates that are planned as a whole at most, and those that the cycle model is asked for. */
const mostPlanned = 100;
const mostMeasured = 16;
/** A design that is better by less is not worth another one. */
const worthwhile = 1.02;

/**
 * A design of a small chain that is better than one there is: faster, or, where that reaches the target
 * throughput, smaller. By bounds, and by the cycle model as well where there are calibration samples. Null
 * where none is, or the network is not small enough to look at all foldings.
 */
export function betterDesign(
  graph: QuantizedGraph,
  there: DesignThere,
  planning: ExactPlanning,
): Design | null {
  if (!isSearched(graph, planning.search.variant)) return null;
  const { targetThroughput, clockMHz, board } = planning.search.options;
  const budget = usableResources(board);
  const { plan, interval, fits } = there;
  const beats = portBeats(plan);
  const throughput = fits ? throughputOf(plan.copies, interval, beats) : 0;
  const real = fits ? (exactThroughput(plan, planning) ?? throughput) : 0;
  const faster = new Goal({ budget, target: null, threshold: throughput * worthwhile });
  if (targetThroughput === undefined) return fastest(graph, real, planning, faster);
  const target = targetThroughput / (clockMHz * 1e6);
  const isReached = real >= target;
  const threshold = isReached ? -fillOf(there.resources, budget).share / worthwhile : -Infinity;
  const reached = smallest(graph, planning, new Goal({ budget, target, threshold }), target);
  return isReached ? reached : (reached ?? fastest(graph, real, planning, faster));
}

/** Cycles between two inferences of a copy by the cycle model; null without samples. */
function exactInterval(plan: Plan, { search }: ExactPlanning): number | null {
  const { evaluations = [] } = search.options;
  return evaluations.length === 0 ? null : intervalOn(plan, evaluations)(plan);
}

/** Inferences a cycle of a plan by the cycle model; null without samples. */
function exactThroughput(plan: Plan, planning: ExactPlanning): number | null {
  const interval = exactInterval(plan, planning);
  return interval === null ? null : throughputOf(plan.copies, interval, portBeats(plan));
}

/** The fastest of those faster than `before`; without samples the best by bounds. */
function fastest(
  graph: QuantizedGraph,
  before: number,
  planning: ExactPlanning,
  goal: Goal,
): Design | null {
  const { board } = planning.search.options;
  let most = before;
  let best: Design | null = null;
  let measured = 0;
  for (const { design, plan } of betterDesigns(graph, planning, goal)) {
    const interval = exactInterval(plan, planning);
    if (interval === null) return design;
    const copies = fedCopies(plan, interval, board);
    const throughput = throughputOf(copies, interval, portBeats(plan));
    if (throughput > worthwhile * most) {
      most = throughput;
      best = { ...design, choice: { ...design.choice, copies } };
    }
    measured += 1;
    if (measured >= mostMeasured) break;
  }
  return best;
}

/** The smallest that reaches the target. */
function smallest(
  graph: QuantizedGraph,
  planning: ExactPlanning,
  goal: Goal,
  target: number,
): Design | null {
  let measured = 0;
  for (const { design, plan } of betterDesigns(graph, planning, goal)) {
    const throughput = exactThroughput(plan, planning);
    if (throughput === null || throughput >= target) return design;
    measured += 1;
    if (measured >= mostMeasured) break;
  }
  return null;
}

interface Planned {
  readonly design: Design;
  readonly plan: Plan;
}

/** Better designs that fit as a whole, the best first by what was hoped of them. */
function* betterDesigns(
  graph: QuantizedGraph,
  planning: ExactPlanning,
  goal: Goal,
): Generator<Planned> {
  const waiting: (Planned & { readonly score: number })[] = [];
  const candidates = exactCandidates(graph, planning.search, goal).slice(0, mostPlanned);
  for (const candidate of candidates) {
    // some came to less than was hoped of them
    while ((waiting[0]?.score ?? -Infinity) >= candidate.score) yield present(waiting.shift(), '');
    const planned = wholeDesign(graph, candidate, planning, goal);
    if (planned === null || !goal.isBetter(planned.score)) continue;
    waiting.push(planned);
    waiting.sort((left, right) => right.score - left.score);
  }
  yield* waiting;
}

/** A candidate with as many copies as the whole plan leaves room for. */
function wholeDesign(
  graph: QuantizedGraph,
  candidate: Candidate,
  { search, context, packingsOf }: ExactPlanning,
  goal: Goal,
): (Planned & { readonly score: number }) | null {
  const { interval, choices: layers, answerWords } = candidate;
  const { board } = search.options;
  const choice: NetworkChoice = { copies: 1, layers, answerWords };
  const one = planHardware(graph, packingsOf(choice), choice, { ...context, interval });
  const { perCopy } = planResources(one, board.family);
  const most = Math.min(candidate.copies, copiesOnDies(perCopy, search.budget, board.dies));
  for (let copies = most; copies > 0; copies -= 1) {
    const plan = { ...one, copies };
    const { total } = planResources(plan, board.family);
    if (fillOf(total, search.budget).share > 1) continue;
    const score = goal.scoreOf({ interval, resources: perCopy }, copies, candidate.portBeats);
    return { design: { choice: { ...choice, copies }, interval }, plan, score };
  }
  return null;
}
