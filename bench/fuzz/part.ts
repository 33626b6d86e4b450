import { resourceUsage } from 'node:process';
import { fuzzInput } from '../../test/support/fuzz/fuzz-input.ts';
import { fuzzedReaders } from '../../test/support/fuzz/readers.ts';

/** Inputs between two signs of life. */
const batch = 500;

/**
 * Reads inputs of the numbers from `first` to `end` - 1 and tells in lines of JSON: where it is, what is
 * wrong, and at last what it has seen and its peak of memory.
 */
export function fuzzPart(first: number, end: number, each = batch): void {
  const readers = fuzzedReaders();
  const tell = (line: object): void => {
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
  const seen = new Map<string, { inputs: number; accepted: number }>();
  for (let seed = first; seed < end; seed += 1) {
    if ((seed - first) % each === 0) tell({ at: seed });
    const { reader, accepted, problem } = fuzzInput(readers, seed);
    const count = seen.get(reader) ?? { inputs: 0, accepted: 0 };
    seen.set(reader, {
      inputs: count.inputs + 1,
      accepted: count.accepted + Number(accepted),
    });
    if (problem !== null) tell({ seed, reader, problem });
  }
  tell({ seen: Object.fromEntries(seen), peakKilobytes: resourceUsage().maxRSS });
}
