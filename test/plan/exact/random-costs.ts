import type { Cost } from '../../../src/plan/exact/pareto-front.ts';

/** Costs of numbers from 1 to `largest`. */
export function randomCosts(random: () => number, count: number, largest: number): readonly Cost[] {
  const number = (): number => 1 + Math.floor(random() * largest);
  return Array.from({ length: count }, () => ({
    interval: number(),
    resources: { lut: number(), ff: number(), bram36: number(), uram: 0, dsp: number() },
  }));
}
