import { describe, expect, it } from 'vitest';
import { faults } from '../support/proofs/faults.ts';
import { refute } from '../support/prove.ts';

describe('a template that is wrong is refuted', () => {
  it.each(faults)('$template with $to for $from', ({ proof, ...fault }) => {
    expect(refute(proof, fault)).toBe('');
  });
});
