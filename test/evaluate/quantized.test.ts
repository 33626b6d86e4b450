import { describe, expect, it } from 'vitest';
import { logitScales, splitAnswers } from '../../src/evaluate/answers.ts';
import { formatRange } from '../../src/evaluate/integer.ts';
import {
  dequantizeLogits,
  evaluateQuantized,
  prepareEvaluationVisitor,
  prepareEvaluator,
  quantizeSamples,
  quantizeValue,
  sampleAt,
} from '../../src/evaluate/quantized.ts';
import { inputsOf, shapeSize } from '../../src/ir/graph.ts';
import {
  windowOf,
  type IntegerRange,
  type QuantizedGraph,
  type QuantizedLayer,
  type QuantizedWindow,
} from '../../src/ir/quantized.ts';
import { at, plainPool, plainSums, plainWinners } from './plain.ts';
import { randomDag } from './random-dag.ts';
import { integerBetween, randomGraph, seededRandom, type Random } from './random-graph.ts';
import { randomIntegers } from './random-integers.ts';

/** clamp(floor(numerator / 2^shift + 1/2)) in arbitrary precision. */
function roundedShift(numerator: bigint, shift: number, range: IntegerRange): number {
  const half = shift === 0 ? 0n : 1n << BigInt(shift - 1);
  const exact = Number((numerator + half) >> BigInt(shift));
  return Math.min(range.maximum, Math.max(range.minimum, exact));
}

/** What one layer does, by its definition. */
interface PlainResult {
  readonly sums: readonly number[];
  readonly products: number;
  readonly values: readonly number[];
  /** What the network answers where this layer is an output. */
  readonly answer: readonly number[];
}

/** Requantises *before* pooling: another order than the evaluator's, with the same result. */
function plainWindow(
  quantized: QuantizedWindow,
  input: readonly number[],
  keepTies: boolean,
): PlainResult {
  const { layer, bias, requantization, outputRange } = quantized;
  const { windowShape, outputShape, pooling, kWinners } = layer;
  const { sums, products } = plainSums(layer, quantized.weights, input);
  const sites = windowShape.height * windowShape.width;
  const biased = sums.map((sum, index) => sum + at(bias, Math.floor(index / sites)));
  const pool = (map: readonly number[]): number[] =>
    pooling === null ? [...map] : plainPool(map, windowShape, outputShape, pooling);
  if (requantization === null || outputRange === null) {
    return { sums, products, values: [], answer: pool(biased) };
  }
  const rounded = biased.map((sum, index) => {
    const channel = Math.floor(index / sites);
    const pair = sum < 0 ? (quantized.negativeRequantization ?? requantization) : requantization;
    const product = BigInt(sum) * BigInt(at(pair.multiplier, channel));
    return roundedShift(product, at(pair.shift, channel), outputRange);
  });
  const pooled = pool(rounded);
  const values = kWinners === null ? pooled : plainWinners(pooled, outputShape, kWinners, keepTies);
  return { sums, products, values, answer: values };
}

function plainLayer(
  quantized: QuantizedLayer,
  inputs: readonly (readonly number[])[],
  keepTies: boolean,
): PlainResult {
  const [first = [], second = []] = inputs;
  const result = (values: readonly number[]): PlainResult => {
    return { sums: [], products: 0, values, answer: values };
  };
  switch (quantized.kind) {
    case 'window':
      return plainWindow(quantized, first, keepTies);
    case 'max-pool': {
      const { layer } = quantized;
      return result(plainPool(first, layer.inputShape, layer.outputShape, layer));
    }
    case 'concat':
      return result(inputs.flat());
    case 'add': {
      const [left, right] = quantized.multipliers;
      const { shift, outputRange } = quantized;
      return result(
        first.map((value, index) => {
          const sum = BigInt(value) * BigInt(left) + BigInt(at(second, index)) * BigInt(right);
          return roundedShift(sum, shift, outputRange);
        }),
      );
    }
  }
}

function randomInput(graph: QuantizedGraph, random: Random): Int16Array {
  const { minimum, maximum } = formatRange(graph.input.format);
  return Int16Array.from({ length: shapeSize(graph.input.shape) }, () => {
    return random() < 0.4 ? 0 : integerBetween(random, minimum, maximum);
  });
}

/** Every layer of one inference against the definition; what the network answers too. */
function expectPlain(graph: QuantizedGraph, input: Int16Array, place: string): void {
  const { layers, logits } = prepareEvaluator(graph)(input);
  const edges = new Map<string, readonly number[]>([[graph.input.name, Array.from(input)]]);
  const answers = new Map<string, readonly number[]>();
  graph.layers.forEach((quantized, index) => {
    const inputs = inputsOf(quantized.layer).map((edge) => edges.get(edge) ?? []);
    const plain = plainLayer(quantized, inputs, graph.keepTies);
    const where = `${place}, ${quantized.name}`;
    const result = layers[index];
    expect(Array.from(result?.accumulators ?? []), where).toEqual(plain.sums.map((x) => x + 0));
    expect(Array.from(result?.values ?? []), where).toEqual(plain.values.map((x) => x + 0));
    expect(result?.counts.products.bothSparse, where).toBe(plain.products);
    expect(result?.counts.inputValues, where).toBe(inputs.flat().length);
    expect(result?.counts.inputNonZeros, where).toBe(inputs.flat().filter((x) => x !== 0).length);
    edges.set(quantized.name, plain.values);
    answers.set(quantized.name, plain.answer);
  });
  const expected = graph.outputs.flatMap(({ layer }) => answers.get(layer) ?? []);
  expect(Array.from(logits), place).toEqual(expected.map((x) => x + 0));
}

describe('prepareEvaluator', () => {
  it('equals the definition on random chains', () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = seededRandom(seed);
      const graph = randomIntegers(randomGraph(random), random);
      for (let sample = 0; sample < 2; sample += 1) {
        expectPlain(graph, randomInput(graph, random), `seed ${seed}`);
      }
    }
  });

  it('equals the definition on random graphs of every kind of layer', () => {
    const seen = new Map<string, number>();
    const saw = (feature: string, really: boolean): void => {
      if (really) seen.set(feature, (seen.get(feature) ?? 0) + 1);
    };
    for (let seed = 1; seed <= 250; seed += 1) {
      const random = seededRandom(seed);
      const graph = randomIntegers(randomDag(random), random);
      expectPlain(graph, randomInput(graph, random), `seed ${seed}`);
      saw('several outputs', graph.outputs.length > 1);
      saw('ties kept', graph.keepTies);
      for (const quantized of graph.layers) {
        const { layer } = quantized;
        saw(layer.kind, true);
        saw('grouped winners', (layer.kWinners?.groups ?? 1) > 1);
        saw('winners of a map', layer.kWinners?.scope === 'layer');
        if (layer.kind === 'max-pool') {
          saw('padded pool', layer.padding.top > 0);
          saw('overlapping pool', layer.kernel.height > layer.stride.height);
        }
        if (quantized.kind !== 'window' || layer.kind !== 'window') continue;
        saw('groups', layer.groups > 1);
        saw('dilation', layer.dilation.height > 1);
        saw('pooled sums', layer.pooling !== null);
        saw(
          'overlapping pooled sums',
          (layer.pooling?.kernel.width ?? 0) > (layer.pooling?.stride.width ?? 9),
        );
        saw('leaky', quantized.negativeRequantization !== null);
        saw('accumulators as answer', quantized.requantization === null);
        saw('values as answer', quantized.requantization !== null && isOutput(graph, layer.name));
      }
    }
    expect(seen.size).toBe(17);
    for (const [feature, times] of seen) expect(times, feature).toBeGreaterThan(20);
  }, 60_000);

  it('counts products of one inference; groups have no more weights than they store', () => {
    const random = seededRandom(4);
    const graph = randomIntegers(randomDag(random), random);
    const input = randomInput(graph, random);
    evaluateQuantized(graph, input).layers.forEach(({ counts, accumulators }, index) => {
      expect(counts.inferences).toBe(1);
      const quantized = graph.layers[index];
      if (quantized?.kind !== 'window') {
        expect(counts.products).toEqual({ dense: 0, weightSparse: 0, bothSparse: 0 });
        expect(accumulators).toHaveLength(0);
        return;
      }
      const weights = Array.from(quantized.weights);
      const { height, width } = quantized.layer.windowShape;
      expect(counts.products.dense).toBe(weights.length * height * width);
      expect(counts.products.weightSparse).toBe(
        weights.filter((weight) => weight !== 0).length * height * width,
      );
    });
  });

  it('shows layers one by one without keeping their maps', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = seededRandom(seed);
      const graph = randomIntegers(randomDag(random), random);
      const input = randomInput(graph, random);
      const kept = evaluateQuantized(graph, input);
      const order: number[] = [];
      const logits = prepareEvaluationVisitor(graph)(input, (result, index) => {
        order.push(index);
        expect(result).toEqual(kept.layers[index]);
      });
      expect(order).toEqual(graph.layers.map((_, index) => index));
      expect(logits).toEqual(kept.logits);
    }
  });

  it('refuses a sample of another size', () => {
    const random = seededRandom(5);
    const graph = randomIntegers(randomGraph(random), random);
    expect(() => evaluateQuantized(graph, new Int16Array(1))).toThrow(/a sample has/);
  });
});

function isOutput(graph: QuantizedGraph, name: string): boolean {
  return graph.outputs.some(({ layer }) => layer === name);
}

describe('samples and answers', () => {
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

  it('scales accumulators per output channel', () => {
    const random = seededRandom(6);
    const graph = randomIntegers(randomGraph(random), random);
    const layers = graph.layers.map((layer): QuantizedLayer => {
      if (layer.kind !== 'window') return layer;
      return { ...layer, weightScale: layer.weightScale.map((_, channel) => channel + 1) };
    });
    const last = windowOf(at(layers, layers.length - 1));
    const logits = new Int32Array(last.weightScale.length).fill(10);
    expect(Array.from(dequantizeLogits({ ...graph, layers }, logits))).toEqual(
      Array.from(logits, (logit, channel) => last.inputFormat.scale * (channel + 1) * logit),
    );
  });

  it('splits the answers of several outputs, each on its own scale', () => {
    let several = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = seededRandom(seed);
      const graph = randomIntegers(randomDag(random), random);
      const { logits, layers } = evaluateQuantized(graph, randomInput(graph, random));
      const answers = splitAnswers(graph, logits);
      expect(answers.map(({ name }) => name)).toEqual(graph.outputs.map(({ name }) => name));
      expect(answers.flatMap(({ integers }) => Array.from(integers))).toEqual(Array.from(logits));
      answers.forEach(({ shape, integers, real }, index) => {
        const name = graph.outputs[index]?.layer;
        const at = graph.layers.findIndex((layer) => layer.name === name);
        const layer = graph.layers[at];
        expect(integers).toHaveLength(shapeSize(shape));
        const scale = layer?.outputFormat?.scale;
        if (scale === undefined) {
          expect(Array.from(real)).toEqual(Array.from(integers, (x) => x * (0.05 * 0.01)));
          return;
        }
        expect(Array.from(integers)).toEqual(Array.from(layers[at]?.values ?? []));
        expect(Array.from(real)).toEqual(Array.from(integers, (x) => x * scale));
      });
      expect(logitScales(graph)).toHaveLength(logits.length);
      if (answers.length > 1) several += 1;
    }
    expect(several).toBeGreaterThan(5);
  });
});
