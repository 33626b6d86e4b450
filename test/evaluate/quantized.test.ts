import { describe, expect, it } from 'vitest';
import { formatRange, requantize } from '../../src/evaluate/integer.ts';
import { keepWinners } from '../../src/evaluate/k-winners.ts';
import {
  dequantizeLogits,
  evaluateQuantized,
  prepareEvaluator,
  quantizeSamples,
  quantizeValue,
  sampleAt,
} from '../../src/evaluate/quantized.ts';
import { shapeSize } from '../../src/ir/graph.ts';
import type { QuantizedGraph, QuantizedLayer } from '../../src/ir/quantized.ts';
import {
  integerBetween,
  randomGraph,
  randomIntegers,
  seededRandom,
  type Random,
} from './random-graph.ts';

/** Products of one layer made the slow way, straight from the definition of a convolution. */
function naiveSums(
  quantized: QuantizedLayer,
  input: Int16Array,
): { sums: number[]; products: number } {
  const { inputShape, windowShape, kernel, stride, padding } = quantized.layer;
  const sums: number[] = [];
  let products = 0;
  for (let o = 0; o < windowShape.channels; o += 1) {
    for (let oy = 0; oy < windowShape.height; oy += 1) {
      for (let ox = 0; ox < windowShape.width; ox += 1) {
        let sum = 0;
        for (let c = 0; c < inputShape.channels; c += 1) {
          for (let ky = 0; ky < kernel.height; ky += 1) {
            for (let kx = 0; kx < kernel.width; kx += 1) {
              const y = oy * stride.height + ky - padding.top;
              const x = ox * stride.width + kx - padding.left;
              if (y < 0 || x < 0 || y >= inputShape.height || x >= inputShape.width) continue;
              const value = input[(c * inputShape.height + y) * inputShape.width + x] ?? 0;
              const tap = (c * kernel.height + ky) * kernel.width + kx;
              const taps = inputShape.channels * kernel.height * kernel.width;
              const weight = quantized.weights[o * taps + tap] ?? 0;
              sum += weight * value;
              if (weight !== 0 && value !== 0) products += 1;
            }
          }
        }
        sums.push(sum);
      }
    }
  }
  return { sums, products };
}

/** Requantises *before* pooling: another order than the evaluator's, with the same result. */
function naiveValues(quantized: QuantizedLayer, sums: readonly number[]): Int16Array {
  const { windowShape, outputShape, pooling, relu, kWinners } = quantized.layer;
  const { requantization, outputFormat } = quantized;
  if (requantization === null || outputFormat === null) return new Int16Array(0);
  const at = (o: number, y: number, x: number): number => {
    const sum = sums[(o * windowShape.height + y) * windowShape.width + x] ?? NaN;
    const { multiplier, shift } = requantization;
    const biased = sum + (quantized.bias[o] ?? 0);
    return requantize(biased, multiplier[o] ?? 0, shift[o] ?? 0, outputFormat, relu);
  };
  const values: number[] = [];
  for (let o = 0; o < outputShape.channels; o += 1) {
    for (let y = 0; y < outputShape.height; y += 1) {
      for (let x = 0; x < outputShape.width; x += 1) {
        if (pooling === null) {
          values.push(at(o, y, x));
          continue;
        }
        const pooled: number[] = [];
        for (let ky = 0; ky < pooling.kernel.height; ky += 1) {
          for (let kx = 0; kx < pooling.kernel.width; kx += 1) {
            pooled.push(at(o, y * pooling.stride.height + ky, x * pooling.stride.width + kx));
          }
        }
        values.push(Math.max(...pooled));
      }
    }
  }
  const map = Int16Array.from(values);
  if (kWinners !== null) keepWinners(map, outputShape, kWinners);
  return map;
}

function randomInput(graph: QuantizedGraph, random: Random): Int16Array {
  const { minimum, maximum } = formatRange(graph.input.format);
  return Int16Array.from({ length: shapeSize(graph.input.shape) }, () => {
    return random() < 0.4 ? 0 : integerBetween(random, minimum, maximum);
  });
}

describe('prepareEvaluator', () => {
  it('equals the definition on random graphs: padding, strides, pooling, both k-WTA', () => {
    const seen = { pooling: 0, site: 0, layer: 0, padded: 0, strided: 0 };
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = seededRandom(seed);
      const graph = randomIntegers(randomGraph(random), random);
      const evaluate = prepareEvaluator(graph);
      for (let sample = 0; sample < 2; sample += 1) {
        const input = randomInput(graph, random);
        const { layers, logits } = evaluate(input);
        let values = input;
        graph.layers.forEach((quantized, index) => {
          const place = `seed ${seed}, ${quantized.name}`;
          const { sums, products } = naiveSums(quantized, values);
          const result = layers[index];
          expect(Array.from(result?.accumulators ?? []), place).toEqual(sums.map((sum) => sum + 0));
          expect(result?.counts.products.bothSparse, place).toBe(products);
          values = naiveValues(quantized, sums);
          expect(result?.values, place).toEqual(values);
          if (index === graph.layers.length - 1) {
            const biased = sums.map((sum, o) => sum + (quantized.bias[o] ?? 0));
            expect(Array.from(logits), place).toEqual(biased);
          }
          if (quantized.layer.pooling !== null) seen.pooling += 1;
          if (quantized.layer.kWinners !== null) seen[quantized.layer.kWinners.scope] += 1;
          if (quantized.layer.padding.top > 0) seen.padded += 1;
          if (quantized.layer.stride.height > 1) seen.strided += 1;
        });
      }
    }
    for (const [feature, times] of Object.entries(seen)) expect(times, feature).toBeGreaterThan(20);
  });

  it('counts products and densities of one inference', () => {
    const random = seededRandom(4);
    const graph = randomIntegers(randomGraph(random), random);
    const input = randomInput(graph, random);
    evaluateQuantized(graph, input).layers.forEach(({ counts }, index) => {
      const quantized = graph.layers[index];
      const weights = Array.from(quantized?.weights ?? []);
      const shape = quantized?.layer.windowShape ?? { height: 0, width: 0 };
      const positions = shape.height * shape.width;
      expect(counts.products.dense).toBe(weights.length * positions);
      expect(counts.products.weightSparse).toBe(weights.filter((w) => w !== 0).length * positions);
      expect(counts.inferences).toBe(1);
      if (index > 0) return;
      expect(counts.inputValues).toBe(input.length);
      expect(counts.inputNonZeros).toBe(input.filter((value) => value !== 0).length);
    });
  });

  it('refuses a sample of another size', () => {
    const random = seededRandom(5);
    const graph = randomIntegers(randomGraph(random), random);
    expect(() => evaluateQuantized(graph, new Int16Array(1))).toThrow(/a sample has/);
  });
});

describe('samples and logits', () => {
  it('rounds halves up and clamps', () => {
    const format = { bits: 8, signed: true, scale: 0.5 };
    const values = [0.25, -0.25, 0.24, -0.26, 100, -100, -0, 63.4].map((v) =>
      quantizeValue(v, format),
    );
    expect(values).toEqual([1, 0, 0, -1, 127, -128, 0, 127]);
    expect(quantizeValue(-3, { bits: 8, signed: false, scale: 0.5 })).toBe(0);
    expect(quantizeValue(200, { bits: 8, signed: false, scale: 0.5 })).toBe(255);
  });

  it('keeps samples apart', () => {
    const samples = { count: 2, sampleSize: 3, data: Float32Array.from([1, 2, 3, 4, 5, 6]) };
    const integers = quantizeSamples({ bits: 8, signed: false, scale: 1 }, samples);
    expect(Array.from(sampleAt(integers, 3, 1))).toEqual([4, 5, 6]);
  });

  it('scales logits per output channel', () => {
    const random = seededRandom(6);
    const graph = randomIntegers(randomGraph(random), random);
    const layers = graph.layers.map((layer) => ({
      ...layer,
      weightScale: layer.weightScale.map((_, channel) => channel + 1),
    }));
    const last = layers.at(-1);
    const logits = new Int32Array(last?.weightScale.length ?? 0).fill(10);
    const scale = last?.inputFormat.scale ?? NaN;
    expect(Array.from(dequantizeLogits({ ...graph, layers }, logits))).toEqual(
      Array.from(logits, (logit, channel) => logit * scale * (channel + 1)),
    );
  });
});
