import { seededRandom } from '../pack/seeded-random.ts';

/** A number of 0 up to, not including, 1. */
export type Uniform = () => number;

/**
 * The random numbers of one job of a search: they depend on the seed and the job's number alone, so
 * that a search that is taken up again, or spread over workers, goes on as if it had never stopped.
 */
export function uniformOf(seed: number, job: number): Uniform {
  const below = seededRandom(
    Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(job + 1, 0xc2b2ae35),
  );
  const resolution = 2 ** 26;
  return () => (below(resolution) + below(resolution) / resolution) / resolution;
}

/** Standard normal, by Box and Muller. */
export function normal(uniform: Uniform): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** An index below `count`. */
export function pick(uniform: Uniform, count: number): number {
  return Math.min(count - 1, Math.floor(uniform() * count));
}
