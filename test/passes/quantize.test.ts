import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/base/diagnostics.ts';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import {
  dequantizeLogits,
  prepareEvaluator,
  quantizeSamples,
  sampleAt,
} from '../../src/evaluate/quantized.ts';
import { shapeSize, type Graph, type Layer } from '../../src/ir/graph.ts';
import type { Samples } from '../../src/ir/tensor.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { quantizeWeights } from '../../src/passes/quantize-weights.ts';
import { randomGraph, seededRandom, type Random } from '../evaluate/random-graph.ts';

function randomSamples(graph: Graph, random: Random, count: number, least = -1): Samples {
  const sampleSize = shapeSize(graph.input.shape);
  const data = Float32Array.from(
    { length: count * sampleSize },
    () => least + random() * (1 - least),
  );
  return { count, sampleSize, data };
}

/** A linear layer input -> outputs with the given weights, [output][input]. */
function linear(name: string, input: string, weights: number[][], bias: number[]): Layer {
  const inputs = weights[0]?.length ?? 0;
  return {
    kind: 'window',
    name,
    operator: 'linear',
    origin: [name],
    input,
    inputShape: { channels: inputs, height: 1, width: 1 },
    windowShape: { channels: weights.length, height: 1, width: 1 },
    outputShape: { channels: weights.length, height: 1, width: 1 },
    weights: Float32Array.from(weights.flat()),
    bias: Float32Array.from(bias),
    kernel: { height: 1, width: 1 },
    stride: { height: 1, width: 1 },
    padding: { top: 0, left: 0, bottom: 0, right: 0 },
    pooling: null,
    relu: false,
    kWinners: null,
  };
}

function graphOf(layers: readonly Layer[]): Graph {
  const shape = layers[0]?.inputShape ?? { channels: 0, height: 0, width: 0 };
  return {
    name: 'hand-made',
    input: { name: 'input', shape },
    layers,
    hostOperators: [],
    notes: [],
  };
}

function diagnosticCodes(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics.map(({ code }) => code);
    throw error;
  }
  return [];
}

describe('quantizeGraph', () => {
  it('stays near the float network where no winner changes', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = seededRandom(seed);
      const drawn = randomGraph(random);
      // k-WTA is not continuous: one rounding may pick another winner.
      const graph = {
        ...drawn,
        layers: drawn.layers.map((layer) => ({ ...layer, kWinners: null })),
      };
      const samples = randomSamples(graph, random, 20);
      const { graph: quantized } = quantizeGraph(graph, samples);
      const integers = quantizeSamples(quantized.input.format, samples);
      const evaluate = prepareEvaluator(quantized);
      const evaluateFloat = prepareFloatEvaluator(graph);
      let error = 0;
      let signal = 0;
      for (let index = 0; index < samples.count; index += 1) {
        const start = index * samples.sampleSize;
        const float = evaluateFloat(
          samples.data.subarray(start, start + samples.sampleSize),
        ).logits;
        const { logits } = evaluate(sampleAt(integers, samples.sampleSize, index));
        dequantizeLogits(quantized, logits).forEach((logit, channel) => {
          error += (logit - (float[channel] ?? NaN)) ** 2;
          signal += (float[channel] ?? NaN) ** 2;
        });
      }
      expect(Math.sqrt(error / signal), `seed ${seed}`).toBeLessThan(0.03);
    }
  });

  it('takes signs from the data at the input and from ReLU inside', () => {
    const relu = { ...linear('a', 'input', [[1, -1]], [0]), relu: true };
    const plain = linear('b', 'a', [[1]], [0]);
    const graph = graphOf([relu, plain, linear('c', 'b', [[1]], [0])]);
    const random = seededRandom(1);
    const mixed = quantizeGraph(graph, randomSamples(graph, random, 8)).graph;
    expect(mixed.input.format.signed).toBe(true);
    expect(mixed.layers.map((layer) => layer.outputFormat?.signed)).toEqual([
      false,
      true,
      undefined,
    ]);
    const positive = quantizeGraph(graph, randomSamples(graph, random, 8, 0)).graph;
    expect(positive.input.format.signed).toBe(false);
    expect(mixed.layers[2]?.requantization).toBeNull();
    expect(mixed.layers[1]?.inputFormat).toEqual(mixed.layers[0]?.outputFormat);
  });

  it('chooses ranges on the winners alone', () => {
    // The winner is always 1000, which the widest range holds exactly; the losers are not.
    const layer: Layer = {
      ...linear(
        'a',
        'input',
        Array.from({ length: 8 }, (_, o) => [o === 0 ? 1000 : 1]),
        new Array<number>(8).fill(0),
      ),
      relu: true,
      kWinners: { k: 1, scope: 'layer', tiesInModel: false },
    };
    const graph = graphOf([layer, linear('b', 'a', [new Array<number>(8).fill(1)], [0])]);
    const data = new Float32Array(64).fill(1);
    const { report } = quantizeGraph(graph, { count: 64, sampleSize: 1, data });
    expect(report.layers[0]?.range?.clip).toBe(1000);
    expect(report.layers[0]?.range?.meanSquaredError).toBeLessThan(1e-12);
    expect(report.layers[0]?.tieRate).toBe(0);
    expect(report.layers[1]?.tieRate).toBeNull();
    expect(report.layers[1]?.range).toBeNull();
  });

  it('honours narrower weights and activations', () => {
    const random = seededRandom(7);
    const graph = randomGraph(random);
    const samples = randomSamples(graph, random, 4);
    const { graph: quantized } = quantizeGraph(graph, samples, {
      weightBits: 3,
      activationBits: 4,
    });
    for (const layer of quantized.layers) {
      expect(Math.max(...layer.weights.map(Math.abs))).toBeLessThanOrEqual(3);
      expect(layer.inputFormat.bits).toBe(4);
    }
  });

  it('gives the same numbers every time', () => {
    const random = seededRandom(8);
    const graph = randomGraph(random);
    const samples = randomSamples(graph, random, 4);
    expect(quantizeGraph(graph, samples)).toEqual(quantizeGraph(graph, samples));
  });

  it('gives a channel without weights a valid pair and its constant', () => {
    const dead = linear(
      'a',
      'input',
      [
        [0, -0],
        [0.5, -0.25],
      ],
      [0.75, 0],
    );
    const graph = graphOf([dead, linear('b', 'a', [[1, 1]], [0])]);
    const samples = randomSamples(graph, seededRandom(9), 16);
    const { graph: quantized } = quantizeGraph(graph, samples);
    const [layer] = quantized.layers;
    expect(Array.from(layer?.weights.subarray(0, 2) ?? [])).toEqual([0, 0]);
    expect(layer?.requantization?.multiplier[0]).toBeGreaterThanOrEqual(2 ** 15);
    const integers = quantizeSamples(quantized.input.format, samples);
    const { layers } = prepareEvaluator(quantized)(sampleAt(integers, 2, 0));
    const real = (layers[0]?.values[0] ?? NaN) * (layer?.outputFormat?.scale ?? NaN);
    expect(Math.abs(real - 0.75)).toBeLessThan(0.01);
  });

  it('keeps the bias of a nearly dead channel within the accumulator', () => {
    const nearlyDead = linear('a', 'input', [[1e-20], [1]], [3, 0]);
    const graph = graphOf([
      nearlyDead,
      linear(
        'b',
        'a',
        [
          [1, 1e-25],
          [0, 1],
        ],
        [0, -2],
      ),
    ]);
    const samples = randomSamples(graph, seededRandom(10), 16);
    const { graph: quantized } = quantizeGraph(graph, samples);
    const [first] = quantized.layers;
    const unit = (first?.inputFormat.scale ?? NaN) * (first?.weightScale[0] ?? NaN);
    expect((first?.bias[0] ?? NaN) * unit).toBeCloseTo(3, 5);
    expect(first?.accumulatorBits).toBeLessThanOrEqual(32);
  });
});

describe('quantizeGraph refuses', () => {
  const graph = graphOf([linear('only', 'input', [[1, 2]], [0])]);

  it('a calibration without samples or of another size', () => {
    const none = { count: 0, sampleSize: 2, data: new Float32Array(0) };
    expect(diagnosticCodes(() => quantizeGraph(graph, none))).toEqual(['quantize/no-calibration']);
    const other = { count: 1, sampleSize: 3, data: new Float32Array(3) };
    expect(diagnosticCodes(() => quantizeGraph(graph, other))).toEqual([
      'quantize/calibration-shape',
    ]);
  });

  it('a model that ends in ReLU or k-WTA', () => {
    const relu = graphOf([{ ...linear('only', 'input', [[1, 2]], [0]), relu: true }]);
    const samples = { count: 1, sampleSize: 2, data: Float32Array.from([1, 2]) };
    expect(diagnosticCodes(() => quantizeGraph(relu, samples))).toEqual([
      'quantize/output-activation',
    ]);
  });

  it('every layer whose sums need more than 32 bits', () => {
    const wide = new Array<number>(70_000).fill(1);
    const huge = graphOf([
      { ...linear('first', 'input', [wide], [0]), relu: true },
      linear('second', 'first', [[1]], [0]),
    ]);
    const samples = { count: 1, sampleSize: 70_000, data: new Float32Array(70_000).fill(1) };
    expect(diagnosticCodes(() => quantizeGraph(huge, samples))).toEqual([
      'quantize/accumulator-too-wide',
    ]);
  });
});

describe('quantizeWeights', () => {
  it('never turns a zero into a weight and stays symmetric', () => {
    const layer = linear('a', 'input', [[0, -0, 0.3, -0.3, 1, -1]], [0]);
    const { weights, scale } = quantizeWeights(layer, 8, () => 0);
    expect(Array.from(weights.subarray(0, 2))).toEqual([0, 0]);
    expect(weights[2]).toBe(-(weights[3] ?? NaN));
    expect(weights[4]).toBe(-(weights[5] ?? NaN));
    expect((weights[4] ?? NaN) * (scale[0] ?? NaN)).toBeCloseTo(1, 2);
  });

  it('does better than the largest weight where one stands out', () => {
    const random = seededRandom(11);
    const kernel = Array.from({ length: 400 }, () => (random() - 0.5) * 0.1);
    kernel[0] = 0.07;
    const layer = linear('a', 'input', [kernel], [0]);
    const error = (bits: number, fixed: number): number => {
      const { weights, scale } = quantizeWeights(layer, bits, () => fixed);
      return kernel.reduce(
        (sum, w, index) => sum + (w - (weights[index] ?? 0) * (scale[0] ?? 0)) ** 2,
        0,
      );
    };
    expect(error(3, 0)).toBeLessThan(error(3, 0.07 / 3));
  });
});
