import { describe, expect, it } from 'vitest';
import { nextReady, runBench, type InputBeat } from './bench.ts';
import { fieldOf } from './bits.ts';
import { seededRandom } from './random.ts';

const cases = [
  { channels: 64, width: 4, perBeat: 1, gap: 0, stall: 0 },
  { channels: 50, width: 1, perBeat: 1, gap: 0, stall: 0.3 },
  { channels: 13, width: 8, perBeat: 1, gap: 1, stall: 0.5 },
  { channels: 3, width: 4, perBeat: 1, gap: 0, stall: 0 },
  { channels: 1, width: 1, perBeat: 1, gap: 0, stall: 0.5 },
  { channels: 64, width: 4, perBeat: 4, gap: 0, stall: 0 },
  { channels: 21, width: 2, perBeat: 8, gap: 1, stall: 0.4 },
  { channels: 5, width: 8, perBeat: 3, gap: 0, stall: 0.2 },
] as const;

describe('densify', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 600 + index })))(
    '$channels channels, $perBeat tokens to $width values a beat, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const valueBits = 8;
      const channelBits = Math.max(1, Math.ceil(Math.log2(test.channels)));
      const rows = Math.ceil(test.channels / test.width);
      const beats: InputBeat[] = [];
      const sites: number[][] = [];
      const inputCounts: number[] = [];
      for (let site = 0; site < 60; site += 1) {
        const dense = new Array<number>(rows * test.width).fill(0);
        const winners = random
          .permutation(test.channels)
          .slice(0, random.integer(0, test.channels));
        const tokens = winners.map((channel) => ({
          channel,
          value: random.integer(1, 255),
        }));
        for (const { channel, value } of tokens) dense[channel] = value;
        // An empty site is one beat with count 0; what lies behind the tokens does not matter.
        const siteBeats = Math.max(1, Math.ceil(tokens.length / test.perBeat));
        for (let beat = 0; beat < siteBeats; beat += 1) {
          const there = tokens.slice(beat * test.perBeat, (beat + 1) * test.perBeat);
          beats.push({
            gap: random.integer(0, test.gap),
            last: beat === siteBeats - 1,
            fields: [
              { bits: Math.ceil(Math.log2(test.perBeat + 1)), value: there.length },
              ...Array.from({ length: test.perBeat }, (_, t) => [
                { bits: valueBits, value: there[t]?.value ?? random.integer(0, 255) },
                { bits: channelBits, value: there[t]?.channel ?? 0 },
              ]).flat(),
            ],
          });
        }
        sites.push(dense);
        inputCounts.push(siteBeats);
      }
      const ready = Array.from({ length: 1021 }, () => !random.chance(test.stall));
      const countBits = Math.ceil(Math.log2(test.width + 1));
      const result = runBench({
        module: 'densify',
        parameters: {
          Channels: test.channels,
          ChannelBits: channelBits,
          ValueBits: valueBits,
          W: test.width,
          T: test.perBeat,
        },
        inputPorts: [
          { name: 'count_i', bits: Math.ceil(Math.log2(test.perBeat + 1)) },
          { name: 'data_i', bits: test.perBeat * (channelBits + valueBits) },
        ],
        outputPorts: [
          { name: 'count_o', bits: countBits },
          { name: 'data_o', bits: test.width * valueBits },
        ],
        input: 'stream',
        beats,
        ready,
        vectors: sites.length,
      });
      result.outputs.forEach(({ word, last }, index) => {
        const at = (index % rows) * test.width;
        const got = Array.from({ length: test.width }, (_, w) =>
          fieldOf(word, countBits + w * valueBits, valueBits),
        );
        expect(got).toEqual(sites[Math.floor(index / rows)]?.slice(at, at + test.width));
        expect(last).toBe(index % rows === rows - 1);
        expect(fieldOf(word, 0, countBits)).toBe(test.width);
      });
      expect(result.outputs).toHaveLength(rows * sites.length);

      // Cycles: the formulas of the header.
      const taken: number[] = [];
      const given: number[] = [];
      const freed: number[] = [];
      let beat = 0;
      inputCounts.forEach((count, site) => {
        for (let n = 0; n < count; n += 1) {
          const offered = (taken.at(-1) ?? -1) + 1 + (beats[beat]?.gap ?? 0);
          taken.push(Math.max(offered, freed[site - 2] ?? 0));
          beat += 1;
        }
        let valid = Math.max((taken.at(-1) ?? 0) + 2, (given.at(-1) ?? -1) + 1);
        for (let row = 0; row < rows; row += 1) {
          if (row === rows - 1) freed.push(valid);
          given.push(nextReady(ready, valid));
          valid = (given.at(-1) ?? 0) + 1;
        }
      });
      expect(result.inputs).toEqual(taken);
      expect(result.outputs.map(({ cycle }) => cycle)).toEqual(given);
    },
  );
});
