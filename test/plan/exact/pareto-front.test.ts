import { describe, expect, it } from 'vitest';
import { resourceKinds } from '../../../src/ir/board.ts';
import { paretoFront } from '../../../src/plan/exact/pareto-front.ts';
import type { Cost } from '../../../src/plan/exact/pareto-front.ts';
import { seededRandom } from '../../evaluate/random-graph.ts';
import { randomCosts } from './random-costs.ts';

const shortest = 3;

/** Whether the left one takes no more of anything. */
function takesNoMore(left: Cost, right: Cost): boolean {
  return (
    Math.max(shortest, left.interval) <= Math.max(shortest, right.interval) &&
    resourceKinds.every((kind) => left.resources[kind] <= right.resources[kind])
  );
}

describe('pareto front', () => {
  it('leaves out what another one beats and nothing else', () => {
    const random = seededRandom(3);
    for (let round = 0; round < 50; round += 1) {
      const costs = randomCosts(random, 40, 6);
      const front = paretoFront(costs, shortest);
      for (const cost of costs) {
        expect(front.some((kept) => takesNoMore(kept, cost))).toBe(true);
      }
      for (const kept of front) {
        const others = front.filter((other) => other !== kept);
        expect(others.some((other) => takesNoMore(other, kept))).toBe(false);
      }
    }
  });
});
