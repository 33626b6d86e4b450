import { UserError } from '../../../src/base/diagnostics.ts';
import { seededRandom } from '../../evaluate/random-graph.ts';
import type { FuzzedReader } from './readers.ts';

/** The time one input may take. */
export const mostMilliseconds = 2000;

/** What reading an input came to; a problem is something that is ours. */
export interface FuzzOutcome {
  readonly reader: string;
  readonly accepted: boolean;
  readonly problem: string | null;
}

/** Makes and reads the input of a number. */
export function fuzzInput(readers: readonly FuzzedReader[], seed: number): FuzzOutcome {
  const random = seededRandom(seed);
  let draw = random();
  const reader = readers.find(({ share }) => (draw -= share) < 0) ?? readers[0];
  if (reader === undefined) throw new Error('a reader');
  const { name } = reader;
  const input = reader.make(random);
  const begun = process.cpuUsage();
  let accepted = true;
  try {
    reader.read(input);
  } catch (error) {
    accepted = false;
    const told = error instanceof UserError && error.diagnostics.length > 0;
    if (!told) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { reader: name, accepted, problem: text.split('\n').slice(0, 4).join(' ') };
    }
  }
  const { user, system } = process.cpuUsage(begun);
  const milliseconds = (user + system) / 1000;
  const slow = milliseconds > mostMilliseconds;
  return { reader: name, accepted, problem: slow ? `took ${milliseconds.toFixed(0)} ms` : null };
}
