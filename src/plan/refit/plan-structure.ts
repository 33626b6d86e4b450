import { createHash } from 'node:crypto';
import type { LayerPlan, Plan } from '../../ir/plan.ts';
import { hasEngines } from '../../ir/plan.ts';

/**
 * What a layer's hardware is whatever its weights: without names, without what is in the images
 * (which kernel lies where) and without FIFO depths, which no image depends on.
 */
export function layerStructure(layer: LayerPlan): object {
  const named = { ...layer, name: null, origin: null, inputs: null };
  return hasEngines(layer) ? { ...named, slots: null, packingEfficiency: null } : named;
}

/** SHA-256 of all that has to be equal for the weights of one plan to fit the other's hardware. */
export function structureOf(plan: Omit<Plan, 'load'>): string {
  const structure = {
    formatVersion: 1,
    variant: plan.variant,
    input: { ...plan.input, scale: null, fifoDepth: null },
    layers: plan.layers.map((layer) => [
      layer.inputs.map(({ from, port }) => ({ from, port })),
      layerStructure(layer),
    ]),
    memories: plan.memories.map(({ widthBits, depth, purpose }) => [widthBits, depth, purpose]),
    answers: plan.output.answers.map(({ edge, channels, height, width }) => {
      return [edge.from, edge.port, channels, height, width];
    }),
  };
  return createHash('sha256').update(JSON.stringify(structure)).digest('hex');
}
