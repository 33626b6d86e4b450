import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import { shapeSize } from '../../src/ir/graph.ts';
import type { Graph } from '../../src/ir/graph.ts';
import type { OnnxModel } from '../../src/ir/onnx.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import { writeModel } from '../../src/sparsify/export/write-model.ts';
import { separateMapWinners } from '../../src/passes/separate-map-winners.ts';
import { randomDag } from '../evaluate/random-dag.ts';
import { randomGraph, seededRandom } from '../evaluate/random-graph.ts';
import { noise } from '../support/onnx-builder.ts';
import { elementwiseModels } from '../support/operator-models/elementwise.ts';
import { layoutModels } from '../support/operator-models/layout.ts';
import { encodeOperatorModel } from '../support/operator-models/operator-model.ts';
import { windowModels } from '../support/operator-models/windows.ts';
import { winnerModels } from '../support/operator-models/winners.ts';
import { answersOf } from '../support/runtime.ts';

/** What reading would tell of a model that a graph was made from. */
function modelOf(graph: Graph): OnnxModel {
  const { channels, height, width } = graph.input.shape;
  const float = { elementType: 'FLOAT' };
  return {
    name: graph.name,
    producer: '',
    opset: 13,
    domains: new Map(),
    inputs: [{ name: graph.input.name, shape: [1, channels, height, width], ...float }],
    outputs: graph.outputs.map(({ name }) => ({ name, shape: null, ...float })),
    nodes: [],
    initializers: new Map(),
    externalFiles: [],
  };
}

async function answersOfRuntime(
  bytes: Uint8Array,
  sample: Float32Array,
  dims: readonly number[],
): Promise<ReadonlyMap<string, { readonly dims: readonly number[]; readonly data: Float32Array }>> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const [input = ''] = session.inputNames;
  const results = await session.run({ [input]: new Tensor('float32', sample, [...dims]) });
  await session.release();
  return new Map(
    Object.entries(results).map(([name, { dims: shape, data }]) => {
      if (!(data instanceof Float32Array)) throw new Error('answers are float32');
      return [name, { dims: shape, data }];
    }),
  );
}

function worstDistance(left: Float32Array, right: ArrayLike<number>): number {
  expect(left.length).toBe(right.length);
  return left.reduce((most, value, at) => Math.max(most, Math.abs(value - (right[at] ?? NaN))), 0);
}

/** Random graphs that can come from a model: padding less than the kernel, as Conv must have it. */
function drawGraph(seed: number): Graph | null {
  const random = seededRandom(seed);
  const graph = separateMapWinners(seed % 2 === 0 ? randomDag(random) : randomGraph(random));
  const isPossible = graph.layers.every((layer) => {
    if (layer.kind !== 'window') return true;
    const { top, left, bottom, right } = layer.padding;
    const { height, width } = layer.kernel;
    return Math.max(top, bottom) < height && Math.max(left, right) < width;
  });
  return isPossible ? graph : null;
}

describe('a graph as an ONNX model', () => {
  const seeds = Array.from({ length: 100 }, (_, seed) => seed + 1);
  const graphs = seeds.flatMap((seed) => {
    const graph = drawGraph(seed);
    return graph === null ? [] : [[seed, graph] as const];
  });

  it('is tried on graphs of every kind', () => {
    expect(graphs.length).toBeGreaterThan(40);
    const kinds = new Set(graphs.flatMap(([, { layers }]) => layers.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual(['add', 'concat', 'max-pool', 'window', 'winners']);
  });

  it.each(graphs)('computes the same in nzflow and ONNX Runtime: graph %i', async (seed, graph) => {
    const bytes = writeModel(graph, modelOf(graph));
    const again = lowerModel(decodeOnnxModel(bytes, 'written.onnx'), { keepEmptyChannels: true });
    const sample = noise(shapeSize(graph.input.shape), seed);
    const expected = answersOf(graph, prepareFloatEvaluator(graph)(sample).logits);
    const read = answersOf(again, prepareFloatEvaluator(again)(sample).logits);
    const { channels, height, width } = graph.input.shape;
    const runtime = await answersOfRuntime(bytes, sample, [1, channels, height, width]);
    for (const [name, answer] of expected) {
      expect(worstDistance(answer, read.get(name) ?? [])).toBeLessThan(1e-4);
      expect(worstDistance(answer, runtime.get(name)?.data ?? [])).toBeLessThan(1e-3);
    }
  });

  const models = [...windowModels, ...elementwiseModels, ...layoutModels, ...winnerModels];
  it.each(models.map((model) => [model.name, model] as const))(
    'keeps names, shapes and answers: %s',
    async (_, model) => {
      const bytes = encodeOperatorModel(model);
      const original = decodeOnnxModel(bytes, 'test.onnx');
      const written = writeModel(lowerModel(original, { keepEmptyChannels: true }), original);
      const size = model.input.reduce((product, length) => product * length, 1);
      const sample = noise(size, 5);
      const before = await answersOfRuntime(bytes, sample, model.input);
      const after = await answersOfRuntime(written, sample, model.input);
      expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
      for (const [name, answer] of before) {
        const told = original.outputs.find((output) => output.name === name)?.shape ?? null;
        if (told !== null) expect(after.get(name)?.dims).toEqual(answer.dims);
        expect(worstDistance(answer.data, after.get(name)?.data ?? [])).toBeLessThan(1e-4);
      }
    },
  );

  it('is the same every time', () => {
    const graph = randomDag(seededRandom(3));
    expect(writeModel(graph, modelOf(graph))).toEqual(writeModel(graph, modelOf(graph)));
  });
});
