import type { Evaluation } from '../evaluate/quantized.ts';
import { intervalOn } from '../plan/cycles/interval-on.ts';
import { portBeats, throughputOf } from '../plan/search/fed-copies.ts';
import type { VariantPlan } from '../plan/planner.ts';
import { formatSi } from '../report/format.ts';

/**
 * What to tell about a variant that gives fewer inferences a second than were asked for, by the cycle
 * model on calibration samples (without any: by the planner's bounds). Null where it gives them, or does not fit.
 */
export function missedThroughput(
  { network, fits, plannedInterval }: VariantPlan,
  target: number,
  evaluations: readonly Evaluation[],
): string | null {
  if (!fits) return null;
  const { plan } = network;
  const interval = evaluations.length === 0 ? plannedInterval : intervalOn(plan, evaluations)(plan);
  const perSecond = throughputOf(plan.copies, interval, portBeats(plan)) * plan.clockMHz * 1e6;
  if (perSecond >= target) return null;
  return (
    `${plan.variant}: ${formatSi(perSecond, '/s')} by the cycle model, less than the ` +
    `${formatSi(target, '/s')} asked for: ask for some more, or leave the target out to fill the board`
  );
}
