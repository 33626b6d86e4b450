import { describe, expect, it } from 'vitest';
import type { Evaluation } from '../../src/evaluate/quantized.ts';
import { runSchedule } from '../../src/simulate/run-schedule.ts';
import type { StoredReference } from '../../src/simulate/reference-store.ts';
import { randomCase } from '../support/random-case.ts';

/** A reference as far as a schedule looks at it. */
function referenceOf(evaluations: readonly Evaluation[]): StoredReference {
  return {
    files: {
      samples: evaluations.length,
      accumulatorSamples: 0,
      logits: '',
      layers: [],
    },
    inputs: [],
    values: evaluations.map(({ layers }) => layers.map(({ values }) => values)),
    logits: [],
  };
}

describe('a run', () => {
  const { network, evaluations } = randomCase(1, 'sparse-sparse', 70);
  const [first] = evaluations;
  // a sample without any token between the layers takes less time than any other
  if (first !== undefined) for (const { values } of first.layers) values.fill(0);

  it('sends at most 64 samples alone where latency depends on the data', () => {
    const schedule = runSchedule(network.plan, referenceOf(evaluations));
    expect(schedule.isolatedSamples).toEqual(Array.from({ length: 64 }, (_, at) => at));
    const few = runSchedule(network.plan, referenceOf(evaluations.slice(0, 3)));
    expect(few.isolatedSamples).toEqual([0, 1, 2]);
  });

  it('sends two alone where all take the same time', () => {
    const same = Array.from({ length: 20 }, () => first ?? []).flat();
    expect(runSchedule(network.plan, referenceOf(same)).isolatedSamples).toEqual([0, 1]);
    expect(runSchedule(network.plan, referenceOf(same.slice(0, 1))).isolatedSamples).toEqual([0]);
  });

  it('streams every sample at least once, and 28 for every copy', () => {
    const copies = { ...network.plan, copies: 3 };
    expect(runSchedule(copies, referenceOf(evaluations)).streamInferences).toBe(84);
  });
});
