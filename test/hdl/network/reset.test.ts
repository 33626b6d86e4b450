import { describe, expect, it } from 'vitest';
import { variantNames } from '../../../src/ir/variant.ts';
import type { VariantName } from '../../../src/ir/variant.ts';
import { runIcarus } from '../../support/icarus.ts';
import { randomCase } from '../../support/random-case.ts';
import { seededRandom } from '../tail/random.ts';

const count = Number(process.env['NZFLOW_NETWORKS'] ?? 6);
const first = Number(process.env['NZFLOW_SEED'] ?? 1);
const cases: (readonly [number, VariantName])[] = Array.from(
  { length: count },
  (_, index) => first + index,
).flatMap((seed) => variantNames.map((variant) => [seed, variant] as const));
/** A k-WTA by histogram and logits by slot: memories that are cleared as they are read. */
const histograms = [
  [276, 'dense'],
  [154, 'sparse-sparse'],
  [373, 'dense'],
] as const;

/** The longest takes a minute on an idle machine. */
const timeout = 300_000;

describe('a reset in the middle of inferences leaves nothing behind', () => {
  it.each([...cases, ...histograms])(
    'network %i, %s',
    (seed, variant) => {
      const { network, samples, logits } = randomCase(seed, variant, 3);
      const idle = runIcarus(network, samples);
      const random = seededRandom(4000 + seed);
      // the whole run is that long: anything may be going on
      const longest = Math.max(20, idle.lastCycles.at(-1) ?? 0);
      const interruptions = Array.from({ length: 4 }, () => random.integer(5, longest));
      const run = runIcarus(network, samples, { interruptions });
      expect(run.words).toEqual(logits);
      expect(run.lastCycles).toEqual(idle.lastCycles);
    },
    timeout,
  );
});
