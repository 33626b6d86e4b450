import { describe, expect, it } from 'vitest';
import type { VariantName } from '../../../src/ir/variant.ts';
import { runIcarus } from '../../support/icarus.ts';
import { randomWiredCase, randomWiredDagCase } from '../../support/random-case.ts';
import { wiredLayers } from '../../support/engine-layers.ts';

const sparseVariants: readonly VariantName[] = ['sparse-dense', 'sparse-sparse'];
const count = Number(process.env['NZFLOW_NETWORKS'] ?? 16);
const first = Number(process.env['NZFLOW_SEED'] ?? 1);
const cases = Array.from({ length: count }, (_, index) => first + index).flatMap((seed) =>
  sparseVariants.map((variant) => ({ seed, variant })),
);

describe('random networks with wired layers equal the evaluator in Icarus', () => {
  it.each(cases)('seed $seed, $variant', ({ seed, variant }) => {
    const { network, samples, logits, choice } = randomWiredCase(seed, variant);
    const run = runIcarus(network, samples, seed % 2 === 0 ? { stallSeed: seed } : {});
    expect(run.words, JSON.stringify(choice)).toEqual(logits);
  });

  it('most of them have wired layers, of all kinds', () => {
    const layers = cases.flatMap(({ seed, variant }) =>
      wiredLayers(randomWiredCase(seed, variant, 1).network.plan),
    );
    expect(layers.length).toBeGreaterThan(cases.length / 2);
  });
});

describe('graphs with wired layers and branches equal the evaluator in Icarus', () => {
  it.each(cases.slice(0, 16))('seed $seed, $variant', ({ seed, variant }) => {
    const { network, samples, logits, choice } = randomWiredDagCase(seed, variant);
    const run = runIcarus(network, samples, seed % 2 === 1 ? { stallSeed: seed } : {});
    expect(run.words, JSON.stringify(choice)).toEqual(logits);
  });
});
