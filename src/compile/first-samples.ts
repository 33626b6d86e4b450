import type { Samples } from '../ir/tensor.ts';

/** The first samples, at most so many; the data are not copied. */
export function firstSamples({ count, sampleSize, data }: Samples, most: number): Samples {
  const kept = Math.min(count, most);
  return { count: kept, sampleSize, data: data.subarray(0, kept * sampleSize) };
}
