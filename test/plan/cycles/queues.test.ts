import { describe, expect, it } from 'vitest';
import { hasEngines } from '../../../src/ir/plan.ts';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import { fullQueues } from '../../support/full-queues.ts';
import { runIcarus } from '../../support/icarus.ts';
import { randomPointwiseCase, randomQueueCase, unevenRowsCase } from '../../support/random-case.ts';

const networks = Number(process.env['NZFLOW_NETWORKS'] ?? 6);
const first = Number(process.env['NZFLOW_SEED'] ?? 1);
const cases = Array.from({ length: networks }, (_, index) => first + index).flatMap((seed) =>
  (['sparse-dense', 'sparse-sparse'] as const).map((variant) => ({ seed, variant })),
);

describe('layers with queues, random networks and foldings, in Icarus', () => {
  it.each(cases)('seed $seed, $variant: same values, no cycle of difference', (test) => {
    const { network, samples, logits, evaluations, choice } = randomQueueCase(
      test.seed,
      test.variant,
      4,
    );
    const run = runIcarus(network, samples);
    expect(run.words, JSON.stringify(choice)).toEqual(logits);
    const { plan } = network;
    const { completions } = predictCycles(plan, workloadOf(plan, evaluations));
    expect(Array.from(completions), JSON.stringify(choice)).toEqual(run.lastCycles);
  });

  it.each([1, 2, 3])('seed %i with gaps and back-pressure: same values', (seed) => {
    const { network, samples, logits } = randomQueueCase(seed, 'sparse-sparse', 4);
    expect(runIcarus(network, samples, { stallSeed: seed }).words).toEqual(logits);
  });
});

describe('lanes that share the channels of kernels of one position, in Icarus', () => {
  const shared = cases.map(({ seed, variant }) => ({ seed, variant }));

  it.each(shared)('seed $seed, $variant: same values, no cycle of difference', (test) => {
    const { network, samples, logits, evaluations, choice } = randomPointwiseCase(
      test.seed,
      test.variant,
    );
    const run = runIcarus(network, samples);
    expect(run.words, JSON.stringify(choice)).toEqual(logits);
    const { plan } = network;
    const { completions } = predictCycles(plan, workloadOf(plan, evaluations));
    expect(Array.from(completions), JSON.stringify(choice)).toEqual(run.lastCycles);
  });

  it('are met on tokens and on dense streams', () => {
    const kinds = shared.flatMap(({ seed, variant }) =>
      randomPointwiseCase(seed, variant, 1).network.plan.layers.flatMap((layer) =>
        hasEngines(layer) && layer.choice.channelLanes ? [layer.input.kind] : [],
      ),
    );
    expect(new Set(kinds)).toEqual(new Set(['dense', 'tokens']));
  });

  it.each([1, 2, 3])('seed %i with gaps and back-pressure: same values', (seed) => {
    const { network, samples, logits } = randomPointwiseCase(seed, 'sparse-sparse');
    expect(runIcarus(network, samples, { stallSeed: seed }).words).toEqual(logits);
  });
});

describe('an empty kernel, one with hundreds of weights, inputs that nobody uses', () => {
  it.each([1, 2, 3, 4])('seed %i: same values, no cycle of difference, no word stored', (seed) => {
    const { network, samples, logits, evaluations, choice } = unevenRowsCase(seed, 'sparse-sparse');
    const { plan } = network;
    const run = runIcarus(network, samples);
    expect(run.words, JSON.stringify(choice)).toEqual(logits);
    const { completions } = predictCycles(plan, workloadOf(plan, evaluations));
    expect(Array.from(completions), JSON.stringify(choice)).toEqual(run.lastCycles);
    for (const layer of plan.layers) {
      if (!hasEngines(layer) || layer.input.channels !== 300) continue;
      for (const words of layer.queueWords) {
        expect(words.filter((count, index) => index % 8 === 7 && count > 0)).toEqual([]);
      }
    }
  });

  it('are met with queues and without, and with lanes that share the channels', () => {
    const kinds = [1, 2, 3, 4].map((seed) => {
      const [first] = unevenRowsCase(seed, 'sparse-sparse', 1).network.plan.layers;
      if (first === undefined || !hasEngines(first)) throw new Error('a layer');
      return `${first.choice.queues > 0} ${first.choice.channelLanes}`;
    });
    expect(new Set(kinds)).toContain('true true');
  });
});

describe('queues that fill up', () => {
  it.each([3, 8, 17, 40])('turns of %i inputs: no cycle of difference', (run) => {
    const { network, samples, evaluations } = fullQueues(run, 8);
    const { plan } = network;
    const workload = workloadOf(plan, evaluations);
    const result = runIcarus(network, samples);
    expect(result.words).toEqual(evaluations.flatMap(({ logits }) => Array.from(logits)));
    const { completions } = predictCycles(plan, workload);
    expect(Array.from(completions)).toEqual(result.lastCycles);
  });

  it('hold the lane, less so the deeper they are', () => {
    const times = [8, 16, 32, 64].map((depth) => {
      const { network, evaluations } = fullQueues(17, depth);
      const workload = workloadOf(network.plan, evaluations);
      return predictCycles(network.plan, workload).completions.at(-1) ?? NaN;
    });
    expect(times).toEqual([...times].sort((one, other) => other - one));
    expect(times[0]).toBeGreaterThan(1.2 * (times[2] ?? NaN));
  });
});
