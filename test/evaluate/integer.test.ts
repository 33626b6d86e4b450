import { describe, expect, it } from 'vitest';
import {
  addScaled,
  formatRange,
  maximumWeight,
  requantize,
  requantizeSpan,
  roundInto,
  scaleRounded,
  signedBits,
} from '../../src/evaluate/integer.ts';
import type { ActivationFormat, IntegerRange } from '../../src/ir/quantized.ts';
import { integerBetween, seededRandom } from './random-graph.ts';

const unsigned8: ActivationFormat = { bits: 8, signed: false, scale: 1 };
const signed8: ActivationFormat = { bits: 8, signed: true, scale: 1 };

/** floor(numerator / 2^shift + 1/2) in arbitrary precision; >> of a BigInt is a floor. */
function exactShift(numerator: bigint, shift: number): bigint {
  return shift === 0 ? numerator : (numerator + (1n << BigInt(shift - 1))) >> BigInt(shift);
}

function clampExact(value: bigint, { minimum, maximum }: IntegerRange): number {
  if (value > BigInt(maximum)) return maximum;
  return value < BigInt(minimum) ? minimum : Number(value);
}

function exactRequantize(
  sum: number,
  multiplier: number,
  shift: number,
  range: IntegerRange,
): number {
  return clampExact(exactShift(BigInt(sum) * BigInt(multiplier), shift), range);
}

const wholeRange = formatRange(signed8);

describe('requantize', () => {
  const pair = (multiplier: number, shift: number): { multiplier: number; shift: number } => ({
    multiplier,
    shift,
  });

  it('rounds halves up, towards plus infinity', () => {
    const half = (sum: number): number => requantize(sum, pair(32768, 16), wholeRange);
    expect([-3, -2, -1, 0, 1, 2, 3].map(half)).toEqual([-1, -1, 0, 0, 1, 1, 2]);
  });

  it('never returns a negative zero', () => {
    expect(requantize(-1, pair(32768, 16), wholeRange)).toBe(0);
    expect(requantize(-0, pair(32768, 0), wholeRange)).toBe(0);
    expect(requantize(-5, pair(40000, 2), formatRange(unsigned8))).toBe(0);
  });

  it('clamps to the range given', () => {
    expect(requantize(1000, pair(1, 0), formatRange(unsigned8))).toBe(255);
    expect(requantize(-1000, pair(1, 0), formatRange(unsigned8))).toBe(0);
    expect(requantize(1000, pair(1, 0), wholeRange)).toBe(127);
    expect(requantize(-1000, pair(1, 0), wholeRange)).toBe(-128);
    expect(requantize(-1000, pair(1, 0), { minimum: -7, maximum: 90 })).toBe(-7);
    expect(requantize(1000, pair(1, 0), { minimum: -7, maximum: 90 })).toBe(90);
  });

  it('adds no rounding with shift 0', () => {
    expect(requantize(-7, pair(3, 0), wholeRange)).toBe(-21);
    expect(requantize(7, pair(3, 0), wholeRange)).toBe(21);
  });

  it('is exact at the ends of 32 bits', () => {
    const wide = formatRange({ bits: 9, signed: true, scale: 1 });
    for (const sum of [2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 2, -(2 ** 31) + 1]) {
      for (const multiplier of [32768, 32769, 65535]) {
        for (let shift = 0; shift <= 47; shift += 1) {
          expect(requantize(sum, pair(multiplier, shift), wide)).toBe(
            exactRequantize(sum, multiplier, shift, wide),
          );
          expect(BigInt(scaleRounded(sum, multiplier, shift))).toBe(
            exactShift(BigInt(sum) * BigInt(multiplier), shift),
          );
        }
      }
    }
  });

  it('equals the formula in arbitrary precision on random numbers, one by one and in spans', () => {
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
      const range = formatRange(format);
      const actual = requantize(sum, pair(multiplier, shift), range);
      const expected = exactRequantize(sum, multiplier, shift, range);
      const result = new Int16Array(3);
      const bias = integerBetween(random, -1000, 1000);
      const both = Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), sum - bias));
      requantizeSpan(
        Int32Array.of(0, both, 0),
        { start: 1, end: 2 },
        bias,
        pair(both + bias < 0 ? 0 : multiplier, shift),
        pair(both + bias < 0 ? multiplier : 0, shift),
        range,
        result,
      );
      const inSpan = exactRequantize(both + bias, multiplier, shift, range);
      if (!Object.is(actual, expected) || result[1] !== inSpan) {
        expect.fail(
          `${sum} * ${multiplier} >> ${shift}: ${actual}, expected ${expected}; ${result[1]}, expected ${inSpan}`,
        );
      }
      expect([result[0], result[2]]).toEqual([0, 0]);
    }
  });

  it('is monotone, so pooling may come before it', () => {
    const random = seededRandom(2);
    for (let round = 0; round < 2000; round += 1) {
      const sum = integerBetween(random, -100_000, 100_000);
      const scaling = pair(integerBetween(random, 32768, 65535), integerBetween(random, 16, 30));
      expect(requantize(sum, scaling, wholeRange)).toBeLessThanOrEqual(
        requantize(sum + 1, scaling, wholeRange),
      );
    }
  });
});

describe('addScaled', () => {
  const whole = { minimum: -256, maximum: 511 };

  it('rounds the sum once, halves up', () => {
    const left = Int16Array.of(1, 1, -1, -1, 3);
    const right = Int16Array.of(1, 0, -1, 0, -4);
    // Halves: 1/2 + 1/2 is one, not the two of rounding each.
    const sum = addScaled(left, right, [32768, 32768], 16, whole);
    expect(Array.from(sum)).toEqual([1, 1, -1, 0, 0]);
  });

  it('subtracts, clamps and gives no negative zero', () => {
    const left = Int16Array.of(200, -200, 7);
    const right = Int16Array.of(-200, 200, 7);
    const range = { minimum: -100, maximum: 120 };
    const sum = addScaled(left, right, [65535, -65535], 16, range);
    expect(Array.from(sum)).toEqual([120, -100, 0]);
  });

  it('equals the formula in arbitrary precision on random numbers', () => {
    const random = seededRandom(12);
    for (let round = 0; round < 20_000; round += 1) {
      const value = (): number => integerBetween(random, -256, 255);
      const multiplier = (): number => integerBetween(random, -65535, 65535);
      const [left, right, leftFactor, rightFactor] = [value(), value(), multiplier(), multiplier()];
      const shift = integerBetween(random, 0, 31);
      const range = {
        minimum: integerBetween(random, -256, 0),
        maximum: integerBetween(random, 0, 511),
      };
      const exact = BigInt(left) * BigInt(leftFactor) + BigInt(right) * BigInt(rightFactor);
      const sum = addScaled(
        Int16Array.of(left),
        Int16Array.of(right),
        [leftFactor, rightFactor],
        shift,
        range,
      );
      expect(sum[0], `${left} * ${leftFactor} + ${right} * ${rightFactor} >> ${shift}`).toBe(
        clampExact(exactShift(exact, shift), range),
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

  it('rounds halves up into a range', () => {
    const range = { minimum: -2, maximum: 3 };
    expect([-9, -1.5, -0.5, -0.2, 0.5, 2.4, 9].map((x) => roundInto(x, range))).toEqual([
      -2, -1, 0, 0, 1, 2, 3,
    ]);
  });

  it('keeps weights symmetric', () => {
    expect(maximumWeight(8)).toBe(127);
    expect(maximumWeight(2)).toBe(1);
  });
});
