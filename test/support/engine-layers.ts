import { hasEngines } from '../../src/ir/plan.ts';
import type { EngineLayerPlan, Plan } from '../../src/ir/plan.ts';

/** The layers of a plan that has no others. */
export function engineLayers(plan: Plan): readonly EngineLayerPlan[] {
  return plan.layers.map((layer) => {
    if (!hasEngines(layer)) throw new Error(`${layer.name} has no engines`);
    return layer;
  });
}

/** The wired layers of a plan. */
export function wiredLayers({ layers }: Plan): readonly EngineLayerPlan[] {
  return layers.filter(hasEngines).filter(({ wired }) => wired !== undefined);
}
