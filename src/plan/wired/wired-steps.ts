import { present } from '../../base/invariant.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';

/** Steps of a wired layer in an inference: every column of a row of pooled sites, all its rows of windows. */
export function wiredSteps({ window, parameters, choice }: EngineLayerPlan): number {
  const columns = present(parameters['Columns'], 'Columns');
  return (window.output.height * columns * window.pool.height) / choice.values;
}
