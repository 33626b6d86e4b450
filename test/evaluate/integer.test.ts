import { describe, expect, it } from 'vitest';
import {
  formatRange,
  maximumWeight,
  requantize,
  scaleRounded,
  signedBits,
} from '../../src/evaluate/integer.ts';
import type { ActivationFormat } from '../../src/ir/quantized.ts';
import { integerBetween, seededRandom } from './random-graph.ts';

const unsigned8: ActivationFormat = { bits: 8, signed: false, scale: 1 };
const signed8: ActivationFormat = { bits: 8, signed: true, scale: 1 };

/** The formula of the hardware in arbitrary precision; >> of a BigInt is a floor. */
function exactRequantize(
  sum: number,
  multiplier: number,
  shift: number,
  format: ActivationFormat,
  relu: boolean,
): number {
  const half = shift === 0 ? 0n : 1n << BigInt(shift - 1);
  const scaled = (BigInt(sum) * BigInt(multiplier) + half) >> BigInt(shift);
  const maximum = format.signed
    ? (1n << BigInt(format.bits - 1)) - 1n
    : (1n << BigInt(format.bits)) - 1n;
  const minimum = format.signed && !relu ? -(1n << BigInt(format.bits - 1)) : 0n;
  if (scaled > maximum) return Number(maximum);
  return Number(scaled < minimum ? minimum : scaled);
}

describe('requantize', () => {
  it('rounds halves up, towards plus infinity', () => {
    const half = (sum: number): number => requantize(sum, 32768, 16, signed8, false);
    expect([-3, -2, -1, 0, 1, 2, 3].map(half)).toEqual([-1, -1, 0, 0, 1, 1, 2]);
  });

  it('never returns a negative zero', () => {
    expect(requantize(-1, 32768, 16, signed8, false)).toBe(0);
    expect(requantize(-0, 32768, 0, signed8, false)).toBe(0);
    expect(requantize(-5, 40000, 2, unsigned8, true)).toBe(0);
  });

  it('clamps to the format, and below at zero after ReLU', () => {
    expect(requantize(1000, 1, 0, unsigned8, true)).toBe(255);
    expect(requantize(-1000, 1, 0, unsigned8, true)).toBe(0);
    expect(requantize(1000, 1, 0, signed8, false)).toBe(127);
    expect(requantize(-1000, 1, 0, signed8, false)).toBe(-128);
    expect(requantize(-1000, 1, 0, signed8, true)).toBe(0);
    expect(requantize(1000, 1, 0, { bits: 2, signed: true, scale: 1 }, false)).toBe(1);
  });

  it('adds no rounding with shift 0', () => {
    expect(requantize(-7, 3, 0, signed8, false)).toBe(-21);
    expect(requantize(7, 3, 0, signed8, false)).toBe(21);
  });

  it('is exact at the ends of 32 bits', () => {
    for (const sum of [2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 2, -(2 ** 31) + 1]) {
      for (const multiplier of [32768, 32769, 65535]) {
        for (let shift = 0; shift <= 47; shift += 1) {
          const wide: ActivationFormat = { bits: 9, signed: true, scale: 1 };
          expect(requantize(sum, multiplier, shift, wide, false)).toBe(
            exactRequantize(sum, multiplier, shift, wide, false),
          );
          const product = BigInt(sum) * BigInt(multiplier);
          const half = shift === 0 ? 0n : 1n << BigInt(shift - 1);
          expect(BigInt(scaleRounded(sum, multiplier, shift))).toBe(
            (product + half) >> BigInt(shift),
          );
        }
      }
    }
  });

  it('equals the formula in arbitrary precision on random numbers', () => {
    const random = seededRandom(1);
    for (let round = 0; round < 50_000; round += 1) {
      const magnitude = 2 ** integerBetween(random, 1, 31);
      const sum = integerBetween(random, -magnitude, magnitude - 1);
      const multiplier = integerBetween(random, 0, 65535);
      const shift = integerBetween(random, 0, 47);
      const format = {
        bits: integerBetween(random, 2, 9),
        signed: random() < 0.5,
        scale: 1,
      };
      const relu = random() < 0.5;
      const actual = requantize(sum, multiplier, shift, format, relu);
      const expected = exactRequantize(sum, multiplier, shift, format, relu);
      if (!Object.is(actual, expected)) {
        expect.fail(`${sum} * ${multiplier} >> ${shift}: ${actual}, expected ${expected}`);
      }
    }
  });

  it('is monotone, so pooling may come before it', () => {
    const random = seededRandom(2);
    for (let round = 0; round < 2000; round += 1) {
      const sum = integerBetween(random, -100_000, 100_000);
      const multiplier = integerBetween(random, 32768, 65535);
      const shift = integerBetween(random, 16, 30);
      expect(requantize(sum, multiplier, shift, signed8, false)).toBeLessThanOrEqual(
        requantize(sum + 1, multiplier, shift, signed8, false),
      );
    }
  });
});

describe('formats and widths', () => {
  it('knows the range of a format', () => {
    expect(formatRange(unsigned8)).toEqual({ minimum: 0, maximum: 255 });
    expect(formatRange(signed8)).toEqual({ minimum: -128, maximum: 127 });
    expect(formatRange({ bits: 9, signed: true, scale: 1 })).toEqual({
      minimum: -256,
      maximum: 255,
    });
  });

  it('gives the smallest two’s complement width', () => {
    expect(signedBits({ minimum: 0, maximum: 0 })).toBe(1);
    expect(signedBits({ minimum: -1, maximum: 0 })).toBe(1);
    expect(signedBits({ minimum: 0, maximum: 1 })).toBe(2);
    expect(signedBits({ minimum: -128, maximum: 127 })).toBe(8);
    expect(signedBits({ minimum: -129, maximum: 0 })).toBe(9);
    expect(signedBits({ minimum: 0, maximum: 128 })).toBe(9);
    expect(signedBits({ minimum: -(2 ** 31), maximum: 2 ** 31 - 1 })).toBe(32);
    expect(signedBits({ minimum: 0, maximum: 2 ** 31 })).toBe(33);
  });

  it('keeps weights symmetric', () => {
    expect(maximumWeight(8)).toBe(127);
    expect(maximumWeight(2)).toBe(1);
  });
});
