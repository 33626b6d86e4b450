import { describe, expect, it } from 'vitest';
import { classPlaces } from '../../src/evaluate/answers.ts';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import { shapeSize } from '../../src/ir/graph.ts';
import type { Graph } from '../../src/ir/graph.ts';
import { exponential, softmax } from '../../src/sparsify/finetune/loss.ts';
import { trainNetwork } from '../../src/sparsify/finetune/train-network.ts';
import type { TrainingBatch } from '../../src/sparsify/finetune/train-network.ts';
import { separateMapWinners } from '../../src/passes/separate-map-winners.ts';
import { randomDag } from '../evaluate/random-dag.ts';
import { randomGraph, seededRandom } from '../evaluate/random-graph.ts';
import { noise } from '../support/onnx-builder.ts';

const samples = 3;

/** Without ties in k-WTA, which the two evaluators break differently; with one output. */
function drawGraph(seed: number): Graph {
  const random = seededRandom(seed);
  const graph = separateMapWinners(seed % 2 === 0 ? randomDag(random) : randomGraph(random));
  return { ...graph, outputs: graph.outputs.slice(0, 1) };
}

function drawProbabilities(classes: number): Float64Array {
  const answers = Array.from(noise(classes, 7), (value) => 2 * value);
  return Float64Array.from({ length: samples }).reduce<Float64Array>(
    (all, _, sample) => {
      all.set(softmax(answers), sample * classes);
      return all;
    },
    new Float64Array(samples * classes),
  );
}

function drawBatch(graph: Graph, seed: number): TrainingBatch {
  const size = shapeSize(graph.input.shape);
  const classes = classPlaces(graph).length;
  return {
    data: Float64Array.from(noise(size * samples, seed)),
    labels: Uint32Array.from({ length: samples }, (_, n) => (seed + n) % classes),
    teacher: seed % 3 === 0 ? null : drawProbabilities(classes),
  };
}

describe('a network that is trained', () => {
  const seeds = Array.from({ length: 30 }, (_, seed) => seed + 1);

  it.each(seeds)('computes what the float evaluator computes: random graph %i', (seed) => {
    const graph = drawGraph(seed);
    const batch = drawBatch(graph, seed);
    const network = trainNetwork(graph, samples);
    network.run(batch, samples, new Map());
    const evaluate = prepareFloatEvaluator(graph);
    const size = shapeSize(graph.input.shape);
    for (let sample = 0; sample < samples; sample += 1) {
      const input = Float32Array.from(batch.data.subarray(sample * size, (sample + 1) * size));
      const { layers } = evaluate(input);
      graph.layers.forEach((layer, index) => {
        const { channels, height, width } = layer.outputShape;
        const sites = height * width;
        const { values } = network.edge(layer.name);
        const expected = layers[index]?.values ?? new Float32Array(0);
        for (let at = 0; at < channels * sites; at += 1) {
          const place = (Math.floor(at / sites) * samples + sample) * sites + (at % sites);
          expect(values[place]).toBeCloseTo(expected[at] ?? NaN, 3);
        }
      });
    }
  });

  it.each(seeds)('has the gradients of its loss: random graph %i', (seed) => {
    const graph = drawGraph(seed);
    const batch = drawBatch(graph, seed);
    const network = trainNetwork(graph, samples);
    network.run(batch, samples, new Map());
    const step = 1e-5;
    let compared = 0;
    let close = 0;
    // Every further run adds to the gradients: they are taken first.
    const given = network.layers.flatMap(({ parameters }) =>
      parameters === null
        ? []
        : [
            { values: parameters.list.values, gradients: parameters.weightGradients.slice() },
            { values: parameters.bias, gradients: parameters.biasGradients.slice() },
          ],
    );
    for (const { values, gradients } of given) {
      for (let at = 0; at < values.length; at += Math.max(1, Math.floor(values.length / 6))) {
        const value = values[at] ?? 0;
        values[at] = value + step;
        const above = network.run(batch, samples, new Map());
        values[at] = value - step;
        const below = network.run(batch, samples, new Map());
        values[at] = value;
        const slope = (above - below) / (2 * step);
        const distance = Math.abs(slope - (gradients[at] ?? 0));
        compared += 1;
        if (distance <= 1e-6 + 1e-4 * Math.abs(slope)) close += 1;
      }
    }
    expect(compared).toBeGreaterThan(0);
    // At a kink (a winner that changes within the step) the slope between is another.
    expect(close / compared).toBeGreaterThan(0.95);
  });
});

describe('the exponential of the loss', () => {
  it('is that of the language to the last places', () => {
    for (let x = -50; x <= 0; x += 0.137) {
      expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-14);
    }
    expect(exponential(0)).toBe(1);
    expect(exponential(-1000)).toBe(0);
  });
});
