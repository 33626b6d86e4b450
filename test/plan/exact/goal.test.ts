import { describe, expect, it } from 'vitest';
import { Goal } from '../../../src/plan/exact/goal.ts';
import { seededRandom } from '../../evaluate/random-graph.ts';
import { randomCosts } from './random-costs.ts';

const budget = { lut: 1000, ff: 1000, bram36: 10, uram: 0, dsp: 20 };
const cost = {
  interval: 20,
  resources: { lut: 300, ff: 100, bram36: 1, uram: 0, dsp: 4 },
};

describe('goal of an exact search', () => {
  it('counts as many copies as fit and as its ports feed', () => {
    const goal = new Goal({ budget, target: null, threshold: 0 });
    expect(goal.copies(cost, 4)).toBe(3);
    expect(goal.score(cost, 4)).toBe(3 / 20);
    expect(goal.copies(cost, 12)).toBe(2);
    expect(goal.score(cost, 12)).toBe(1 / 12);
  });

  it('counts the copies that a target takes', () => {
    const goal = new Goal({ budget, target: 0.09, threshold: -Infinity });
    expect(goal.copies(cost, 4)).toBe(2);
    expect(goal.score(cost, 4)).toBeCloseTo(-0.6);
    // ports that are too slow, and copies that do not fit
    expect(goal.copies(cost, 12)).toBe(0);
    expect(goal.copies({ ...cost, interval: 40 }, 4)).toBe(0);
    expect(goal.score({ ...cost, interval: 40 }, 4)).toBe(-Infinity);
  });

  it.each([null, 0.1])('never rates higher what takes more (target %s)', (target) => {
    const goal = new Goal({ budget, target, threshold: 0 });
    const random = seededRandom(7);
    const costs = randomCosts(random, 300, 20);
    const [more = cost] = randomCosts(random, 1, 3);
    for (const { interval, resources } of costs) {
      const larger = { interval: interval + more.interval, resources };
      expect(goal.score(larger, 2)).toBeLessThanOrEqual(goal.score({ interval, resources }, 2));
      const wider = { interval, resources: { ...resources, dsp: resources.dsp + 1 } };
      expect(goal.score(wider, 2)).toBeLessThanOrEqual(goal.score({ interval, resources }, 2));
    }
  });
});
