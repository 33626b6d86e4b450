import { describe, expect, it } from 'vitest';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import { runIcarus } from '../../support/icarus.ts';
import { streamedCase } from '../../support/streamed-case.ts';
import type { Streaming } from '../../support/streamed-case.ts';

/** From a beat a cycle to much slower than any layer computes. */
const cases: readonly (Streaming & { readonly seed: number })[] = [
  { seed: 1, layers: [1], beatBits: 32, rate: { beats: 1, cycles: 1 } },
  // windows of a convolution, engines that share words, three layers in one stream
  { seed: 2, layers: [0, 1, 2], beatBits: 32, rate: { beats: 1, cycles: 1 } },
  { seed: 11, layers: [1, 2], beatBits: 32, rate: { beats: 5, cycles: 9 } },
  { seed: 12, layers: [1], beatBits: 64, rate: { beats: 2, cycles: 13 } },
  { seed: 21, layers: [1, 2], beatBits: 32, rate: { beats: 2, cycles: 13 } },
];

describe('weights from memory beside the device, in Icarus', () => {
  it.each(cases)(
    'seed $seed, layers $layers, $rate.beats beats in $rate.cycles cycles: every word, every cycle',
    ({ seed, ...streaming }) => {
      const drawn = streamedCase(seed, { ...streaming, samples: 5 });
      const { network, samples, evaluations, logits } = drawn;
      const run = runIcarus(network, samples);
      expect(run.words).toEqual(logits);
      const { completions } = predictCycles(network.plan, workloadOf(network.plan, evaluations));
      expect(Array.from(completions)).toEqual(run.lastCycles);
    },
  );

  it('are waited for where they pause, and words that nobody waits for go by', () => {
    const { network, samples, logits } = streamedCase(3, {
      layers: [1, 2],
      beatBits: 32,
      rate: { beats: 1, cycles: 2 },
      copies: 3,
    });
    expect(runIcarus(network, samples, { stallSeed: 5 }).words).toEqual(logits);
  });

  it('begin anew after a reset in the middle of a period', () => {
    const { network, samples, logits } = streamedCase(4, {
      layers: [1],
      beatBits: 32,
      rate: { beats: 1, cycles: 1 },
      samples: 2,
    });
    expect(runIcarus(network, samples, { interruptions: [333, 90] }).words).toEqual(logits);
  });

  it('are read once for all copies: as many inferences in the time as there are copies', () => {
    const interval = (copies: number): number => {
      const drawn = streamedCase(1, {
        layers: [1],
        beatBits: 32,
        rate: { beats: 1, cycles: 40 },
        copies,
        samples: 12,
      });
      const { plan } = drawn.network;
      const { completions } = predictCycles(plan, workloadOf(plan, drawn.evaluations));
      return ((completions[11] ?? 0) - (completions[5] ?? 0)) / 6;
    };
    expect(interval(3)).toBeCloseTo(interval(1) / 3, 0);
  });
});
