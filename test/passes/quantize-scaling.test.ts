import { describe, expect, it } from 'vitest';
import {
  accumulatorBits,
  addScaling,
  requantizationOf,
  scalingPair,
} from '../../src/passes/quantize-scaling.ts';
import { integerBetween, seededRandom } from '../evaluate/random-graph.ts';

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

describe('addScaling', () => {
  it('puts both factors over one power of two, the larger normalised', () => {
    const random = seededRandom(2);
    for (let round = 0; round < 4000; round += 1) {
      const draw = (): number => (random() < 0.5 ? -1 : 1) * 2 ** (random() * 20 - 12);
      const [left, right] = [draw(), draw()];
      const { multipliers, shift } = addScaling(left, right);
      const larger = Math.max(...multipliers.map(Math.abs));
      expect(larger >= 2 ** 15 && larger < 2 ** 16 && shift >= 0 && shift <= 31).toBe(true);
      const step = 2 ** -shift;
      expect(Math.abs(multipliers[0] * step - left)).toBeLessThanOrEqual(step / 2);
      expect(Math.abs(multipliers[1] * step - right)).toBeLessThanOrEqual(step / 2);
    }
  });

  it('is exact where the scales are equal, and never -0', () => {
    expect(addScaling(1, -1)).toEqual({ multipliers: [32768, -32768], shift: 15 });
    expect(addScaling(0.5, -1e-9)).toEqual({ multipliers: [32768, 0], shift: 16 });
  });

  it('makes sums within 2^-15 of a step of the exact ones', () => {
    const random = seededRandom(3);
    // Scales as fractions of integers, so that the wanted sum is exact in BigInt.
    for (let round = 0; round < 5000; round += 1) {
      const [a, b, c] = [0, 0, 0].map(() => integerBetween(random, 1, 1000));
      if (a === undefined || b === undefined || c === undefined) continue;
      const { multipliers, shift } = addScaling(a / c, -b / c);
      const [x, y] = [integerBetween(random, -256, 255), integerBetween(random, -256, 255)];
      const made = BigInt(x) * BigInt(multipliers[0]) + BigInt(y) * BigInt(multipliers[1]);
      const wanted = BigInt(x) * BigInt(a) - BigInt(y) * BigInt(b);
      // |made / 2^shift - wanted / c| <= (|x| + |y|) / 2 / 2^shift, times 2 * c * 2^shift.
      const difference = made * BigInt(c) - (wanted << BigInt(shift));
      const bound = BigInt(Math.abs(x) + Math.abs(y)) * BigInt(c);
      const size = difference < 0n ? -difference : difference;
      expect(2n * size <= bound, `${a} ${b} ${c}: ${x}, ${y}`).toBe(true);
    }
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
