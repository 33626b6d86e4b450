import { describe, expect, it } from 'vitest';
import { addToHistogram, chooseRange, createHistogram } from '../../src/passes/quantize-ranges.ts';
import { seededRandom } from '../evaluate/random-graph.ts';

function histogramOf(values: Float32Array): ReturnType<typeof createHistogram> {
  const histogram = createHistogram();
  addToHistogram(histogram, values);
  return histogram;
}

function squaredError(values: Float32Array, scale: number, steps: number): number {
  const nonZeros = values.filter((value) => value !== 0);
  const error = nonZeros.reduce((sum, value) => {
    const integer = Math.min(steps, Math.floor(Math.abs(value) / scale + 0.5));
    return sum + (Math.abs(value) - integer * scale) ** 2;
  }, 0);
  return error / nonZeros.length;
}

describe('chooseRange', () => {
  it('clips a lone outlier and says so', () => {
    const random = seededRandom(1);
    const values = Float32Array.from({ length: 20_000 }, () => random());
    values[17] = 8;
    const range = chooseRange(histogramOf(values), 4, false, 'mse');
    expect(range.largest).toBe(8);
    expect(range.clip).toBeLessThan(4);
    const beyond = values.filter((value) => value > range.clip).length / values.length;
    expect(Math.abs(range.saturatedShare - beyond)).toBeLessThan(0.002);
    expect(range.saturatedShare).toBeGreaterThan(0);
    const widest = chooseRange(histogramOf(values), 4, false, 'max');
    expect(widest.clip).toBe(8);
    expect(widest.format.scale).toBe(8 / 15);
    expect(range.meanSquaredError).toBeLessThan(widest.meanSquaredError);
  });

  it('keeps the resolution of small values beside a huge outlier', () => {
    const random = seededRandom(2);
    const values = Float32Array.from({ length: 5000 }, () => random() * 1e-3);
    values[0] = 1000;
    const histogram = histogramOf(values);
    const range = chooseRange(histogram, 8, false, 'mse');
    const exact = squaredError(values, range.format.scale, 255);
    expect(Math.abs(range.meanSquaredError / exact - 1)).toBeLessThan(0.02);
  });

  it('reports the error a plain computation finds', () => {
    const random = seededRandom(3);
    const values = Float32Array.from({ length: 10_000 }, () => (random() - 0.5) * random());
    for (const bits of [2, 4, 8]) {
      const range = chooseRange(histogramOf(values), bits, true, 'mse');
      const exact = squaredError(values, range.format.scale, 2 ** (bits - 1) - 1);
      expect(Math.abs(range.meanSquaredError / exact - 1), `${bits} bits`).toBeLessThan(0.02);
    }
  });

  it('finds a clip no other does better than', () => {
    const random = seededRandom(4);
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(6.283 * random());
    const values = Float32Array.from({ length: 20_000 }, normal);
    const range = chooseRange(histogramOf(values), 4, true, 'mse');
    const best = squaredError(values, range.format.scale, 7);
    for (let share = 0.2; share <= 1; share += 0.02) {
      const other = squaredError(values, (range.largest * share) / 7, 7);
      expect(best).toBeLessThan(other * 1.02);
    }
  });

  it('lets zeros have no say', () => {
    const values = Float32Array.from([0, 0, -0, 1, 0, 2]);
    const range = chooseRange(histogramOf(values), 8, false, 'mse');
    const alone = chooseRange(histogramOf(Float32Array.from([1, 2])), 8, false, 'mse');
    expect(range).toEqual(alone);
  });

  it('gives an edge that never carries a value a legal format', () => {
    const range = chooseRange(histogramOf(new Float32Array(4)), 8, false, 'mse');
    expect(range.format).toEqual({ bits: 8, signed: false, scale: 1 / 255 });
  });
});
