import { describe, expect, it } from 'vitest';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import { runIcarus } from '../../support/icarus.ts';
import { streamedCase } from '../../support/streamed-case.ts';

/** From much slower than any layer computes to a beat a cycle. */
const rates = [
  { beats: 1, cycles: 1 },
  { beats: 5, cycles: 9 },
  { beats: 2, cycles: 13 },
];
const cases = rates.flatMap((rate, index) =>
  [[1], [1, 2], [0, 1, 2]].flatMap((layers) =>
    [1, 2].map((seed) => ({ rate, layers, seed: 10 * index + seed })),
  ),
);

describe('weights from memory beside the device, in Icarus', () => {
  it.each(cases)(
    'seed $seed, layers $layers, $rate.beats beats in $rate.cycles cycles: every word, every cycle',
    ({ seed, layers, rate }) => {
      const { network, samples, evaluations, logits } = streamedCase(seed, {
        beatBits: 32,
        rate,
        layers,
        samples: 6,
      });
      const run = runIcarus(network, samples);
      expect(run.words).toEqual(logits);
      const { completions } = predictCycles(network.plan, workloadOf(network.plan, evaluations));
      expect(Array.from(completions)).toEqual(run.lastCycles);
    },
  );
});
