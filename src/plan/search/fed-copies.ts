import { present } from '../../base/invariant.ts';
import type { Board } from '../../ir/board.ts';
import { usableResources } from '../../ir/board.ts';
import type { Plan } from '../../ir/plan.ts';
import { copiesOnDies } from './copies-on-dies.ts';
import { planResources } from '../resources/plan-resources.ts';
import { fillOf } from '../resources/share.ts';
import { beatsPerMap } from '../streams/streams.ts';

/** As many copies as a design has at most. */
export const mostCopies = 256;

/** Cycles an inference that the ports of a plan take. */
export function portBeats({ input, output, layers }: Plan): number {
  const answers = output.answers.reduce((sum, { edge }) => {
    return sum + beatsPerMap(present(layers[edge.from], 'a layer with an answer').output);
  }, 0);
  return Math.max(input.beatsPerInference, answers);
}

/** Inferences a cycle of copies that take `interval` cycles each, behind ports that take `portBeats`. */
export function throughputOf(copies: number, interval: number, portBeats: number): number {
  return Math.min(copies / interval, 1 / portBeats);
}

/**
 * As many copies as the ports feed where one takes `interval` cycles an inference, no fewer than the plan has,
 * and no more than fit.
 */
export function fedCopies(plan: Plan, interval: number, board: Board): number {
  const usable = usableResources(board);
  const { perCopy } = planResources(plan, board.family);
  const room = Math.floor(1 / fillOf(perCopy, usable).share);
  const fed = Math.ceil(interval / portBeats(plan));
  const onDies = copiesOnDies(perCopy, usable, board.dies);
  for (let copies = Math.min(mostCopies, room, fed, onDies); copies > plan.copies; copies -= 1) {
    const { total } = planResources({ ...plan, copies }, board.family);
    if (fillOf(total, usable).share <= 1) return copies;
  }
  return plan.copies;
}
