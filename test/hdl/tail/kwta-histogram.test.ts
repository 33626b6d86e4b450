import { describe, expect, it } from 'vitest';
import { nextReady, runBench, type InputBeat } from './bench.ts';
import { memoryText, packFields } from './bits.ts';
import { seededRandom } from './random.ts';
import { tokenBeats } from './token-beats.ts';
import { winners } from './winners.ts';

interface Case {
  readonly k: number;
  readonly channels: number;
  readonly slots: number;
  readonly spareBeats: number;
  readonly perBeat: number;
  readonly outBits: number;
  readonly signed: boolean;
  readonly block: boolean;
  readonly buffers: number;
  readonly stall: number;
  /** All values equal to the k-th win. */
  readonly keepTies?: true;
}

const cases: readonly Case[] = [
  {
    k: 8,
    channels: 64,
    slots: 4,
    spareBeats: 0,
    perBeat: 4,
    outBits: 8,
    signed: false,
    block: false,
    buffers: 2,
    stall: 0,
  },
  {
    k: 150,
    channels: 1500,
    slots: 8,
    spareBeats: 12,
    perBeat: 4,
    outBits: 8,
    signed: false,
    block: true,
    buffers: 2,
    stall: 0,
  },
  {
    k: 20,
    channels: 77,
    slots: 2,
    spareBeats: 3,
    perBeat: 2,
    outBits: 8,
    signed: true,
    block: true,
    buffers: 4,
    stall: 0.6,
  },
  {
    k: 30,
    channels: 50,
    slots: 1,
    spareBeats: 1,
    perBeat: 8,
    outBits: 5,
    signed: true,
    block: false,
    buffers: 2,
    stall: 0,
  },
  {
    k: 100,
    channels: 100,
    slots: 16,
    spareBeats: 1,
    perBeat: 1,
    outBits: 4,
    signed: false,
    block: false,
    buffers: 2,
    stall: 0.3,
  },
  {
    k: 3,
    channels: 5,
    slots: 8,
    spareBeats: 0,
    perBeat: 1,
    outBits: 4,
    signed: false,
    block: false,
    buffers: 4,
    stall: 0,
  },
  {
    k: 1,
    channels: 300,
    slots: 8,
    spareBeats: 0,
    perBeat: 1,
    outBits: 6,
    signed: false,
    block: false,
    buffers: 4,
    stall: 0,
  },
  {
    k: 12,
    channels: 90,
    slots: 4,
    spareBeats: 1,
    perBeat: 4,
    outBits: 9,
    signed: true,
    block: false,
    buffers: 2,
    stall: 0.2,
  },
  ...[true, false].map((signed) => ({
    k: 6,
    channels: 61,
    slots: 4,
    spareBeats: 0,
    perBeat: 2,
    outBits: 6,
    signed,
    block: signed,
    buffers: 2,
    stall: 0.1,
    keepTies: true as const,
  })),
];

describe('kwta_histogram', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 700 + index })))(
    '$k of $channels, $slots slots, $perBeat tokens a beat, $outBits bits signed $signed, ties kept $keepTies, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const channelBits = Math.max(1, Math.ceil(Math.log2(test.channels)));
      const inputBeats = Math.ceil(test.channels / test.slots) + test.spareBeats;
      const positions = inputBeats * test.slots;
      // channelAt[arrival position]; from `channels` on the slot is unused.
      const channelAt = random.permutation(positions);
      const arrival = new Array<number>(test.channels).fill(0);
      channelAt.forEach((channel, position) => {
        if (channel < test.channels) arrival[channel] = position;
      });
      const rows = Math.ceil(test.channels / test.slots);
      const fieldBits = Math.max(1, Math.ceil(Math.log2(positions)));
      const vectors = Array.from({ length: 24 }, () => randomVector(test, channelAt, random));
      const beats: InputBeat[] = vectors.flatMap((vector) =>
        Array.from({ length: inputBeats }, (_, beat) => {
          const slots = vector.slice(beat * test.slots, (beat + 1) * test.slots);
          return {
            gap: random.chance(0.02) ? random.integer(1, 4) : 0,
            last: beat === inputBeats - 1,
            fields: [
              ...slots.map(({ used }) => ({ bits: 1, value: used ? 1 : 0 })),
              ...slots.map(({ channel }) => ({ bits: channelBits, value: channel })),
              ...slots.map(({ value }) => ({ bits: test.outBits, value })),
            ],
          };
        }),
      );
      const ready = Array.from({ length: 1031 }, () => !random.chance(test.stall));
      const result = runBench({
        module: 'kwta_histogram',
        parameters: {
          K: test.k,
          KeepTies: test.keepTies === true ? 1 : 0,
          N: test.channels,
          R: test.slots,
          Beats: inputBeats,
          T: test.perBeat,
          OutBits: test.outBits,
          Signed: test.signed ? 1 : 0,
          ChannelBits: channelBits,
          Buffers: test.buffers,
          BlockMemory: test.block ? 1 : 0,
          PermFile: 'permutation.mem',
        },
        files: {
          'permutation.mem': memoryText(
            Array.from({ length: rows }, (_, row) =>
              packFields(
                Array.from({ length: test.slots }, (__, lane) => ({
                  bits: fieldBits,
                  value: arrival[row * test.slots + lane] ?? 0,
                })),
              ),
            ),
          ),
        },
        inputPorts: [
          { name: 'used_i', bits: test.slots },
          { name: 'channel_i', bits: test.slots * channelBits },
          { name: 'value_i', bits: test.slots * test.outBits },
        ],
        outputPorts: [
          { name: 'count_o', bits: Math.ceil(Math.log2(test.perBeat + 1)) },
          { name: 'data_o', bits: test.perBeat * (channelBits + test.outBits) },
        ],
        input: 'vector',
        beats,
        ready,
        vectors: vectors.length,
      });
      const expected = vectors.map((vector) =>
        winners(vector, test.k, test.keepTies).sort((a, b) => a.channel - b.channel),
      );
      const format = { channelBits, valueBits: test.outBits, signed: test.signed };
      expect(tokenBeats(result.outputs, test.perBeat, format).map((site) => site.tokens)).toEqual(
        expected,
      );

      // Cycles: the formulas of the header.
      const log = Math.log2(test.slots);
      const scan =
        2 ** Math.floor(test.outBits / 2) + 2 ** Math.ceil(test.outBits / 2) + 4 + 2 * log;
      const clear = 2 ** (test.outBits - 2);
      const never = Number.NEGATIVE_INFINITY;
      const scanAt: number[] = [];
      const readAt: number[] = [];
      const doneAt: number[] = [];
      const starts: number[] = [];
      const given: number[] = [];
      vectors.forEach((_, v) => {
        starts.push(
          Math.max(
            v,
            (readAt[v - test.buffers] ?? never) + rows + 2,
            (scanAt[v - 2] ?? never) + scan + clear,
          ),
        );
        const last = result.inputs[(v + 1) * inputBeats - 1] ?? Number.NaN;
        scanAt.push(Math.max(last + 4, (readAt[v - 1] ?? never) + 2));
        readAt.push(
          Math.max(
            (scanAt[v] ?? never) + scan,
            (readAt[v - 1] ?? never) + rows + 5,
            (doneAt[v - 2] ?? never) + 1,
          ),
        );
        let valid = Math.max((readAt[v] ?? never) + rows + 8, (doneAt[v - 1] ?? never) + 1);
        const count = Math.max(1, Math.ceil((expected[v]?.length ?? 0) / test.perBeat));
        for (let n = 0; n < count; n += 1) {
          given.push(nextReady(ready, valid));
          valid = (given.at(-1) ?? 0) + 1;
        }
        doneAt.push(given.at(-1) ?? 0);
      });
      expect(result.outputs.map(({ cycle }) => cycle)).toEqual(given);
      expect(result.starts).toEqual(
        starts.map((_, v) =>
          starts.slice(0, v + 1).reduce((at, start) => Math.max(at + 1, start), -1),
        ),
      );
    },
  );
});

/** Slots by arrival; from spread out values to almost all of them tied, all zero now and then. */
function randomVector(
  test: Case,
  channelAt: readonly number[],
  random: ReturnType<typeof seededRandom>,
): { channel: number; used: boolean; value: number }[] {
  const top = 2 ** (test.outBits - (test.signed ? 1 : 0)) - 1;
  const high = random.chance(0.4) ? top : random.integer(1, top);
  const low = random.chance(0.5) ? Math.max(0, high - random.integer(0, 3)) : 0;
  const bottom = test.signed ? -random.integer(0, top + 1) : low;
  const zeros = random.integer(0, 10) / 10;
  return channelAt.map((channel) => ({
    channel: channel < test.channels ? channel : 0,
    used: channel < test.channels,
    value: random.chance(zeros) ? 0 : random.integer(bottom, high),
  }));
}
