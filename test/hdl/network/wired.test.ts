import { describe, expect, it } from 'vitest';
import type { VariantName } from '../../../src/ir/variant.ts';
import { runIcarus } from '../../support/icarus.ts';
import { randomWiredCase, randomWiredDagCase } from '../../support/random-case.ts';

const sparseVariants: readonly VariantName[] = ['sparse-dense', 'sparse-sparse'];
const count = Number(process.env['NZFLOW_NETWORKS'] ?? 6);
const first = Number(process.env['NZFLOW_SEED'] ?? 1);
const cases = Array.from({ length: count }, (_, index) => first + index).flatMap((seed) =>
  sparseVariants.map((variant) => ({ seed, variant })),
);

// without gaps: test/plan/cycles/wired.test.ts
describe('networks with wired layers, gaps and back-pressure equal the evaluator in Icarus', () => {
  it.each(cases)('chain of seed $seed, $variant', ({ seed, variant }) => {
    const { network, samples, logits, choice } = randomWiredCase(seed, variant);
    const run = runIcarus(network, samples, { stallSeed: seed });
    expect(run.words, JSON.stringify(choice)).toEqual(logits);
  });

  it.each(cases)('graph of seed $seed, $variant', ({ seed, variant }) => {
    const { network, samples, logits, choice } = randomWiredDagCase(seed, variant);
    const run = runIcarus(network, samples, { stallSeed: seed });
    expect(run.words, JSON.stringify(choice)).toEqual(logits);
  });

  it.each(cases.slice(0, 4))('reset in between, seed $seed, $variant', ({ seed, variant }) => {
    const { network, samples, logits } = randomWiredCase(seed, variant);
    const run = runIcarus(network, samples, { interruptions: [61, 150] });
    expect(run.words).toEqual(logits);
  });
});
