import { describe, expect, it } from 'vitest';
import { hasEngines } from '../../../src/ir/plan.ts';
import type { EngineLayerPlan } from '../../../src/ir/plan.ts';
import { variantNames } from '../../../src/ir/variant.ts';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import { runIcarus } from '../../support/icarus.ts';
import { randomSmallCase } from '../../support/random-case.ts';

const count = Number(process.env['NZFLOW_NETWORKS'] ?? 4);
const first = Number(process.env['NZFLOW_SEED'] ?? 3);
const cases = Array.from({ length: count }, (_, index) => first + index).flatMap((seed) =>
  variantNames.map((variant) => ({ seed, variant })),
);

describe('one bank of sums, maxima that leave with the last window, products in rows', () => {
  it.each(cases)('seed $seed, $variant: words and cycles', ({ seed, variant }) => {
    const { network, samples, logits, choice, evaluations } = randomSmallCase(seed, variant);
    const { plan } = network;
    const { words, lastCycles } = runIcarus(network, samples);
    expect(words, JSON.stringify(choice)).toEqual(logits);
    const { completions } = predictCycles(plan, workloadOf(plan, evaluations));
    expect(Array.from(completions)).toEqual(lastCycles);
  });

  it.each(cases.slice(0, 6))('seed $seed, $variant: with stalls', ({ seed, variant }) => {
    const { network, samples, logits, choice } = randomSmallCase(seed, variant);
    const { words } = runIcarus(network, samples, { stallSeed: seed });
    expect(words, JSON.stringify(choice)).toEqual(logits);
  });

  it('all of them are among these', () => {
    const layers = cases.flatMap(({ seed, variant }): readonly EngineLayerPlan[] =>
      randomSmallCase(seed, variant, 1).network.plan.layers.filter(hasEngines),
    );
    const has = (name: string, value: number): boolean =>
      layers.some(({ parameters }) => parameters[name] === value);
    for (const [name, values] of [
      ['OneBank', [1, 2]],
      ['Through', [1]],
      ['BlockPool', [0, 1]],
      ['MultiplyRows', [0, 1]],
      ['ScaleCycles', [1, 8, 16]],
    ] as const) {
      for (const value of values) expect(has(name, value), `${name} ${value}`).toBe(true);
    }
  });
});
