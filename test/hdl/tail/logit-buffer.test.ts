import { describe, expect, it } from 'vitest';
import { runBench, type InputBeat } from './bench.ts';
import { fieldOf, memoryText, packFields, signedFieldOf } from './bits.ts';
import { seededRandom } from './random.ts';
import { expectTokenBeats } from './token-beats.ts';

const cases = [
  { slots: 1, channels: 12, perBeat: 1, accBits: 24, biasBits: 16, gap: 0, stall: 0 },
  { slots: 1, channels: 10, perBeat: 4, accBits: 20, biasBits: 20, gap: 1, stall: 0.5 },
  { slots: 3, channels: 13, perBeat: 1, accBits: 17, biasBits: 9, gap: 0, stall: 0.3 },
  { slots: 4, channels: 37, perBeat: 8, accBits: 32, biasBits: 24, gap: 0, stall: 0.6 },
  { slots: 2, channels: 1, perBeat: 2, accBits: 12, biasBits: 8, gap: 0, stall: 0 },
  { slots: 2, channels: 64, perBeat: 16, accBits: 24, biasBits: 16, gap: 0, stall: 0 },
] as const;

describe('logit_buffer', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 300 + index })))(
    '$slots slots, $channels channels, $perBeat words a beat, acc $accBits, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const channelBits = Math.max(1, Math.ceil(Math.log2(test.channels)));
      // Channels in random order, a few slots unused.
      const places = random.permutation(test.channels + random.integer(0, 3));
      while (places.length % test.slots !== 0) places.push(test.channels);
      const biasHalf = 2 ** (test.biasBits - 1);
      const slots = places.map((channel) => ({
        used: channel < test.channels,
        channel: channel < test.channels ? channel : 0,
        bias: random.integer(-biasHalf, biasHalf - 1),
      }));
      const inputBeats = slots.length / test.slots;
      const half = 2 ** (test.accBits - 1);
      const vectors = 40;
      const beats: InputBeat[] = [];
      const expected: number[][] = [];
      for (let vector = 0; vector < vectors; vector += 1) {
        const words = new Array<number>(test.channels).fill(0);
        for (let beat = 0; beat < inputBeats; beat += 1) {
          const row = slots.slice(beat * test.slots, (beat + 1) * test.slots);
          const accumulators = row.map(({ bias }) =>
            random.integer(-half - Math.min(bias, 0), half - 1 - Math.max(bias, 0)),
          );
          row.forEach(({ used, channel, bias }, slot) => {
            if (used) words[channel] = (accumulators[slot] ?? 0) + bias;
          });
          beats.push({
            gap: random.integer(0, test.gap),
            last: beat === inputBeats - 1,
            fields: accumulators.map((value) => ({ bits: test.accBits, value })),
          });
        }
        expected.push(words);
      }
      const ready = Array.from({ length: 1013 }, () => !random.chance(test.stall));
      const startGaps = Array.from({ length: vectors }, () =>
        random.chance(0.2) ? random.integer(0, 30) : 0,
      );
      const countBits = Math.ceil(Math.log2(test.perBeat + 1));
      const result = runBench({
        module: 'logit_buffer',
        parameters: {
          R: test.slots,
          AccBits: test.accBits,
          Beats: inputBeats,
          Channels: test.channels,
          ChannelBits: channelBits,
          BiasBits: test.biasBits,
          P: test.perBeat,
          ParamFile: 'parameters.mem',
        },
        files: {
          'parameters.mem': memoryText(
            Array.from({ length: inputBeats }, (_, beat) =>
              packFields(
                slots.slice(beat * test.slots, (beat + 1) * test.slots).flatMap((slot) => [
                  { bits: test.biasBits, value: slot.bias },
                  { bits: channelBits, value: slot.channel },
                  { bits: 1, value: slot.used ? 1 : 0 },
                ]),
              ),
            ),
          ),
        },
        inputPorts: [{ name: 'acc_i', bits: test.slots * test.accBits }],
        outputPorts: [
          { name: 'count_o', bits: countBits },
          { name: 'data_o', bits: test.perBeat * 32 },
        ],
        input: 'vector',
        beats,
        startGaps,
        ready,
        vectors,
      });
      const outputBeats = Math.ceil(test.channels / test.perBeat);
      result.outputs.forEach(({ word, last }, index) => {
        const at = (index % outputBeats) * test.perBeat;
        const words = expected[Math.floor(index / outputBeats)]?.slice(at, at + test.perBeat) ?? [];
        const got = Array.from({ length: test.perBeat }, (_, p) =>
          signedFieldOf(word, countBits + 32 * p, 32),
        );
        expect(got).toEqual([...words, ...new Array<number>(test.perBeat - words.length).fill(0)]);
        expect(fieldOf(word, 0, countBits)).toBe(words.length);
        expect(last).toBe(index % outputBeats === outputBeats - 1);
      });
      expectTokenBeats(result, {
        vectors: expected.map(() => ({ inputBeats, tokens: test.channels })),
        perBeat: test.perBeat,
        latency: 3,
        ready,
        buffers: 2,
        startGaps,
      });
    },
  );
});
