import { describe, expect, it } from 'vitest';
import { ceilDivide, ceilLog2, indexBits } from '../../../src/base/bits.ts';
import { nextReady } from '../tail/bench.ts';
import { seededRandom, type Random } from '../tail/random.ts';
import { winners } from '../tail/winners.ts';
import { beatBits, readSites, siteBeats, type SiteStream } from './site-beats.ts';
import { runStreamBench, type StreamBeat } from './stream-bench.ts';

interface Case {
  readonly channels: number;
  readonly sites: number;
  readonly k: number;
  readonly keepTies: boolean;
  readonly bits: number;
  readonly signed: boolean;
  readonly perBeat: number;
  readonly block: boolean;
  readonly gap: number;
  readonly stall: number;
}

const plain: Case = {
  channels: 8,
  sites: 16,
  k: 20,
  keepTies: false,
  bits: 8,
  signed: false,
  perBeat: 1,
  block: true,
  gap: 0,
  stall: 0,
};
const cases: readonly Case[] = [
  plain,
  { ...plain, channels: 20, sites: 30, k: 60, bits: 4, perBeat: 4, stall: 0.4 },
  { ...plain, channels: 12, sites: 25, k: 150, bits: 5, signed: true, perBeat: 2, gap: 1 },
  { ...plain, channels: 5, sites: 9, k: 40, bits: 3, signed: true, perBeat: 8, block: false },
  { ...plain, channels: 9, sites: 20, k: 10, bits: 4, keepTies: true, perBeat: 2, stall: 0.7 },
  { ...plain, channels: 6, sites: 12, k: 50, bits: 4, keepTies: true, signed: true, gap: 2 },
  // fewer values than winners; one winner; one site; one channel, many sites to pack
  { ...plain, channels: 4, sites: 6, k: 24, bits: 2, stall: 0.2 },
  { ...plain, channels: 7, sites: 10, k: 1, bits: 2, perBeat: 2 },
  { ...plain, channels: 30, sites: 1, k: 6, bits: 3, perBeat: 4 },
  { ...plain, channels: 1, sites: 60, k: 25, bits: 3, stall: 0.5 },
];

/** A map by site, from spread out values to almost all tied, all zero now and then. */
function randomMap(test: Case, random: Random): number[][] {
  const top = 2 ** (test.bits - Number(test.signed)) - 1;
  const high = random.chance(0.5) ? top : random.integer(1, top);
  const low = random.chance(0.5) ? Math.max(1, high - 1) : test.signed ? -top - 1 : 0;
  const density = random.integer(0, 5) / 5;
  return Array.from({ length: test.sites }, () =>
    Array.from({ length: test.channels }, () =>
      random.chance(density) ? random.integer(low, high) : 0,
    ),
  );
}

/** What is left of a map: the rule on the whole vector, index = channel * sites + site. */
function survivors(test: Case, map: readonly (readonly number[])[]): number[][] {
  const vector = Array.from({ length: test.channels * test.sites }, (_, index) => ({
    channel: index,
    used: true,
    value: map[index % test.sites]?.[Math.floor(index / test.sites)] ?? 0,
  }));
  const kept = map.map((site) => site.map(() => 0));
  for (const { channel, value } of winners(vector, test.k, test.keepTies)) {
    const site = kept[channel % test.sites];
    if (site !== undefined) site[Math.floor(channel / test.sites)] = value;
  }
  return kept;
}

/** Cycles of every beat by the header. */
function timeline(
  test: Case,
  beats: readonly (readonly StreamBeat[])[],
  outBeats: readonly number[],
  ready: readonly boolean[],
): { readonly taken: readonly number[]; readonly given: readonly number[] } {
  const taken: number[] = [];
  const given: number[] = [];
  const ends: number[] = [];
  const siteGiven: number[] = [];
  let read = -1;
  for (let map = 0; map * test.sites < beats.length; map += 1) {
    const sites = beats.slice(map * test.sites, (map + 1) * test.sites);
    sites.flat().forEach(({ gap }, index) => {
      const offered = (taken.at(-1) ?? -1) + 1 + gap;
      taken.push(index === 0 ? Math.max(offered, (ends[map - 2] ?? -1) + 1) : offered);
    });
    const search = Math.max(taken.at(-1) ?? 0, ends[map - 1] ?? -1) + 2;
    const ties = test.keepTies ? 0 : sites.flat().length + test.channels + 5;
    const start = search + 2 ** test.bits + 2 + ties;
    sites.forEach((site, index) => {
      const number = map * test.sites + index;
      site.forEach((_beat, place) => {
        const free = place === 0 ? (siteGiven[number - 8] ?? -1) + 1 : 0;
        read = Math.max(read + 1, start + 1, free);
      });
      for (let beat = 0; beat < (outBeats[number] ?? 0); beat += 1) {
        const valid = Math.max(read + 6, (given.at(-1) ?? -1) + 1);
        given.push(nextReady(ready, valid));
      }
      siteGiven.push(given.at(-1) ?? 0);
    });
    ends.push(read);
  }
  return { taken, given };
}

describe('map_winners', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 1800 + index })))(
    '$k of $channels x $sites, $bits bits signed $signed, ties kept $keepTies, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const maps = Array.from({ length: 25 }, () => randomMap(test, random));
      const stream: SiteStream = {
        channels: test.channels,
        channelBits: indexBits(test.channels),
        valueBits: test.bits,
        signed: test.signed,
        dense: false,
        perBeat: test.perBeat,
      };
      const beats = siteBeats(maps.flat(), stream, test.gap, random);
      const countBits = ceilLog2(test.perBeat + 1);
      const dataBits = beatBits(stream) - countBits;
      const siteBeatCount = Math.max(1, ceilDivide(test.channels, test.perBeat));
      const ready = Array.from({ length: 1013 }, () => !random.chance(test.stall));
      const expected = maps.flatMap((map) => survivors(test, map));
      const result = runStreamBench({
        module: 'map_winners',
        parameters: {
          Channels: test.channels,
          Sites: test.sites,
          K: test.k,
          KeepTies: Number(test.keepTies),
          ChannelBits: stream.channelBits,
          ValueBits: test.bits,
          Signed: Number(test.signed),
          T: test.perBeat,
          SiteBeats: siteBeatCount,
          MapBeats: Math.max(2, siteBeatCount * test.sites),
          BlockMemory: Number(test.block),
        },
        inputs: [{ bits: beatBits(stream), beats: beats.flat() }],
        outputBits: beatBits(stream),
        connections: {
          valid_i: 'valid0',
          ready_o: 'ready0',
          last_i: 'last0',
          count_i: `word0[${countBits - 1}:0]`,
          data_i: `word0[${countBits + dataBits - 1}:${countBits}]`,
          valid_o: 'valid',
          ready_i: 'ready',
          last_o: 'last',
          count_o: `word[${countBits - 1}:0]`,
          data_o: `word[${countBits + dataBits - 1}:${countBits}]`,
        },
        ready,
        sites: expected.length,
      });
      expect(readSites(result.outputs, stream).map(({ values }) => values)).toEqual(expected);
      const outBeats = expected.map((site) =>
        Math.max(1, ceilDivide(site.filter((value) => value !== 0).length, test.perBeat)),
      );
      const cycles = timeline(test, beats, outBeats, ready);
      expect(result.taken[0]).toEqual(cycles.taken);
      expect(result.outputs.map(({ cycle }) => cycle)).toEqual(cycles.given);
    },
  );
});
