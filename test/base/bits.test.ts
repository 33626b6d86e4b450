import { describe, expect, it } from 'vitest';
import { ceilLog2, signedBits } from '../../src/base/bits.ts';

/** Numbers around every power of two that is exact. */
const around = Array.from({ length: 52 }, (_, power) =>
  [-2, -1, 0, 1, 2].map((near) => 2 ** power + near),
).flat();

describe('ceilLog2', () => {
  it('is the smallest n with 2^n >= value', () => {
    for (const value of around.filter((one) => one >= 1)) {
      const bits = ceilLog2(value);
      expect(2 ** bits, `${value}`).toBeGreaterThanOrEqual(value);
      if (bits > 0) expect(2 ** (bits - 1), `${value}`).toBeLessThan(value);
    }
  });

  it('refuses what has none', () => {
    for (const value of [0, -1, 1.5, NaN]) expect(() => ceilLog2(value)).toThrow('ceilLog2');
  });
});

describe('signedBits', () => {
  it('is the narrowest width that holds both ends', () => {
    const ends = around.filter((one) => one >= 0);
    for (const low of ends) {
      for (const high of ends) {
        const bits = signedBits(-low, high);
        const holds = (width: number): boolean =>
          -low >= -(2 ** (width - 1)) && high <= 2 ** (width - 1) - 1;
        const narrowest = holds(bits) && (bits === 1 || !holds(bits - 1));
        if (!narrowest) expect.fail(`${bits} bits for ${-low} to ${high}`);
      }
    }
  });
});
