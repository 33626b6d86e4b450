import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/ir/plan.ts';
import { variantNames } from '../../../src/ir/variant.ts';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import { fullestWorkload } from '../../../src/plan/cycles/worst-case.ts';
import { bufferNeeds } from '../../../src/plan/join-buffers.ts';
import { randomDagCase } from '../../support/random-case.ts';

const inferences = 3;

/** FIFOs exactly as deep as they have to be. */
function withScarceFifos(plan: Plan): Plan {
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

describe('random networks with branches, all values non-zero', () => {
  const count = Number(process.env['NZFLOW_NETWORKS'] ?? 60);
  it.each(variantNames)('%s: none hangs with the buffers it needs', (variant) => {
    for (let seed = 1; seed <= count; seed += 1) {
      const { plan } = randomDagCase(seed, variant, 1).network;
      const scarce = withScarceFifos(plan);
      const workload = fullestWorkload(plan, inferences);
      expect(predictCycles(scarce, workload).completions.length, `seed ${seed}`).toBe(inferences);
      expect(predictCycles(plan, workload).completions.length).toBe(inferences);
    }
  });
});
