import { describe, expect, it } from 'vitest';
import { ceilDivide, ceilLog2, indexBits, nextPowerOfTwo } from '../../../src/base/bits.ts';
import { nextReady } from '../tail/bench.ts';
import { seededRandom, type Random } from '../tail/random.ts';
import { beatBits, readSites, siteBeats, type SiteStream } from './site-beats.ts';
import { runStreamBench, type StreamBeat } from './stream-bench.ts';

interface Side {
  readonly dense: boolean;
  readonly perBeat: number;
  readonly bits: number;
  readonly signed: boolean;
  readonly multiplier: number;
  readonly gap: number;
}

interface Case {
  readonly channels: number;
  readonly width: number;
  readonly a: Side;
  readonly b: Side;
  readonly shift: number;
  readonly low: number;
  readonly high: number;
  readonly bits: number;
  readonly signed: boolean;
  /** Tokens a beat of the output; 0: dense. */
  readonly outTokens: number;
  readonly stall: number;
}

const side = { dense: false, perBeat: 1, bits: 8, signed: false, multiplier: 40000, gap: 0 };
const plain = {
  channels: 16,
  width: 4,
  a: side,
  b: { ...side, multiplier: 50321 },
  shift: 16,
  low: 0,
  high: 255,
  bits: 8,
  signed: false,
  outTokens: 1,
  stall: 0,
};
const cases: readonly Case[] = [
  plain,
  { ...plain, channels: 61, a: { ...side, perBeat: 4 }, outTokens: 4, b: { ...side, gap: 2 } },
  // dense on both sides, and mixed
  { ...plain, a: { ...side, dense: true }, b: { ...side, dense: true, gap: 1 }, outTokens: 0 },
  { ...plain, channels: 13, a: { ...side, dense: true }, outTokens: 0, stall: 0.5 },
  { ...plain, channels: 13, b: { ...side, dense: true, gap: 3 }, outTokens: 2, stall: 0.4 },
  // signed, difference of branches, clip
  {
    ...plain,
    channels: 9,
    width: 2,
    a: { ...side, signed: true, multiplier: 65535 },
    b: { ...side, bits: 9, signed: true, multiplier: -65536 },
    shift: 17,
    low: -120,
    high: 100,
    signed: true,
    outTokens: 2,
    stall: 0.2,
  },
  {
    ...plain,
    width: 8,
    a: { ...side, perBeat: 8, signed: true, bits: 4 },
    b: { ...side, perBeat: 2, bits: 5, multiplier: -3 },
    shift: 10,
    low: -256,
    high: 255,
    bits: 9,
    signed: true,
    outTokens: 8,
    stall: 0.6,
  },
  // a whole site a cycle, one channel, no shift, the longest shift
  {
    ...plain,
    channels: 7,
    width: 8,
    a: { ...side, perBeat: 8 },
    b: { ...side, perBeat: 8 },
    outTokens: 8,
  },
  {
    ...plain,
    channels: 1,
    width: 1,
    shift: 0,
    a: { ...side, multiplier: 1 },
    b: { ...side, multiplier: 1 },
  },
  {
    ...plain,
    a: { ...side, bits: 16, multiplier: 65535 },
    b: { ...side, bits: 16, multiplier: 65535 },
    shift: 31,
    high: 3,
    bits: 2,
    outTokens: 4,
    stall: 0.1,
  },
];

function sideStream(test: Case, { dense, perBeat, bits, signed }: Side): SiteStream {
  return {
    channels: test.channels,
    channelBits: indexBits(test.channels),
    valueBits: bits,
    signed,
    dense,
    perBeat: dense ? test.width : perBeat,
  };
}

function randomSites(test: Case, from: Side, count: number, random: Random): number[][] {
  const low = from.signed ? -(2 ** (from.bits - 1)) : 0;
  const high = from.signed ? -low - 1 : 2 ** from.bits - 1;
  return Array.from({ length: count }, () => {
    const density = random.integer(0, 4) / 4;
    return Array.from({ length: test.channels }, () =>
      random.chance(density) ? random.integer(low, high) : 0,
    );
  });
}

function sum(test: Case, a: number, b: number): number {
  const exact = BigInt(a * test.a.multiplier + b * test.b.multiplier);
  const shift = BigInt(test.shift);
  const rounded = shift === 0n ? exact : (exact + (1n << (shift - 1n))) >> shift;
  return Math.min(test.high, Math.max(test.low, Number(rounded)));
}

interface Timeline {
  readonly taken: readonly [number[], number[]];
  readonly given: readonly number[];
}

/** Cycles of every beat, by the formulas in the header of join_add and densify. */
function timeline(
  test: Case,
  sides: readonly (readonly (readonly StreamBeat[])[])[],
  outBeats: readonly number[],
  ready: readonly boolean[],
): Timeline {
  const rows = ceilDivide(test.channels, test.width);
  const buffers = nextPowerOfTwo(2 + ceilDivide(7, rows));
  const taken: readonly [number[], number[]] = [[], []];
  const freed: readonly [number[], number[]] = [[], []];
  const given: number[] = [];
  const siteGiven: number[] = [];
  const joined: number[] = [];
  outBeats.forEach((count, site) => {
    const lastTaken = [0, 0];
    [test.a, test.b].forEach((side, which) => {
      if (side.dense) return;
      for (const { gap } of sides[which]?.[site] ?? []) {
        const offered = (taken[which]?.at(-1) ?? -1) + 1 + gap;
        taken[which]?.push(Math.max(offered, freed[which]?.[site - 2] ?? 0));
      }
      lastTaken[which] = taken[which]?.at(-1) ?? 0;
    });
    for (let row = 0; row < rows; row += 1) {
      const before = joined.at(-1) ?? -1;
      let cycle = before + 1;
      [test.a, test.b].forEach((side, which) => {
        const offered = side.dense
          ? (taken[which]?.at(-1) ?? -1) + 1 + (sides[which]?.[site]?.[row]?.gap ?? 0)
          : Math.max(before + 1, row === 0 ? (lastTaken[which] ?? 0) + 2 : 0);
        if (!side.dense && row === rows - 1) freed[which]?.push(offered);
        cycle = Math.max(cycle, offered);
      });
      if (test.outTokens === 0) cycle = Math.max(cycle, given[joined.length - 4] ?? 0);
      else if (row === 0) cycle = Math.max(cycle, (siteGiven[site - buffers] ?? -1) + 1);
      joined.push(cycle);
      [test.a, test.b].forEach((side, which) => side.dense && taken[which]?.push(cycle));
      if (test.outTokens === 0) {
        given.push(nextReady(ready, Math.max(cycle + 4, (given.at(-1) ?? -1) + 1)));
      }
    }
    if (test.outTokens === 0) return;
    for (let beat = 0; beat < count; beat += 1) {
      const valid = Math.max((joined.at(-1) ?? 0) + 8, (given.at(-1) ?? -1) + 1);
      given.push(nextReady(ready, valid));
    }
    siteGiven.push(given.at(-1) ?? 0);
  });
  return { taken, given };
}

describe('join_add', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 1300 + index })))(
    '$channels channels, $width a cycle, $outTokens tokens out, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const count = 120;
      const streams = [sideStream(test, test.a), sideStream(test, test.b)] as const;
      const values = [
        randomSites(test, test.a, count, random),
        randomSites(test, test.b, count, random),
      ] as const;
      const beats = [
        siteBeats(values[0], streams[0], test.a.gap, random),
        siteBeats(values[1], streams[1], test.b.gap, random),
      ] as const;
      const dense = test.outTokens === 0;
      const out: SiteStream = {
        channels: test.channels,
        channelBits: indexBits(test.channels),
        valueBits: test.bits,
        signed: test.signed,
        dense,
        perBeat: dense ? test.width : test.outTokens,
      };
      const ready = Array.from({ length: 1009 }, () => !random.chance(test.stall));
      const ports = (name: string, index: number, stream: SiteStream): Record<string, string> => {
        const countBits = ceilLog2(stream.perBeat + 1);
        return {
          [`${name}_valid_i`]: `valid${index}`,
          [`${name}_ready_o`]: `ready${index}`,
          [`${name}_last_i`]: `last${index}`,
          [`${name}_count_i`]: `word${index}[${countBits - 1}:0]`,
          [`${name}_data_i`]: `word${index}[${beatBits(stream) - 1}:${countBits}]`,
        };
      };
      const outCountBits = ceilLog2(out.perBeat + 1);
      const result = runStreamBench({
        module: 'join_add',
        parameters: {
          Channels: test.channels,
          ChannelBits: indexBits(test.channels),
          W: test.width,
          ADense: Number(test.a.dense),
          BDense: Number(test.b.dense),
          ATokens: test.a.perBeat,
          BTokens: test.b.perBeat,
          ABits: test.a.bits,
          ASigned: Number(test.a.signed),
          BBits: test.b.bits,
          BSigned: Number(test.b.signed),
          AMultiplier: test.a.multiplier,
          BMultiplier: test.b.multiplier,
          Shift: test.shift,
          Low: test.low,
          High: test.high,
          OutBits: test.bits,
          OutSigned: Number(test.signed),
          OutDense: Number(dense),
          OutTokens: Math.max(1, test.outTokens),
        },
        inputs: streams.map((stream, which) => ({
          bits: beatBits(stream),
          beats: (beats[which] ?? []).flat(),
        })),
        outputBits: beatBits(out),
        connections: {
          ...ports('a', 0, streams[0]),
          ...ports('b', 1, streams[1]),
          out_valid_o: 'valid',
          out_ready_i: 'ready',
          out_last_o: 'last',
          out_count_o: `word[${outCountBits - 1}:0]`,
          out_data_o: `word[${beatBits(out) - 1}:${outCountBits}]`,
        },
        ready,
        sites: count,
      });
      const expected = values[0].map((site, index) =>
        site.map((a, channel) => sum(test, a, values[1][index]?.[channel] ?? 0)),
      );
      const sites = readSites(result.outputs, out);
      expect(sites.map((site) => site.values)).toEqual(expected);
      for (const { channels } of sites) {
        expect(channels).toEqual([...channels].sort((x, y) => x - y));
      }
      const reached = new Set(expected.flat());
      expect(reached).toContain(test.high);
      expect(reached.size).toBeGreaterThan(3);

      const outBeats = expected.map((site) =>
        Math.max(1, ceilDivide(site.filter((value) => value !== 0).length, out.perBeat)),
      );
      const cycles = timeline(test, beats, outBeats, ready);
      expect(result.taken).toEqual(cycles.taken);
      expect(result.outputs.map(({ cycle }) => cycle)).toEqual(cycles.given);
    },
  );
});
