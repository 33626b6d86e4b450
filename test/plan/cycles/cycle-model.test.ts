import { describe, expect, it } from 'vitest';
import { hasEngines } from '../../../src/ir/plan.ts';
import { variantNames } from '../../../src/ir/variant.ts';
import type { VariantName } from '../../../src/ir/variant.ts';
import { predictCycles, predictIsolated } from '../../../src/plan/cycles/cycle-model.ts';
import { interval, steadyInterval, warmRounds } from '../../../src/plan/cycles/interval.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import { groupsOf } from '../../../src/plan/lower/lower-tail.ts';
import { engineLayers } from '../../support/engine-layers.ts';
import { runIcarus } from '../../support/icarus.ts';
import { randomCase } from '../../support/random-case.ts';

const samples = 4;
/** More networks than these for a longer search: `NZFLOW_NETWORKS=200`. */
const networks = Number(process.env['NZFLOW_NETWORKS'] ?? 11);

const cases: (readonly [number, VariantName])[] = [];
for (let seed = 1; seed <= networks; seed += 1) {
  for (const variant of variantNames) cases.push([seed, variant]);
}
/** Networks whose k-WTA is by histogram, so that every tail is met. */
const histograms = [
  [108, 'dense'],
  [109, 'dense'],
  [247, 'sparse-dense'],
  [247, 'sparse-sparse'],
  // groups of fewer channels than the vector has slots
  [182, 'sparse-dense'],
] as const;

/** What chooses the winners or lets all values pass, layer by layer. */
function tails(seed: number, variant: VariantName): readonly string[] {
  const { plan } = randomCase(seed, variant, samples).network;
  return plan.layers.map((layer) => {
    if (!hasEngines(layer)) return layer.kind;
    return `${layer.tail.kind}${groupsOf(layer.tail) > 1 ? ' in groups' : ''}`;
  });
}

describe('cycle model against the RTL', () => {
  it.each([...cases, ...histograms])('network %i, %s: no cycle of difference', (seed, variant) => {
    const random = randomCase(seed, variant, samples);
    const { plan } = random.network;
    const { completions } = predictCycles(plan, workloadOf(plan, random.evaluations));
    expect(Array.from(completions)).toEqual(runIcarus(random.network, random.samples).lastCycles);
  });

  it('meets every tail', () => {
    const met = [...cases, ...histograms].flatMap(([seed, variant]) => tails(seed, variant));
    const kinds = ['insert', 'histogram', 'insert in groups', 'histogram in groups', 'winners'];
    expect(new Set(met)).toEqual(new Set([...kinds, 'nonzero', 'logits']));
  });
});

describe('predictions', () => {
  // a network without windows that lie in the padding: those need no input to begin
  const { network, evaluations } = randomCase(6, 'sparse-sparse', samples);
  const { plan } = network;
  const workload = workloadOf(plan, evaluations);
  const prediction = predictCycles(plan, workload);

  it('depend on the tokens', () => {
    const outputTokens = workload.outputTokens.map((layer, index) =>
      index === 0 ? layer.map((tokens) => tokens.map(() => 0)) : layer,
    );
    const fewer = predictCycles(plan, { ...workload, outputTokens });
    expect(Array.from(fewer.completions)).not.toEqual(Array.from(prediction.completions));
  });

  it('begin with the first beat, in cycle 0', () => {
    expect(prediction.starts[0]).toBe(0);
    const order = Array.from(prediction.completions);
    expect(order).toEqual([...order].sort((left, right) => left - right));
  });

  it('tell when every layer works on an inference', () => {
    prediction.layers.forEach((layer, index) => {
      const next = prediction.layers[index + 1];
      for (let inference = 0; inference < samples; inference += 1) {
        const first = layer.firstCycles[inference] ?? NaN;
        expect(first).toBeGreaterThan(prediction.starts[inference] ?? NaN);
        expect(layer.lastCycles[inference]).toBeGreaterThan(first);
        expect(layer.lastCycles[inference]).toBeLessThan(prediction.completions[inference] ?? NaN);
        if (next !== undefined) expect(next.firstCycles[inference]).toBeGreaterThan(first);
      }
    });
  });

  it('account for no more cycles than there are', () => {
    const end = prediction.completions[samples - 1] ?? NaN;
    prediction.layers.forEach((layer, index) => {
      const engines = (engineLayers(plan)[index]?.choice.engines ?? 0) * plan.copies;
      expect(layer.busy).toBeGreaterThan(0);
      expect(layer.busy + layer.starved + layer.blocked).toBeLessThanOrEqual(engines * end);
    });
  });

  it('of isolated inferences leave out what the others cost', () => {
    const alone = predictIsolated(plan, workload);
    alone.forEach((latency, inference) => {
      const start = prediction.starts[inference] ?? NaN;
      expect(latency).toBeGreaterThan(0);
      expect(latency).toBeLessThanOrEqual((prediction.completions[inference] ?? NaN) - start);
    });
  });

  it('give the interval of whole turns of the copies', () => {
    const rounds = 12;
    const completions = Float64Array.from({ length: 3 * rounds + 1 }, (_, n) => {
      return 1000 + 90 * Math.floor(n / 3) + (n % 3);
    });
    expect(warmRounds(rounds)).toBe(3);
    expect(interval({ ...prediction, completions }, 3)).toBe(30);
    expect(() => steadyInterval([1, 2], 2)).toThrow();
  });
});
