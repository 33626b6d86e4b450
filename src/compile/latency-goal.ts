import { present } from '../base/invariant.ts';
import type { Evaluation } from '../evaluate/quantized.ts';
import { usableResources } from '../ir/board.ts';
import type { Board } from '../ir/board.ts';
import type { CompileOptions } from '../options.ts';
import { latencyShares } from '../plan/cycles/latency-shares.ts';
import { workloadOf } from '../plan/cycles/workload.ts';
import { fullestWorkload } from '../plan/cycles/worst-case.ts';
import type { VariantPlan } from '../plan/planner.ts';
import type { LatencyGoal } from '../plan/planner-options.ts';
import { fillOf } from '../plan/resources/share.ts';
import { formatCycles, formatMicroseconds, formatPercent } from '../report/format.ts';
import { resourceLabel } from '../report/variants.ts';

/** The goal of a plan for latency; null where throughput is planned for. */
export function latencyGoal(
  { targetLatencyUs, optimize }: Pick<CompileOptions, 'targetLatencyUs' | 'optimize'>,
  clockMHz: number,
  evaluations: readonly Evaluation[],
): LatencyGoal | null {
  if (targetLatencyUs !== undefined) {
    return { targetCycles: Math.floor(targetLatencyUs * clockMHz), evaluations };
  }
  return optimize === 'latency' ? { targetCycles: null, evaluations } : null;
}

/**
 * What to tell about a variant whose target was not reached: the latency that was, where most of it
 * arises, and what keeps it from less. Null where the target was reached, or nothing fits.
 */
export function missedLatency(
  { network, plannedLatency, resources }: VariantPlan,
  { targetCycles, evaluations }: LatencyGoal,
  board: Board,
): string | null {
  if (plannedLatency === undefined || targetCycles === null) return null;
  if (plannedLatency <= targetCycles) return null;
  const { plan } = network;
  const time = (cycles: number): string =>
    `${formatMicroseconds(cycles / plan.clockMHz)} (${formatCycles(cycles)} cycles)`;
  const workload =
    evaluations.length === 0
      ? fullestWorkload(plan, 1)
      : workloadOf({ ...plan, copies: 1 }, evaluations.slice(0, 1));
  const shares = latencyShares(plan, workload);
  const longest = present(
    [...shares].sort((one, two) => two.cycles - one.cycles)[0],
    'a network has layers',
  );
  const { kind, share } = fillOf(resources, usableResources(board));
  return (
    `${plan.variant}: no design with a latency of ${time(targetCycles)} was found; ` +
    `the least is ${time(plannedLatency)}, which is planned. ` +
    `Most of it is layer ${longest.name}, which ends ${formatCycles(longest.cycles)} cycles after its input; ` +
    `the design takes ${formatPercent(share)} of the usable ${resourceLabel(kind, board.resourceNames)}.`
  );
}
