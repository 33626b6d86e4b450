import { tokenStatistics } from '../../src/compile/token-statistics.ts';
import type { Board } from '../../src/ir/board.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import type { Plan } from '../../src/ir/plan.ts';
import { inferencesShown, intervalOn } from '../../src/plan/cycles/interval-on.ts';
import { planVariant } from '../../src/plan/planner.ts';
import type { PlannerOptions } from '../../src/plan/planner-options.ts';
import { bestPlan, throughputOf } from './best-plan.ts';
import { networkFoldings } from './layer-fronts.ts';
import type { NetworkFoldings } from './layer-fronts.ts';
import { networkFronts } from './network-fronts.ts';
import type { SmallNetwork } from './small-networks.ts';

/** Inferences in a thousand cycles of a design. */
export interface Throughput {
  readonly copies: number;
  /** By the bounds that the planner goes by. */
  readonly planned: number;
  /** By the exact cycle model, on calibration samples. */
  readonly exact: number;
}

/** The planner against all plans there are, on one board. */
export interface Comparison {
  readonly variant: VariantName;
  readonly board: string;
  /** Combinations of foldings, without the copies. */
  readonly combinations: number;
  /** Null where the planner's design does not fit. */
  readonly planner: Throughput | null;
  /** Null where no design fits. */
  readonly best: Throughput | null;
  /** The planner's throughput over the best, by the bounds; 1 where nothing fits. */
  readonly ratio: number;
}

/** What a planner has to reach of the best there is. */
export const leastRatio = 0.95;

type Planner = typeof planVariant;

/** Compares on boards of one family. `planner`: another one than the compiler's, to see it fail. */
export function compare(
  { graph, calibration }: SmallNetwork,
  variant: VariantName,
  boards: readonly Board[],
  planner: Planner = planVariant,
): readonly Comparison[] {
  const { evaluations, ...facts } = tokenStatistics(graph, calibration, inferencesShown);
  let looked: { readonly family: string; readonly found: Looked } | null = null;
  return boards.map((board) => {
    if (looked?.family !== board.family) {
      const foldings = networkFoldings(graph, variant, board.family, facts);
      looked = { family: board.family, found: { foldings, fronts: networkFronts(foldings) } };
    }
    const { foldings, fronts } = looked.found;
    const options: PlannerOptions = {
      tool: { name: 'nzflow', version: '0' },
      modelSha256: '0',
      board,
      clockMHz: board.clockMHz,
      ...facts,
    };
    const shown = (plan: Plan, interval: number): Throughput => ({
      copies: plan.copies,
      planned: 1000 * throughputOf(plan, interval),
      exact: 1000 * throughputOf(plan, intervalOn(plan, evaluations)(plan)),
    });
    const planned = planner(graph, variant, options);
    const best = bestPlan(foldings, fronts, board, {
      ...options,
      variant,
      wired: foldings.wired,
    });
    const own = planned.fits ? shown(planned.network.plan, planned.plannedInterval) : null;
    const most = best === null ? null : shown(best.plan, best.interval);
    return {
      variant,
      board: board.name,
      combinations: fronts.reduce((sum, { count }) => sum + count, 0),
      planner: own,
      best: most,
      ratio: most === null ? 1 : (own?.planned ?? 0) / most.planned,
    };
  });
}

interface Looked {
  readonly foldings: NetworkFoldings;
  readonly fronts: ReturnType<typeof networkFronts>;
}
