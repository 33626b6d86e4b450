import { describe, expect, it } from 'vitest';
import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import { shapeSize } from '../../src/ir/graph.ts';
import { windowOf } from '../../src/ir/quantized.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import { wordsNeverRead } from '../../src/simulate/words-never-read.ts';
import { randomCase } from '../support/random-case.ts';

function valuesOf(graph: QuantizedGraph, samples: readonly Int16Array[]): readonly Int16Array[][] {
  const evaluate = prepareEvaluator(graph);
  return samples.map((sample) => evaluate(sample).layers.map(({ values }) => values));
}

/** Weights that can change a sum: those a non-zero activation meets in a window that is used. */
function indicesByBruteForce(graph: QuantizedGraph, samples: readonly Int16Array[]): number {
  const [first] = graph.layers;
  if (first === undefined) throw new Error('a network has a layer');
  const quantized = windowOf(first);
  const { layer } = quantized;
  const taps = layer.inputShape.channels * layer.kernel.height * layer.kernel.width;
  let never = 0;
  for (let tap = 0; tap < taps; tap += 1) {
    // A kernel of one weight: its sums are the activations that it meets.
    const weights = new Int16Array(quantized.weights.length);
    weights[tap] = 1;
    const outputs = [{ name: 'output', layer: quantized.name }];
    const probe = { ...graph, layers: [{ ...quantized, weights }], outputs };
    const probed = prepareEvaluator(probe);
    const { pooling, outputShape, windowShape } = layer;
    const used = (row: number, output: number, side: 'height' | 'width'): boolean => {
      const first = Math.floor(row / (pooling?.stride[side] ?? 1));
      const inside = (group: number): boolean =>
        group >= 0 &&
        group < output &&
        row - group * (pooling?.stride[side] ?? 1) < (pooling?.kernel[side] ?? 1);
      return inside(first) || inside(first - 1);
    };
    const met = samples.some((sample) => {
      const sums = probed(sample).layers[0]?.accumulators ?? new Int32Array(0);
      return sums.some((sum, at) => {
        const y = Math.floor(at / windowShape.width);
        const x = at % windowShape.width;
        return (
          sum !== 0 && used(y, outputShape.height, 'height') && used(x, outputShape.width, 'width')
        );
      });
    });
    if (!met) never += 1;
  }
  return never;
}

describe('weight words that no activation meets', () => {
  it.each([1, 2, 3, 4, 5, 6])('are those that brute force finds, network %i', (seed) => {
    const { graph, network } = randomCase(seed, 'sparse-sparse');
    const size = shapeSize(graph.input.shape);
    // One value that is not 0, so that the border of the map matters.
    const sample = new Int16Array(size);
    sample[(seed * 7) % size] = 3;
    const { plan } = network;
    const [first] = plan.layers;
    if (first?.kind !== 'window') throw new Error('a plan begins with a window');
    const single = { ...plan, layers: [first] };
    const found = wordsNeverRead(single, [sample], valuesOf(graph, [sample]));
    expect(found).toBe(indicesByBruteForce(graph, [sample]) * first.words);
  });

  it('are all of them for samples of zeros, none where all inputs are used', () => {
    const { graph, network } = randomCase(2, 'dense');
    const { plan } = network;
    const [first] = plan.layers;
    if (first?.kind !== 'window') throw new Error('a plan begins with a window');
    const single = { ...plan, layers: [first] };
    const size = shapeSize(graph.input.shape);
    const words = first.lanePositions * Math.ceil(first.input.channels / first.choice.values);
    expect(wordsNeverRead(single, [new Int16Array(size)], [[]])).toBe(words * first.folds);
    expect(wordsNeverRead(single, [new Int16Array(size).fill(1)], [[]])).toBe(0);
  });
});
