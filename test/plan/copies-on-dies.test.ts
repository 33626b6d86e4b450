import { expect, it } from 'vitest';
import { copiesOnDies } from '../../src/plan/search/copies-on-dies.ts';

const budget = { lut: 1000, ff: 2000, bram36: 40, uram: 0, dsp: 80 };
const copy = { lut: 90, ff: 90, bram36: 3, uram: 0, dsp: 0 };

it('copies on one of several dies each: whole ones of the scarcest resource', () => {
  // 250 LUTs and 10 block memories a die: two copies by LUTs, three by memories
  expect(copiesOnDies(copy, budget, 4)).toBe(8);
  expect(copiesOnDies({ ...copy, bram36: 6 }, budget, 4)).toBe(4);
});

it('copies larger than a die are not bound, nor those of a device of one die', () => {
  expect(copiesOnDies({ ...copy, lut: 251 }, budget, 4)).toBe(Infinity);
  expect(copiesOnDies(copy, budget, 1)).toBe(Infinity);
});
