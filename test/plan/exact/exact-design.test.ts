import { describe, expect, it } from 'vitest';
import { throughputOf } from '../../../bench/exhaustive/best-plan.ts';
import { boards, cases } from '../../../bench/exhaustive/cases.ts';
import { present } from '../../../src/base/invariant.ts';
import { tokenStatistics } from '../../../src/compile/token-statistics.ts';
import { usableResources } from '../../../src/ir/board.ts';
import { inferencesShown, intervalOn } from '../../../src/plan/cycles/interval-on.ts';
import { planVariant } from '../../../src/plan/planner.ts';
import type { PlannerOptions, VariantPlan } from '../../../src/plan/planner.ts';
import { fillOf } from '../../../src/plan/resources/share.ts';

const [large, small] = await boards();
const pynq = present(large, 'a board');
const arty = present(small, 'a board');
const { graph, calibration } = present(cases['pointwise'], 'a network').network();
const { evaluations, ...facts } = tokenStatistics(graph, calibration, inferencesShown);

function planned(more: Partial<PlannerOptions>): VariantPlan {
  return planVariant(graph, 'sparse-dense', {
    tool: { name: 'nzflow', version: '0' },
    modelSha256: '0',
    board: arty,
    clockMHz: arty.clockMHz,
    ...facts,
    ...more,
  });
}

/** Inferences a cycle by the cycle model. */
function exactThroughput({ network: { plan } }: VariantPlan): number {
  return throughputOf(plan, intervalOn(plan, evaluations)(plan));
}

describe('designs from all foldings', () => {
  it('by bounds alone the fastest, with samples the one that is faster', () => {
    // where the whole share is free both are the same design
    const board = { ...arty, usableShare: 0.5 };
    const byBounds = planned({ board });
    const confirmed = planned({ board, evaluations });
    const bounded = (one: VariantPlan): number =>
      throughputOf(one.network.plan, one.plannedInterval);
    expect(bounded(byBounds)).toBeGreaterThan(1.2 * bounded(confirmed));
    expect(exactThroughput(confirmed)).toBeGreaterThan(1.5 * exactThroughput(byBounds));
  });

  it('reaches a target with no more than it takes', () => {
    const wanted = 0.06;
    const targetThroughput = wanted * arty.clockMHz * 1e6;
    const least = planned({ targetThroughput });
    expect(throughputOf(least.network.plan, least.plannedInterval)).toBeGreaterThanOrEqual(wanted);
    // the cheapest foldings for each interval take 0.32
    expect(fillOf(least.resources, usableResources(arty)).share).toBeLessThan(0.27);
  });

  it('there are as many copies as the ports feed by the cycle model', () => {
    const fed = planned({ board: pynq, clockMHz: pynq.clockMHz, evaluations });
    const { plan } = fed.network;
    expect(exactThroughput(fed)).toBe(1 / plan.input.beatsPerInference);
    expect(throughputOf({ ...plan, copies: plan.copies - 1 }, fed.plannedInterval)).toBe(
      1 / plan.input.beatsPerInference,
    );
  });
});
