import { RandomNumbers } from './random-numbers.ts';

export const imageSize = 224;

/**
 * Images [count][3][224][224] with the long-range structure of photographs: random waves with a
 * little noise, mean 0 and deviation 1 a plane.
 */
export function images(count: number, seed: number): Float32Array {
  const random = new RandomNumbers(seed);
  const plane = imageSize * imageSize;
  const data = new Float32Array(count * 3 * plane);
  for (let channel = 0; channel < count * 3; channel += 1) {
    const waves = Array.from({ length: 24 }, (_, at) => ({
      height: (random.uniform() - 0.5) * 0.08 * (at + 1),
      width: (random.uniform() - 0.5) * 0.08 * (at + 1),
      phase: random.uniform() * 2 * Math.PI,
      size: 1 / (at + 1),
    }));
    const values = data.subarray(channel * plane, (channel + 1) * plane);
    for (let at = 0; at < plane; at += 1) {
      const [y, x] = [Math.floor(at / imageSize), at % imageSize];
      let value = 0.05 * random.normal();
      for (const { height, width, phase, size } of waves) {
        value += size * Math.sin(height * y + width * x + phase);
      }
      values[at] = value;
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / plane;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / plane;
    const deviation = Math.sqrt(variance);
    for (let at = 0; at < plane; at += 1) values[at] = ((values[at] ?? 0) - mean) / deviation;
  }
  return data;
}
