import { describe, expect, it } from 'vitest';
import type { VariantName } from '../../../src/ir/variant.ts';
import { layerActivities } from '../../../src/plan/cycles/layer-activity.ts';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import { fullestWorkload } from '../../../src/plan/cycles/worst-case.ts';
import { withTwiceTheRows } from '../../../src/plan/streams/store-rows.ts';
import { wiredLayers } from '../../support/engine-layers.ts';
import { runIcarus } from '../../support/icarus.ts';
import { randomWiredCase, randomWiredDagCase } from '../../support/random-case.ts';
import { withScarceFifos } from '../../support/scarce-fifos.ts';

const sparseVariants: readonly VariantName[] = ['sparse-dense', 'sparse-sparse'];
const count = Number(process.env['NZFLOW_NETWORKS'] ?? 10);
const cases = Array.from({ length: count }, (_, index) => index + 1).flatMap((seed) =>
  sparseVariants.map((variant) => [seed, variant] as const),
);

describe('cycle model of wired layers against the RTL', () => {
  it.each(cases)('network %i, %s: no cycle of difference', (seed, variant) => {
    const { network, evaluations, samples, logits } = randomWiredCase(seed, variant);
    const { plan } = network;
    const { completions } = predictCycles(plan, workloadOf(plan, evaluations));
    const run = runIcarus(network, samples);
    expect(run.words).toEqual(logits);
    expect(run.lastCycles).toEqual(Array.from(completions));
  });

  it.each(cases.slice(4, 8))('network %i, %s, stores twice as deep', (seed, variant) => {
    const one = randomWiredCase(seed, variant);
    const before = one.network.plan;
    const plan = withTwiceTheRows(
      before,
      wiredLayers(before).map(({ index }) => index),
    );
    const network = { ...one.network, plan };
    const { completions } = predictCycles(plan, workloadOf(plan, one.evaluations));
    const run = runIcarus(network, one.samples);
    expect(run.words).toEqual(one.logits);
    expect(run.lastCycles).toEqual(Array.from(completions));
  });

  it('steps are what the forecast without a simulation takes', () => {
    for (const [seed, variant] of cases) {
      const { network, evaluations } = randomWiredCase(seed, variant, 1);
      const { plan } = network;
      const workload = workloadOf({ ...plan, copies: 1 }, evaluations);
      const cycles = predictCycles({ ...plan, copies: 1 }, workload);
      for (const { index } of wiredLayers(plan)) {
        const forecast = layerActivities(plan, workload, 0)[index];
        expect(forecast?.steps).toBe(cycles.layers[index]?.busy);
        expect(forecast?.issues).toBe(forecast?.steps);
      }
    }
  });

  it('meets padding, pooling, strides, several channels, sites in a beat and tails', () => {
    const layers = cases.flatMap(([seed, variant]) =>
      wiredLayers(randomWiredCase(seed, variant, 1).network.plan),
    );
    const some = (what: (layer: (typeof layers)[number]) => boolean): boolean => layers.some(what);
    expect(some(({ parameters }) => parameters['Padded'] === 1)).toBe(true);
    expect(some(({ window }) => window.pool.height > 1)).toBe(true);
    expect(some(({ window }) => window.pool.height === 1)).toBe(true);
    expect(some(({ window }) => window.stride.width > 1)).toBe(true);
    expect(some(({ input }) => input.channels > 1)).toBe(true);
    expect(some(({ input }) => input.sitesPerBeat > 1)).toBe(true);
    expect(some(({ input }) => input.valueSigned)).toBe(true);
    expect(some(({ input }) => !input.valueSigned)).toBe(true);
    expect(some(({ choice }) => choice.engines > 1)).toBe(true);
    expect(some(({ choice }) => choice.values > 1)).toBe(true);
    const terms = layers.flatMap(({ wired }) =>
      (wired?.nodes ?? []).map((node) => (node.kind === 'result' ? node.terms : [])),
    );
    expect(terms.some((some) => some.length === 2)).toBe(true);
    expect(terms.some((some) => some[0]?.negative === true)).toBe(true);
    const tails = new Set(layers.map(({ tail }) => tail.kind));
    expect(tails).toEqual(new Set(['logits', 'insert', 'histogram', 'nonzero', 'select']));
  });
});

describe('networks with branches and wired layers, all values non-zero', () => {
  it.each(sparseVariants)('%s: none hangs with the buffers it needs', (variant) => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const { plan } = randomWiredDagCase(seed, variant, 1).network;
      const workload = fullestWorkload(plan, 3);
      expect(predictCycles(withScarceFifos(plan), workload).completions.length).toBe(3);
    }
  });
});
