import { present } from '../../base/invariant.ts';
import type { Plan } from '../../ir/plan.ts';
import { longAgo, predictCycles } from './cycle-model.ts';
import type { Workload } from './workload.ts';

/** What a layer adds to the latency of an inference. */
export interface LatencyShare {
  readonly name: string;
  /** From the last beat it reads to the last one it gives. */
  readonly cycles: number;
}

/**
 * How long after the end of its input every layer ends, of one inference alone in an idle design. What
 * a layer does while its input still comes is the share of the layers before it.
 */
export function latencyShares(plan: Plan, workload: Workload): readonly LatencyShare[] {
  const { layers } = predictCycles({ ...plan, copies: 1 }, workload, { resetCycle: longAgo });
  const last = (giver: number): number =>
    giver === -1 ? plan.input.beatsPerInference : present(layers[giver]?.lastCycles[0], 'an end');
  return plan.layers.map(({ name, inputs }, index) => ({
    name,
    cycles: last(index) - Math.max(...inputs.map(({ from }) => last(from))),
  }));
}
