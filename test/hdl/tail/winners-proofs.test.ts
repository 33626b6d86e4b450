import { describe, expect, it } from 'vitest';
import { winnerProofs } from '../../support/proofs/winners.ts';
import { prove } from '../../support/prove.ts';

describe('units that choose winners choose exactly those', () => {
  it.each(winnerProofs)('$module for $parameters', (proof) => {
    expect(prove(proof)).toBe('');
  });
});
