import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/base/diagnostics.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { decodeOnnxModel, readOnnxModel } from '../../src/read/onnx.ts';
import type { NodeProto, TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import {
  encodeModel,
  floats,
  integer,
  integers,
  noise,
  onnxNode as node,
  type ModelParts,
} from '../support/onnx-builder.ts';
import { diagnosticsOf } from '../support/user-error.ts';

const weights = floats('w', [4, 2, 3, 3], noise(72, 11));
const head = floats('v', [80, 3], noise(240, 6));
const conv = node('Conv', ['x', 'w'], ['c']);
const pool = { kernel_shape: [2, 2], strides: [2, 2] };

function refusals(parts: ModelParts): readonly Diagnostic[] {
  const bytes = encodeModel({ inputs: { x: [1, 2, 7, 6] }, ...parts });
  const model = decodeOnnxModel(bytes, 'test.onnx');
  return diagnosticsOf(() => lowerModel(model));
}

/** The only refusal, which names the node and says what would be accepted. */
function refusal(parts: ModelParts): Diagnostic {
  const diagnostics = refusals(parts);
  expect(diagnostics).toHaveLength(1);
  const [diagnostic] = diagnostics;
  if (diagnostic === undefined) throw new Error('no diagnostic');
  expect(diagnostic.place).not.toBeNull();
  expect(diagnostic.remedy).not.toBeNull();
  return diagnostic;
}

describe('all unsupported nodes at once', () => {
  it('in a residual network', async () => {
    const model = await readOnnxModel('examples/pruned-resnet/model.onnx');
    const diagnostics = diagnosticsOf(() => lowerModel(model));
    expect(diagnostics.map(({ place }) => place)).toEqual([
      'node "/r1/Add" (Add)',
      'node "/r2/Add" (Add)',
      'node "/r3/Add" (Add)',
      'node "/GlobalAveragePool" (GlobalAveragePool)',
    ]);
  });

  it('operators, attributes and shapes together, also behind one another', () => {
    const diagnostics = refusals({
      nodes: [
        node('Conv', ['x', 'w'], ['a'], { group: 2n }, { name: 'grouped' }),
        node('LeakyRelu', ['a'], ['b'], { alpha: 0.1 }, { name: 'leaky' }),
        node('FusedConv', ['b', 'w'], ['c'], {}, { name: 'fused', domain: 'com.microsoft' }),
        node('MaxPool', ['x'], ['d'], { kernel_shape: [2, 2] }, { name: 'overlapping' }),
        node('Conv', ['d', 'w'], ['e'], { dilations: [2, 2] }, { name: 'dilated' }),
        node('Add', ['c', 'e'], ['y'], {}, { name: 'join' }),
      ],
      initializers: [weights],
    });
    const table = diagnostics.map(({ code, place, message, remedy }) => [
      code,
      place,
      message,
      remedy,
    ]);
    expect(table).toEqual([
      ['model/unsupported-node', 'node "grouped" (Conv)', 'group is 2', 'accepted: group 1'],
      [
        'model/unsupported-operator',
        'node "leaky" (LeakyRelu)',
        'the operator LeakyRelu is not supported',
        'accepted: Relu',
      ],
      [
        'model/unsupported-operator',
        'node "fused" (com.microsoft::FusedConv)',
        'the operator com.microsoft::FusedConv is not supported',
        expect.stringContaining('accepted: Conv, Gemm, MatMul'),
      ],
      [
        'model/unsupported-node',
        'node "overlapping" (MaxPool)',
        'its windows of 2x2 at strides of 1x1 overlap or leave gaps',
        'accepted: strides equal to kernel_shape',
      ],
      [
        'model/unsupported-node',
        'node "dilated" (Conv)',
        expect.stringContaining('dilations'),
        expect.stringContaining('accepted:'),
      ],
      [
        'model/unsupported-node',
        'node "join" (Add)',
        'it joins two branches of the network, which is not supported yet',
        expect.stringContaining('accepted: Add with a constant'),
      ],
    ]);
  });
});

describe('refuses', () => {
  const biases = floats('b', [3], [1, 2, 3]);
  const norm = (scale: readonly number[]): readonly TensorProto[] => {
    const list = (name: string, value: number): TensorProto =>
      floats(
        name,
        [scale.length],
        scale.map(() => value),
      );
    return [
      floats('gamma', [scale.length], scale),
      list('beta', 0.5),
      list('mean', 0),
      list('variance', 1),
    ];
  };
  const normNode = (input: string, output: string): NodeProto =>
    node('BatchNormalization', [input, 'gamma', 'beta', 'mean', 'variance'], [output]);
  const cases: readonly (readonly [string, ModelParts, RegExp])[] = [
    [
      'an unknown attribute',
      { nodes: [node('Relu', ['x'], ['y'], { slope: 0.1 })] },
      /attribute "slope" is not known/,
    ],
    [
      'an attribute of the wrong kind',
      { nodes: [node('Conv', ['x', 'w'], ['y'], { group: 1.5 })], initializers: [weights] },
      /"group" is of kind float/,
    ],
    [
      'computed weights',
      { nodes: [node('Conv', ['x', 'x'], ['y'])] },
      /the weight tensor is computed by the network, not a constant/,
    ],
    [
      'weights of three axes',
      {
        nodes: [node('Conv', ['x', 'u'], ['y'])],
        initializers: [floats('u', [4, 2, 3], noise(24, 1))],
      },
      /weights have shape \[4, 2, 3\]/,
    ],
    [
      'weights for other channels',
      {
        nodes: [node('Conv', ['x', 'u'], ['y'])],
        initializers: [floats('u', [4, 3, 1, 1], noise(12, 1))],
      },
      /read 3 channels, its input has 2/,
    ],
    [
      'biases of another count',
      { nodes: [node('Conv', ['x', 'w', 'b'], ['y'])], initializers: [weights, biases] },
      /4 output channels and 3 biases/,
    ],
    [
      'a kernel larger than its input',
      {
        nodes: [node('Conv', ['x', 'w'], ['y'])],
        initializers: [weights],
        inputs: { x: [1, 2, 2, 9] },
      },
      /kernel of 3x3 is larger than its padded input of 2x9/,
    ],
    [
      'kernel_shape unlike the weights',
      {
        nodes: [node('Conv', ['x', 'w'], ['y'], { kernel_shape: [5, 5] })],
        initializers: [weights],
      },
      /kernel_shape differs/,
    ],
    [
      'pads of more than the kernel',
      { nodes: [node('Conv', ['x', 'w'], ['y'], { pads: [3, 0, 0, 0] })], initializers: [weights] },
      /pads are \[3, 0, 0, 0\]/,
    ],
    [
      'one-dimensional pads',
      { nodes: [node('Conv', ['x', 'w'], ['y'], { pads: [1, 1] })], initializers: [weights] },
      /pads are \[1, 1\], not four numbers/,
    ],
    [
      'strides of 0',
      { nodes: [node('Conv', ['x', 'w'], ['y'], { strides: [0, 1] })], initializers: [weights] },
      /strides is \[0, 1\]/,
    ],
    [
      'an unknown auto_pad',
      { nodes: [node('Conv', ['x', 'w'], ['y'], { auto_pad: 'MIRROR' })], initializers: [weights] },
      /auto_pad is "MIRROR"/,
    ],
    [
      'a vector as a map',
      { nodes: [node('Conv', ['x', 'w'], ['y'])], initializers: [weights], inputs: { x: [1, 84] } },
      /shape \[1, 84\], not \[batch, channels/,
    ],
    [
      'weights that are not finite',
      {
        nodes: [node('Conv', ['x', 'u'], ['y'])],
        initializers: [floats('u', [1, 2, 1, 1], [1, NaN])],
      },
      /weights are not all finite/,
    ],
    [
      'a variance that makes them so',
      {
        nodes: [conv, normNode('c', 'y')],
        initializers: [
          weights,
          ...norm([1, 1, 1, 1]).slice(0, 3),
          floats('variance', [4], [1, -9, 1, 1]),
        ],
      },
      /weights are not all finite/,
    ],
    [
      'transA',
      {
        nodes: [node('Gemm', ['x', 'v'], ['y'], { transA: 1n })],
        initializers: [head],
        inputs: { x: [1, 80] },
      },
      /transA is 1/,
    ],
    [
      'a fully connected layer on a map',
      { nodes: [node('MatMul', ['c', 'v'], ['y']), conv], initializers: [weights, head] },
      /shape \[1, 4, 5, 4\], not \[batch, length\]/,
    ],
    [
      'a matrix of another length',
      { nodes: [node('MatMul', ['x', 'v'], ['y'])], initializers: [head], inputs: { x: [1, 79] } },
      /weights read 80 values, its input has 79/,
    ],
    [
      'a bias of another length',
      {
        nodes: [node('Gemm', ['x', 'v', 'b'], ['y'])],
        initializers: [head, floats('b', [2], [1, 2])],
        inputs: { x: [1, 80] },
      },
      /bias of shape \[2\]/,
    ],
    [
      'pooling in gaps',
      {
        nodes: [conv, node('MaxPool', ['c'], ['y'], { kernel_shape: [2, 2], strides: [3, 3] })],
        initializers: [weights],
      },
      /overlap or leave gaps/,
    ],
    [
      'padded pooling',
      {
        nodes: [conv, node('MaxPool', ['c'], ['y'], { ...pool, pads: [1, 1, 0, 0] })],
        initializers: [weights],
      },
      /it pads its input/,
    ],
    [
      'ceil_mode that matters',
      {
        nodes: [conv, node('MaxPool', ['c'], ['y'], { ...pool, ceil_mode: 1n })],
        initializers: [weights],
      },
      /ceil_mode is 1/,
    ],
    [
      'the indices of a pooling',
      {
        nodes: [
          conv,
          node('MaxPool', ['c'], ['p', 'where'], pool),
          node('Identity', ['where'], ['y']),
        ],
        initializers: [weights],
      },
      /its output 1 is used/,
    ],
    [
      'batch norm in training mode',
      {
        nodes: [
          conv,
          node('BatchNormalization', ['c', 'gamma', 'beta', 'mean', 'variance'], ['y'], {
            training_mode: 1n,
          }),
        ],
        initializers: [weights, ...norm([1, 1, 1, 1])],
      },
      /training_mode is 1/,
    ],
    [
      'batch norm of other channels',
      { nodes: [conv, normNode('c', 'y')], initializers: [weights, ...norm([1, 1])] },
      /one number for each of 4 channels/,
    ],
    [
      'a negative batch norm behind max-pooling',
      {
        nodes: [conv, node('MaxPool', ['c'], ['p'], pool), normNode('p', 'y')],
        initializers: [weights, ...norm([1, -1, 1, -2])],
      },
      /2 of its scales are negative, so it does not commute with the max-pooling/,
    ],
    [
      'batch norm between ReLU and k-WTA',
      {
        nodes: [conv, node('Relu', ['c'], ['r']), normNode('r', 'n'), node('Relu', ['n'], ['y'])],
        initializers: [weights, ...norm([1, 1, 1, 1])],
      },
      /between Relu "Relu:r" and Relu "Relu:y"/,
    ],
    [
      'batch norm before a padded layer',
      {
        nodes: [normNode('x', 'n'), node('Conv', ['n', 'w'], ['y'], { pads: [1, 1, 1, 1] })],
        initializers: [weights, ...norm([1, 1])],
      },
      /between the input and Conv/,
    ],
    [
      'a constant that changes over the sites',
      {
        nodes: [conv, node('Add', ['c', 'o'], ['y'])],
        initializers: [weights, floats('o', [5, 4], noise(20, 1))],
      },
      /cannot be folded/,
    ],
    [
      'a constant of another shape',
      {
        nodes: [conv, node('Add', ['c', 'o'], ['y'])],
        initializers: [weights, floats('o', [3], noise(3, 1))],
      },
      /constant of shape \[3\] does not fit \[1, 4, 5, 4\]/,
    ],
    [
      'a division by the network',
      {
        nodes: [conv, node('Div', ['o', 'c'], ['y'])],
        initializers: [weights, floats('o', [1], [1])],
      },
      /divides by what the network computes/,
    ],
    [
      'ReLU before the first layer',
      {
        nodes: [node('Relu', ['x'], ['r']), node('Conv', ['r', 'w'], ['y'])],
        initializers: [weights],
      },
      /before the first weighted layer/,
    ],
    [
      'two poolings in a layer',
      {
        nodes: [conv, node('MaxPool', ['c'], ['p'], pool), node('MaxPool', ['p'], ['y'], pool)],
        initializers: [weights],
      },
      /second max-pooling/,
    ],
    [
      'a network without layers',
      { nodes: [node('Flatten', ['x'], ['y'])] },
      /not computed by a layer/,
    ],
    [
      'two readers of one value',
      {
        nodes: [
          conv,
          node('Flatten', ['c'], ['f']),
          node('MatMul', ['f', 'v'], ['a']),
          node('MatMul', ['f', 'v'], ['b']),
          node('Add', ['a', 'b'], ['y']),
        ],
        initializers: [weights, head],
      },
      /joins two branches/,
    ],
    [
      'a reshape that mixes the batch',
      { nodes: [node('Reshape', ['x', 's'], ['y'])], initializers: [integers('s', [2, 42])] },
      /mixes the batch axis/,
    ],
    [
      'a reshape of a map into another',
      {
        nodes: [conv, node('Reshape', ['c', 's'], ['m']), node('Relu', ['m'], ['y'])],
        initializers: [weights, integers('s', [1, 8, 5, 2])],
      },
      /it reshapes \[1, 4, 5, 4\] to \[1, 8, 5, 2\]/,
    ],
    [
      'an impossible reshape',
      { nodes: [node('Reshape', ['x', 's'], ['y'])], initializers: [integers('s', [1, 85])] },
      /cannot become \[1, 85\]/,
    ],
    [
      'a squeeze of a long axis',
      { nodes: [node('Squeeze', ['x', 'a'], ['y'])], initializers: [integers('a', [1])] },
      /longer than 1/,
    ],
    [
      'a transposition',
      { nodes: [node('Transpose', ['x'], ['y'], { perm: [0, 2, 3, 1] })] },
      /operator Transpose is not supported/,
    ],
    [
      'a cast to int',
      { nodes: [conv, node('Cast', ['c'], ['y'], { to: 7n })], initializers: [weights] },
      /casts to another type/,
    ],
    [
      'dropout in training mode',
      {
        nodes: [
          conv,
          node('Constant', [], ['on'], { value: floats('', [], [1]) }),
          node('Dropout', ['c', '', 'on'], ['y']),
        ],
        initializers: [weights],
      },
      /training_mode is true/,
    ],
    [
      'softmax in the middle',
      {
        nodes: [
          conv,
          node('Flatten', ['c'], ['f']),
          node('Softmax', ['f'], ['s']),
          node('MatMul', ['s', 'v'], ['y']),
        ],
        initializers: [weights, head],
      },
      /follows an operator that is left to the host/,
    ],
    [
      'softmax over sites',
      { nodes: [conv, node('Softmax', ['c'], ['y'])], initializers: [weights] },
      /works along axis 3/,
    ],
    [
      'argmax over the batch',
      {
        nodes: [node('MatMul', ['x', 'v'], ['l']), node('ArgMax', ['l'], ['y'])],
        initializers: [head],
        inputs: { x: [1, 80] },
      },
      /works along axis 0/,
    ],
    [
      'a constant that is no integer',
      {
        nodes: [node('Div', ['one', 'zero'], ['s']), node('Reshape', ['x', 's'], ['y'])],
        initializers: [integers('one', [1]), integers('zero', [0])],
      },
      /result is Infinity, not an integer/,
    ],
    [
      'negative lengths',
      { nodes: [node('Reshape', ['x', 's'], ['y'])], initializers: [integers('s', [1, -2, -42])] },
      /cannot become/,
    ],
    [
      'an absurd constant',
      {
        nodes: [node('ConstantOfShape', ['s'], ['z']), node('Add', ['x', 'z'], ['y'])],
        initializers: [integers('s', [2 ** 20, 2 ** 20])],
      },
      /not possible/,
    ],
  ];

  it.each(cases)('%s', (_, parts, message) => {
    expect(refusal(parts).message).toMatch(message);
  });

  it('branches, naming who reads', () => {
    const { place, message } = refusal({
      nodes: [
        conv,
        node('Relu', ['c'], ['r'], {}, { name: 'first' }),
        node('Shape', ['r'], ['s']),
        node('ConstantOfShape', ['s'], ['zeros']),
        node('TopK', ['c', 'k'], ['top', 'at'], { axis: 1n }),
        node('ScatterElements', ['zeros', 'at', 'top'], ['y'], { axis: 1n }, { name: 'second' }),
      ],
      initializers: [weights, integers('k', [2])],
    });
    expect(place).toBe('node "Conv:c" (Conv)');
    expect(message).toBe('its result is read by 2 nodes (first, second)');
  });
});

describe('refuses as a k-WTA', () => {
  const topK = (attributes = {}): NodeProto =>
    node('TopK', ['c', 'k'], ['top', 'at'], { axis: 1n, ...attributes });
  const slice = node('Slice', ['top', 'from', 'to', 'along'], ['kth']);
  const compare = node('GreaterOrEqual', ['c', 'kth'], ['mask']);
  const finish = [node('Cast', ['mask'], ['m'], { to: 1n }), node('Mul', ['c', 'm'], ['y'])];
  const list = (k: number, from: number, to: number, along = 1): readonly TensorProto[] => [
    weights,
    integers('k', [k]),
    integers('from', [from]),
    integers('to', [to]),
    integers('along', [along]),
  ];
  const cases: readonly (readonly [
    string,
    readonly NodeProto[],
    readonly TensorProto[],
    RegExp,
  ])[] = [
    [
      'the smallest',
      [conv, topK({ largest: 0n }), slice, compare, ...finish],
      list(2, 1, 2),
      /takes the smallest/,
    ],
    [
      'winners over the rows',
      [conv, topK({ axis: 2n }), slice, compare, ...finish],
      list(2, 1, 2, 2),
      /chooses along axis 2/,
    ],
    [
      'too many winners',
      [conv, topK(), slice, compare, ...finish],
      list(5, 4, 5),
      /takes 5 of 4 values/,
    ],
    ['no winners', [conv, topK(), slice, compare, ...finish], list(0, 0, 1), /takes 0 of 4 values/],
    [
      'several values as threshold',
      [conv, topK(), slice, compare, ...finish],
      list(2, 0, 2),
      /not the k-th alone/,
    ],
    [
      'a slice of another axis',
      [conv, topK(), slice, compare, ...finish],
      list(2, 1, 2, 2),
      /another axis/,
    ],
    [
      'an unsorted TopK',
      [conv, topK({ sorted: 0n }), slice, compare, ...finish],
      list(2, 1, 2),
      /not sorted/,
    ],
    [
      'a strict comparison',
      [conv, topK(), slice, node('Greater', ['c', 'kth'], ['mask']), ...finish],
      list(2, 1, 2),
      /drops the k-th value itself/,
    ],
    [
      'another value compared',
      [
        conv,
        node('Relu', ['c'], ['r']),
        topK(),
        slice,
        node('GreaterOrEqual', ['r', 'kth'], ['mask']),
        ...finish,
      ],
      list(2, 1, 2),
      /compares other values than those that TopK saw/,
    ],
    [
      'another value masked',
      [
        conv,
        node('Relu', ['c'], ['r']),
        topK(),
        slice,
        compare,
        node('Cast', ['mask'], ['m'], { to: 1n }),
        node('Mul', ['r', 'm'], ['y']),
      ],
      list(2, 1, 2),
      /masks other values/,
    ],
    [
      'the losers kept',
      [conv, topK(), slice, node('Less', ['c', 'kth'], ['mask']), ...finish],
      list(2, 1, 2),
      /keeps the losers/,
    ],
    [
      'losers that become 1',
      [conv, topK(), slice, compare, node('Where', ['mask', 'c', 'one'], ['y'])],
      [...list(2, 1, 2), floats('one', [], [1])],
      /do not become 0/,
    ],
    [
      'a threshold without its axis',
      [conv, topK(), node('Gather', ['top', 'last'], ['kth'], { axis: 1n }), compare, ...finish],
      [...list(2, 1, 2), integer('last', 1)],
      /do not line up/,
    ],
    [
      'an axis put back elsewhere',
      [
        conv,
        topK(),
        node('Gather', ['top', 'last'], ['g'], { axis: 1n }),
        node('Unsqueeze', ['g', 'along'], ['kth']),
        compare,
        ...finish,
      ],
      [...list(2, 1, 2, 2), integer('last', 1)],
      /does not put back the axis/,
    ],
    [
      'winners scattered among ones',
      [conv, topK(), node('ScatterElements', ['ones', 'at', 'top'], ['y'], { axis: 1n })],
      [...list(2, 1, 2), floats('ones', [1, 4, 5, 4], noise(80, 1))],
      /not all zeros/,
    ],
    [
      'winners that are the result',
      [conv, topK(), node('Relu', ['top'], ['y'])],
      list(2, 1, 2),
      /is a part of a k-WTA, not a feature map/,
    ],
    [
      'pooling behind it',
      [
        conv,
        topK(),
        slice,
        compare,
        node('Cast', ['mask'], ['m'], { to: 1n }),
        node('Mul', ['c', 'm'], ['p']),
        node('MaxPool', ['p'], ['y'], pool),
      ],
      list(2, 1, 2),
      /comes after a k-WTA/,
    ],
  ];
  it.each(cases)('%s', (_, nodes, initializers, message) => {
    expect(refusal({ nodes, initializers }).message).toMatch(message);
  });
});

describe('refuses inputs and outputs', () => {
  const nodes = [node('Conv', ['x', 'w'], ['y'])];
  const initializers = [weights];
  const cases: readonly (readonly [string, ModelParts, RegExp])[] = [
    [
      'two inputs',
      {
        nodes: [...nodes, node('Identity', ['z'], ['o'])],
        initializers,
        inputs: { x: [1, 2, 7, 6], z: [1] },
      },
      /has 2 inputs \("x", "z"\)/,
    ],
    [
      'no input',
      { nodes: [node('Identity', ['w'], ['y'])], initializers, inputs: {} },
      /has 0 inputs/,
    ],
    [
      'two outputs',
      { nodes: [...nodes, node('Relu', ['y'], ['z'])], initializers, outputs: ['y', 'z'] },
      /has 2 outputs \("y", "z"\)/,
    ],
    ['an unknown shape', { nodes, initializers, inputs: { x: null } }, /its shape is unknown/],
    [
      'a symbolic height',
      { nodes, initializers, inputs: { x: ['batch', 2, 'height', 6] } },
      /\[batch, 2, height, 6\]/,
    ],
    [
      'an unknown width',
      { nodes, initializers, inputs: { x: [null, 2, 7, null] } },
      /\[\?, 2, 7, \?\]/,
    ],
    ['a length of 0', { nodes, initializers, inputs: { x: [1, 2, 0, 6] } }, /\[1, 2, 0, 6\]/],
    ['five axes', { nodes, initializers, inputs: { x: [1, 2, 7, 6, 1] } }, /\[1, 2, 7, 6, 1\]/],
    ['no batch axis', { nodes, initializers, inputs: { x: [84] } }, /\[84\]/],
    [
      'absurd lengths',
      { nodes, initializers, inputs: { x: [1, 2, 2 ** 30, 2 ** 30] } },
      /not a possible input/,
    ],
    ['integers', { nodes, initializers, inputType: 7 }, /its values are INT64/],
    [
      'a constant output',
      { nodes: [node('Identity', ['w'], ['y'])], initializers },
      /not computed by a layer/,
    ],
  ];
  it.each(cases)('%s', (_, parts, message) => {
    expect(refusal(parts).message).toMatch(message);
  });
});

describe('leaves to the host', () => {
  it.each([
    ['LogSoftmax', { axis: 1n }, ['LogSoftmax']],
    ['Softmax', {}, ['Softmax']],
    ['ArgMax', { axis: -1n, keepdims: 0n }, ['ArgMax']],
  ])('%s', (operator, attributes, expected) => {
    const bytes = encodeModel({
      nodes: [node('MatMul', ['x', 'v'], ['l']), node(operator, ['l'], ['y'], attributes)],
      initializers: [head],
      inputs: { x: ['n', 80] },
    });
    const graph = lowerModel(decodeOnnxModel(bytes, 'test.onnx'));
    expect(graph.hostOperators).toEqual(expected);
    expect(graph.notes).toEqual([`${operator} "${operator}:y" is left to the host`]);
    expect(graph.layers).toHaveLength(1);
  });

  it('several in a row, in order', () => {
    const bytes = encodeModel({
      nodes: [
        node('MatMul', ['x', 'v'], ['l']),
        node('Softmax', ['l'], ['s']),
        node('ArgMax', ['s'], ['a'], { axis: 1n }),
        node('Cast', ['a'], ['y'], { to: 6n }),
      ],
      initializers: [head],
      inputs: { x: ['n', 80] },
    });
    const graph = lowerModel(decodeOnnxModel(bytes, 'test.onnx'));
    expect(graph.hostOperators).toEqual(['Softmax', 'ArgMax']);
  });
});
