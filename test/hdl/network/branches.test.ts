import { describe, expect, it } from 'vitest';
import { variantNames } from '../../../src/ir/variant.ts';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import { runIcarus } from '../../support/icarus.ts';
import { randomDagCase } from '../../support/random-case.ts';

/** More networks than these for a longer search: `NZFLOW_NETWORKS=200`. */
const count = Number(process.env['NZFLOW_NETWORKS'] ?? 6);
const first = Number(process.env['NZFLOW_SEED'] ?? 1);
const cases = Array.from({ length: count }, (_, index) => first + index).flatMap((seed) =>
  variantNames.map((variant) => ({ seed, variant })),
);

describe('random networks with branches in Icarus', () => {
  it('are of every kind', () => {
    const plans = [1, 2, 3, 4, 5, 6].map(
      (seed) => randomDagCase(seed, 'sparse-sparse').network.plan,
    );
    const layers = plans.flatMap((plan) => plan.layers);
    const kinds = new Set(layers.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['window', 'max-pool', 'add', 'concat']));
    expect(plans.some(({ output }) => output.answers.length > 1)).toBe(true);
    expect(layers.some(({ readers }) => readers > 1)).toBe(true);
    expect(layers.some(({ inputs }) => inputs.some(({ fifoDepth }) => fifoDepth > 0))).toBe(true);
    for (const name of ['KeepTies', 'Leaky']) {
      expect(layers.some(({ parameters }) => parameters[name] === 1)).toBe(true);
    }
    const windows = layers.flatMap((layer) => (layer.kind === 'window' ? layer.window : []));
    expect(windows.some(({ dilation }) => dilation.height > 1)).toBe(true);
    expect(windows.some(({ pool, poolStride }) => poolStride.height < pool.height)).toBe(true);
  });

  it.each(cases)('seed $seed, $variant: every word, every cycle', ({ seed, variant }) => {
    const { network, samples, evaluations, logits, choice } = randomDagCase(seed, variant, 2);
    const { plan } = network;
    const run = runIcarus(network, samples);
    expect(run.words, JSON.stringify(choice)).toEqual(logits);
    const { completions } = predictCycles(plan, workloadOf(plan, evaluations));
    expect(Array.from(completions)).toEqual(run.lastCycles);
  });

  it.each(cases.filter(({ seed }) => seed % 2 === 0))(
    'seed $seed, $variant, with gaps and back-pressure',
    ({ seed, variant }) => {
      const { network, samples, logits } = randomDagCase(seed, variant, 2);
      expect(runIcarus(network, samples, { stallSeed: seed }).words).toEqual(logits);
    },
  );
});
