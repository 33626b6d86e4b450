import { describe, expect, it } from 'vitest';
import { Goal } from '../../../src/plan/exact/goal.ts';
import type { Cost } from '../../../src/plan/exact/pareto-front.ts';
import { WholeBounds } from '../../../src/plan/exact/whole-bounds.ts';
import { add } from '../../../src/plan/resources/share.ts';
import { seededRandom } from '../../evaluate/random-graph.ts';
import { randomCosts } from './random-costs.ts';

const budget = { lut: 300, ff: 300, bram36: 300, uram: 0, dsp: 300 };
const portBeats = 1;

function joined(left: Cost, right: Cost): Cost {
  return {
    interval: Math.max(left.interval, right.interval),
    resources: add(left.resources, right.resources),
  };
}

describe('bounds of whole designs', () => {
  const random = seededRandom(5);
  const layers = [0, 1, 2].map(() => randomCosts(random, 12, 30));
  const [first = [], second = [], third = []] = layers;

  it.each([
    ['as many inferences as fit', null],
    ['a target with the least', 0.1],
  ])('%s: no layer of a better design is ruled out, and others are', (_, target) => {
    const all = first.flatMap((one) =>
      second.flatMap((two) => third.map((three) => [one, two, three] as const)),
    );
    const open = new Goal({ budget, target, threshold: -Infinity });
    const scores = all.map(([one, two, three]) => {
      return open.score(joined(joined(one, two), three), portBeats);
    });
    // all but a few are no better than what there is
    const distinct = [...new Set(scores)].sort((left, right) => right - left);
    const threshold = distinct[4] ?? 0;
    const goal = new Goal({ budget, target, threshold });
    const bounds = new WholeBounds(goal, portBeats, layers.length);
    layers.forEach((costs, layer) => bounds.restrict(layer, costs));

    const better = all.filter((_each, at) => goal.isBetter(scores[at] ?? 0));
    expect(better.length).toBeGreaterThan(0);
    for (const [one, two, three] of better) {
      const whole = joined(joined(one, two), three);
      expect(whole.interval).toBeGreaterThanOrEqual(bounds.shortest);
      expect(bounds.promising(0, 2)(whole)).toBe(true);
      expect(bounds.promising(0, 1)(joined(one, two))).toBe(true);
      expect(bounds.promising(0, 0)(one)).toBe(true);
      expect(bounds.promising(1, 1)(two)).toBe(true);
      expect(bounds.promising(2, 2)(three)).toBe(true);
    }
    const ruledOut = layers.flat().filter((cost) => {
      return !layers.some((costs, layer) => {
        return costs.includes(cost) && bounds.promising(layer, layer)(cost);
      });
    });
    expect(ruledOut.length).toBeGreaterThan(3);
  });
});
