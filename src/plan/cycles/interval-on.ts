import { present } from '../../base/invariant.ts';
import type { Evaluation } from '../../evaluate/quantized.ts';
import type { Plan } from '../../ir/plan.ts';
import { predictCycles } from './cycle-model.ts';
import { steadyInterval } from './interval.ts';
import { workloadOf } from './workload.ts';

/** Inferences that show how much the work varies. */
export const inferencesShown = 24;

/**
 * Cycles between two inferences of one copy, by the exact model, of a plan and of others that differ
 * from it in the depth of queues and stores.
 *
 * @param evaluations of `inferencesShown` samples; of fewer, they come again
 */
export function intervalOn(
  plan: Plan,
  evaluations: readonly Evaluation[],
): (tried: Plan) => number {
  const sent = Array.from({ length: inferencesShown }, (_, inference) =>
    present(evaluations[inference % evaluations.length], 'a sample'),
  );
  const workload = workloadOf({ ...plan, copies: 1 }, sent);
  return (tried) => steadyInterval(predictCycles({ ...tried, copies: 1 }, workload).completions, 1);
}
