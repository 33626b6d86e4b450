import { describe, expect, it } from 'vitest';
import { runBench, type InputBeat } from './bench.ts';
import { fieldOf, memoryText, packFields, signedFieldOf } from './bits.ts';
import { seededRandom } from './random.ts';

interface Case {
  readonly slots: number;
  readonly accBits: number;
  readonly biasBits: number;
  readonly beats: number;
  readonly shiftBits: number;
  readonly minShift: number;
  readonly outBits: number;
  readonly outSigned: boolean;
  readonly relu: boolean;
  readonly block: boolean;
}

const cases: readonly Case[] = [
  {
    slots: 1,
    accBits: 22,
    biasBits: 16,
    beats: 16,
    shiftBits: 6,
    minShift: 0,
    outBits: 8,
    outSigned: false,
    relu: true,
    block: false,
  },
  {
    slots: 4,
    accBits: 20,
    biasBits: 20,
    beats: 5,
    shiftBits: 2,
    minShift: 18,
    outBits: 8,
    outSigned: false,
    relu: true,
    block: true,
  },
  {
    slots: 2,
    accBits: 18,
    biasBits: 12,
    beats: 1,
    shiftBits: 3,
    minShift: 14,
    outBits: 8,
    outSigned: true,
    relu: false,
    block: false,
  },
  {
    slots: 1,
    accBits: 26,
    biasBits: 24,
    beats: 7,
    shiftBits: 5,
    minShift: 5,
    outBits: 4,
    outSigned: true,
    relu: true,
    block: false,
  },
  {
    slots: 3,
    accBits: 9,
    biasBits: 5,
    beats: 3,
    shiftBits: 1,
    minShift: 0,
    outBits: 2,
    outSigned: true,
    relu: false,
    block: false,
  },
  {
    slots: 1,
    accBits: 12,
    biasBits: 9,
    beats: 4,
    shiftBits: 4,
    minShift: 8,
    outBits: 8,
    outSigned: false,
    relu: false,
    block: false,
  },
];

describe('requantise', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 200 + index })))(
    '$slots slots, acc $accBits, shift $minShift + $shiftBits bits, out $outBits signed $outSigned relu $relu, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const channelBits = 6;
      const half = 2 ** (test.accBits - 1);
      const biasHalf = 2 ** (test.biasBits - 1);
      const parameters = Array.from({ length: test.beats }, () =>
        Array.from({ length: test.slots }, () => ({
          used: random.integer(0, 1),
          channel: random.integer(0, 2 ** channelBits - 1),
          bias: random.integer(-biasHalf, biasHalf - 1),
          multiplier: random.chance(0.2) ? random.integer(0, 65535) : random.integer(32768, 65535),
          shift: random.integer(0, 2 ** test.shiftBits - 1),
        })),
      );
      const vectors = 150;
      const beats: InputBeat[] = [];
      const expected: { used: number; channel: number; value: number }[][] = [];
      for (let vector = 0; vector < vectors; vector += 1) {
        parameters.forEach((slots, beat) => {
          const accumulators = slots.map(({ bias, multiplier, shift }) => {
            // Mostly near the range that is not clamped, and on its rounding borders.
            const whole =
              random.integer(-(2 ** test.outBits), 2 ** test.outBits) + 0.5 * random.integer(0, 1);
            const near =
              Math.round((whole * 2 ** (shift + test.minShift)) / Math.max(1, multiplier)) - bias;
            const wide = random.integer(-half, half - 1);
            const wanted = random.chance(0.7) ? near + random.integer(-1, 1) : wide;
            return Math.min(
              Math.max(wanted, -half - Math.min(bias, 0)),
              half - 1 - Math.max(bias, 0),
            );
          });
          beats.push({
            gap: random.chance(0.2) ? random.integer(0, 3) : 0,
            last: beat === test.beats - 1,
            fields: accumulators.map((value) => ({ bits: test.accBits, value })),
          });
          expected.push(
            slots.map(({ used, channel, bias, multiplier, shift }, slot) => ({
              used,
              channel,
              value: requantised(
                (accumulators[slot] ?? 0) + bias,
                multiplier,
                shift + test.minShift,
                test,
              ),
            })),
          );
        });
      }
      const result = runBench({
        module: 'requantise',
        parameters: {
          R: test.slots,
          AccBits: test.accBits,
          Beats: test.beats,
          ChannelBits: channelBits,
          BiasBits: test.biasBits,
          ShiftBits: test.shiftBits,
          MinShift: test.minShift,
          OutBits: test.outBits,
          OutSigned: test.outSigned ? 1 : 0,
          Relu: test.relu ? 1 : 0,
          BlockMemory: test.block ? 1 : 0,
          ParamFile: 'parameters.mem',
        },
        files: {
          'parameters.mem': memoryText(
            parameters.map((slots) =>
              packFields(
                slots.flatMap(({ used, channel, bias, multiplier, shift }) => [
                  { bits: test.shiftBits, value: shift },
                  { bits: 16, value: multiplier },
                  { bits: test.biasBits, value: bias },
                  { bits: channelBits, value: channel },
                  { bits: 1, value: used },
                ]),
              ),
            ),
          ),
        },
        inputPorts: [{ name: 'acc_i', bits: test.slots * test.accBits }],
        outputPorts: [
          { name: 'used_o', bits: test.slots },
          { name: 'channel_o', bits: test.slots * channelBits },
          { name: 'value_o', bits: test.slots * test.outBits },
        ],
        input: 'open',
        beats,
        ready: [true],
        vectors,
      });
      const got = result.outputs.map(({ word }) =>
        Array.from({ length: test.slots }, (_, slot) => ({
          used: fieldOf(word, slot, 1),
          channel: fieldOf(word, test.slots + slot * channelBits, channelBits),
          value: (test.outSigned ? signedFieldOf : fieldOf)(
            word,
            test.slots * (1 + channelBits) + slot * test.outBits,
            test.outBits,
          ),
        })),
      );
      expect(got).toEqual(expected);
      const latency = 3 + Math.ceil(test.shiftBits / 2);
      expect(result.outputs.map(({ cycle }) => cycle)).toEqual(
        result.inputs.map((cycle) => cycle + latency),
      );
      expect(result.outputs.map(({ last }) => last)).toEqual(beats.map(({ last }) => last));
      // The vectors reach both clamps and the range between.
      const values = new Set(expected.flat().map(({ value }) => value));
      expect(values.size).toBeGreaterThan(2 ** test.outBits / 4);
    },
  );
});

function requantised(total: number, multiplier: number, shift: number, test: Case): number {
  const product = BigInt(total) * BigInt(multiplier);
  const rounded = shift === 0 ? product : (product + (1n << BigInt(shift - 1))) >> BigInt(shift);
  const top = 2 ** (test.outSigned ? test.outBits - 1 : test.outBits) - 1;
  const bottom = test.outSigned && !test.relu ? -top - 1 : 0;
  return Math.min(Math.max(Number(rounded), bottom), top);
}
