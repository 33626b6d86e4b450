import { describe, expect, it } from 'vitest';
import { accuracy, argmax } from '../../src/evaluate/accuracy.ts';

describe('accuracy', () => {
  it('is the share of right predictions', () => {
    expect(accuracy([1, 2, 3, 4], [1, 0, 3, 0])).toBe(0.5);
  });

  it('refuses labels of another length, and nothing at all', () => {
    expect(() => accuracy([1], [1, 2])).toThrow(/one label/);
    expect(() => accuracy([], [])).toThrow(/nothing/);
  });
});

describe('argmax', () => {
  it('takes the lowest index on ties', () => {
    expect(argmax([1, 3, 3, 2])).toBe(1);
    expect(argmax([-5, -7])).toBe(0);
  });
});
