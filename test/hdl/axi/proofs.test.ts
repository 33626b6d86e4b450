import { describe, expect, it } from 'vitest';
import { axiProofs } from '../../support/proofs/axi.ts';
import { prove } from '../../support/prove.ts';

describe('properties of the AXI modules are proved', () => {
  it.each(axiProofs)('$module holds for $parameters', (proof) => {
    expect(prove(proof)).toBe('');
  });
});
