import { describe, expect, it } from 'vitest';
import { runBench, type InputBeat } from './bench.ts';
import { seededRandom } from './random.ts';
import { expectTokenBeats, tokenBeats } from './token-beats.ts';

const cases = [
  { slots: 1, perBeat: 1, inputBeats: 16, commonBits: 0, buffers: 2, gap: 0, stall: 0 },
  { slots: 8, perBeat: 4, inputBeats: 8, commonBits: 0, buffers: 4, gap: 0, stall: 0 },
  { slots: 4, perBeat: 8, inputBeats: 5, commonBits: 3, buffers: 2, gap: 1, stall: 0.4 },
  { slots: 2, perBeat: 8, inputBeats: 9, commonBits: 1, buffers: 2, gap: 0, stall: 0.6 },
  { slots: 8, perBeat: 1, inputBeats: 1, commonBits: 0, buffers: 8, gap: 0, stall: 0.1 },
  { slots: 16, perBeat: 2, inputBeats: 7, commonBits: 3, buffers: 2, gap: 0, stall: 0.2 },
  { slots: 8, perBeat: 8, inputBeats: 64, commonBits: 6, buffers: 2, gap: 0, stall: 0 },
] as const;

describe('relu_pack', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 500 + index })))(
    '$slots slots to $perBeat tokens, $inputBeats beats, $buffers buffers, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const valueBits = 5;
      const ownBits = Math.ceil(Math.log2(test.slots * test.inputBeats)) - test.commonBits;
      const channelBits = Math.max(ownBits, 1) + test.commonBits;
      const vectors = Array.from({ length: 60 }, () => {
        const density = random.chance(0.2) ? 1 : random.integer(0, 10) / 10;
        return Array.from({ length: test.inputBeats }, () => {
          const common =
            random.integer(0, 2 ** test.commonBits - 1) * 2 ** (channelBits - test.commonBits);
          return Array.from({ length: test.slots }, () => ({
            used: random.chance(0.95),
            channel: common + random.integer(0, 2 ** (channelBits - test.commonBits) - 1),
            value: random.chance(density) ? random.integer(0, 2 ** valueBits - 1) : 0,
          }));
        });
      });
      const beats = vectors.flatMap((vector) =>
        vector.map((slots, index): InputBeat => ({
          gap: random.integer(0, test.gap),
          last: index === vector.length - 1,
          fields: [
            ...slots.map(({ used }) => ({ bits: 1, value: used ? 1 : 0 })),
            ...slots.map(({ channel }) => ({ bits: channelBits, value: channel })),
            ...slots.map(({ value }) => ({ bits: valueBits, value })),
          ],
        })),
      );
      const ready = Array.from({ length: 1019 }, () => !random.chance(test.stall));
      const startGaps = vectors.map(() => (random.chance(0.3) ? random.integer(0, 20) : 0));
      const result = runBench({
        module: 'relu_pack',
        parameters: {
          R: test.slots,
          T: test.perBeat,
          Beats: test.inputBeats,
          OutBits: valueBits,
          ChannelBits: channelBits,
          CommonBits: test.commonBits,
          Buffers: test.buffers,
        },
        inputPorts: [
          { name: 'used_i', bits: test.slots },
          { name: 'channel_i', bits: test.slots * channelBits },
          { name: 'value_i', bits: test.slots * valueBits },
        ],
        outputPorts: [
          { name: 'count_o', bits: Math.ceil(Math.log2(test.perBeat + 1)) },
          { name: 'data_o', bits: test.perBeat * (channelBits + valueBits) },
        ],
        input: 'vector',
        beats,
        startGaps,
        ready,
        vectors: vectors.length,
      });
      const expected = vectors.map((vector) =>
        vector
          .flat()
          .filter(({ used, value }) => used && value !== 0)
          .map(({ channel, value }) => ({ channel, value })),
      );
      const format = { channelBits, valueBits, signed: false };
      expect(tokenBeats(result.outputs, test.perBeat, format).map((site) => site.tokens)).toEqual(
        expected,
      );
      expectTokenBeats(result, {
        vectors: expected.map((tokens) => ({
          inputBeats: test.inputBeats,
          tokens: tokens.length,
        })),
        perBeat: test.perBeat,
        latency: 4,
        ready,
        buffers: test.buffers,
        startGaps,
      });
    },
  );
});
