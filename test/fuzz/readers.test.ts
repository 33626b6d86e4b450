import { describe, expect, it } from 'vitest';
import { fuzzInput } from '../support/fuzz/fuzz-input.ts';
import type { FuzzedReader } from '../support/fuzz/readers.ts';
import { fuzzedReaders } from '../support/fuzz/readers.ts';

/** `npm run fuzz` reads more of them, in processes of their own. */
const inputs = Number(process.env['NZFLOW_FUZZ_INPUTS'] ?? 6000);
const first = Number(process.env['NZFLOW_FUZZ_SEED'] ?? 1);

describe('broken files', () => {
  const readers = fuzzedReaders();

  it('are read or refused with a diagnostic, within a second or two each', () => {
    const accepted = new Map<string, number>();
    const refused = new Map<string, number>();
    for (let seed = first; seed < first + inputs; seed += 1) {
      const outcome = fuzzInput(readers, seed);
      expect(outcome.problem, `${outcome.reader}: npm run fuzz -- 1 ${seed}`).toBeNull();
      const counts = outcome.accepted ? accepted : refused;
      counts.set(outcome.reader, (counts.get(outcome.reader) ?? 0) + 1);
    }
    // neither all nonsense nor all right
    for (const { name } of readers) {
      expect(accepted.get(name) ?? 0, name).toBeGreaterThan(10);
      expect(refused.get(name) ?? 0, name).toBeGreaterThan(10);
    }
  });

  // found in a million: 65 536 maps wide, 65 536 of them in a batch, places 1e-323 apart
  it.each([97_244, 116_394, 221_648])('do not take long (seed %i)', (seed) => {
    expect(fuzzInput(readers, seed).problem).toBeNull();
  });

  it('would be told if a reader crashed or took long', () => {
    const reader = (read: FuzzedReader['read']): readonly FuzzedReader[] => [
      { name: 'one', share: 1, make: () => '', read },
    ];
    const crash = fuzzInput(
      reader(() => {
        throw new RangeError('Invalid array length');
      }),
      1,
    );
    expect(crash.problem).toContain('RangeError: Invalid array length');
    const slow = fuzzInput(
      reader(() => {
        const end = process.cpuUsage().user + 2_100_000;
        while (process.cpuUsage().user < end);
      }),
      1,
    );
    expect(slow.problem).toMatch(/took \d+ ms/);
  });
});
