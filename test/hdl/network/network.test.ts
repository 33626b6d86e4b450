import { describe, expect, it } from 'vitest';
import { variantNames } from '../../../src/ir/variant.ts';
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
