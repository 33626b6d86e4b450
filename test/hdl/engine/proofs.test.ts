import { describe, expect, it } from 'vitest';
import { engineProofs } from '../../support/proofs/engine.ts';
import { prove } from '../../support/prove.ts';

describe('properties of the engine modules are proved', () => {
  it.each(engineProofs)('$module holds for $parameters', (proof) => {
    expect(prove(proof)).toBe('');
  });
});
