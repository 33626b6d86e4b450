import { describe, expect, it } from 'vitest';
import type { NodeProto, TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import {
  identityActivation,
  inputsOf,
  reluActivation,
  type Graph,
  type WindowLayer,
} from '../../src/ir/graph.ts';
import {
  encodeModel,
  floats,
  integer,
  integers,
  noise,
  onnxNode as node,
  onnxTensor,
  type Dimensions,
} from '../support/onnx-builder.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import { lowerAndCompare } from '../support/runtime.ts';

const convWeights = floats('w', [4, 2, 3, 3], noise(72, 11));
const convBias = floats('b', [4], noise(4, 12));

interface Case {
  readonly nodes: readonly NodeProto[];
  readonly initializers?: readonly TensorProto[];
  readonly input?: readonly number[];
  /** Shape in the file, where it is not `input`. */
  readonly declared?: Dimensions;
  readonly opset?: number;
}

/** Lowers the case and compares it with ONNX Runtime. */
async function lower(parts: Case): Promise<Graph> {
  const input = parts.input ?? [1, 2, 7, 6];
  const bytes = encodeModel({
    nodes: parts.nodes,
    initializers: parts.initializers ?? [],
    inputs: { x: parts.declared ?? input },
    opset: parts.opset ?? 17,
  });
  return lowerAndCompare(bytes, input);
}

function only(graph: Graph): WindowLayer {
  const [layer] = graph.layers;
  expect(graph.layers).toHaveLength(1);
  if (layer?.kind !== 'window') throw new Error('no window');
  return layer;
}

function batchNorm(channels: number, seed: number, positive = true): readonly TensorProto[] {
  const scale = noise(channels, seed);
  return [
    floats('gamma', [channels], positive ? scale.map(Math.abs) : scale),
    floats('beta', [channels], noise(channels, seed + 1)),
    floats('mean', [channels], noise(channels, seed + 2)),
    floats(
      'variance',
      [channels],
      noise(channels, seed + 3).map((value) => value * value + 0.1),
    ),
  ];
}

const batchNormInputs = ['gamma', 'beta', 'mean', 'variance'];

describe('Conv', () => {
  it('computes what ONNX Runtime computes', async () => {
    const graph = await lower({
      nodes: [node('Conv', ['x', 'w', 'b'], ['y'])],
      initializers: [convWeights, convBias],
    });
    expect(only(graph)).toMatchObject({
      operator: 'conv',
      inputShape: { channels: 2, height: 7, width: 6 },
      windowShape: { channels: 4, height: 5, width: 4 },
      outputShape: { channels: 4, height: 5, width: 4 },
      pooling: null,
      activation: identityActivation,
      kWinners: null,
    });
  });

  it.each([
    ['pads', { pads: [1, 0, 2, 1] }, { top: 1, left: 0, bottom: 2, right: 1 }],
    ['VALID', { auto_pad: 'VALID' }, { top: 0, left: 0, bottom: 0, right: 0 }],
    [
      'SAME_UPPER',
      { auto_pad: 'SAME_UPPER', strides: [2, 2] },
      { top: 1, left: 0, bottom: 1, right: 1 },
    ],
    [
      'SAME_LOWER',
      { auto_pad: 'SAME_LOWER', strides: [2, 2] },
      { top: 1, left: 1, bottom: 1, right: 0 },
    ],
    ['strides', { strides: [2, 3] }, { top: 0, left: 0, bottom: 0, right: 0 }],
  ])('understands %s', async (_, attributes, padding) => {
    const graph = await lower({
      nodes: [node('Conv', ['x', 'w'], ['y'], attributes)],
      initializers: [convWeights],
    });
    expect(only(graph).padding).toEqual(padding);
  });

  it('makes -0 a plain 0', async () => {
    const graph = await lower({
      nodes: [node('Conv', ['x', 'w'], ['y'])],
      initializers: [floats('w', [1, 2, 1, 1], [-0, 0.5])],
    });
    expect(Object.is(only(graph).weights[0], 0)).toBe(true);
  });
});

describe('fully connected layers', () => {
  const matrix = floats('w', [6, 5], noise(30, 3));
  const rows = floats('w', [5, 6], noise(30, 3));

  it.each([
    ['transB 1', matrix, { transB: 1n }, 5, 6],
    ['transB 0', rows, {}, 5, 6],
    ['alpha and beta', rows, { alpha: 0.5, beta: -2 }, 5, 6],
  ])('reads Gemm with %s', async (_, weights, attributes, inputs, outputs) => {
    const graph = await lower({
      nodes: [node('Gemm', ['x', 'w', 'b'], ['y'], attributes)],
      initializers: [weights, floats('b', [outputs], noise(outputs, 5))],
      input: [1, inputs],
    });
    expect(only(graph)).toMatchObject({
      operator: 'linear',
      inputShape: { channels: inputs, height: 1, width: 1 },
      outputShape: { channels: outputs, height: 1, width: 1 },
    });
  });

  it('reads Gemm with a scalar bias', async () => {
    await lower({
      nodes: [node('Gemm', ['x', 'w', 'b'], ['y'])],
      initializers: [rows, floats('b', [1], [0.25])],
      input: [1, 5],
    });
  });

  it('reads MatMul, with the Add behind it as its bias', async () => {
    const graph = await lower({
      nodes: [node('MatMul', ['x', 'w'], ['m']), node('Add', ['b', 'm'], ['y'])],
      initializers: [rows, floats('b', [6], noise(6, 5))],
      input: [1, 5],
    });
    expect(only(graph).origin).toEqual(['MatMul:m', 'Add:y']);
    expect(only(graph).bias.every((value) => value !== 0)).toBe(true);
  });

  it('covers the whole map behind a Flatten, channels first', async () => {
    const graph = await lower({
      nodes: [
        node('Conv', ['x', 'w', 'b'], ['c']),
        node('Flatten', ['c'], ['f']),
        node('Gemm', ['f', 'v'], ['y'], { transB: 1n }),
      ],
      initializers: [convWeights, convBias, floats('v', [3, 80], noise(240, 6))],
    });
    expect(graph.layers[1]).toMatchObject({
      inputShape: { channels: 4, height: 5, width: 4 },
      kernel: { height: 5, width: 4 },
      windowShape: { channels: 3, height: 1, width: 1 },
    });
  });

  it('stands directly on an input map', async () => {
    const graph = await lower({
      nodes: [node('Flatten', ['x'], ['f']), node('MatMul', ['f', 'v'], ['y'])],
      initializers: [floats('v', [84, 3], noise(252, 6))],
    });
    expect(graph.input.shape).toEqual({ channels: 2, height: 7, width: 6 });
    expect(only(graph).kernel).toEqual({ height: 7, width: 6 });
  });
});

describe('reshapes that flatten', () => {
  const head = floats('v', [84, 3], noise(252, 6));
  const matMul = node('MatMul', ['f', 'v'], ['y']);

  it.each([
    ['Flatten', [node('Flatten', ['x'], ['f'], { axis: -3n })], []],
    ['Reshape to [1, -1]', [node('Reshape', ['x', 's'], ['f'])], [integers('s', [1, -1])]],
    ['Reshape to [0, 84]', [node('Reshape', ['x', 's'], ['f'])], [integers('s', [0, 84])]],
    [
      'x.view(x.size(0), -1)',
      [
        node('Shape', ['x'], ['shape']),
        node('Gather', ['shape', 'zero'], ['n'], { axis: 0n }),
        node('Unsqueeze', ['n', 'zeros'], ['n1']),
        node('Concat', ['n1', 'rest'], ['s'], { axis: 0n }),
        node('Reshape', ['x', 's'], ['f']),
      ],
      [integer('zero', 0), integers('zeros', [0]), integers('rest', [-1])],
    ],
    [
      'flatten by the shape of the rest',
      [
        node('Shape', ['x'], ['shape']),
        node('Slice', ['shape', 'zeros', 'ones'], ['n']),
        node('Concat', ['n', 'rest'], ['s'], { axis: 0n }),
        node('Cast', ['s'], ['s64'], { to: 7n }),
        node('Reshape', ['x', 's64'], ['f']),
      ],
      [integers('zeros', [0]), integers('ones', [1]), integers('rest', [-1])],
    ],
  ])('%s', async (_, nodes, constants) => {
    await lower({
      nodes: [...nodes, matMul],
      initializers: [head, ...constants],
      declared: ['batch', 2, 7, 6],
    });
  });

  it('removes and adds axes of length 1', async () => {
    const graph = await lower({
      nodes: [
        node('Unsqueeze', ['x', 'axis'], ['image']),
        node('Conv', ['image', 'w'], ['c']),
        node('Squeeze', ['c', 'axes'], ['y']),
      ],
      initializers: [
        floats('w', [5, 1, 4, 4], noise(80, 1)),
        integers('axis', [1]),
        integers('axes', [2, 3]),
      ],
      input: [1, 4, 4],
    });
    expect(graph.input.shape).toEqual({ channels: 1, height: 4, width: 4 });
    expect(only(graph).outputShape).toEqual({ channels: 5, height: 1, width: 1 });
  });

  it('gives axes as attributes before operator set 13', async () => {
    await lower({
      nodes: [
        node('Unsqueeze', ['x'], ['image'], { axes: [1] }),
        node('Conv', ['image', 'w'], ['c']),
        node('Squeeze', ['c'], ['y'], { axes: [2, 3] }),
      ],
      initializers: [floats('w', [5, 1, 4, 4], noise(80, 1))],
      input: [1, 4, 4],
      opset: 11,
    });
  });

  it('keeps a batch that the file fixes', () => {
    const bytes = encodeModel({
      nodes: [node('Reshape', ['x', 's'], ['f']), matMul],
      initializers: [head, integers('s', [3, -1])],
      inputs: { x: [3, 2, 7, 6] },
    });
    expect(only(lowerModel(decodeOnnxModel(bytes, 'test.onnx'))).outputShape).toEqual({
      channels: 3,
      height: 1,
      width: 1,
    });
  });

  it('takes a flat input that is reshaped to a map', async () => {
    const graph = await lower({
      nodes: [node('Reshape', ['x', 's'], ['map']), node('Conv', ['map', 'w'], ['y'])],
      initializers: [convWeights, integers('s', [-1, 2, 7, 6])],
      input: [1, 84],
    });
    expect(graph.input.shape).toEqual({ channels: 2, height: 7, width: 6 });
  });
});

describe('batch normalisation', () => {
  const conv = node('Conv', ['x', 'w', 'b'], ['c']);

  it('is folded into the layer before it, whatever its sign', async () => {
    const graph = await lower({
      nodes: [conv, node('BatchNormalization', ['c', ...batchNormInputs], ['y'])],
      initializers: [convWeights, convBias, ...batchNorm(4, 20, false)],
    });
    expect(only(graph).origin).toHaveLength(2);
  });

  it('is folded through max-pooling when its scales are positive', async () => {
    await lower({
      nodes: [
        conv,
        node('MaxPool', ['c'], ['p'], { kernel_shape: [2, 2], strides: [2, 2] }),
        node('BatchNormalization', ['p', ...batchNormInputs], ['n'], { epsilon: 0.01 }),
        node('Relu', ['n'], ['y']),
      ],
      initializers: [convWeights, convBias, ...batchNorm(4, 20)],
    });
  });

  it('is folded into the layer behind it where that does not pad', async () => {
    const graph = await lower({
      nodes: [
        node('BatchNormalization', ['x', ...batchNormInputs], ['n']),
        node('Conv', ['n', 'w', 'b'], ['y']),
      ],
      initializers: [convWeights, convBias, ...batchNorm(2, 30, false)],
    });
    expect(only(graph).origin).toEqual(['BatchNormalization:n', 'Conv:y']);
  });

  it('is folded forwards from behind a ReLU, through pooling and Flatten', async () => {
    await lower({
      nodes: [
        conv,
        node('Relu', ['c'], ['r']),
        node('BatchNormalization', ['r', ...batchNormInputs], ['n']),
        node('MaxPool', ['n'], ['p'], { kernel_shape: [2, 2], strides: [2, 2] }),
        node('Flatten', ['p'], ['f']),
        node('Gemm', ['f', 'v'], ['y'], { transB: 1n }),
      ],
      initializers: [
        convWeights,
        convBias,
        ...batchNorm(4, 20),
        floats('v', [3, 16], noise(48, 6)),
      ],
    });
  });

  it('of a flattened map is folded element by element', async () => {
    await lower({
      nodes: [
        conv,
        node('Relu', ['c'], ['r']),
        node('Flatten', ['r'], ['f']),
        node('BatchNormalization', ['f', ...batchNormInputs], ['n']),
        node('Gemm', ['n', 'v'], ['y'], { transB: 1n }),
      ],
      initializers: [
        convWeights,
        convBias,
        ...batchNorm(80, 40, false),
        floats('v', [3, 80], noise(240, 6)),
      ],
    });
  });

  it('two in a row fold into one layer', async () => {
    const graph = await lower({
      nodes: [
        node('Sub', ['x', 'mu'], ['centred']),
        node('Div', ['centred', 'sigma'], ['scaled']),
        node('Conv', ['scaled', 'w', 'b'], ['c']),
        node('Mul', ['c', 'gain'], ['g']),
        node('Add', ['g', 'offset'], ['y']),
      ],
      initializers: [
        convWeights,
        convBias,
        floats('mu', [1, 2, 1, 1], [0.25, -0.5]),
        floats('sigma', [], [0.5]),
        floats('gain', [4, 1, 1], noise(4, 8)),
        floats('offset', [4, 1, 1], noise(4, 9)),
      ],
    });
    expect(only(graph).origin).toHaveLength(5);
  });

  it('scales a padded layer behind it, as padding has no shift to lose', async () => {
    await lower({
      nodes: [
        node('Mul', ['x', 'gain'], ['g']),
        node('Conv', ['g', 'w'], ['y'], { pads: [1, 1, 1, 1] }),
      ],
      initializers: [convWeights, floats('gain', [1], [-3])],
    });
  });
});

describe('the order inside a layer', () => {
  const conv = node('Conv', ['x', 'w', 'b'], ['c']);
  const pooling = { kernel_shape: [2, 2], strides: [2, 2] };
  const expected = {
    activation: reluActivation,
    pooling: { kernel: { height: 2, width: 2 }, stride: { height: 2, width: 2 } },
    outputShape: { channels: 4, height: 2, width: 2 },
  };

  it('is pool, then ReLU', async () => {
    const graph = await lower({
      nodes: [conv, node('MaxPool', ['c'], ['p'], pooling), node('Relu', ['p'], ['y'])],
      initializers: [convWeights, convBias],
    });
    expect(only(graph)).toMatchObject(expected);
  });

  it('is the same for ReLU, then pool', async () => {
    const graph = await lower({
      nodes: [conv, node('Relu', ['c'], ['r']), node('MaxPool', ['r'], ['y'], pooling)],
      initializers: [convWeights, convBias],
    });
    expect(only(graph)).toMatchObject(expected);
  });

  it('takes a pooling of other than square windows, rounding down', async () => {
    const graph = await lower({
      nodes: [conv, node('MaxPool', ['c'], ['y'], { kernel_shape: [2, 3], strides: [2, 3] })],
      initializers: [convWeights, convBias],
    });
    expect(only(graph).outputShape).toEqual({ channels: 4, height: 2, width: 1 });
  });
});

describe('nodes that do nothing', () => {
  it('Identity, Dropout and Cast to float vanish', async () => {
    const graph = await lower({
      nodes: [
        node('Identity', ['w'], ['w2']),
        node('Identity', ['x'], ['i']),
        node('Conv', ['i', 'w2'], ['c']),
        node('Dropout', ['c'], ['d']),
        node('Cast', ['d'], ['y'], { to: 1n }),
      ],
      initializers: [convWeights],
    });
    expect(graph.notes).toEqual(['Dropout "Dropout:d" does nothing at inference and is left out']);
  });

  it('weights may be Constant nodes, transposed on the way', async () => {
    await lower({
      nodes: [
        node('Constant', [], ['stored'], { value: floats('', [6, 5], noise(30, 3)) }),
        node('Transpose', ['stored'], ['v'], { perm: [1, 0] }),
        node('MatMul', ['x', 'v'], ['y']),
      ],
      input: [1, 5],
    });
  });

  it('nodes that nothing needs are not looked at', async () => {
    await lower({
      nodes: [node('Conv', ['x', 'w'], ['y']), node('Sin', ['x'], ['unused'])],
      initializers: [convWeights],
    });
  });

  it('double weights become float', async () => {
    const doubles = onnxTensor('stored', [5, 6], Float64Array.from(noise(30, 3)));
    await lower({
      nodes: [node('Cast', ['stored'], ['v'], { to: 1n }), node('MatMul', ['x', 'v'], ['y'])],
      initializers: [doubles],
      input: [1, 5],
    });
  });
});

describe('k-WTA', () => {
  const k = integers('k', [2]);
  const conv = node('Conv', ['x', 'w', 'b'], ['c']);
  const topK = node('TopK', ['c', 'k'], ['top', 'places'], { axis: 1n });
  const weights = [convWeights, convBias, k];
  const sliceOf = (name: string): NodeProto =>
    node('Slice', ['top', 'from', 'to', 'along'], [name]);
  const slice = sliceOf('kth');
  const range = [integers('from', [1]), integers('to', [2]), integers('along', [1])];
  const compare = node('GreaterOrEqual', ['c', 'kth'], ['mask']);
  const toFloat = node('Cast', ['mask'], ['maskf'], { to: 1n });
  const site = { k: 2, scope: 'site', groups: 1, tiesInModel: true };

  it.each([
    ['Mul with the mask', [node('Mul', ['c', 'maskf'], ['y'])]],
    ['Mul the other way round', [node('Mul', ['maskf', 'c'], ['y'])]],
  ])('TopK, Slice, GreaterOrEqual, Cast, %s', async (_, last) => {
    const graph = await lower({
      nodes: [conv, topK, slice, compare, toFloat, ...last],
      initializers: [...weights, ...range],
    });
    expect(only(graph).kWinners).toEqual(site);
  });

  it.each([
    ['the last of the slice', integers('from', [-1]), integers('to', [2 ** 31 - 1])],
    ['a slice past the end', integers('from', [1]), integers('to', [99])],
  ])('takes %s', async (_, from, to) => {
    const graph = await lower({
      nodes: [conv, topK, slice, compare, toFloat, node('Mul', ['c', 'maskf'], ['y'])],
      initializers: [...weights, from, to, integers('along', [-3])],
    });
    expect(only(graph).kWinners).toEqual(site);
  });

  it('takes fewer winners than TopK gives', async () => {
    const graph = await lower({
      nodes: [conv, topK, slice, compare, toFloat, node('Mul', ['c', 'maskf'], ['y'])],
      initializers: [convWeights, convBias, integers('k', [3]), ...range],
    });
    expect(only(graph).kWinners).toEqual(site);
  });

  it('Gather, Unsqueeze and Where with zeros', async () => {
    const graph = await lower({
      nodes: [
        conv,
        topK,
        node('Gather', ['top', 'last'], ['flat'], { axis: 1n }),
        node('Unsqueeze', ['flat', 'along'], ['kth']),
        compare,
        node('Shape', ['c'], ['shape']),
        node('ConstantOfShape', ['shape'], ['zeros']),
        node('Where', ['mask', 'c', 'zeros'], ['y']),
      ],
      initializers: [...weights, integer('last', -1), integers('along', [1])],
    });
    expect(only(graph).kWinners).toEqual(site);
  });

  it('ReduceMin of the winners', async () => {
    const graph = await lower({
      nodes: [
        conv,
        topK,
        node('ReduceMin', ['top'], ['kth'], { axes: [1], keepdims: 1n }),
        compare,
        toFloat,
        node('Mul', ['c', 'maskf'], ['y']),
      ],
      initializers: weights,
    });
    expect(only(graph).kWinners).toEqual(site);
  });

  it.each([
    ['x >= kth as not (x < kth)', [node('Less', ['c', 'kth'], ['below'])]],
    ['x >= kth as not (kth > x)', [node('Greater', ['kth', 'c'], ['below'])]],
  ])('%s', async (_, below) => {
    const graph = await lower({
      nodes: [
        conv,
        topK,
        slice,
        ...below,
        node('Not', ['below'], ['mask']),
        toFloat,
        node('Mul', ['c', 'maskf'], ['y']),
      ],
      initializers: [...weights, ...range],
    });
    expect(only(graph).kWinners).toEqual(site);
  });

  it('losers filled with 0', async () => {
    const graph = await lower({
      nodes: [
        conv,
        topK,
        slice,
        node('Less', ['c', 'kth'], ['below']),
        node('Where', ['below', 'zero', 'c'], ['y']),
      ],
      initializers: [...weights, ...range, floats('zero', [], [0])],
    });
    expect(only(graph).kWinners).toEqual(site);
  });

  it.each([
    ['ones at the winners', [node('GreaterOrEqual', ['c', 'kth'], ['at'])], ['one', 'zero']],
    ['zeros at the losers', [node('Less', ['c', 'kth'], ['at'])], ['zero', 'one']],
  ])('a mask written as %s', async (_, at, values) => {
    const graph = await lower({
      nodes: [
        conv,
        topK,
        slice,
        ...at,
        node('Where', ['at', ...values], ['mask']),
        node('Mul', ['c', 'mask'], ['y']),
      ],
      initializers: [...weights, ...range, floats('zero', [], [0]), floats('one', [], [1])],
    });
    expect(only(graph).kWinners).toEqual(site);
  });

  it('ones scattered to the winners are a mask that keeps exactly k', async () => {
    const graph = await lower({
      nodes: [
        conv,
        topK,
        node('Shape', ['c'], ['shape']),
        node('ConstantOfShape', ['shape'], ['zeros']),
        node('Shape', ['top'], ['few']),
        node('ConstantOfShape', ['few'], ['ones'], { value: floats('', [1], [1]) }),
        node('ScatterElements', ['zeros', 'places', 'ones'], ['mask'], { axis: 1n }),
        node('Mul', ['c', 'mask'], ['y']),
      ],
      initializers: weights,
    });
    expect(only(graph).kWinners).toEqual({ ...site, tiesInModel: false });
  });

  it('TopK scattered into zeros keeps exactly k', async () => {
    const graph = await lower({
      nodes: [
        conv,
        topK,
        node('Shape', ['c'], ['shape']),
        node('ConstantOfShape', ['shape'], ['zeros']),
        node('ScatterElements', ['zeros', 'places', 'top'], ['y'], { axis: 1n }),
      ],
      initializers: weights,
    });
    expect(only(graph).kWinners).toEqual({ ...site, tiesInModel: false });
    expect(graph.notes).toEqual([]);
  });

  it('over a vector is one over the layer', async () => {
    const graph = await lower({
      nodes: [
        node('Gemm', ['x', 'w'], ['c']),
        node('TopK', ['c', 'k'], ['top', 'places']),
        slice,
        compare,
        toFloat,
        node('Mul', ['c', 'maskf'], ['m']),
        node('Relu', ['m'], ['y']),
      ],
      initializers: [floats('w', [5, 6], noise(30, 3)), k, ...range],
      input: [1, 5],
    });
    expect(only(graph)).toMatchObject({
      activation: reluActivation,
      kWinners: { ...site, scope: 'layer' },
    });
    expect(graph.notes).toEqual([
      'the model keeps ties at the k-th value (Gemm:c); the hardware keeps exactly k winners',
    ]);
  });

  it('over a map of one site is one over the layer', async () => {
    const graph = await lower({
      nodes: [conv, topK, slice, compare, toFloat, node('Mul', ['c', 'maskf'], ['y'])],
      initializers: [...weights, ...range],
      input: [1, 2, 3, 3],
    });
    expect(only(graph).kWinners).toEqual({ ...site, scope: 'layer' });
  });

  it('over a flattened map is one over the layer', async () => {
    const graph = await lower({
      nodes: [
        node('Conv', ['x', 'w', 'b'], ['map']),
        node('Flatten', ['map'], ['c']),
        topK,
        slice,
        compare,
        toFloat,
        node('Mul', ['c', 'maskf'], ['y']),
      ],
      initializers: [...weights, ...range],
    });
    expect(only(graph).kWinners).toEqual({ ...site, scope: 'layer' });
  });

  it('that keeps everything is left out', async () => {
    const graph = await lower({
      nodes: [conv, topK, slice, compare, toFloat, node('Mul', ['c', 'maskf'], ['y'])],
      initializers: [
        convWeights,
        convBias,
        integers('k', [4]),
        integers('from', [3]),
        integers('to', [4]),
        integers('along', [1]),
      ],
    });
    expect(only(graph).kWinners).toBeNull();
  });

  it('in operator set 9 has attributes where there are inputs now', async () => {
    const graph = await lower({
      nodes: [
        conv,
        node('TopK', ['c'], ['top', 'places'], { axis: 1n, k: 2n }),
        node('Slice', ['top'], ['kth'], { axes: [1], starts: [1], ends: [2] }),
        node('Less', ['c', 'kth'], ['below']),
        node('Not', ['below'], ['mask']),
        toFloat,
        node('Mul', ['c', 'maskf'], ['y']),
      ],
      initializers: [convWeights, convBias],
      opset: 9,
    });
    expect(only(graph).kWinners).toEqual(site);
  });
});

describe('names', () => {
  it('come from the node, shortened to its scope, and are unique', async () => {
    const square = (name: string): TensorProto => floats(name, [5, 5], noise(25, 3));
    const graph = await lower({
      nodes: [
        node('MatMul', ['x', 'w'], ['a'], {}, { name: '/head/fc/MatMul' }),
        node('MatMul', ['a', 'w'], ['b'], {}, { name: 'head/fc' }),
        node('MatMul', ['b', 'w'], ['c'], {}, { name: '/MatMul' }),
        node('MatMul', ['c', 'w'], ['d'], {}, { name: 'x' }),
        node('MatMul', ['d', 'w'], ['y']),
      ],
      initializers: [square('w')],
      input: [1, 5],
    });
    expect(graph.layers.map(({ name }) => name)).toEqual([
      'head/fc',
      'head/fc#2',
      'MatMul',
      'x#2',
      'MatMul:y',
    ]);
    expect(graph.layers.flatMap(inputsOf)).toEqual(['x', 'head/fc', 'head/fc#2', 'MatMul', 'x#2']);
  });
});
