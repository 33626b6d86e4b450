import { expect } from 'vitest';
import { nextReady, type BenchResult, type OutputBeat } from './bench.ts';
import { fieldOf, signedFieldOf } from './bits.ts';
import type { Token } from './winners.ts';

export interface TokenFormat {
  readonly channelBits: number;
  readonly valueBits: number;
  readonly signed: boolean;
}

/**
 * Token beats (words {data, count}) put together by site. Throws where a beat other than the
 * last of a site is not full, or a last beat is empty behind others.
 */
export function tokenBeats(
  outputs: readonly OutputBeat[],
  perBeat: number,
  format: TokenFormat,
): { readonly tokens: Token[]; readonly beats: OutputBeat[] }[] {
  const countBits = Math.ceil(Math.log2(perBeat + 1));
  const tokenBits = format.channelBits + format.valueBits;
  const sites: { tokens: Token[]; beats: OutputBeat[] }[] = [];
  let tokens: Token[] = [];
  let beats: OutputBeat[] = [];
  for (const beat of outputs) {
    const count = fieldOf(beat.word, 0, countBits);
    if (!beat.last && count !== perBeat) throw new Error(`beat in cycle ${beat.cycle} is not full`);
    if (count === 0 && tokens.length > 0) throw new Error(`empty beat in cycle ${beat.cycle}`);
    for (let t = 0; t < count; t += 1) {
      const at = countBits + t * tokenBits;
      const value = (format.signed ? signedFieldOf : fieldOf)(beat.word, at, format.valueBits);
      tokens.push({
        channel: fieldOf(beat.word, at + format.valueBits, format.channelBits),
        value,
      });
    }
    beats.push(beat);
    if (beat.last) {
      sites.push({ tokens, beats });
      tokens = [];
      beats = [];
    }
  }
  if (beats.length > 0) throw new Error('the last site has no end');
  return sites;
}

export interface TokenTiming {
  readonly vectors: readonly { readonly inputBeats: number; readonly tokens: number }[];
  readonly perBeat: number;
  /** Cycles from the last input beat to the first output beat when nothing is in the way. */
  readonly latency: number;
  readonly ready: readonly boolean[];
  /** Vectors that may be announced and not yet given out. */
  readonly buffers: number;
  readonly startGaps: readonly number[];
}

/**
 * Checks the cycle of every output beat and of every announcement against the formulas in the
 * module's header: first beat max(t, p - latency + 1) + latency, the others behind one another;
 * an announcement is possible from the cycle after the last beat of the `buffers`-th before.
 */
export function expectTokenBeats(result: BenchResult, timing: TokenTiming): void {
  const expected: number[] = [];
  const starts: number[] = [];
  const done: number[] = [];
  let beat = 0;
  let previous = -1;
  timing.vectors.forEach((vector, index) => {
    const free = done[index - timing.buffers];
    const before = starts[index - 1];
    const counted = before === undefined ? 0 : before + 1;
    starts.push(
      Math.max(counted + (timing.startGaps[index] ?? 0), free === undefined ? 0 : free + 1),
    );
    beat += vector.inputBeats;
    const last = result.inputs[beat - 1] ?? Number.NaN;
    let valid = Math.max(last + timing.latency, previous + 1);
    for (let n = 0; n < Math.max(1, Math.ceil(vector.tokens / timing.perBeat)); n += 1) {
      const taken = nextReady(timing.ready, valid);
      expected.push(taken);
      previous = taken;
      valid = taken + 1;
    }
    done.push(previous);
  });
  expect(result.outputs.map(({ cycle }) => cycle)).toEqual(expected);
  expect(result.starts).toEqual(starts);
}
