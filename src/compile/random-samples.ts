import type { Samples } from '../ir/tensor.ts';
import { seededRandom } from '../pack/seeded-random.ts';

const seed = 0x6e7a;
const resolution = 2 ** 24;

/**
 * Normally distributed samples of mean 0 and deviation 1, as normalised data has; the same on
 * every machine and in every run.
 */
export function randomSamples(count: number, sampleSize: number): Samples {
  const random = seededRandom(seed);
  const uniform = (): number => (random(resolution) + 0.5) / resolution;
  const data = Float32Array.from({ length: count * sampleSize }, () => {
    return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  });
  return { count, sampleSize, data };
}
