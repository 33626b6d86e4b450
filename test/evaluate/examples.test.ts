import { describe, expect, it } from 'vitest';
import { accuracy, argmax } from '../../src/evaluate/accuracy.ts';
import { inputDensity, meanProducts, sumCounts, tieRate } from '../../src/evaluate/counts.ts';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import {
  dequantizeLogits,
  prepareEvaluator,
  quantizeInputs,
  sampleAt,
  type Evaluation,
} from '../../src/evaluate/quantized.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import type { Samples } from '../../src/ir/tensor.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { floatSample, readExample, type Example } from './example.ts';

function evaluateAll(graph: QuantizedGraph, samples: Samples): readonly Evaluation[] {
  const integers = quantizeInputs(graph, samples);
  const evaluate = prepareEvaluator(graph);
  return Array.from({ length: samples.count }, (_, index) => {
    return evaluate(sampleAt(integers, samples.sampleSize, index));
  });
}

function accuracyOf(graph: QuantizedGraph, example: Example): number {
  const evaluations = evaluateAll(graph, example.inputs);
  const predictions = evaluations.map(({ logits }) => argmax(dequantizeLogits(graph, logits)));
  return accuracy(predictions, example.labels);
}

/** Sums of a layer stay inside the width promised to the hardware. */
function expectWithinAccumulators(graph: QuantizedGraph, { layers }: Evaluation): void {
  layers.forEach(({ accumulators }, index) => {
    const layer = graph.layers[index];
    if (layer?.kind !== 'window') return;
    const { accumulatorBits, bias } = layer;
    const limit = 2 ** (accumulatorBits - 1);
    const positions = accumulators.length / bias.length;
    const outside = accumulators.filter((sum, at) => {
      const biased = sum + (bias[Math.floor(at / positions)] ?? 0);
      return sum < -limit || sum >= limit || biased < -limit || biased >= limit;
    });
    expect(outside).toHaveLength(0);
  });
}

describe('the keyword CNN in integers', () => {
  it('loses at most one point of accuracy, and makes the products counted by hand', async () => {
    const example = await readExample('keyword-cnn');
    const { graph, report } = quantizeGraph(example.graph, example.calibration);
    const evaluations = evaluateAll(graph, example.inputs);
    const predictions = evaluations.map(({ logits }) => argmax(dequantizeLogits(graph, logits)));
    expect(accuracy(predictions, example.labels)).toBeGreaterThanOrEqual(0.95 - 0.01);
    for (const evaluation of evaluations.slice(0, 20)) expectWithinAccumulators(graph, evaluation);

    const counts = graph.layers.map((_, index) => {
      const summed = sumCounts(evaluations.flatMap(({ layers }) => layers[index]?.counts ?? []));
      if (summed === null) throw new Error('no evaluation');
      return summed;
    });
    const products = counts.map(meanProducts);
    // Weights x window positions: 1600 x 28 x 28, 102,400 x 10 x 10, 2,400,000 and 18,000.
    expect(products.map(({ dense }) => dense)).toEqual([1_254_400, 10_240_000, 2_400_000, 18_000]);
    // 50 % non-zero in the first layer, 6.25 %, 5 % and 25 % in the others, less those that
    // become 0 in 8 bits.
    [627_200, 640_000, 120_000, 4_500].forEach((hand, index) => {
      const counted = products[index]?.weightSparse ?? 0;
      expect(counted).toBeLessThanOrEqual(hand);
      expect(counted).toBeGreaterThan(0.97 * hand);
    });
    // 6 of 64, 8 of 64 and 150 of 1500 winners are the input of the next layer.
    [1, 6 / 64, 8 / 64, 0.1].forEach((hand, index) => {
      const layer = counts[index];
      const density = layer === undefined ? 0 : inputDensity(layer);
      expect(density).toBeLessThanOrEqual(hand);
      expect(density).toBeGreaterThan(0.97 * hand);
    });
    // With both zeros skipped, 702,650 by the designed densities.
    const bothSparse = products.reduce((sum, layer) => sum + layer.bothSparse, 0);
    expect(bothSparse).toBeLessThan(702_650);
    expect(bothSparse).toBeGreaterThan(0.95 * 702_650);

    counts.forEach((layer, index) => {
      const calibrated = report.layers[index]?.tieRate ?? 0;
      expect(Math.abs(tieRate(layer) - calibrated)).toBeLessThan(0.1);
    });
  });
});

describe('the tiny CNN in integers', () => {
  it('loses at most one point of accuracy', async () => {
    const example = await readExample('tiny-cnn');
    const { graph } = quantizeGraph(example.graph, example.calibration);
    expect(accuracyOf(graph, example)).toBeGreaterThanOrEqual(0.88 - 0.01);
  });

  it('gains from clipping and from corrected biases where bits are scarce', async () => {
    const example = await readExample('tiny-cnn');
    const bits = { weightBits: 4, activationBits: 4 };
    const accuracyWith = (options: Parameters<typeof quantizeGraph>[2]): number => {
      const { graph } = quantizeGraph(example.graph, example.calibration, { ...bits, ...options });
      return accuracyOf(graph, example);
    };
    const both = accuracyWith({});
    expect(both).toBeGreaterThan(accuracyWith({ ranges: 'max' }));
    expect(both).toBeGreaterThan(accuracyWith({ correctBias: false }));
  });
});

describe('networks that were only pruned, in integers', () => {
  for (const name of ['pruned-mlp', 'pruned-resnet']) {
    it(`${name} loses at most one point of accuracy`, async () => {
      const example = await readExample(name);
      const evaluate = prepareFloatEvaluator(example.graph);
      const float = Array.from({ length: example.inputs.count }, (_, sample) => {
        return argmax(evaluate(floatSample(example.inputs, sample)).logits);
      });
      const { graph } = quantizeGraph(example.graph, example.calibration);
      const [first] = evaluateAll(graph, example.inputs);
      if (first === undefined) throw new Error('no evaluation');
      expectWithinAccumulators(graph, first);
      expect(accuracyOf(graph, example)).toBeGreaterThanOrEqual(
        accuracy(float, example.labels) - 0.01,
      );
    });
  }
});
