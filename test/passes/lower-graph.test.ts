import { describe, expect, it } from 'vitest';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import { identityActivation, inputsOf, reluActivation, type Graph } from '../../src/ir/graph.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { readNpy } from '../../src/read/npy.ts';
import { decodeOnnxModel, readOnnxModel } from '../../src/read/onnx.ts';
import { readSamples } from '../../src/read/samples.ts';
import {
  encodeModel,
  floats,
  integers,
  noise,
  onnxNode as node,
  type ModelParts,
} from '../support/onnx-builder.ts';

function lower(parts: ModelParts): Graph {
  return lowerModel(
    decodeOnnxModel(encodeModel({ inputs: { x: [1, 4, 8, 8] }, ...parts }), 'test.onnx'),
  );
}

const weights = floats('w', [4, 4, 3, 3], noise(144, 1));
const conv = (input: string, output: string) =>
  node('Conv', [input, 'w'], [output], { pads: [1, 1, 1, 1] });
const pool = { kernel_shape: [2, 2], strides: [2, 2] };
const relu = (input: string, output: string) => node('Relu', [input], [output]);

/** Layer, kind and what it reads. */
function outline(graph: Graph): readonly (readonly [string, string, ...string[]])[] {
  return graph.layers.map((layer) => [layer.name, layer.kind, ...inputsOf(layer)]);
}

describe('where operations go', () => {
  it('a residual block is two windows and an add with its ReLU', () => {
    const graph = lower({
      nodes: [
        conv('x', 'a'),
        relu('a', 'b'),
        conv('b', 'c'),
        node('Add', ['c', 'x'], ['d']),
        relu('d', 'y'),
      ],
      initializers: [weights],
    });
    expect(outline(graph)).toEqual([
      ['Conv:a', 'window', 'x'],
      ['Conv:c', 'window', 'Conv:a'],
      ['Add:d', 'add', 'Conv:c', 'x'],
    ]);
    expect(graph.layers.map(({ activation }) => activation)).toEqual([
      reluActivation,
      identityActivation,
      reluActivation,
    ]);
    expect(graph.layers.at(-1)?.origin).toEqual(['Add:d', 'Relu:y']);
  });

  it('max-pooling joins its window through an activation, whatever its kernel and stride', () => {
    const graph = lower({
      nodes: [
        conv('x', 'a'),
        relu('a', 'b'),
        node('MaxPool', ['b'], ['y'], { kernel_shape: [3, 3], strides: [2, 2] }),
      ],
      initializers: [weights],
    });
    expect(graph.layers).toMatchObject([
      {
        pooling: { kernel: { height: 3, width: 3 }, stride: { height: 2, width: 2 } },
        activation: reluActivation,
      },
    ]);
  });

  it.each([
    [
      'padded',
      [
        conv('x', 'a'),
        node('MaxPool', ['a'], ['b'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
        relu('b', 'y'),
      ],
      ['Conv:a', 'MaxPool:b'],
    ],
    [
      'the second one',
      [
        conv('x', 'a'),
        node('MaxPool', ['a'], ['b'], pool),
        node('MaxPool', ['b'], ['c'], pool),
        relu('c', 'y'),
      ],
      ['Conv:a', 'MaxPool:c'],
    ],
  ])('max-pooling that is %s is a layer, its activation in the window', (_, nodes, names) => {
    const graph = lower({ nodes, initializers: [weights] });
    expect(graph.layers.map(({ name }) => name)).toEqual(names);
    expect(graph.layers.map(({ activation }) => activation)).toEqual([
      reluActivation,
      identityActivation,
    ]);
  });

  it('what two nodes read stays as it is, and its activation is a window of ones', () => {
    const graph = lower({
      nodes: [conv('x', 'a'), relu('a', 'b'), node('Sub', ['b', 'a'], ['y'])],
      initializers: [weights],
    });
    expect(graph.layers).toMatchObject([
      { name: 'Conv:a', activation: identityActivation },
      { name: 'Relu:b', kind: 'window', groups: 4, activation: reluActivation, input: 'Conv:a' },
      { name: 'Sub:y', kind: 'add', signs: [1, -1], inputs: ['Relu:b', 'Conv:a'] },
    ]);
    expect(graph.layers[1]).toMatchObject({ weights: new Float32Array(4).fill(1) });
  });

  it('an answer that others read too is not changed by them', () => {
    const graph = lower({
      nodes: [conv('x', 'a'), relu('a', 'y')],
      initializers: [weights],
      outputs: ['a', 'y'],
    });
    expect(graph.outputs).toEqual([
      { name: 'a', layer: 'Conv:a' },
      { name: 'y', layer: 'Relu:y' },
    ]);
  });

  it('sums of several branches are a chain, concatenations keep all inputs', () => {
    const graph = lower({
      nodes: [
        conv('x', 'a'),
        relu('x', 'b'),
        node('Sum', ['a', 'b', 'x'], ['s']),
        node('Concat', ['a', 's', 'b'], ['y'], { axis: 1n }),
      ],
      initializers: [weights],
    });
    expect(outline(graph).slice(2)).toEqual([
      ['Sum:s', 'add', 'Conv:a', 'Relu:b'],
      ['Sum:s#2', 'add', 'Sum:s', 'x'],
      ['Concat:y', 'concat', 'Conv:a', 'Sum:s#2', 'Relu:b'],
    ]);
  });

  it('normalisation of a concatenation is one window of scales with its ReLU', () => {
    const graph = lower({
      nodes: [
        conv('x', 'a'),
        node('Concat', ['a', 'x'], ['c'], { axis: 1n }),
        node('Mul', ['c', 'g'], ['m']),
        node('Add', ['m', 'o'], ['n']),
        relu('n', 'y'),
      ],
      initializers: [
        weights,
        floats('g', [8, 1, 1], noise(8, 2)),
        floats('o', [8, 1, 1], noise(8, 3)),
      ],
    });
    expect(graph.layers[2]).toMatchObject({
      name: 'Mul:m',
      groups: 8,
      activation: reluActivation,
      origin: ['Mul:m', 'Add:n', 'Relu:y'],
    });
    expect(graph.layers).toHaveLength(3);
  });

  it('average pooling is a depthwise window of equal weights', () => {
    const graph = lower({ nodes: [node('GlobalAveragePool', ['x'], ['y'])] });
    expect(graph.layers).toMatchObject([
      {
        kind: 'window',
        groups: 4,
        kernel: { height: 8, width: 8 },
        weights: new Float32Array(256).fill(1 / 64),
      },
    ]);
  });

  it('operations whose shape alone is needed are left out, and read nothing', () => {
    const graph = lower({
      nodes: [
        conv('x', 'a'),
        node('Mul', ['a', 'two'], ['z']),
        node('Shape', ['z'], ['s']),
        node('ConstantOfShape', ['s'], ['ones'], { value: floats('', [1], [1]) }),
        node('Add', ['a', 'ones'], ['b']),
        relu('b', 'y'),
      ],
      initializers: [weights, floats('two', [], [2])],
    });
    expect(graph.layers.map(({ origin }) => origin)).toEqual([['Conv:a', 'Add:b', 'Relu:y']]);
  });

  it('a LeakyReLU behind a pooled sum is a window behind the pooling', () => {
    const graph = lower({
      nodes: [
        conv('x', 'a'),
        node('Add', ['a', 'x'], ['b']),
        node('MaxPool', ['b'], ['c'], pool),
        node('LeakyRelu', ['c'], ['y']),
      ],
      initializers: [weights],
    });
    expect(graph.layers.map(({ kind, outputShape }) => [kind, outputShape.height])).toEqual([
      ['window', 8],
      ['add', 8],
      ['max-pool', 4],
      ['window', 4],
    ]);
  });

  it('k-WTA in groups of channels tells their number', () => {
    const graph = lower({
      nodes: [
        conv('x', 'a'),
        node('Reshape', ['a', 'apart'], ['g']),
        node('TopK', ['g', 'k'], ['top', 'at'], { axis: 2n }),
        node('ReduceMin', ['top'], ['t'], { axes: [2] }),
        node('GreaterOrEqual', ['g', 't'], ['m']),
        node('Where', ['m', 'g', 'zero'], ['n']),
        node('Reshape', ['n', 'together'], ['y']),
      ],
      initializers: [
        weights,
        integers('apart', [0, 2, 2, 8, 8]),
        integers('together', [0, 4, 8, 8]),
        integers('k', [1]),
        floats('zero', [], [0]),
      ],
    });
    expect(graph.layers).toMatchObject([
      { kWinners: { k: 1, scope: 'site', groups: 2, tiesInModel: true } },
    ]);
  });
});

describe('orders', () => {
  it('of an input with its channels last, and of an answer', () => {
    const graph = lower({
      nodes: [
        node('Transpose', ['x'], ['t'], { perm: [0, 3, 1, 2] }),
        conv('t', 'c'),
        node('Transpose', ['c'], ['y'], { perm: [0, 2, 3, 1] }),
      ],
      initializers: [weights],
      inputs: { x: ['batch', 6, 5, 4] },
    });
    expect(graph.input).toEqual({
      name: 'x',
      shape: { channels: 4, height: 6, width: 5 },
      sampleOrder: { dims: [6, 5, 4], lengths: [6, 5, 4], axes: [2, 0, 1] },
    });
    expect(graph.outputs).toEqual([
      {
        name: 'y',
        layer: 'Conv:c',
        answerOrder: { dims: [6, 5, 4], lengths: [4, 6, 5], axes: [1, 2, 0] },
      },
    ]);
  });

  it('of a fixed batch stays in front', () => {
    const graph = lower({
      nodes: [
        node('Transpose', ['x'], ['t'], { perm: [0, 3, 1, 2] }),
        conv('t', 'c'),
        node('Reshape', ['c', 's'], ['f']),
        node('Gemm', ['f', 'v'], ['y']),
      ],
      initializers: [weights, integers('s', [3, -1]), floats('v', [120, 2], noise(240, 4))],
      inputs: { x: [3, 6, 5, 4] },
    });
    expect(graph.layers.at(-1)).toMatchObject({ operator: 'linear', outputShape: { channels: 2 } });
  });
});

describe('a residual network trained in PyTorch', () => {
  const folder = 'examples/pruned-resnet';

  it('keeps its blocks', async () => {
    const graph = lowerModel(await readOnnxModel(`${folder}/model.onnx`));
    const kinds = graph.layers.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'add')).toHaveLength(3);
    expect(
      graph.layers.filter(({ kind }) => kind === 'add').map(({ activation }) => activation),
    ).toEqual([reluActivation, reluActivation, reluActivation]);
    expect(graph.layers.find(({ name }) => name === 'GlobalAveragePool')).toMatchObject({
      kind: 'window',
      weights: expect.any(Float32Array) as unknown,
    });
  });

  it('answers what PyTorch answered', async () => {
    const graph = lowerModel(await readOnnxModel(`${folder}/model.onnx`));
    const samples = await readSamples(`${folder}/inputs.npy`, graph.input.shape);
    const theirs = await readNpy(`${folder}/float-logits.npy`);
    const evaluate = prepareFloatEvaluator(graph);
    let worst = 0;
    for (let index = 0; index < 20; index += 1) {
      const start = index * samples.sampleSize;
      const { logits } = evaluate(samples.data.subarray(start, start + samples.sampleSize));
      logits.forEach((logit, at) => {
        worst = Math.max(worst, Math.abs(logit - Number(theirs.data[index * logits.length + at])));
      });
    }
    expect(worst).toBeLessThan(1e-3);
  });
});

describe('operators behind the last layer', () => {
  it('are left to the host, with the labels of a scikit-learn network', () => {
    const ml = { domain: 'ai.onnx.ml' };
    const graph = lower({
      nodes: [
        node('Cast', ['x'], ['f'], { to: 1n }),
        node('MatMul', ['f', 'a'], ['h']),
        node('Add', ['h', 'ab'], ['hb']),
        relu('hb', 'r'),
        node('MatMul', ['r', 'b'], ['l']),
        node('Softmax', ['l'], ['p'], { axis: 1n }),
        node('ArgMax', ['p'], ['best'], { axis: 1n }),
        node('ArrayFeatureExtractor', ['classes', 'best'], ['label'], {}, ml),
        node('Reshape', ['label', 'flat'], ['y']),
      ],
      initializers: [
        floats('a', [5, 6], noise(30, 1)),
        floats('ab', [1, 6], noise(6, 2)),
        floats('b', [6, 3], noise(18, 3)),
        integers('classes', [7, 8, 9]),
        integers('flat', [-1]),
      ],
      inputs: { x: ['n', 5] },
      outputs: ['y', 'p'],
    });
    expect(graph.layers).toHaveLength(2);
    expect(graph.hostOperators).toEqual(['Softmax', 'ArgMax', 'ArrayFeatureExtractor']);
    expect(graph.outputs).toEqual([{ name: 'y', layer: 'MatMul:l' }]);
    expect(graph.notes).toContain('output "p" is computed by the host from what "y" is');
  });

  it('the best few classes are chosen by the host', () => {
    const graph = lower({
      nodes: [node('MatMul', ['x', 'a'], ['l']), node('TopK', ['l', 'k'], ['y', 'z'])],
      initializers: [floats('a', [5, 6], noise(30, 1)), integers('k', [3])],
      inputs: { x: ['n', 5] },
      outputs: ['y', 'z'],
    });
    expect(graph.hostOperators).toEqual(['TopK']);
    expect(graph.outputs).toEqual([{ name: 'y', layer: 'MatMul:l' }]);
  });
});
