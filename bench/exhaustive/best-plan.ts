import { present } from '../../src/base/invariant.ts';
import { resourceKinds, usableResources } from '../../src/ir/board.ts';
import type { Board } from '../../src/ir/board.ts';
import type { Packing } from '../../src/ir/packing.ts';
import type { Plan } from '../../src/ir/plan.ts';
import { planHardware } from '../../src/plan/plan-network.ts';
import type { NetworkChoice, PlanContext } from '../../src/plan/plan-network.ts';
import { planResources } from '../../src/plan/resources/plan-resources.ts';
import { fillOf } from '../../src/plan/resources/share.ts';
import { beatsPerMap } from '../../src/plan/streams/streams.ts';
import type { NetworkFoldings } from './layer-fronts.ts';
import type { Combination, NetworkFront } from './network-fronts.ts';

/** The fastest design there is for a board. */
export interface BestPlan {
  readonly plan: Plan;
  readonly interval: number;
  /** Inferences a cycle. */
  readonly throughput: number;
}

/** A combination and how fast it is with as many copies as its layers alone leave room for. */
interface Hope {
  readonly combination: Combination;
  readonly answerWords: number;
  readonly copies: number;
  readonly throughput: number;
}

/** As many copies as a design has at most. */
const mostCopies = 256;

/** Inferences a cycle of a plan whose copies take `interval` cycles each: its ports may feed no more. */
export function throughputOf(plan: Plan, interval: number): number {
  const answers = plan.output.answers.reduce((sum, { edge }) => {
    return sum + beatsPerMap(present(plan.layers[edge.from], 'a layer').output);
  }, 0);
  const portBeats = Math.max(plan.input.beatsPerInference, answers);
  return Math.min(plan.copies / interval, 1 / portBeats);
}

/**
 * Of all combinations and numbers of copies, the one of the highest throughput that is within the
 * budget as a whole; null where none is. Looks at them in the order of what they come to at best.
 */
export function bestPlan(
  foldings: NetworkFoldings,
  fronts: readonly NetworkFront[],
  board: Board,
  context: PlanContext,
): BestPlan | null {
  const usable = usableResources(board);
  let best: BestPlan | null = null;
  for (const hope of hopes(fronts, board)) {
    if (best !== null && hope.throughput <= best.throughput) break;
    const { interval } = hope.combination;
    const one = planned(foldings, hope, { ...context, interval });
    for (let { copies } = hope; copies > 0; copies -= 1) {
      const plan = { ...one, copies };
      const throughput = throughputOf(plan, interval);
      if (best !== null && throughput <= best.throughput) break;
      const { total } = planResources(plan, board.family);
      if (fillOf(total, usable).share <= 1) best = { plan, interval, throughput };
    }
  }
  return best;
}

function hopes(fronts: readonly NetworkFront[], board: Board): readonly Hope[] {
  const usable = usableResources(board);
  const found: Hope[] = [];
  for (const { inputTokens, answerWords, combinations } of fronts) {
    if (inputTokens > board.maximumBeatBits / 8) continue;
    for (const combination of combinations) {
      const { resources, interval } = combination;
      const room = resourceKinds.map((kind) =>
        resources[kind] === 0 ? Infinity : Math.floor(usable[kind] / resources[kind]),
      );
      const copies = Math.min(mostCopies, ...room);
      if (copies > 0)
        found.push({ combination, answerWords, copies, throughput: copies / interval });
    }
  }
  return found.sort((left, right) => right.throughput - left.throughput);
}

/** The whole design, one copy of it; queues are packed in earnest now. */
function planned(
  { graph, packings, queued }: NetworkFoldings,
  { combination, answerWords }: Hope,
  context: PlanContext,
): Plan {
  const layers = combination.foldings.map(({ choice }) => choice);
  const used = layers.map((choice, index): Packing | null =>
    choice.queues > 0 ? present(queued[index], 'queues').final(choice) : (packings[index] ?? null),
  );
  const choice: NetworkChoice = { copies: 1, layers, answerWords };
  return planHardware(graph, used, choice, context);
}
