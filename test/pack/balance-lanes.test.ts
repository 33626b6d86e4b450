import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/base/invariant.ts';
import { balanceLanes, slowestLane } from '../../src/pack/balance-lanes.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';

describe('balanceLanes', () => {
  it('gives each lane the same load', () => {
    const words = Uint16Array.of(7, 1, 1, 5, 2, 3, 4, 1);
    const laneOf = balanceLanes({ lanes: 3, words });
    const loads = [0, 0, 0];
    laneOf.forEach((lane, index) => {
      loads[lane] = (loads[lane] ?? 0) + (words[index] ?? 0);
    });
    expect(loads).toEqual([8, 8, 8]);
  });

  it('weighs words by activity', () => {
    const words = Uint16Array.of(4, 4, 1, 1);
    const activity = Float64Array.of(0.25, 0.25, 1, 1);
    const laneOf = balanceLanes({ lanes: 4, words, activity });
    expect(new Set(laneOf).size).toBe(4);
    const two = balanceLanes({
      lanes: 2,
      words: Uint16Array.of(4, 1, 1),
      activity: Float64Array.of(0.5, 1, 1),
    });
    expect(two[1]).toBe(two[2]);
    expect(two[0]).not.toBe(two[1]);
  });

  it('spreads indices without words too', () => {
    const laneOf = balanceLanes({ lanes: 2, words: new Uint16Array(6) });
    expect(laneOf.filter((lane) => lane === 0)).toHaveLength(3);
  });

  it('shortens the slowest lane of the samples', () => {
    const random = seededRandom(1);
    const words = Uint16Array.from({ length: 200 }, () => 1 + random(5));
    // Neighbours are active together, as in an image.
    const samples = Array.from({ length: 40 }, () => {
      const first = random(160);
      return Uint32Array.from({ length: 40 }, (_, at) => first + at);
    });
    const problem = { lanes: 8, words };
    const total = (laneOf: Uint16Array): number =>
      samples.reduce((sum, active) => sum + slowestLane(problem, laneOf, active), 0);
    const blind = total(balanceLanes(problem));
    const aware = total(balanceLanes({ ...problem, samples }));
    const ideal = samples.reduce(
      (sum, active) => sum + active.reduce((load, index) => load + (words[index] ?? 0), 0) / 8,
      0,
    );
    expect(aware).toBeLessThan(blind);
    expect(aware).toBeLessThan(ideal * 1.25);
    expect(balanceLanes({ ...problem, samples })).toEqual(balanceLanes({ ...problem, samples }));
  });

  it('refuses sizes that disagree', () => {
    expect(() => balanceLanes({ lanes: 0, words: new Uint16Array(2) })).toThrow(InvariantError);
    expect(() =>
      balanceLanes({ lanes: 1, words: new Uint16Array(2), activity: new Float64Array(3) }),
    ).toThrow(InvariantError);
  });
});
