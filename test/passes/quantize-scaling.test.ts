import { describe, expect, it } from 'vitest';
import {
  accumulatorBits,
  requantizationOf,
  scalingPair,
} from '../../src/passes/quantize-scaling.ts';
import { seededRandom } from '../evaluate/random-graph.ts';

describe('scalingPair', () => {
  it('is normalised and within 2^-16 of the factor', () => {
    const random = seededRandom(1);
    for (let round = 0; round < 20_000; round += 1) {
      const factor = 2 ** (random() * 47.99 - 32);
      const { multiplier, shift } = scalingPair(factor);
      if (multiplier < 2 ** 15 || multiplier >= 2 ** 16 || shift < 0 || shift > 47) {
        expect.fail(`factor ${factor} gave ${multiplier} / 2^${shift}`);
      }
      const error = Math.abs(multiplier / 2 ** shift / factor - 1);
      if (factor < 65535 && error > 2 ** -16) expect.fail(`factor ${factor} is off by ${error}`);
    }
  });

  it('is exact for powers of two and just beside them', () => {
    for (let power = -32; power <= 15; power += 1) {
      expect(scalingPair(2 ** power)).toEqual({ multiplier: 32768, shift: 15 - power });
      // So near below a power of two that the multiplier would round up to 2^16.
      expect(scalingPair(2 ** power * (1 - 2 ** -30)).multiplier).toBe(32768);
    }
  });

  it('clamps factors that no shift reaches', () => {
    expect(scalingPair(2 ** 40)).toEqual({ multiplier: 65535, shift: 0 });
    expect(scalingPair(65535.9)).toEqual({ multiplier: 65535, shift: 0 });
    expect(scalingPair(2 ** -40)).toEqual({ multiplier: 128, shift: 47 });
    expect(scalingPair(2 ** -100)).toEqual({ multiplier: 0, shift: 47 });
  });

  it('refuses what is no factor', () => {
    expect(() => scalingPair(0)).toThrow(/positive/);
    expect(() => scalingPair(NaN)).toThrow(/positive/);
  });

  it('makes one pair per channel', () => {
    const { multiplier, shift } = requantizationOf(Float64Array.from([1, 0.75]));
    expect([Array.from(multiplier), Array.from(shift)]).toEqual([
      [32768, 49152],
      [15, 16],
    ]);
  });
});

describe('accumulatorBits', () => {
  it('holds the exact interval, partial sums and bias', () => {
    const unsigned = { minimum: 0, maximum: 255 };
    const weights = Int16Array.from([127, -127]);
    // Sums -32385 .. 32385 fit 16 bits; the bias moves them out at one end.
    expect(accumulatorBits(weights, Int32Array.from([0]), unsigned)).toBe(16);
    expect(accumulatorBits(weights, Int32Array.from([382]), unsigned)).toBe(16);
    expect(accumulatorBits(weights, Int32Array.from([383]), unsigned)).toBe(17);
    expect(accumulatorBits(weights, Int32Array.from([-383]), unsigned)).toBe(16);
    expect(accumulatorBits(weights, Int32Array.from([-384]), unsigned)).toBe(17);
  });

  it('uses both ends of a signed input', () => {
    const signed = { minimum: -128, maximum: 127 };
    expect(accumulatorBits(Int16Array.from([1]), Int32Array.from([0]), signed)).toBe(8);
    expect(accumulatorBits(Int16Array.from([-1]), Int32Array.from([0]), signed)).toBe(9);
  });

  it('takes the widest channel', () => {
    const unsigned = { minimum: 0, maximum: 255 };
    expect(accumulatorBits(Int16Array.from([1, 100]), Int32Array.from([0, 0]), unsigned)).toBe(16);
  });
});
