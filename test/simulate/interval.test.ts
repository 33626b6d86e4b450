import { describe, expect, it } from 'vitest';
import {
  inferencesToStream,
  median,
  percentile,
  steadyInterval,
} from '../../src/simulate/interval.ts';

/** Completions of `copies` copies that start `stagger` apart and take `period` each. */
function completions(count: number, copies: number, period: number, fill: number): number[] {
  return Array.from({ length: count }, (_, inference) => {
    const round = Math.floor(inference / copies);
    return 500 + (round === 0 ? 0 : fill) + round * period + (inference % copies) * 3;
  });
}

describe('steadyInterval', () => {
  it('is the period over the copies, whatever the stagger and the filling', () => {
    expect(steadyInterval(completions(28, 1, 100, 0), 1)).toBe(100);
    expect(steadyInterval(completions(84, 3, 100, 7), 3)).toBeCloseTo(100 / 3, 12);
    expect(steadyInterval(completions(86, 3, 100, 7), 3)).toBeCloseTo(100 / 3, 12);
  });

  it('refuses a run that is too short to tell', () => {
    expect(() => steadyInterval([10], 1)).toThrow('1 inferences on 1 copies');
  });
});

describe('inferencesToStream', () => {
  it('covers all samples, and 20 rounds of the copies beyond the warm ones', () => {
    expect(inferencesToStream(1, 1)).toBe(28);
    expect(inferencesToStream(256, 3)).toBe(258);
    expect(inferencesToStream(256, 100)).toBe(2800);
  });
});

describe('percentile', () => {
  it('is the least value that so many do not exceed', () => {
    expect(percentile([], 99)).toBeNull();
    expect(percentile([7], 99)).toBe(7);
    expect(percentile([3, 1, 2, 4], 50)).toBe(2);
    const hundred = Array.from({ length: 200 }, (_, at) => 200 - at);
    expect(percentile(hundred, 99)).toBe(198);
  });
});

describe('median', () => {
  it('is the middle, or between the two middles', () => {
    expect(median([])).toBeNull();
    expect(median([5])).toBe(5);
    expect(median([9, 1, 4])).toBe(4);
    expect(median([9, 1, 4, 6])).toBe(5);
  });
});
