import { ceilDivide, ceilLog2 } from '../../../src/base/bits.ts';
import type { OutputBeat } from '../tail/bench.ts';
import { fieldOf, signedFieldOf, type Field } from '../tail/bits.ts';
import type { Random } from '../tail/random.ts';
import type { StreamBeat } from './stream-bench.ts';

/** Form of a stream that carries the values of a site. */
export interface SiteStream {
  readonly channels: number;
  readonly channelBits: number;
  readonly valueBits: number;
  readonly signed: boolean;
  readonly dense: boolean;
  /** Values (dense) or tokens a beat. */
  readonly perBeat: number;
}

/** Bits of a beat, count and data. */
export function beatBits(stream: SiteStream): number {
  const tokenBits = stream.valueBits + (stream.dense ? 0 : stream.channelBits);
  return ceilLog2(stream.perBeat + 1) + stream.perBeat * tokenBits;
}

/** The beats of sites, given as values by channel. Tokens come in any order, as from an engine. */
export function siteBeats(
  sites: readonly (readonly number[])[],
  stream: SiteStream,
  gap: number,
  random: Random,
): readonly (readonly StreamBeat[])[] {
  const { perBeat, dense, valueBits, channelBits } = stream;
  const countBits = ceilLog2(perBeat + 1);
  return sites.map((values) => {
    const order = random.permutation(values.length);
    const tokens = order
      .map((channel) => ({ channel, value: values[channel] ?? 0 }))
      .filter(({ value }) => value !== 0);
    const length = dense ? values.length : tokens.length;
    const beats = Math.max(1, ceilDivide(length, perBeat));
    return Array.from({ length: beats }, (_, beat): StreamBeat => {
      const first = beat * perBeat;
      const count = dense ? perBeat : Math.min(perBeat, tokens.length - first);
      const fields = Array.from({ length: perBeat }, (_token, t): Field[] => {
        if (dense) return [{ bits: valueBits, value: values[first + t] ?? 0 }];
        const token = tokens[first + t];
        return [
          { bits: valueBits, value: token?.value ?? random.integer(0, 2 ** valueBits - 1) },
          { bits: channelBits, value: token?.channel ?? 0 },
        ];
      });
      return {
        gap: random.integer(0, gap),
        last: beat === beats - 1,
        fields: [{ bits: countBits, value: count }, ...fields.flat()],
      };
    });
  });
}

/** Sites read back: values by channel, the order of the tokens, and the beats of each. */
export interface ReadSite {
  readonly values: readonly number[];
  readonly channels: readonly number[];
  readonly beats: readonly OutputBeat[];
}

/** Throws where a beat other than a site's last is not full or a channel comes twice. */
export function readSites(outputs: readonly OutputBeat[], stream: SiteStream): ReadSite[] {
  const { perBeat, dense, valueBits, channelBits, channels, signed } = stream;
  const countBits = ceilLog2(perBeat + 1);
  const tokenBits = valueBits + (dense ? 0 : channelBits);
  const sites: ReadSite[] = [];
  let beats: OutputBeat[] = [];
  for (const output of outputs) {
    beats.push(output);
    if (!output.last) continue;
    const values = new Array<number>(channels).fill(0);
    const seen: number[] = [];
    beats.forEach(({ word, last, cycle }, beat) => {
      const count = fieldOf(word, 0, countBits);
      if ((dense || !last) && count !== perBeat) throw new Error(`cycle ${cycle} is not full`);
      if (count === 0 && beats.length > 1) throw new Error(`cycle ${cycle} is empty`);
      for (let t = 0; t < count; t += 1) {
        const at = countBits + t * tokenBits;
        const value = (signed ? signedFieldOf : fieldOf)(word, at, valueBits);
        const channel = dense ? beat * perBeat + t : fieldOf(word, at + valueBits, channelBits);
        if (!dense && (value === 0 || seen.includes(channel))) {
          throw new Error(`cycle ${cycle}: channel ${channel} of value ${value}`);
        }
        seen.push(channel);
        if (channel >= channels && value !== 0) throw new Error(`cycle ${cycle}: no such channel`);
        if (channel < channels) values[channel] = value;
      }
    });
    sites.push({ values, channels: seen, beats });
    beats = [];
  }
  if (beats.length > 0) throw new Error('the last site has no end');
  return sites;
}
