import { describe, expect, it } from 'vitest';
import { runBench, type InputBeat } from './bench.ts';
import { seededRandom } from './random.ts';
import { expectTokenBeats, tokenBeats } from './token-beats.ts';
import { winners, type Entry } from './winners.ts';

interface Case {
  readonly k: number;
  readonly channels: number;
  readonly slots: number;
  readonly perBeat: number;
  readonly outBits: number;
  readonly signed: boolean;
  readonly vectors: number;
  readonly stall: number;
}

const plain = { outBits: 8, signed: false, vectors: 32, stall: 0 };
const cases: readonly Case[] = [
  { ...plain, k: 6, channels: 64, slots: 32, perBeat: 4 },
  { ...plain, k: 6, channels: 64, slots: 64, perBeat: 8, vectors: 64 },
  { ...plain, k: 9, channels: 50, slots: 16, perBeat: 1, signed: true, vectors: 8, stall: 0.6 },
  { ...plain, k: 1, channels: 3, slots: 4, perBeat: 1, outBits: 2, vectors: 2, stall: 0.3 },
  { ...plain, k: 3, channels: 7, slots: 4, perBeat: 4, outBits: 3, signed: true, stall: 0.4 },
  { ...plain, k: 32, channels: 40, slots: 8, perBeat: 8, outBits: 5, vectors: 16 },
  { ...plain, k: 5, channels: 4, slots: 4, perBeat: 2, outBits: 4, signed: true, vectors: 4 },
  { ...plain, k: 2, channels: 16, slots: 4, perBeat: 2, outBits: 9, signed: true, stall: 0.2 },
];

describe('kwta_select', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 300 + index })))(
    'k $k of $channels, $slots a cycle, signed $signed, $perBeat tokens a beat, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const { slots, outBits } = test;
      const channelBits = Math.max(1, Math.ceil(Math.log2(test.channels)));
      const vectors = Array.from({ length: 80 }, () => randomVector(test, random));
      const beats = vectors.flatMap((vector) => beatsOf(vector, test, random));
      const ready = Array.from({ length: 1009 }, () => !random.chance(test.stall));
      const startGaps = vectors.map(() => (random.chance(0.2) ? random.integer(0, 30) : 0));
      const result = runBench({
        module: 'kwta_select',
        parameters: {
          N: test.channels,
          K: test.k,
          R: slots,
          Beats: Math.ceil(test.channels / slots),
          OutBits: outBits,
          Signed: test.signed ? 1 : 0,
          ChannelBits: channelBits,
          T: test.perBeat,
          Vectors: test.vectors,
        },
        inputPorts: [{ name: 'value_i', bits: slots * outBits }],
        outputPorts: [
          { name: 'count_o', bits: Math.ceil(Math.log2(test.perBeat + 1)) },
          { name: 'data_o', bits: test.perBeat * (channelBits + outBits) },
        ],
        input: 'vector',
        beats,
        startGaps,
        ready,
        vectors: vectors.length,
      });
      const format = { channelBits, valueBits: outBits, signed: test.signed };
      const expected = vectors.map((vector) =>
        winners(vector, test.k).sort((one, two) => one.channel - two.channel),
      );
      expect(tokenBeats(result.outputs, test.perBeat, format).map((site) => site.tokens)).toEqual(
        expected,
      );
      const inputBeats = Math.ceil(test.channels / slots);
      expectTokenBeats(result, {
        vectors: expected.map((tokens) => ({ inputBeats, tokens: tokens.length })),
        perBeat: test.perBeat,
        latency: outBits * (inputBeats + 2) + 6,
        ready,
        buffers: test.vectors,
        startGaps,
      });
    },
  );
});

/** The beats of a vector, one behind the other; what is behind the last channel is anything. */
function beatsOf(
  vector: readonly Entry[],
  { slots, outBits }: Case,
  random: ReturnType<typeof seededRandom>,
): readonly InputBeat[] {
  const count = Math.ceil(vector.length / slots);
  const gap = random.chance(0.5) ? 0 : random.integer(0, 5);
  return Array.from({ length: count }, (_, beat) => ({
    gap: beat === 0 ? gap : 0,
    last: beat === count - 1,
    fields: Array.from({ length: slots }, (_slot, slot) => ({
      bits: outBits,
      value: vector[beat * slots + slot]?.value ?? random.integer(0, 2 ** outBits - 1),
    })),
  }));
}

/** Few different values, so that ties at the k-th are common; all zero now and then. */
function randomVector(test: Case, random: ReturnType<typeof seededRandom>): Entry[] {
  const top = 2 ** (test.outBits - (test.signed ? 1 : 0)) - 1;
  const spread = random.chance(0.5) ? top : Math.min(3, top);
  const zeros = random.integer(0, 10) / 10;
  return Array.from({ length: test.channels }, (_, channel) => ({
    channel,
    used: true,
    value: random.chance(zeros) ? 0 : random.integer(test.signed ? -spread : 0, spread),
  }));
}
