import { present } from '../../base/invariant.ts';
import { usableResources } from '../../ir/board.ts';
import type { Resources } from '../../ir/board.ts';
import type { Packing } from '../../ir/packing.ts';
import type { Plan } from '../../ir/plan.ts';
import type { QuantizedGraph } from '../../ir/quantized.ts';
import type { SearchContext } from '../cheapest-foldings.ts';
import { copiesOnDies } from '../copies-on-dies.ts';
import { planHardware } from '../plan-network.ts';
import type { NetworkChoice, PlanContext } from '../plan-network.ts';
import { planResources } from '../resources/plan-resources.ts';
import { fillOf } from '../resources/share.ts';
import { beatsPerMap } from '../streams.ts';
import { exactCandidates } from './exact-search.ts';
import type { Candidate } from './exact-search.ts';
import { Goal, throughputOf } from './goal.ts';

/** A design as it was planned. */
export interface Design {
  readonly choice: NetworkChoice;
  /** Cycles between two inferences of a copy. */
  readonly interval: number;
}

/** Candidates that are planned as a whole at most. */
const mostPlanned = 100;
/** A design that is better by less is not worth another one. */
const worthwhile = 1.02;

/** What exact planning takes from the planner. */
export interface ExactPlanning {
  readonly search: SearchContext;
  readonly context: PlanContext;
  readonly packingsOf: (choice: NetworkChoice) => readonly (Packing | null)[];
}

/** Cycles an inference that the ports of a plan take. */
function portBeats({ input, output, layers }: Plan): number {
  const answers = output.answers.reduce((sum, { edge }) => {
    return sum + beatsPerMap(present(layers[edge.from], 'a layer with an answer').output);
  }, 0);
  return Math.max(input.beatsPerInference, answers);
}

/**
 * A design of a small chain that is better than one there is: faster, or, where that reaches the target
 * throughput, smaller. Null where there is none, or the network is not small enough to look at all
 * foldings.
 */
export function betterDesign(
  graph: QuantizedGraph,
  there: {
    readonly plan: Plan;
    readonly interval: number;
    readonly resources: Resources;
    readonly fits: boolean;
  },
  planning: ExactPlanning,
): Design | null {
  const { options } = planning.search;
  const budget = usableResources(options.board);
  const target =
    options.targetThroughput === undefined
      ? null
      : options.targetThroughput / (options.clockMHz * 1e6);
  const { copies } = there.plan;
  const throughput = there.fits ? throughputOf(copies, there.interval, portBeats(there.plan)) : 0;
  const isReached = target !== null && throughput >= target;
  const goal = new Goal(
    isReached
      ? { budget, target, threshold: -fillOf(there.resources, budget).share / worthwhile }
      : { budget, target: null, threshold: throughput * worthwhile },
  );
  let best: { readonly design: Design; readonly score: number } | null = null;
  const candidates = exactCandidates(graph, { ...planning.search, budget }, goal);
  for (const candidate of candidates.slice(0, mostPlanned)) {
    if (best !== null && candidate.score <= best.score) break;
    const planned = wholeDesign(graph, candidate, planning, goal);
    if (planned === null || !goal.isBetter(planned.score)) continue;
    if (best === null || planned.score > best.score) best = planned;
  }
  return best?.design ?? null;
}

/** A candidate with as many copies as the whole plan leaves room for. */
function wholeDesign(
  graph: QuantizedGraph,
  candidate: Candidate,
  { search, context, packingsOf }: ExactPlanning,
  goal: Goal,
): { readonly design: Design; readonly score: number } | null {
  const { interval, choices: layers, answerWords } = candidate;
  const { board } = search.options;
  const choice: NetworkChoice = { copies: 1, layers, answerWords };
  const one = planHardware(graph, packingsOf(choice), choice, { ...context, interval });
  const { perCopy } = planResources(one, board.family);
  const most = Math.min(candidate.copies, copiesOnDies(perCopy, search.budget, board.dies));
  for (let copies = most; copies > 0; copies -= 1) {
    const { total } = planResources({ ...one, copies }, board.family);
    if (fillOf(total, search.budget).share > 1) continue;
    const score = goal.scoreOf({ interval, resources: perCopy }, copies, candidate.portBeats);
    return { design: { choice: { ...choice, copies }, interval }, score };
  }
  return null;
}
