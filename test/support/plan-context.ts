import type { VariantName } from '../../src/ir/variant.ts';
import type { PlanContext } from '../../src/plan/plan-network.ts';

/** What a plan is made for in tests that plan without a board. */
export function planContext(variant: VariantName): PlanContext {
  return {
    tool: { name: 'nzflow', version: '0' },
    modelSha256: '0',
    board: { name: 'test', maximumBeatBits: 64 },
    clockMHz: 100,
    variant,
  };
}
