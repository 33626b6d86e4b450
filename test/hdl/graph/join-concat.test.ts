import { describe, expect, it } from 'vitest';
import { ceilLog2, indexBits } from '../../../src/base/bits.ts';
import { nextReady } from '../tail/bench.ts';
import { fieldOf, packFields } from '../tail/bits.ts';
import { seededRandom, type Random } from '../tail/random.ts';
import { beatBits, readSites, siteBeats, type SiteStream } from './site-beats.ts';
import { runStreamBench, type StreamBeat } from './stream-bench.ts';

interface Branch {
  readonly channels: number;
  readonly bits: number;
  readonly signed: boolean;
  readonly gap: number;
}

interface Case {
  readonly branches: readonly Branch[];
  readonly perBeat: number;
  readonly dense: boolean;
  readonly bits: number;
  readonly signed: boolean;
  readonly stall: number;
}

function branch(channels: number, more: Partial<Branch> = {}): Branch {
  return { channels, bits: 8, signed: false, gap: 0, ...more };
}

const plain = { dense: false, bits: 8, signed: false, stall: 0 };
const cases: readonly Case[] = [
  { ...plain, branches: [branch(16), branch(16)], perBeat: 1 },
  { ...plain, branches: [branch(16), branch(5), branch(1)], perBeat: 4 },
  { ...plain, branches: [branch(7, { gap: 2 }), branch(9)], perBeat: 4, stall: 0.5 },
  {
    branches: [branch(12, { bits: 4 }), branch(3, { signed: true }), branch(20, { gap: 1 })],
    perBeat: 2,
    dense: false,
    bits: 9,
    signed: true,
    stall: 0.2,
  },
  {
    ...plain,
    branches: Array.from({ length: 8 }, (_, i) => branch(1 + i)),
    perBeat: 8,
    stall: 0.1,
  },
  { ...plain, branches: [branch(5), branch(6), branch(40)], perBeat: 3 },
  // dense, with and without full last beats
  { ...plain, dense: true, branches: [branch(16), branch(8)], perBeat: 4 },
  { ...plain, dense: true, branches: [branch(5), branch(2), branch(9)], perBeat: 4, stall: 0.4 },
  { ...plain, dense: true, branches: [branch(3, { gap: 1 }), branch(1)], perBeat: 8, stall: 0.2 },
  {
    branches: [branch(6, { signed: true, bits: 5 }), branch(7)],
    perBeat: 1,
    dense: true,
    bits: 9,
    signed: true,
    stall: 0.3,
  },
];

function randomSites(from: Branch, count: number, random: Random): number[][] {
  const low = from.signed ? -(2 ** (from.bits - 1)) : 0;
  const high = from.signed ? -low - 1 : 2 ** from.bits - 1;
  return Array.from({ length: count }, () => {
    const density = random.integer(0, 4) / 4;
    return Array.from({ length: from.channels }, () =>
      random.chance(density) ? random.integer(low, high) : 0,
    );
  });
}

/** Cycles of every beat, by the header. `beats`: by site, by input. */
function timeline(
  test: Case,
  beats: readonly (readonly (readonly StreamBeat[])[])[],
  ready: readonly boolean[],
): { readonly taken: readonly number[][]; readonly given: readonly number[] } {
  const { perBeat, branches } = test;
  const taken = branches.map((): number[] => []);
  const given: number[] = [];
  const give = (moved: number): void => {
    given.push(nextReady(ready, Math.max(moved + 1, (given.at(-1) ?? -1) + 1)));
  };
  let lastTake = -1;
  let held = 0;
  let flush = false;
  for (const site of beats) {
    site.forEach((inputBeats, input) => {
      inputBeats.forEach(({ gap, last, fields }) => {
        const offered = (taken[input]?.at(-1) ?? -1) + 1 + gap;
        let cycle = Math.max(offered, lastTake + 1);
        if (flush) {
          const flushed = Math.max(lastTake + 1, given.at(-1) ?? 0);
          give(flushed);
          cycle = cycle <= flushed ? flushed : Math.max(cycle, given.at(-1) ?? 0);
          flush = false;
        } else {
          cycle = Math.max(cycle, given.at(-1) ?? 0);
        }
        taken[input]?.push(cycle);
        lastTake = cycle;
        const channels = branches[input]?.channels ?? 0;
        const restValues = ((channels - 1) % perBeat) + 1;
        const count = test.dense ? (last ? restValues : perBeat) : Number(fields[0]?.value);
        const total = held + count;
        const end = last && input === branches.length - 1;
        if (total > perBeat || end) give(cycle);
        flush = end && total > perBeat;
        held = end ? 0 : total > perBeat ? total - perBeat : total;
      });
    });
  }
  if (flush) give(Math.max(lastTake + 1, given.at(-1) ?? 0));
  return { taken, given };
}

describe('join_concat', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 1400 + index })))(
    '$perBeat a beat, dense $dense, stall $stall, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const count = 150;
      const { branches, perBeat, dense } = test;
      const streams = branches.map(({ channels, bits, signed }): SiteStream => ({
        channels,
        channelBits: indexBits(channels),
        valueBits: bits,
        signed,
        dense,
        perBeat,
      }));
      const values = branches.map((from) => randomSites(from, count, random));
      const beats = streams.map((stream, index) =>
        siteBeats(values[index] ?? [], stream, branches[index]?.gap ?? 0, random),
      );
      const channels = branches.reduce((sum, from) => sum + from.channels, 0);
      const offsets = branches.map((_, index) =>
        branches.slice(0, index).reduce((sum, from) => sum + from.channels, 0),
      );
      const out: SiteStream = {
        channels,
        channelBits: indexBits(channels),
        valueBits: test.bits,
        signed: test.signed,
        dense,
        perBeat,
      };
      const countBits = ceilLog2(perBeat + 1);
      const list = (bits: number, numbers: readonly number[]): string =>
        `${bits * numbers.length}'h${packFields(numbers.map((value) => ({ bits, value }))).toString(16)}`;
      const names = branches.map((_, index) => index).reverse();
      const packed = (signal: (index: number) => string): string =>
        `{${names.map(signal).join(', ')}}`;
      const ready = Array.from({ length: 1009 }, () => !random.chance(test.stall));
      const result = runStreamBench({
        module: 'join_concat',
        parameters: {
          Inputs: branches.length,
          T: perBeat,
          Dense: Number(dense),
          Channels: channels,
          OutChannelBits: out.channelBits,
          OutValueBits: test.bits,
          DataBits: streams.reduce((sum, stream) => sum + beatBits(stream) - countBits, 0),
        },
        constants: {
          ChannelBits: list(
            8,
            streams.map(({ channelBits }) => channelBits),
          ),
          ValueBits: list(
            8,
            streams.map(({ valueBits }) => valueBits),
          ),
          Signed: list(
            1,
            streams.map(({ signed }) => Number(signed)),
          ),
          Offsets: list(32, offsets),
        },
        inputs: streams.map((stream, index) => ({
          bits: beatBits(stream),
          beats: (beats[index] ?? []).flat(),
        })),
        outputBits: beatBits(out),
        connections: {
          in_valid_i: packed((index) => `valid${index}`),
          in_ready_o: packed((index) => `ready${index}`),
          in_last_i: packed((index) => `last${index}`),
          in_count_i: packed((index) => `word${index}[${countBits - 1}:0]`),
          in_data_i: packed((index) => {
            const stream = streams[index];
            return `word${index}[${(stream === undefined ? 0 : beatBits(stream)) - 1}:${countBits}]`;
          }),
          out_valid_o: 'valid',
          out_ready_i: 'ready',
          out_last_o: 'last',
          out_count_o: `word[${countBits - 1}:0]`,
          out_data_o: `word[${beatBits(out) - 1}:${countBits}]`,
        },
        ready,
        sites: count,
      });
      const expected = Array.from({ length: count }, (_, site) =>
        values.flatMap((branchValues) => branchValues[site] ?? []),
      );
      const sites = readSites(result.outputs, out);
      expect(sites.map((site) => site.values)).toEqual(expected);
      if (!dense) {
        // tokens keep their order, input after input
        const order = Array.from({ length: count }, (_, site) =>
          beats.flatMap((inputBeats, input) =>
            (inputBeats[site] ?? []).flatMap(({ fields }) => {
              const stream = streams[input];
              const word = packFields(fields);
              const tokenBits = (stream?.channelBits ?? 0) + (stream?.valueBits ?? 0);
              return Array.from({ length: Number(fields[0]?.value) }, (_token, t) => {
                const at = countBits + t * tokenBits + (stream?.valueBits ?? 0);
                return (offsets[input] ?? 0) + fieldOf(word, at, stream?.channelBits ?? 0);
              });
            }),
          ),
        );
        expect(sites.map((site) => site.channels)).toEqual(order);
      }
      const bySite = Array.from({ length: count }, (_, site) => beats.map((b) => b[site] ?? []));
      const cycles = timeline(test, bySite, ready);
      expect(result.taken).toEqual(cycles.taken);
      expect(result.outputs.map(({ cycle }) => cycle)).toEqual(cycles.given);
    },
  );
});
