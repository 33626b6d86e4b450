import { describe, expect, it } from 'vitest';
import { present } from '../../../src/base/invariant.ts';
import { runBench, type InputBeat } from './bench.ts';
import { fieldOf, memoryText, packFields, signedFieldOf } from './bits.ts';
import { seededRandom, type Random } from './random.ts';

interface Case {
  readonly slots: number;
  readonly accBits: number;
  readonly biasBits: number;
  readonly beats: number;
  readonly shiftBits: number;
  readonly minShift: number;
  readonly outBits: number;
  readonly outSigned: boolean;
  readonly low: number;
  readonly high: number;
  readonly leaky: boolean;
  readonly block: boolean;
  /** Of a product in rows of additions; a multiplication where not given. */
  readonly cycles?: number;
}

const multiplied: readonly Case[] = [
  {
    slots: 1,
    accBits: 22,
    biasBits: 16,
    beats: 16,
    shiftBits: 6,
    minShift: 0,
    outBits: 8,
    outSigned: false,
    low: 0,
    high: 255,
    leaky: false,
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
    low: 0,
    high: 255,
    leaky: false,
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
    low: -128,
    high: 127,
    leaky: false,
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
    low: 0,
    high: 7,
    leaky: false,
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
    low: -2,
    high: 1,
    leaky: false,
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
    low: 0,
    high: 255,
    leaky: false,
    block: false,
  },
  {
    slots: 2,
    accBits: 18,
    biasBits: 12,
    beats: 3,
    shiftBits: 3,
    minShift: 14,
    outBits: 8,
    outSigned: true,
    low: -127,
    high: 127,
    leaky: false,
    block: false,
  },
  {
    slots: 1,
    accBits: 20,
    biasBits: 12,
    beats: 3,
    shiftBits: 3,
    minShift: 14,
    outBits: 8,
    outSigned: false,
    low: 0,
    high: 100,
    leaky: false,
    block: false,
  },
  {
    slots: 1,
    accBits: 20,
    biasBits: 12,
    beats: 3,
    shiftBits: 2,
    minShift: 15,
    outBits: 8,
    outSigned: true,
    low: -3,
    high: 90,
    leaky: true,
    block: false,
  },
  {
    slots: 2,
    accBits: 22,
    biasBits: 14,
    beats: 5,
    shiftBits: 5,
    minShift: 4,
    outBits: 8,
    outSigned: true,
    low: -128,
    high: 127,
    leaky: true,
    block: true,
  },
  {
    slots: 1,
    accBits: 20,
    biasBits: 14,
    beats: 4,
    shiftBits: 4,
    minShift: 10,
    outBits: 9,
    outSigned: true,
    low: -255,
    high: 255,
    leaky: false,
    block: false,
  },
  {
    slots: 1,
    accBits: 20,
    biasBits: 14,
    beats: 4,
    shiftBits: 3,
    minShift: 10,
    outBits: 9,
    outSigned: true,
    low: -256,
    high: 254,
    leaky: true,
    block: false,
  },
  {
    slots: 1,
    accBits: 20,
    biasBits: 14,
    beats: 4,
    shiftBits: 3,
    minShift: 10,
    outBits: 8,
    outSigned: true,
    low: 0,
    high: 127,
    leaky: true,
    block: false,
  },
];

/** Of the same numbers, in rows of additions. */
const inRows = [
  [0, 1],
  [0, 16],
  [1, 4],
  [3, 8],
  [8, 2],
  [9, 8],
  [11, 16],
  [10, 1],
].map(([index = 0, cycles = 1]) => ({ ...present(multiplied[index], 'case'), cycles }));

const cases = [...multiplied, ...inRows];

describe('requantise', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 200 + index })))(
    '$slots slots, acc $accBits, shift $minShift + $shiftBits bits, out $outBits signed $outSigned, $low to $high, leaky $leaky, rows in $cycles cycles, seed $seed',
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
          scale: randomScale(random, test),
          negative: randomScale(random, test),
        })),
      );
      const { cycles = 1 } = test;
      // idle cycles that a product in several takes
      const apart = cycles > 1 ? cycles : 0;
      const vectors = 300;
      const beats: InputBeat[] = [];
      const expected: { used: number; channel: number; value: number }[][] = [];
      for (let vector = 0; vector < vectors; vector += 1) {
        parameters.forEach((slots, beat) => {
          const accumulators = slots.map(({ bias, scale, negative }) => {
            const chosen = test.leaky && random.chance(0.5) ? negative : scale;
            // Mostly near the range that is not clamped, on rounding borders and at the limits.
            const whole = random.chance(0.3)
              ? (random.chance(0.5) ? test.low : test.high) + random.integer(-2, 2) / 2
              : random.integer(-(2 ** (test.outBits + 1)), 2 ** (test.outBits + 1)) / 2;
            const near =
              Math.round(
                (whole * 2 ** (chosen.shift + test.minShift)) / Math.max(1, chosen.multiplier),
              ) - bias;
            const wide = random.integer(-half, half - 1);
            const wanted = random.chance(0.7) ? near + random.integer(-1, 1) : wide;
            return Math.min(
              Math.max(wanted, -half - Math.min(bias, 0)),
              half - 1 - Math.max(bias, 0),
            );
          });
          beats.push({
            gap: apart + (random.chance(0.2) ? random.integer(0, 3) : 0),
            last: beat === test.beats - 1,
            fields: accumulators.map((value) => ({ bits: test.accBits, value })),
          });
          expected.push(
            slots.map(({ used, channel, bias, scale, negative }, slot) => {
              const total = (accumulators[slot] ?? 0) + bias;
              const chosen = test.leaky && total < 0 ? negative : scale;
              return { used, channel, value: requantised(total, chosen, test) };
            }),
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
          Low: test.low,
          High: test.high,
          Leaky: test.leaky ? 1 : 0,
          MultiplyRows: test.cycles === undefined ? 0 : 1,
          Cycles: cycles,
          BlockMemory: test.block ? 1 : 0,
          ParamFile: 'parameters.mem',
        },
        files: {
          'parameters.mem': memoryText(
            parameters.map((slots) =>
              packFields(
                slots.flatMap(({ used, channel, bias, scale, negative }) => [
                  ...(test.leaky ? [scale, negative] : [scale]).flatMap(({ multiplier, shift }) => [
                    { bits: test.shiftBits, value: shift },
                    { bits: 16, value: multiplier },
                  ]),
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
      const latency = 2 + cycles + (test.leaky ? 1 : 0) + Math.ceil(test.shiftBits / 2);
      expect(result.outputs.map(({ cycle }) => cycle)).toEqual(
        result.inputs.map((cycle) => cycle + latency),
      );
      expect(result.outputs.map(({ last }) => last)).toEqual(beats.map(({ last }) => last));
      // The vectors reach both clamps and the range between.
      const values = new Set(expected.flat().map(({ value }) => value));
      expect(values.size).toBeGreaterThan((test.high - test.low) / 4);
      expect(values).toContain(test.high);
      expect(values).toContain(test.low);
    },
  );
});

interface Scale {
  readonly multiplier: number;
  readonly shift: number;
}

function randomScale(random: Random, test: Case): Scale {
  return {
    multiplier: random.chance(0.2) ? random.integer(0, 65535) : random.integer(32768, 65535),
    shift: random.integer(0, 2 ** test.shiftBits - 1),
  };
}

function requantised(total: number, scale: Scale, test: Case): number {
  const shift = BigInt(scale.shift + test.minShift);
  const product = BigInt(total) * BigInt(scale.multiplier);
  const rounded = shift === 0n ? product : (product + (1n << (shift - 1n))) >> shift;
  return Math.min(Math.max(Number(rounded), test.low), test.high);
}
