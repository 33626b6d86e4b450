import { ceilDivide } from '../base/bits.ts';
import { invariant } from '../base/invariant.ts';
import type { StreamPlan } from '../ir/plan.ts';
import { tokensOfSites } from '../plan/cycles/workload.ts';
import { partBits } from '../plan/isolate-layer.ts';

/**
 * Beats of a feature map on a stream, group by group: a group is a site, or the sites of a row that
 * share a beat. `values`: channels first.
 */
export interface MapBeats {
  /** By group: number of beats. */
  readonly counts: Uint16Array;
  /** By site: non-zero values; empty for a dense stream. */
  readonly tokens: Uint16Array;
  /** Channels of all tokens in order; empty for a dense stream. */
  channels(): Uint16Array;
  /** Writes beat `beat` of a group, from bit `low` of `words` on. */
  write(group: number, beat: number, words: Uint32Array, low: number): void;
}

/** The beats of a map as the layer before sends them: tokens by rising channel, or all values. */
export function mapBeats(stream: StreamPlan, values: Int16Array): MapBeats {
  const { channels, height, width } = stream;
  invariant(values.length === channels * height * width, `${values.length} values of a map`);
  return stream.kind === 'tokens' ? tokenBeats(stream, values) : denseBeats(stream, values);
}

function tokenBeats(stream: StreamPlan, values: Int16Array): MapBeats {
  const { channels, height, width, tokensPerBeat, valueBits, tokenBits } = stream;
  const sites = height * width;
  const channelsOf = (site: number): number[] => {
    const active: number[] = [];
    for (let channel = 0; channel < channels; channel += 1) {
      if (values[channel * sites + site] !== 0) active.push(channel);
    }
    return active;
  };
  let current = -1;
  let inSite: readonly number[] = [];
  const tokens = tokensOfSites(values, sites);
  return {
    tokens,
    counts: tokens.map((count) => Math.max(1, ceilDivide(count, tokensPerBeat))),
    channels: () =>
      Uint16Array.from(Array.from({ length: sites }, (_, site) => channelsOf(site)).flat()),
    write(site, beat, words, low) {
      if (site !== current) inSite = channelsOf(site);
      current = site;
      const first = beat * tokensPerBeat;
      const sent = inSite.slice(first, first + tokensPerBeat);
      sent.forEach((channel, token) => {
        const value = (values[channel * sites + site] ?? 0) & (2 ** valueBits - 1);
        setBits(words, low + token * tokenBits, value, valueBits);
        setBits(words, low + token * tokenBits + valueBits, channel, tokenBits - valueBits);
      });
      const last = first + tokensPerBeat >= inSite.length;
      setControl(stream, words, low, { count: sent.length, last });
    },
  };
}

function denseBeats(stream: StreamPlan, values: Int16Array): MapBeats {
  const { channels, height, width, tokensPerBeat, valueBits, sitesPerBeat } = stream;
  const sites = height * width;
  const groupsPerRow = ceilDivide(width, sitesPerBeat);
  const perSite = tokensPerBeat / sitesPerBeat;
  return {
    tokens: new Uint16Array(0),
    counts: new Uint16Array(height * groupsPerRow).fill(stream.maximumBeats),
    channels: () => new Uint16Array(0),
    write(group, beat, words, low) {
      const row = Math.floor(group / groupsPerRow);
      for (let place = 0; place < sitesPerBeat; place += 1) {
        const column = (group % groupsPerRow) * sitesPerBeat + place;
        if (column >= width) break;
        for (let at = 0; at < perSite; at += 1) {
          const channel = beat * tokensPerBeat + at;
          if (channel >= channels) break;
          const value = values[channel * sites + row * width + column] ?? 0;
          const bit = low + (place * perSite + at) * valueBits;
          setBits(words, bit, value & (2 ** valueBits - 1), valueBits);
        }
      }
      const last = beat + 1 === stream.maximumBeats;
      setControl(stream, words, low, { count: tokensPerBeat, last });
    },
  };
}

/** What stands above the tokens of a part: count, last, and that there is a beat. */
function setControl(
  stream: StreamPlan,
  words: Uint32Array,
  low: number,
  { count, last }: { readonly count: number; readonly last: boolean },
): void {
  const above = low + stream.tokensPerBeat * stream.tokenBits;
  setBits(words, above, count, stream.countBits);
  setBits(words, above + stream.countBits, last ? 3 : 2, 2);
}

/** Sets a field of up to 32 bits in words that hold 0 there. */
function setBits(words: Uint32Array, low: number, value: number, bits: number): void {
  const word = low >>> 5;
  const shift = low & 31;
  words[word] = (words[word] ?? 0) | (value << shift);
  if (shift + bits > 32) words[word + 1] = (words[word + 1] ?? 0) | (value >>> (32 - shift));
}

/** Input beats that a layer alone gets for one sample, before they are filled up with empty ones. */
export function inputBeatCount(maps: readonly MapBeats[]): number {
  return beatsOfGroups(maps).reduce((sum, beats) => sum + beats, 0);
}

/** By group: as many input beats as the input with most beats there needs. */
function beatsOfGroups(maps: readonly MapBeats[]): Uint16Array {
  const [first, ...others] = maps.map(({ counts }) => counts);
  invariant(first !== undefined, 'a layer has an input');
  return first.map((count, group) =>
    Math.max(count, ...others.map((counts) => counts[group] ?? 0)),
  );
}

/**
 * The input beats of one sample, 32-bit words, least significant first: group by group, every input
 * with its beats of the group from the start; empty beats up to `beats`.
 */
export function isolatedBeats(
  streams: readonly StreamPlan[],
  maps: readonly MapBeats[],
  beats: number,
): Uint32Array {
  const lows: number[] = [];
  let bits = 0;
  for (const stream of streams) {
    lows.push(bits);
    bits += partBits(stream);
  }
  const wordsPerBeat = ceilDivide(bits, 32);
  const words = new Uint32Array(beats * wordsPerBeat);
  let at = 0;
  beatsOfGroups(maps).forEach((count, group) => {
    for (let beat = 0; beat < count; beat += 1, at += 1) {
      const target = words.subarray(at * wordsPerBeat, (at + 1) * wordsPerBeat);
      maps.forEach((map, input) => {
        if (beat < (map.counts[group] ?? 0)) map.write(group, beat, target, lows[input] ?? 0);
      });
    }
  });
  return words;
}
