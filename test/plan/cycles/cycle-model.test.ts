import { describe, expect, it } from 'vitest';
import type { VariantName } from '../../../src/ir/variant.ts';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import { runIcarus } from '../../support/icarus.ts';
import { randomCase } from '../../support/random-case.ts';

const networks = Number(process.env['NZFLOW_NETWORKS'] ?? 14);
const variants: readonly VariantName[] = ['sparse-sparse', 'sparse-dense', 'dense'];

describe('cycle model against the RTL', () => {
  for (const variant of variants) {
    for (let seed = 1; seed <= networks; seed += 1) {
      it(`network ${seed}, ${variant}`, () => {
        const { network, samples, evaluations } = randomCase(seed, variant);
        const prediction = predictCycles(network.plan, workloadOf(network.plan, evaluations));
        const measured = runIcarus(network, samples).lastCycles;
        expect(Array.from(prediction.completions)).toEqual(measured);
      });
    }
  }
});
