import type { Point, Space } from '../space.ts';
import { pointKey, randomPoint } from '../space.ts';
import type { Uniform } from '../uniform.ts';
import type { Optimiser } from './optimiser.ts';
import { knownJobs } from './optimiser.ts';

/** Draws that may fail to be new before a space counts as exhausted. */
const draws = 1000;

/** Points drawn evenly, each evaluated with the last task: what others are compared with. */
export const randomSearch: Optimiser = ({ space, tasks }, knowledge, uniform) => {
  const known = new Set(knownJobs(knowledge).map(({ point }) => pointKey(point)));
  const point = newPoint(space, known, uniform);
  return point === null ? null : { kind: 'new', point, task: tasks.length - 1 };
};

/** A random point that is none of the known ones; null when none is found. */
export function newPoint(space: Space, known: ReadonlySet<string>, uniform: Uniform): Point | null {
  for (let draw = 0; draw < draws; draw += 1) {
    const point = randomPoint(space, uniform);
    if (!known.has(pointKey(point))) return point;
  }
  return null;
}
