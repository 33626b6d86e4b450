import { describe, expect, it } from 'vitest';
import { ceilDivide, ceilLog2, indexBits } from '../../../src/base/bits.ts';
import { nextReady, runBench, type InputBeat } from './bench.ts';
import { memoryText, packFields } from './bits.ts';
import { seededRandom } from './random.ts';
import { tokenBeats } from './token-beats.ts';
import { winners, type Token } from './winners.ts';

interface Case {
  readonly groups: number;
  readonly unit: 1 | 2;
  readonly channels: number;
  readonly k: number;
  readonly slots: number;
  readonly perBeat: number;
  readonly bits: number;
  readonly signed: boolean;
  readonly keepTies: boolean;
  readonly stall: number;
}

const plain = {
  groups: 2,
  unit: 1 as const,
  channels: 16,
  k: 4,
  slots: 1,
  perBeat: 1,
  bits: 8,
  signed: false,
  keepTies: false,
  stall: 0,
};
const cases: readonly Case[] = [
  plain,
  { ...plain, groups: 4, channels: 24, k: 2, perBeat: 4, signed: true, stall: 0.4 },
  { ...plain, groups: 8, channels: 8, k: 1, perBeat: 2, bits: 3 },
  { ...plain, unit: 2, channels: 60, groups: 3, k: 5, slots: 4, perBeat: 2, bits: 6, stall: 0.3 },
  { ...plain, unit: 2, channels: 32, k: 3, slots: 2, bits: 5, signed: true, keepTies: true },
];

/** Cycles of the output with kwta_insert as unit, by its header and that of join_concat. */
function insertTimeline(
  test: Case,
  lastInputs: readonly number[],
  tokens: readonly (readonly number[])[],
  ready: readonly boolean[],
): number[] {
  const given: number[] = [];
  const unitGiven = new Array<number>(test.groups).fill(-1);
  const give = (moved: number): void => {
    given.push(nextReady(ready, Math.max(moved + 1, (given.at(-1) ?? -1) + 1)));
  };
  let lastTake = -1;
  let flush = false;
  tokens.forEach((groups, vector) => {
    let held = 0;
    groups.forEach((count, group) => {
      const beats = Math.max(1, ceilDivide(count, test.perBeat));
      let offered = Math.max((lastInputs[vector] ?? 0) + 2, (unitGiven[group] ?? -1) + 1);
      for (let beat = 0; beat < beats; beat += 1) {
        let cycle = Math.max(offered, lastTake + 1);
        if (flush) {
          const flushed = Math.max(lastTake + 1, given.at(-1) ?? 0);
          give(flushed);
          cycle = cycle <= flushed ? flushed : Math.max(cycle, given.at(-1) ?? 0);
        } else {
          cycle = Math.max(cycle, given.at(-1) ?? 0);
        }
        lastTake = cycle;
        unitGiven[group] = cycle;
        offered = cycle + 1;
        held += Math.min(test.perBeat, count - beat * test.perBeat);
        const end = group === test.groups - 1 && beat === beats - 1;
        const full = held > test.perBeat;
        if (full || end) give(cycle);
        if (full) held -= test.perBeat;
        flush = full && end;
      }
    });
  });
  if (flush) give(Math.max(lastTake + 1, given.at(-1) ?? 0));
  return given;
}

describe('kwta_groups', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 900 + index })))(
    '$k of each of $groups groups of $channels, unit $unit, ties kept $keepTies, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const { groups, channels, slots, perBeat } = test;
      const own = channels / groups;
      const channelBits = indexBits(channels);
      const inputBeats = ceilDivide(channels, slots) + 1;
      const positions = inputBeats * slots;
      const channelAt = random.permutation(positions);
      const arrival = new Map(channelAt.map((channel, position) => [channel, position]));
      const top = 2 ** (test.bits - Number(test.signed)) - 1;
      const vectors = Array.from({ length: 40 }, () => {
        const high = random.integer(1, top);
        const low = test.signed ? -random.integer(0, top) : Math.max(0, high - 2);
        const density = random.integer(0, 4) / 4;
        return channelAt.map((channel) => ({
          channel: channel < channels ? channel : 0,
          used: channel < channels,
          value: random.chance(density) ? random.integer(low, high) : 0,
        }));
      });
      const beats: InputBeat[] = vectors.flatMap((vector) =>
        Array.from({ length: inputBeats }, (_, beat) => {
          const at = vector.slice(beat * slots, (beat + 1) * slots);
          return {
            gap: random.chance(0.1) ? random.integer(1, 4) : 0,
            last: beat === inputBeats - 1,
            fields: [
              ...at.map(({ used }) => ({ bits: 1, value: Number(used) })),
              ...at.map(({ channel }) => ({ bits: channelBits, value: channel })),
              ...at.map(({ value }) => ({ bits: test.bits, value })),
            ],
          };
        }),
      );
      const ready = Array.from({ length: 1031 }, () => !random.chance(test.stall));
      const fieldBits = Math.max(1, ceilLog2(positions));
      const permutation = (group: number): string =>
        memoryText(
          Array.from({ length: ceilDivide(own, slots) }, (_, row) =>
            packFields(
              Array.from({ length: slots }, (_slot, e) => {
                const channel = row * slots + e;
                const there = channel < own;
                return {
                  bits: fieldBits,
                  value: there ? (arrival.get(group * own + channel) ?? 0) : 0,
                };
              }),
            ),
          ),
        );
      const names = Array.from({ length: groups }, (_, group) => `g${group}.mem`);
      const result = runBench({
        module: 'kwta_groups',
        parameters: {
          Groups: groups,
          Unit: test.unit,
          Channels: channels,
          K: test.k,
          KeepTies: Number(test.keepTies),
          R: slots,
          Beats: inputBeats,
          OutBits: test.bits,
          Signed: Number(test.signed),
          ChannelBits: channelBits,
          T: perBeat,
          FileChars: 6,
          PermFiles: names.join(''),
        },
        files: Object.fromEntries(names.map((name, group) => [name, permutation(group)])),
        inputPorts: [
          { name: 'used_i', bits: slots },
          { name: 'channel_i', bits: slots * channelBits },
          { name: 'value_i', bits: slots * test.bits },
        ],
        outputPorts: [
          { name: 'count_o', bits: ceilLog2(perBeat + 1) },
          { name: 'data_o', bits: perBeat * (channelBits + test.bits) },
        ],
        input: 'vector',
        beats,
        ready,
        vectors: vectors.length,
      });
      const groupsOf = vectors.map((vector) =>
        Array.from({ length: groups }, (_, group): Token[] =>
          winners(
            vector.filter(({ channel }) => Math.floor(channel / own) === group),
            test.k,
            test.keepTies,
          ),
        ),
      );
      const byChannel = (tokens: readonly Token[]): Token[] =>
        [...tokens].sort((a, b) => a.channel - b.channel);
      const format = { channelBits, valueBits: test.bits, signed: test.signed };
      const sites = tokenBeats(result.outputs, perBeat, format);
      // kwta_insert gives the largest first, kwta_histogram the lowest channel
      expect(sites.map(({ tokens }) => tokens)).toEqual(
        groupsOf.map((lists) =>
          lists.flatMap((tokens) => (test.unit === 1 ? tokens : byChannel(tokens))),
        ),
      );
      if (test.unit === 1) {
        const lastInputs = vectors.map(
          (_, vector) => result.inputs[(vector + 1) * inputBeats - 1] ?? 0,
        );
        const counts = groupsOf.map((lists) => lists.map((tokens) => tokens.length));
        expect(result.outputs.map(({ cycle }) => cycle)).toEqual(
          insertTimeline(test, lastInputs, counts, ready),
        );
      }
    },
  );
});
