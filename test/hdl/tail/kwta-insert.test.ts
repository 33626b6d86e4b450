import { describe, expect, it } from 'vitest';
import { runBench, type InputBeat } from './bench.ts';
import { expectTokenBeats, tokenBeats } from './token-beats.ts';
import { seededRandom } from './random.ts';
import { winners, type Entry } from './winners.ts';

interface Case {
  readonly k: number;
  readonly signed: boolean;
  readonly perBeat: number;
  readonly channels: number;
  readonly outBits: number;
  readonly inputGap: number;
  readonly stall: number;
}

const cases: readonly Case[] = [
  { k: 8, signed: false, perBeat: 1, channels: 64, outBits: 8, inputGap: 0, stall: 0 },
  { k: 6, signed: false, perBeat: 4, channels: 24, outBits: 8, inputGap: 2, stall: 0.5 },
  { k: 5, signed: true, perBeat: 2, channels: 16, outBits: 4, inputGap: 0, stall: 0.7 },
  { k: 3, signed: true, perBeat: 4, channels: 7, outBits: 3, inputGap: 1, stall: 0.3 },
  { k: 1, signed: false, perBeat: 1, channels: 5, outBits: 2, inputGap: 0, stall: 0.5 },
  { k: 32, signed: false, perBeat: 8, channels: 40, outBits: 5, inputGap: 0, stall: 0 },
];

describe('kwta_insert', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 100 + index })))(
    'k $k, signed $signed, $perBeat tokens a beat, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const channelBits = Math.max(1, Math.ceil(Math.log2(test.channels)));
      const vectors = Array.from({ length: 60 }, () => randomVector(test, random));
      const beats = vectors.flatMap((vector) =>
        vector.map((entry, index): InputBeat => ({
          gap: random.integer(0, test.inputGap),
          last: index === vector.length - 1,
          fields: [
            { bits: 1, value: entry.used ? 1 : 0 },
            { bits: channelBits, value: entry.channel },
            { bits: test.outBits, value: entry.value },
          ],
        })),
      );
      const ready = Array.from({ length: 1009 }, () => !random.chance(test.stall));
      const startGaps = vectors.map(() => (random.chance(0.3) ? random.integer(0, 20) : 0));
      const result = runBench({
        module: 'kwta_insert',
        parameters: {
          K: test.k,
          OutBits: test.outBits,
          Signed: test.signed ? 1 : 0,
          ChannelBits: channelBits,
          T: test.perBeat,
        },
        inputPorts: [
          { name: 'used_i', bits: 1 },
          { name: 'channel_i', bits: channelBits },
          { name: 'value_i', bits: test.outBits },
        ],
        outputPorts: [
          { name: 'count_o', bits: Math.ceil(Math.log2(test.perBeat + 1)) },
          { name: 'data_o', bits: test.perBeat * (channelBits + test.outBits) },
        ],
        input: 'vector',
        beats,
        startGaps,
        ready,
        vectors: vectors.length,
      });
      const format = { channelBits, valueBits: test.outBits, signed: test.signed };
      const expected = vectors.map((vector) => winners(vector, test.k));
      expect(tokenBeats(result.outputs, test.perBeat, format).map((site) => site.tokens)).toEqual(
        expected,
      );
      expectTokenBeats(result, {
        vectors: vectors.map((vector, index) => ({
          inputBeats: vector.length,
          tokens: expected[index]?.length ?? 0,
        })),
        perBeat: test.perBeat,
        latency: 2,
        ready,
        buffers: 2,
        startGaps,
      });
    },
  );
});

/** Few different values, so that ties at the k-th are common; all zero now and then. */
function randomVector(test: Case, random: ReturnType<typeof seededRandom>): Entry[] {
  const top = 2 ** (test.outBits - (test.signed ? 1 : 0)) - 1;
  const spread = random.chance(0.5) ? top : Math.min(3, top);
  const zeros = random.integer(0, 10) / 10;
  return random.permutation(test.channels).map((channel) => ({
    channel,
    used: random.chance(0.9),
    value: random.chance(zeros) ? 0 : random.integer(test.signed ? -spread : 0, spread),
  }));
}
