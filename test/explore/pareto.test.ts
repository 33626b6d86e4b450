import { describe, expect, it } from 'vitest';
import {
  crowdingDistances,
  dominates,
  frontIndices,
  frontNumbers,
  hypervolume,
} from '../../src/explore/pareto.ts';
import { uniformOf } from '../../src/explore/uniform.ts';

describe('domination', () => {
  it('needs one better and none worse', () => {
    expect(dominates([1, 2], [2, 2])).toBe(true);
    expect(dominates([1, 3], [2, 2])).toBe(false);
    expect(dominates([2, 2], [2, 2])).toBe(false);
  });

  it('sorts into fronts', () => {
    const all = [
      [3, 3],
      [1, 4],
      [2, 2],
      [4, 1],
      [5, 5],
      [2, 2],
    ];
    expect(frontNumbers(all)).toEqual([1, 0, 0, 0, 2, 0]);
    expect(frontIndices(all)).toEqual([1, 2, 3]);
  });

  it('finds the ends of a front lonely, and the crowded ones not', () => {
    const distances = crowdingDistances([
      [0, 10],
      [1, 9],
      [2, 8],
      [10, 0],
    ]);
    expect(distances[0]).toBe(Infinity);
    expect(distances[3]).toBe(Infinity);
    expect(distances[1]).toBeCloseTo(0.2 + 0.2);
    expect(distances[2]).toBeCloseTo(0.9 + 0.9);
  });
});

describe('hypervolume', () => {
  it('is the area of the steps of a front', () => {
    expect(
      hypervolume(
        [
          [1, 3],
          [2, 1],
        ],
        [4, 4],
      ),
    ).toBe(3 * 1 + 2 * 3 - 2);
    expect(
      hypervolume(
        [
          [1, 3],
          [2, 1],
          [3, 3],
        ],
        [4, 4],
      ),
    ).toBe(7);
    expect(hypervolume([[5, 0]], [4, 4])).toBe(0);
    expect(hypervolume([], [4, 4])).toBe(0);
  });

  it('agrees with counting random points in three and four dimensions', () => {
    for (const axes of [3, 4]) {
      const uniform = uniformOf(5, axes);
      const random = (): number[] => Array.from({ length: axes }, uniform);
      const front = Array.from({ length: 12 }, random);
      const reference = Array.from({ length: axes }, () => 1);
      const points = Array.from({ length: 40_000 }, random);
      const hit = points.filter((point) =>
        front.some((one) => one.every((loss, axis) => loss <= (point[axis] ?? 0))),
      ).length;
      expect(hypervolume(front, reference)).toBeCloseTo(hit / points.length, 2);
    }
  });
});
