import { describe, expect, it } from 'vitest';
import { factorCholesky, invertLower, solveCholesky } from '../../src/sparsify/algebra/cholesky.ts';
import { addInnerProducts } from '../../src/sparsify/algebra/inner-products.ts';
import { prepareFloatLayer } from '../../src/evaluate/float.ts';
import { shapeSize } from '../../src/ir/graph.ts';
import type { Graph, WindowLayer } from '../../src/ir/graph.ts';
import type { Samples } from '../../src/ir/tensor.ts';
import { packKernels } from '../../src/pack/pack-kernels.ts';
import { collectMoments } from '../../src/sparsify/calibrate/moments.ts';
import { isPrunable } from '../../src/sparsify/plan/layer-goal.ts';
import type { SparsityPlan } from '../../src/sparsify/plan/layer-goal.ts';
import { pruneByMagnitude } from '../../src/sparsify/prune/magnitude.ts';
import { prepareReconstruction } from '../../src/sparsify/prune/problem.ts';
import { pruneNetwork } from '../../src/sparsify/prune/prune-network.ts';
import { sweepMask } from '../../src/sparsify/prune/sweep.ts';
import type { PruneMethod } from '../../src/sparsify/prune/prune-layer.ts';
import type { Pattern } from '../../src/sparsify/prune/pattern.ts';
import { randomDag } from '../evaluate/random-dag.ts';
import { randomGraph, seededRandom } from '../evaluate/random-graph.ts';
import { noise } from '../support/onnx-builder.ts';
import { graphOf, linear, positiveConvolution } from '../support/small-graph.ts';

const quiet = { pause: () => Promise.resolve(), tell: () => undefined, seed: 1 };

/** Samples whose values hang together, so that one weight can make up for another. */
function relatedSamples(count: number, sampleSize: number): Samples {
  const data = noise(count * sampleSize, 3);
  for (let at = 1; at < data.length; at += 1)
    data[at] = (data[at] ?? 0) + 0.8 * (data[at - 1] ?? 0);
  return { count, sampleSize, data };
}

function smallNetwork(): Graph {
  const shape = { channels: 3, height: 6, width: 6 };
  const first = positiveConvolution('first', 'input', shape, 8, 3);
  const signed = { ...first, weights: noise(first.weights.length, 1) };
  const second = positiveConvolution('second', 'first', { ...shape, channels: 8 }, 12, 3);
  const mixed = { ...second, weights: noise(second.weights.length, 2) };
  return graphOf(shape, [signed, mixed, linear('answer', 'second', { ...shape, channels: 12 })]);
}

function planOf(graph: Graph, pattern: Pattern): SparsityPlan {
  return graph.layers.map((layer) => ({
    name: layer.name,
    pattern: isPrunable(layer) ? pattern : null,
    kWinners: null,
  }));
}

async function prune(graph: Graph, pattern: Pattern, method: PruneMethod = 'second-order') {
  const samples = relatedSamples(60, shapeSize(graph.input.shape));
  return pruneNetwork(graph, samples, planOf(graph, pattern), { ...quiet, method });
}

function windowsOf(graph: Graph): readonly WindowLayer[] {
  return graph.layers.filter(isPrunable);
}

function nonZeros(weights: Float32Array): number {
  return weights.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0);
}

describe('zeros anywhere', () => {
  it.each(['second-order', 'magnitude'] as const)('are as many as asked: %s', async (method) => {
    const { graph } = await prune(smallNetwork(), { kind: 'unstructured', density: 0.2 }, method);
    for (const { weights } of windowsOf(graph)) {
      expect(nonZeros(weights)).toBe(Math.round(0.2 * weights.length));
    }
  });

  it('cost less where the others make up for them', async () => {
    const pattern = { kind: 'unstructured', density: 0.3 } as const;
    const best = await prune(smallNetwork(), pattern);
    const plain = await prune(smallNetwork(), pattern, 'magnitude');
    best.differences.forEach((difference, index) => {
      expect(difference?.sums).toBeLessThan(0.6 * (plain.differences[index]?.sums ?? 0));
    });
  });
});

describe('complementary zeros', () => {
  it.each(['second-order', 'magnitude'] as const)(
    'leave one weight of a set at every input position: %s',
    async (method) => {
      const setSize = 4;
      const { graph } = await prune(smallNetwork(), { kind: 'complementary', setSize }, method);
      for (const layer of windowsOf(graph).slice(0, 2)) {
        const outputs = layer.windowShape.channels;
        const inputs = layer.weights.length / outputs;
        for (let first = 0; first < outputs; first += setSize) {
          for (let input = 0; input < inputs; input += 1) {
            const owners = Array.from({ length: setSize }, (_, n) =>
              layer.weights[(first + n) * inputs + input] === 0 ? 0 : 1,
            );
            expect(owners.reduce<number>((sum, one) => sum + one, 0)).toBe(1);
          }
        }
      }
    },
  );

  it('pack into as few sets as asked', async () => {
    const { graph } = await prune(smallNetwork(), { kind: 'complementary', setSize: 4 });
    const [, layer] = windowsOf(graph);
    if (layer === undefined) throw new Error('two convolutions');
    const packing = packKernels({
      layer: layer.name,
      outputs: 12,
      indices: layer.weights.length / 12,
      nonZero: Uint8Array.from(layer.weights, (weight) => (weight === 0 ? 0 : 1)),
    });
    expect(packing.sets.length).toBe(3);
    expect(packing.depth).toBe(1);
  });

  it('cost less where the others make up for them', async () => {
    const pattern = { kind: 'complementary', setSize: 3 } as const;
    const best = await prune(smallNetwork(), pattern);
    const plain = await prune(smallNetwork(), pattern, 'magnitude');
    best.differences.forEach((difference, index) => {
      expect(difference?.sums).toBeLessThan(0.6 * (plain.differences[index]?.sums ?? 0));
    });
  });
});

describe('pruning', () => {
  it('keeps the means of the sums', async () => {
    const graph = smallNetwork();
    const samples = relatedSamples(60, shapeSize(graph.input.shape));
    const { graph: sparse } = await prune(graph, { kind: 'unstructured', density: 0.3 });
    const [dense] = windowsOf(graph);
    const [changed] = windowsOf(sparse);
    if (dense === undefined || changed === undefined) throw new Error('a convolution');
    const sites = dense.windowShape.height * dense.windowShape.width;
    for (let channel = 0; channel < dense.windowShape.channels; channel += 1) {
      const means = [dense, changed].map((layer) => {
        const evaluate = prepareFloatLayer(layer);
        let sum = 0;
        for (let sample = 0; sample < samples.count; sample += 1) {
          const { sampleSize } = samples;
          const data = samples.data.subarray(sample * sampleSize, (sample + 1) * sampleSize);
          const { sums } = evaluate([data]);
          for (let site = 0; site < sites; site += 1) sum += sums[channel * sites + site] ?? 0;
        }
        return sum / (sites * samples.count) + (layer.bias[channel] ?? 0);
      });
      // The layer is calibrated on all of its sites here, so the means are the same.
      expect(means[1]).toBeCloseTo(means[0] ?? NaN, 4);
    }
  });

  it('gives the same weights every time', async () => {
    const once = await prune(smallNetwork(), { kind: 'unstructured', density: 0.2 });
    const again = await prune(smallNetwork(), { kind: 'unstructured', density: 0.2 });
    expect(windowsOf(once.graph)).toEqual(windowsOf(again.graph));
  });

  const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1);
  it.each(seeds)('takes every kind of layer: random graph %i', async (seed) => {
    const random = seededRandom(seed);
    const graph = seed % 2 === 0 ? randomDag(random) : randomGraph(random);
    const result = await prune(graph, { kind: 'unstructured', density: 0.5 });
    expect(result.graph.layers.length).toBe(graph.layers.length);
    graph.layers.forEach((layer, index) => {
      const changed = result.graph.layers[index];
      if (layer.kind !== 'window' || changed?.kind !== 'window') return;
      const { groups } = layer;
      const wanted = groups * Math.round((0.5 * layer.weights.length) / groups);
      const { weights } = layer;
      if (isPrunable(layer)) expect(nonZeros(changed.weights)).toBeLessThanOrEqual(wanted);
      else expect(changed.weights).toEqual(weights);
    });
  });
});

describe('the sweep', () => {
  const [inputs, outputs] = [40, 12];
  const collector = collectMoments(inputs, outputs);
  const dense = Float64Array.from(noise(inputs * outputs, 5));
  const rows = relatedSamples(400, inputs).data;
  for (let at = 0; at < rows.length; at += inputs) {
    const row = Float64Array.from(rows.subarray(at, at + inputs));
    const sums = Float64Array.from({ length: outputs }, (_, output) =>
      row.reduce((sum, value, n) => sum + value * (dense[output * inputs + n] ?? 0), 0),
    );
    collector.add(row, sums);
  }
  const moments = collector.finish();

  /** Squared error of the sums of all kernels, bias apart. */
  function errorOf(weights: Float64Array): number {
    let error = 0;
    for (let output = 0; output < outputs; output += 1) {
      for (let i = 0; i < inputs; i += 1) {
        for (let j = 0; j < inputs; j += 1) {
          const left = (weights[output * inputs + i] ?? 0) - (dense[output * inputs + i] ?? 0);
          const right = (weights[output * inputs + j] ?? 0) - (dense[output * inputs + j] ?? 0);
          error += left * right * (moments.hessian[i * inputs + j] ?? 0);
        }
      }
    }
    return error;
  }

  it.each([
    { kind: 'unstructured', density: 0.25 },
    { kind: 'complementary', setSize: 4 },
  ] as const)('has weights where its mask says so, better than the largest: $kind', (pattern) => {
    const problem = prepareReconstruction(moments, dense);
    if (problem === null) throw new Error('the inputs differ');
    const { weights, mask } = sweepMask(problem, pattern);
    weights.forEach((weight, at) => expect(weight !== 0).toBe(mask[at] === 1));
    expect(mask.reduce((sum, one) => sum + one, 0)).toBe(0.25 * inputs * outputs);
    const plain = pruneByMagnitude(dense, outputs, inputs, pattern);
    expect(errorOf(weights)).toBeLessThan(0.85 * errorOf(plain.weights));
  });
});

describe('Cholesky', () => {
  it.each([1, 3, 47, 48, 49, 130])('factorises, inverts and solves: %i rows', (size) => {
    const rows = Float64Array.from(noise(size * (size + 8), 1));
    const matrix = new Float64Array(size * size);
    const of = { data: rows, start: 0, stride: size + 8, count: size };
    addInnerProducts({ data: matrix, start: 0, stride: size, count: size }, of, of, size + 8);
    const factor = matrix.slice();
    expect(factorCholesky(factor, size)).toBe(true);
    const inverse = invertLower(factor, size);
    const right = Float64Array.from(noise(size, 2));
    const solution = right.slice();
    solveCholesky(factor, size, solution);
    for (let row = 0; row < size; row += 1) {
      let value = 0;
      let unit = 0;
      for (let n = 0; n < size; n += 1) {
        value += (matrix[row * size + n] ?? 0) * (solution[n] ?? 0);
        if (n <= row) unit += (factor[row * size + n] ?? 0) * (inverse[n * size] ?? 0);
      }
      expect(value).toBeCloseTo(right[row] ?? NaN, 6);
      expect(unit).toBeCloseTo(row === 0 ? 1 : 0, 8);
    }
  });

  it('says no to a matrix that is not positive definite', () => {
    expect(factorCholesky(Float64Array.of(1, 2, 2, 1), 2)).toBe(false);
    expect(factorCholesky(Float64Array.of(0, 0, 0, 1), 2)).toBe(false);
  });
});
