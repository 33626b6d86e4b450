import { present } from '../../base/invariant.ts';
import type { Domain, ParameterValue, Point, Space } from '../space.ts';
import { decode, domainSize, isActive, pointKey } from '../space.ts';
import type { Optimiser } from './optimiser.ts';
import { knownJobs } from './optimiser.ts';

/**
 * All combinations of `levels` values a parameter (all values of categories), each evaluated with the
 * last task. They come in an order that changes all parameters from the start, so that a search that
 * ends early has not seen one corner only.
 */
export function gridSearch(levels: number): Optimiser {
  return ({ space, tasks }, knowledge) => {
    const number = knownJobs(knowledge).length;
    const points = gridPoints(space, levels);
    const count = points.length;
    if (number >= count) return null;
    const point = present(points[spread(number, count)], 'a point of the grid');
    return { kind: 'new', point, task: tasks.length - 1 };
  };
}

/** Most points of a grid: more could not be looked at anyway. */
export const mostGridPoints = 200_000;

/** Every combination, conditional parameters only where they exist. */
export function gridPoints({ parameters }: Space, levels: number): readonly Point[] {
  let points: readonly Point[] = [new Map()];
  for (const parameter of parameters) {
    const values = levelsOf(parameter.domain, levels);
    points = points.flatMap((point) =>
      isActive(parameter, point)
        ? values.map((value) => new Map([...point, [parameter.name, value]]))
        : [point],
    );
    if (points.length > mostGridPoints) return points.slice(0, mostGridPoints);
  }
  return [...new Map(points.map((point) => [pointKey(point), point])).values()];
}

function levelsOf(domain: Domain, levels: number): readonly ParameterValue[] {
  if (domain.kind === 'categorical') return domain.values;
  const count = Math.min(levels, domainSize(domain));
  const values = Array.from({ length: count }, (_, level) =>
    decode(domain, count === 1 ? 0.5 : level / (count - 1)),
  );
  return [...new Set(values)];
}

/** A permutation of 0 .. count - 1 whose beginnings are spread out. */
function spread(number: number, count: number): number {
  let step = Math.max(1, Math.round(count * 0.618034));
  while (commonDivisor(step, count) !== 1) step += 1;
  return (number * step) % count;
}

function commonDivisor(one: number, other: number): number {
  return other === 0 ? one : commonDivisor(other, one % other);
}
