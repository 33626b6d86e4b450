import { describe, expect, it } from 'vitest';
import { gridPoints } from '../../src/explore/optimisers/grid-search.ts';
import { drawPoint, logDensity, parzen } from '../../src/explore/optimisers/parzen.ts';
import type { Point, Space } from '../../src/explore/space.ts';
import { decode, encode, isActive, randomPoint } from '../../src/explore/space.ts';
import { uniformOf } from '../../src/explore/uniform.ts';

const space: Space = {
  parameters: [
    { name: 'pattern', domain: { kind: 'categorical', values: ['a', 'b'] }, when: [] },
    {
      name: 'size',
      domain: { kind: 'integer', low: 2, high: 5, log: false },
      when: [{ parameter: 'pattern', values: ['b'] }],
    },
    { name: 'density', domain: { kind: 'real', low: 0.01, high: 1, log: true }, when: [] },
  ],
};

function numbers(points: readonly Point[], name: string): readonly number[] {
  return points.flatMap((point) => {
    const value = point.get(name);
    return typeof value === 'number' ? [value] : [];
  });
}

describe('a space', () => {
  it('draws conditional parameters only where they exist, integers evenly, logarithms too', () => {
    const points = Array.from({ length: 8000 }, (_, job) => randomPoint(space, uniformOf(1, job)));
    for (const point of points) {
      expect(point.has('size')).toBe(point.get('pattern') === 'b');
      for (const parameter of space.parameters)
        expect(point.has(parameter.name)).toBe(isActive(parameter, point));
    }
    const sizes = numbers(points, 'size');
    for (const size of [2, 3, 4, 5])
      expect(sizes.filter((one) => one === size).length / sizes.length).toBeCloseTo(0.25, 1);
    const densities = numbers(points, 'density');
    expect(densities.filter((one) => one < 0.1).length / densities.length).toBeCloseTo(0.5, 1);
    expect(Math.min(...densities)).toBeGreaterThanOrEqual(0.01);
    expect(Math.max(...densities)).toBeLessThanOrEqual(1);
  });

  it('takes values to 0 .. 1 and back', () => {
    for (const { domain } of space.parameters) {
      if (domain.kind === 'categorical') continue;
      for (const unit of [0, 0.2, 0.5, 0.99]) {
        const value = decode(domain, unit);
        expect(decode(domain, encode(domain, value))).toBeCloseTo(value, 12);
      }
    }
  });

  it('has a grid of all combinations, conditions kept', () => {
    const points = gridPoints(space, 3);
    // size takes 3 of its 4 values; where it does not exist there is one place instead
    expect(points).toHaveLength((1 + 3) * 3);
    expect(new Set(numbers(points, 'density')).size).toBe(3);
  });
});

describe('a Parzen density', () => {
  const density = parzen(
    space,
    Array.from(
      { length: 5 },
      (): Point =>
        new Map<string, string | number>([
          ['pattern', 'b'],
          ['size', 4],
          ['density', 0.1],
        ]),
    ),
  );

  it('is high where the points are, and where it is drawn from', () => {
    const at = (size: number, value: number): number =>
      logDensity(
        density,
        new Map<string, string | number>([
          ['pattern', 'b'],
          ['size', size],
          ['density', value],
        ]),
      );
    expect(at(4, 0.1)).toBeGreaterThan(at(2, 0.1));
    expect(at(4, 0.1)).toBeGreaterThan(at(4, 0.9));
    const uniform = uniformOf(3, 0);
    const drawn = Array.from({ length: 2000 }, () => drawPoint(density, uniform));
    const near = numbers(drawn, 'density').filter((one) => one > 0.05 && one < 0.2).length;
    expect(near / drawn.length).toBeGreaterThan(0.5);
  });

  it('has a volume of 1', () => {
    const steps = 400;
    let volume = 0;
    for (let step = 0; step < steps; step += 1) {
      const value = decode({ kind: 'real', low: 0.01, high: 1, log: true }, (step + 0.5) / steps);
      const without: Point = new Map<string, string | number>([
        ['pattern', 'a'],
        ['density', value],
      ]);
      volume += Math.exp(logDensity(density, without)) / steps;
      for (const size of [2, 3, 4, 5]) {
        const point: Point = new Map<string, string | number>([
          ['pattern', 'b'],
          ['size', size],
          ['density', value],
        ]);
        volume += Math.exp(logDensity(density, point)) / 4 / steps;
      }
    }
    // integers stand for the middles of their quarters, so the sum over them is not exact
    expect(volume).toBeGreaterThan(0.9);
    expect(volume).toBeLessThan(1.1);
  });
});
