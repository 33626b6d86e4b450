import { present } from '../../base/invariant.ts';
import type { Graph } from '../../ir/graph.ts';
import type { SparsityPlan } from '../../sparsify/plan/layer-goal.ts';
import { winnersBehind } from '../../sparsify/prune/prune-network.ts';
import type { PrunedLayers } from './pruned-layers.ts';

/** The network put together from layers that were made sparse one by one, with k-WTA where wanted. */
export async function sparseGraph(
  graph: Graph,
  plan: SparsityPlan,
  layerOf: PrunedLayers,
): Promise<Graph> {
  const layers = [];
  for (const [index, layer] of graph.layers.entries()) {
    const { pattern, kWinners } = present(plan[index], 'a goal for every layer');
    const isChanged = layer.kind === 'window' && pattern !== null && pattern.kind !== 'dense';
    const pruned = isChanged ? await layerOf(layer.name, pattern) : layer;
    layers.push(
      kWinners === null ? pruned : { ...pruned, kWinners: winnersBehind(layer, kWinners) },
    );
  }
  return { ...graph, layers };
}
