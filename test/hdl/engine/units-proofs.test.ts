import { describe, expect, it } from 'vitest';
import { unitProofs } from '../../support/proofs/units.ts';
import { prove } from '../../support/prove.ts';

describe('properties of memories and small units are proved', () => {
  it.each(unitProofs)('$module holds for $parameters', (proof) => {
    expect(prove(proof)).toBe('');
  });
});
