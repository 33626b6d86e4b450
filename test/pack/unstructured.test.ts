import { describe, expect, it } from 'vitest';
import { row } from '../../bench/packing/table.ts';

describe('random masks of 512 x 1024 weights, 90 % zeros', () => {
  it('use two thirds of the slots with 8 sets in lockstep', () => {
    expect(row(0.9, 8).lockstep).toBeGreaterThanOrEqual(0.68);
  });

  it('use four fifths of the time with 32 sets that have queues', () => {
    const { decoupled, lockstep } = row(0.9, 32);
    expect(decoupled).toBeGreaterThanOrEqual(0.8);
    expect(lockstep).toBeLessThan(0.5);
  });
});

describe('98 % zeros, more multipliers than one token a cycle feeds', () => {
  it('use them with lanes that share the inputs', () => {
    const { decoupled, shared } = row(0.98, 32);
    expect(decoupled).toBeLessThan(0.5);
    expect(shared.used).toBeGreaterThanOrEqual(0.8);
  });
});
