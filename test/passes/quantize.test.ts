import { describe, expect, it } from 'vitest';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import {
  dequantizeLogits,
  prepareEvaluator,
  quantizeSamples,
  sampleAt,
} from '../../src/evaluate/quantized.ts';
import { reluActivation, type Graph, type WindowLayer } from '../../src/ir/graph.ts';
import { windowOf, type QuantizedWindow } from '../../src/ir/quantized.ts';
import type { Samples } from '../../src/ir/tensor.ts';
import { quantizationWarnings } from '../../src/compile/quantization-warnings.ts';
import { quantizeGraph, type QuantizeOptions } from '../../src/passes/quantize.ts';
import { quantizeWeights, type ScaleLimits } from '../../src/passes/quantize-weights.ts';
import { randomGraph, seededRandom } from '../evaluate/random-graph.ts';
import { diagnosticsOf } from '../support/user-error.ts';
import { graphOf, linear, randomSamples } from './hand-made.ts';

function diagnosticCodes(action: () => unknown): string[] {
  return diagnosticsOf(action).map(({ code }) => code);
}

/** The layers of a quantised chain. */
function windowsOf(graph: Graph, samples: Samples, options?: QuantizeOptions): QuantizedWindow[] {
  return quantizeGraph(graph, samples, options).graph.layers.map(windowOf);
}

const anyScale: ScaleLimits = { least: 0, greatest: Infinity };

describe('quantizeGraph', () => {
  it('stays near the float network where no winner changes', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = seededRandom(seed);
      const drawn = randomGraph(random);
      // k-WTA is not continuous: one rounding may pick another winner.
      const graph = {
        ...drawn,
        layers: drawn.layers.map((layer) =>
          layer.kind === 'winners' ? layer : { ...layer, kWinners: null },
        ),
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
    const relu = { ...linear('a', 'input', [[1, -1]], [0]), activation: reluActivation };
    const plain = linear('b', 'a', [[-1]], [0]);
    const graph = graphOf(2, [relu, plain, linear('c', 'b', [[1]], [0])]);
    const random = seededRandom(1);
    const mixed = windowsOf(graph, randomSamples(graph, random, 8));
    expect(mixed[0]?.inputFormat.signed).toBe(true);
    expect(mixed.map((layer) => layer.outputFormat?.signed)).toEqual([false, true, undefined]);
    const positive = windowsOf(graph, randomSamples(graph, random, 8, 0));
    expect(positive[0]?.inputFormat.signed).toBe(false);
    expect(mixed[2]?.requantization).toBeNull();
    expect(mixed[1]?.inputFormat).toEqual(mixed[0]?.outputFormat);
  });

  it('chooses ranges on the winners alone', () => {
    // The winner is always 1000, which the widest range holds exactly; the losers are not.
    const layer: WindowLayer = {
      ...linear(
        'a',
        'input',
        Array.from({ length: 8 }, (_, o) => [o === 0 ? 1000 : 1]),
        new Array<number>(8).fill(0),
      ),
      activation: reluActivation,
      kWinners: { k: 1, scope: 'layer', groups: 1, tiesInModel: false },
    };
    const graph = graphOf(1, [layer, linear('b', 'a', [new Array<number>(8).fill(1)], [0])]);
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
    for (const layer of windowsOf(graph, samples, { weightBits: 3, activationBits: 4 })) {
      expect(Math.max(...layer.weights.map(Math.abs))).toBeLessThanOrEqual(3);
      expect(layer.inputFormat.bits).toBe(4);
    }
    for (const layer of windowsOf(graph, samples, { weightBits: 9, activationBits: 9 })) {
      expect(Math.max(...layer.weights.map(Math.abs))).toBeGreaterThan(127);
      expect(layer.inputFormat.bits).toBe(9);
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
    const graph = graphOf(2, [dead, linear('b', 'a', [[1, 1]], [0])]);
    const samples = randomSamples(graph, seededRandom(9), 16);
    const { graph: quantized } = quantizeGraph(graph, samples);
    const layer = quantized.layers.map(windowOf)[0];
    expect(Array.from(layer?.weights.subarray(0, 2) ?? [])).toEqual([0, 0]);
    expect(layer?.requantization?.multiplier[0]).toBeGreaterThanOrEqual(2 ** 15);
    const integers = quantizeSamples(quantized.input.format, samples);
    const { layers } = prepareEvaluator(quantized)(sampleAt(integers, 2, 0));
    const real = (layers[0]?.values[0] ?? NaN) * (layer?.outputFormat?.scale ?? NaN);
    expect(Math.abs(real - 0.75)).toBeLessThan(0.01);
  });

  it('keeps the bias of a nearly dead channel within the accumulator', () => {
    const nearlyDead = linear('a', 'input', [[1e-20], [1]], [3, 0]);
    const graph = graphOf(1, [
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
    const [first] = windowsOf(graph, samples);
    const unit = (first?.inputFormat.scale ?? NaN) * (first?.weightScale[0] ?? NaN);
    expect((first?.bias[0] ?? NaN) * unit).toBeCloseTo(3, 5);
    expect(first?.accumulatorBits).toBeLessThanOrEqual(32);
  });
});

describe('quantizeGraph tells on how many samples it corrected biases', () => {
  it('fewer where maps are large', () => {
    const inputShape = { channels: 1, height: 128, width: 128 };
    const outputShape = { ...inputShape, channels: 256 };
    const weights = Array.from({ length: 256 }, (_, index) => [index % 64 === 0 ? 1 : 0]);
    const layer = linear('wide', 'input', weights, new Array<number>(256).fill(0));
    const graph = graphOf(1, [
      { ...layer, operator: 'conv', inputShape, windowShape: outputShape, outputShape },
    ]);
    const large = { ...graph, input: { ...graph.input, shape: inputShape } };
    const samples = randomSamples(large, seededRandom(1), 17);
    const { report } = quantizeGraph(large, samples);
    expect(report.correction).toEqual({ samples: 16, wanted: 17 });
    expect(quantizationWarnings({ calibration: samples, graph: large }, report)).toEqual([
      'Maps are so large that biases were corrected on the first 16 calibration samples, not on 17; ranges come from all 17.',
    ]);
  });

  it('and the commands say nothing where that is all of them', () => {
    const graph = graphOf(2, [linear('only', 'input', [[1, 2]], [0])]);
    const samples = randomSamples(graph, seededRandom(1), 200);
    const { report } = quantizeGraph(graph, samples);
    expect(report.correction).toEqual({ samples: 128, wanted: 128 });
    expect(quantizationWarnings({ calibration: samples, graph }, report)).toEqual([]);
    expect(quantizeGraph(graph, samples, { correctBias: false }).report.correction).toBeNull();
  });

  it('and the commands warn where all samples are zeros', () => {
    const graph = graphOf(2, [linear('only', 'input', [[1, 2]], [0])]);
    const samples = { count: 1, sampleSize: 2, data: new Float32Array(2) };
    const { report } = quantizeGraph(graph, samples);
    expect(quantizationWarnings({ calibration: samples, graph }, report)).toMatchObject([
      expect.stringMatching(/^All calibration samples are zeros/),
    ]);
  });
});

describe('quantizeGraph refuses', () => {
  const graph = graphOf(2, [linear('only', 'input', [[1, 2]], [0])]);

  it('a calibration without samples or of another size', () => {
    const none = { count: 0, sampleSize: 2, data: new Float32Array(0) };
    expect(diagnosticCodes(() => quantizeGraph(graph, none))).toEqual(['quantize/no-calibration']);
    const other = { count: 1, sampleSize: 3, data: new Float32Array(3) };
    expect(diagnosticCodes(() => quantizeGraph(graph, other))).toEqual([
      'quantize/calibration-shape',
    ]);
  });

  it('values that are too large for float32', () => {
    const samples = { count: 2, sampleSize: 2, data: Float32Array.of(1, 1, 3e38, 3e38) };
    expect(diagnosticsOf(() => quantizeGraph(graph, samples))).toMatchObject([
      {
        code: 'quantize/overflow',
        place: 'only',
        message: 'values of this layer are too large for float32 on calibration sample 1',
      },
    ]);
  });

  it('every layer whose sums need more than 32 bits', () => {
    // Not all of one magnitude, which would be +-1.
    const wide = Array.from({ length: 70_000 }, (_, index) => (index === 0 ? 0.5 : 1));
    const huge = graphOf(70_000, [
      { ...linear('first', 'input', [wide], [0]), activation: reluActivation },
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
    const { weights, scale } = quantizeWeights(layer, 8, () => anyScale);
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
      const { weights, scale } = quantizeWeights(layer, bits, () => ({
        ...anyScale,
        least: fixed,
      }));
      return kernel.reduce(
        (sum, w, index) => sum + (w - (weights[index] ?? 0) * (scale[0] ?? 0)) ** 2,
        0,
      );
    };
    expect(error(3, 0)).toBeLessThan(error(3, 0.07 / 3));
  });

  it('is exact where all weights of a channel have one magnitude', () => {
    const third = Math.fround(1 / 3);
    const layer = linear(
      'a',
      'input',
      [
        [third, 0, -third, third],
        [0, 0, 0.7, 0],
      ],
      [0, 0],
    );
    const { weights, scale } = quantizeWeights(layer, 8, () => anyScale);
    expect(Array.from(weights)).toEqual([1, 0, -1, 1, 0, 0, 1, 0]);
    expect(Array.from(scale)).toEqual([third, Math.fround(0.7)]);
  });

  it('divides one magnitude by powers of two until the bias is fine enough', () => {
    const layer = linear('a', 'input', [[0.5, -0.5]], [0.3]);
    const limits =
      (greatest: number, least = 0) =>
      (): ScaleLimits => ({ least, greatest });
    const fine = quantizeWeights(layer, 8, limits(0.1));
    expect([Array.from(fine.weights), fine.scale[0]]).toEqual([[8, -8], 0.0625]);
    // No further than the weights have bits, nor the bias.
    expect(quantizeWeights(layer, 4, limits(0)).weights[0]).toBe(4);
    expect(quantizeWeights(layer, 8, limits(0, 0.2)).weights[0]).toBe(2);
  });
});
