import { describe, expect, it } from 'vitest';
import {
  addToHistogram,
  chooseRange,
  createHistogram,
  measureRange,
  mergeHistograms,
} from '../../src/passes/quantize-ranges.ts';
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
    const range = chooseRange(histogramOf(values), 4, false, 'error');
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
    const range = chooseRange(histogram, 8, false, 'error');
    const exact = squaredError(values, range.format.scale, 255);
    expect(Math.abs(range.meanSquaredError / exact - 1)).toBeLessThan(0.02);
  });

  it('reports the error a plain computation finds', () => {
    const random = seededRandom(3);
    const values = Float32Array.from({ length: 10_000 }, () => (random() - 0.5) * random());
    for (const bits of [2, 4, 8]) {
      const range = chooseRange(histogramOf(values), bits, true, 'error');
      const exact = squaredError(values, range.format.scale, 2 ** (bits - 1) - 1);
      expect(Math.abs(range.meanSquaredError / exact - 1), `${bits} bits`).toBeLessThan(0.02);
    }
  });

  it('finds the widest clip that no other does much better than', () => {
    const random = seededRandom(4);
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(6.283 * random());
    const values = Float32Array.from({ length: 20_000 }, normal);
    const range = chooseRange(histogramOf(values), 4, true, 'error');
    const best = squaredError(values, range.format.scale, 7);
    for (let share = 0.2; share <= 1; share += 0.02) {
      const other = squaredError(values, (range.largest * share) / 7, 7);
      // 1.25 is the price of headroom, 2 % what the histogram may be off.
      expect(best).toBeLessThan(other * 1.25 * 1.02);
      if (share > range.clip / range.largest + 0.05) expect(other).toBeGreaterThan(best);
    }
  });

  it('clips nothing where that gains little', () => {
    const random = seededRandom(5);
    const values = Float32Array.from({ length: 20_000 }, () => random());
    const range = chooseRange(histogramOf(values), 8, false, 'error');
    expect(range.clip).toBe(range.largest);
    expect(range.saturatedShare).toBe(0);
  });

  it('lets zeros have no say', () => {
    const values = Float32Array.from([0, 0, -0, 1, 0, 2]);
    const range = chooseRange(histogramOf(values), 8, false, 'error');
    const alone = chooseRange(histogramOf(Float32Array.from([1, 2])), 8, false, 'error');
    expect(range).toEqual(alone);
  });

  it('gives an edge that never carries a value a legal format', () => {
    const range = chooseRange(histogramOf(new Float32Array(4)), 8, false, 'error');
    expect(range.format).toEqual({ bits: 8, signed: false, scale: 1 / 255 });
  });
});

describe('several histograms', () => {
  it('give together what one over all values gives', () => {
    const random = seededRandom(6);
    const parts = [3, 1, 0.2].map((spread) => {
      return Float32Array.from({ length: 3000 }, () => (random() - 0.4) * spread);
    });
    const all = histogramOf(Float32Array.from(parts.flatMap((part) => Array.from(part))));
    const merged = mergeHistograms(parts.map(histogramOf));
    const range = chooseRange(merged, 5, true, 'error');
    const single = chooseRange(all, 5, true, 'error');
    expect(range.clip).toBeCloseTo(single.clip, 10);
    expect(range.meanSquaredError).toBeCloseTo(single.meanSquaredError, 10);
    expect(range.largest).toBe(single.largest);
    const only = histogramOf(Float32Array.of(1));
    expect(mergeHistograms([only])).toBe(only);
  });
});

describe('measureRange', () => {
  it('tells what a given format costs', () => {
    const values = Float32Array.of(0, 0.5, 1.2, -7);
    const format = { bits: 4, signed: true, scale: 0.5 };
    const range = measureRange(histogramOf(values), format);
    expect(range.format).toBe(format);
    expect(range.clip).toBe(3.5);
    expect(range.largest).toBe(7);
    expect(range.saturatedShare).toBeCloseTo(1 / 3, 10);
    expect(range.meanSquaredError).toBeCloseTo((0.2 ** 2 + 3.5 ** 2) / 3, 5);
    expect(measureRange(createHistogram(), format).meanSquaredError).toBe(0);
  });
});
