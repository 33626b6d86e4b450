import type { Plan } from '../../src/ir/plan.ts';
import { bufferNeeds } from '../../src/plan/streams/join-buffers.ts';

/** The plan with FIFOs exactly as deep as they have to be. */
export function withScarceFifos(plan: Plan): Plan {
  const needs = bufferNeeds(plan);
  const depth = (beats = 0): number => (beats === 0 ? 0 : Math.max(2, beats));
  return {
    ...plan,
    layers: plan.layers.map((layer, index) => ({
      ...layer,
      inputs: layer.inputs.map((edge, input) => ({
        ...edge,
        fifoDepth: depth(needs.layers[index]?.[input]),
        blockFifo: false,
      })),
    })),
    output: {
      ...plan.output,
      answers: plan.output.answers.map((answer, index) => ({
        ...answer,
        edge: { ...answer.edge, fifoDepth: depth(needs.answers[index]), blockFifo: false },
      })),
    },
  };
}
