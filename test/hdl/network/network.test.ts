import { describe, expect, it } from 'vitest';
import { hasEngines } from '../../../src/ir/plan.ts';
import { variantNames } from '../../../src/ir/variant.ts';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import { runIcarus } from '../../support/icarus.ts';
import { randomCase } from '../../support/random-case.ts';

const count = Number(process.env['NZFLOW_NETWORKS'] ?? 12);
const first = Number(process.env['NZFLOW_SEED'] ?? 1);
const cases = Array.from({ length: count }, (_, index) => first + index).flatMap((seed) =>
  variantNames.map((variant) => ({ seed, variant })),
);

describe('random networks with random foldings equal the evaluator in Icarus', () => {
  it.each(cases)('seed $seed, $variant', ({ seed, variant }) => {
    const { network, samples, logits, choice } = randomCase(seed, variant);
    const run = runIcarus(network, samples, seed % 2 === 0 ? { stallSeed: seed } : {});
    expect(run.words, JSON.stringify(choice)).toEqual(logits);
  });
});

describe('windows wholly below the map, bottom padding larger than the kernel', () => {
  it.each([23, 77])('seed %i leaves the next inference its rows', (seed) => {
    const { network, samples, logits } = randomCase(seed, 'dense', 4);
    expect(runIcarus(network, samples).words).toEqual(logits);
  });
});

describe('drain beats that are no whole parts for the tail', () => {
  it.each([
    // histogram, read in two parts, and in one that is wider than the drain
    [8, 'dense'],
    [71, 'dense'],
    // sums of a site in two parts; values of pooled windows in one
    [142, 'dense'],
    [18, 'sparse-dense'],
    // sums of an answer
    [10, 'sparse-dense'],
    [33, 'sparse-sparse'],
  ] as const)('seed %i, %s: the slots behind them change nothing', (seed, variant) => {
    const { network, samples, logits, evaluations } = randomCase(seed, variant, 3);
    const { plan } = network;
    const engines = plan.layers.filter(hasEngines);
    const rests = engines.map(({ choice }) => choice.drainWidth % choice.readWidth);
    expect(Math.max(...rests)).toBeGreaterThan(0);
    const { words, lastCycles } = runIcarus(network, samples);
    expect(words).toEqual(logits);
    const { completions } = predictCycles(plan, workloadOf(plan, evaluations));
    expect(Array.from(completions)).toEqual(lastCycles);
  });
});
