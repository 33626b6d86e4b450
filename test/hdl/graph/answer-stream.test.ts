import { describe, expect, it } from 'vitest';
import { ceilDivide, ceilLog2, indexBits } from '../../../src/base/bits.ts';
import { nextReady } from '../tail/bench.ts';
import { fieldOf, signedFieldOf } from '../tail/bits.ts';
import { seededRandom } from '../tail/random.ts';
import { beatBits, siteBeats, type SiteStream } from './site-beats.ts';
import { runStreamBench } from './stream-bench.ts';

interface Case {
  readonly channels: number;
  readonly bits: number;
  readonly signed: boolean;
  readonly dense: boolean;
  readonly perBeat: number;
  readonly words: number;
  readonly sites: number;
  readonly gap: number;
  readonly stall: number;
}

const plain = { bits: 8, signed: false, dense: false, perBeat: 1, gap: 0, stall: 0 };
const cases: readonly Case[] = [
  { ...plain, channels: 10, words: 4, sites: 1 },
  { ...plain, channels: 13, words: 4, sites: 6, perBeat: 4, signed: true, stall: 0.4 },
  { ...plain, channels: 3, words: 1, sites: 4, bits: 9, signed: true, perBeat: 2 },
  { ...plain, channels: 5, words: 8, sites: 3, gap: 2 },
  { ...plain, channels: 10, words: 4, sites: 7, dense: true, signed: true, stall: 0.3 },
  { ...plain, channels: 6, words: 2, sites: 2, dense: true, bits: 32, signed: true, gap: 1 },
];

describe('answer_stream', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 1700 + index })))(
    '$channels channels, $words words a beat, $sites sites, dense $dense, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const inferences = 20;
      const low = test.signed ? -(2 ** (test.bits - 1)) : 0;
      const values = Array.from({ length: inferences * test.sites }, () => {
        const density = random.integer(0, 4) / 4;
        return Array.from({ length: test.channels }, () =>
          random.chance(density) ? random.integer(low, low + 2 ** test.bits - 1) : 0,
        );
      });
      const stream: SiteStream = {
        channels: test.channels,
        channelBits: indexBits(test.channels),
        valueBits: test.bits,
        signed: test.signed,
        dense: test.dense,
        perBeat: test.dense ? test.words : test.perBeat,
      };
      const beats = siteBeats(values, stream, test.gap, random);
      const inCount = ceilLog2(stream.perBeat + 1);
      const outCount = ceilLog2(test.words + 1);
      const ready = Array.from({ length: 991 }, () => !random.chance(test.stall));
      const result = runStreamBench({
        module: 'answer_stream',
        parameters: {
          Channels: test.channels,
          ChannelBits: stream.channelBits,
          ValueBits: test.bits,
          Signed: Number(test.signed),
          Dense: Number(test.dense),
          T: test.perBeat,
          P: test.words,
          Sites: test.sites,
        },
        inputs: [{ bits: beatBits(stream), beats: beats.flat() }],
        outputBits: outCount + 32 * test.words,
        connections: {
          valid_i: 'valid0',
          ready_o: 'ready0',
          last_i: 'last0',
          count_i: `word0[${inCount - 1}:0]`,
          data_i: `word0[${beatBits(stream) - 1}:${inCount}]`,
          valid_o: 'valid',
          ready_i: 'ready',
          last_o: 'last',
          count_o: `word[${outCount - 1}:0]`,
          data_o: `word[${outCount + 32 * test.words - 1}:${outCount}]`,
        },
        ready,
        sites: inferences,
      });
      const rows = ceilDivide(test.channels, test.words);
      const words = result.outputs.flatMap(({ word }) =>
        Array.from({ length: fieldOf(word, 0, outCount) }, (_, w) =>
          signedFieldOf(word, outCount + 32 * w, 32),
        ),
      );
      expect(words).toEqual(values.flat());
      expect(result.outputs.map(({ last }) => last)).toEqual(
        Array.from({ length: result.outputs.length }, (_, beat) => {
          return (beat + 1) % (rows * test.sites) === 0;
        }),
      );

      // cycles: densify's formulas, or none
      const taken: number[] = [];
      const given: number[] = [];
      const freed: number[] = [];
      beats.forEach((site, index) => {
        for (const { gap } of site) {
          const offered = (taken.at(-1) ?? -1) + 1 + gap;
          const possible = Math.max(offered, freed[index - 2] ?? 0);
          taken.push(test.dense ? nextReady(ready, offered) : possible);
          if (test.dense) given.push(taken.at(-1) ?? 0);
        }
        if (test.dense) return;
        let valid = Math.max((taken.at(-1) ?? 0) + 2, (given.at(-1) ?? -1) + 1);
        for (let row = 0; row < rows; row += 1) {
          if (row === rows - 1) freed.push(valid);
          given.push(nextReady(ready, valid));
          valid = (given.at(-1) ?? 0) + 1;
        }
      });
      expect(result.taken[0]).toEqual(taken);
      expect(result.outputs.map(({ cycle }) => cycle)).toEqual(given);
    },
  );
});
