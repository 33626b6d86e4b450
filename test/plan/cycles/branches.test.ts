import { describe, expect, it } from 'vitest';
import { variantNames } from '../../../src/ir/variant.ts';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import { fullestWorkload } from '../../../src/plan/cycles/worst-case.ts';
import { randomDagCase } from '../../support/random-case.ts';
import { withScarceFifos } from '../../support/scarce-fifos.ts';

const inferences = 3;

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
