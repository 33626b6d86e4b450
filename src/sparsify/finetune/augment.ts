import type { FeatureShape } from '../../ir/graph.ts';
import type { RandomBelow } from '../../pack/seeded-random.ts';
import type { Samples } from '../../ir/tensor.ts';

/** How training samples are varied each time they are seen. */
export interface Augmentation {
  /** Columns a sample is turned by at most, to either side. */
  readonly shift: number;
  /** Deviation of the noise that is added, as share of that of the samples. */
  readonly noise: number;
}

/** Copies of samples, varied; the noise is a sum of uniform numbers, nearly normal. */
export function augmenter(
  { data }: Samples,
  { channels, height, width }: FeatureShape,
  { shift, noise }: Augmentation,
  random: RandomBelow,
): (sample: Float32Array, into: Float64Array) => void {
  let squares = 0;
  for (let at = 0; at < data.length; at += 1) squares += (data[at] ?? 0) ** 2;
  const deviation = noise * Math.sqrt(squares / Math.max(1, data.length));
  const steps = 1 << 16;
  // Four uniform numbers of variance 1 / 12 each.
  const scale = (deviation * Math.sqrt(3)) / steps;
  const drawn = (): number =>
    scale * (random(steps) + random(steps) + random(steps) + random(steps) - 2 * (steps - 1));
  const most = Math.min(shift, width - 1);
  return (sample, into) => {
    const turn = most === 0 ? 0 : random(2 * most + 1) - most + width;
    for (let line = 0; line < channels * height; line += 1) {
      for (let column = 0; column < width; column += 1) {
        const value = sample[line * width + column] ?? 0;
        into[line * width + ((column + turn) % width)] = value + (noise === 0 ? 0 : drawn());
      }
    }
  };
}
