import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/base/diagnostics.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
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
  it('operators, attributes and shapes together, also behind one another', () => {
    const diagnostics = refusals({
      nodes: [
        node('Conv', ['x', 'w'], ['a'], { group: 3n }, { name: 'grouped' }),
        node('LeakyRelu', ['x'], ['b'], { alpha: -0.1 }, { name: 'leaky' }),
        node('Gelu', ['b'], ['b2'], {}, { name: 'gelu' }),
        node('FusedConv', ['b2', 'w'], ['c'], {}, { name: 'fused', domain: 'com.microsoft' }),
        node(
          'MaxPool',
          ['x'],
          ['d'],
          { kernel_shape: [2, 2], dilations: [2, 1] },
          { name: 'pool' },
        ),
        node('Mul', ['x', 'x'], ['e'], {}, { name: 'square' }),
        node('Sum', ['a', 'c', 'd', 'e'], ['y'], {}, { name: 'join' }),
      ],
      initializers: [weights],
      opset: 20,
    });
    const table = diagnostics.map(({ code, place, message, remedy }) => [
      code,
      place,
      message,
      remedy,
    ]);
    expect(table).toEqual([
      [
        'model/unsupported-node',
        'node "grouped" (Conv)',
        'group is 3 with 4 output channels',
        'accepted: a group that divides them',
      ],
      [
        'model/unsupported-node',
        'node "leaky" (LeakyRelu)',
        'alpha is -0.10000000149011612',
        'accepted: a slope of 0 or more',
      ],
      [
        'model/unsupported-operator',
        'node "gelu" (Gelu)',
        'the operator Gelu is not supported',
        'accepted: Relu or LeakyRelu',
      ],
      [
        'model/unsupported-operator',
        'node "fused" (com.microsoft::FusedConv)',
        'the operator com.microsoft::FusedConv is not supported',
        expect.stringContaining('accepted: Conv, Gemm, MatMul'),
      ],
      [
        'model/unsupported-node',
        'node "pool" (MaxPool)',
        'dilations are [2, 1]',
        'accepted: dilations of 1',
      ],
      [
        'model/unsupported-node',
        'node "square" (Mul)',
        'it multiplies two values that the network computes',
        expect.stringContaining('accepted: Mul with a constant'),
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
      /weights have 1 spatial axes, its input has 2/,
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
      'a fully connected layer on a map',
      { nodes: [node('MatMul', ['c', 'v'], ['y']), conv], initializers: [weights, head] },
      /weights read 80 values, its input has 4/,
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
      'a constant that changes over the sites',
      {
        nodes: [conv, node('Add', ['c', 'o'], ['y'])],
        initializers: [weights, floats('o', [5, 4], noise(20, 1))],
      },
      /differs from site to site/,
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
    [
      'a column for transA that is a row',
      {
        nodes: [node('Gemm', ['x', 'v'], ['y'], { transA: 1n })],
        initializers: [head],
        inputs: { x: [1, 80] },
      },
      /weights read 80 values, its input has 1/,
    ],
    [
      'an average over padding that does not count',
      { nodes: [node('AveragePool', ['x'], ['y'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] })] },
      /count_include_pad is 0, so that windows at the edge divide by another number/,
    ],
    [
      'an average in windows cut by ceil_mode',
      {
        nodes: [
          node('AveragePool', ['x'], ['y'], {
            kernel_shape: [2, 2],
            strides: [2, 2],
            ceil_mode: 1n,
          }),
        ],
      },
      /ceil_mode is 1 and the last windows reach beyond/,
    ],
    [
      'a mean over the channels',
      { nodes: [node('ReduceMean', ['x'], ['y'], { axes: [1] })] },
      /reduces the axes 1 of \[1, 2, 7, 6\], which are not the sites/,
    ],
    [
      'slopes that differ',
      {
        nodes: [node('PRelu', ['x', 's'], ['y'])],
        initializers: [floats('s', [2, 1, 1], [0.1, 0.2])],
      },
      /slopes differ between channels/,
    ],
    [
      'bounds the wrong way round',
      {
        nodes: [node('Clip', ['x', 'a', 'b'], ['y'])],
        initializers: [floats('a', [], [2]), floats('b', [], [1])],
      },
      /bounds are 2 and 1/,
    ],
    [
      'the larger of two branches',
      {
        nodes: [conv, node('Relu', ['c'], ['r']), node('Max', ['c', 'r'], ['y'])],
        initializers: [weights],
      },
      /compares two values that the network computes/,
    ],
    [
      'a product of two branches',
      {
        nodes: [conv, node('Relu', ['c'], ['r']), node('Mul', ['c', 'r'], ['y'])],
        initializers: [weights],
      },
      /multiplies two values that the network computes/,
    ],
    [
      'a sum of unequal branches',
      {
        nodes: [conv, node('MaxPool', ['c'], ['p'], pool), node('Add', ['c', 'p'], ['y'])],
        initializers: [weights],
      },
      /inputs have the shapes \[1, 4, 5, 4\] and \[1, 4, 2, 2\]/,
    ],
    [
      'a sum of branches in different orders',
      {
        nodes: [
          node('Conv', ['x', 'u'], ['c']),
          node('Transpose', ['c'], ['t'], { perm: [0, 1, 3, 2] }),
          node('Add', ['c', 't'], ['y']),
        ],
        initializers: [floats('u', [4, 2, 1, 1], noise(8, 1))],
        inputs: { x: [1, 2, 6, 6] },
      },
      /come from maps of 4x6x6 and 4x6x6 in different orders/,
    ],
    [
      'maps of different sizes side by side',
      {
        nodes: [
          conv,
          node('MaxPool', ['c'], ['p'], pool),
          node('Concat', ['c', 'p'], ['y'], { axis: 1n }),
        ],
        initializers: [weights],
      },
      /inputs have the shapes \[1, 4, 5, 4\], \[1, 4, 2, 2\]/,
    ],
    [
      'maps below each other',
      {
        nodes: [conv, node('Relu', ['c'], ['r']), node('Concat', ['c', 'r'], ['y'], { axis: 2n })],
        initializers: [weights],
      },
      /joins along axis 2 of \[1, 4, 5, 4\], which is not that of the channels/,
    ],
    [
      'a pad that mirrors',
      {
        nodes: [node('Pad', ['x', 'p'], ['y'], { mode: 'reflect' })],
        initializers: [integers('p', [0, 0, 1, 1, 0, 0, 1, 1])],
      },
      /mode is "reflect"/,
    ],
    [
      'a pad of ones',
      {
        nodes: [node('Pad', ['x', 'p', 'one'], ['y'])],
        initializers: [integers('p', [0, 0, 1, 1, 0, 0, 1, 1]), floats('one', [], [1])],
      },
      /pads with 1/,
    ],
    [
      'a pad that crops',
      {
        nodes: [node('Pad', ['x', 'p'], ['y'])],
        initializers: [integers('p', [0, 0, -1, 0, 0, 0, 0, 0])],
      },
      /pads are \[0, 0, -1, 0, 0, 0, 0, 0\]/,
    ],
    [
      'a pad that is the answer',
      {
        nodes: [node('Pad', ['x', 'p'], ['y'])],
        initializers: [integers('p', [0, 0, 1, 1, 0, 0, 1, 1])],
      },
      /pads an answer of the network/,
    ],
    [
      'a pad before a ReLU',
      {
        nodes: [node('Pad', ['x', 'p'], ['q']), node('Relu', ['q'], ['y'])],
        initializers: [integers('p', [0, 0, 1, 1, 0, 0, 1, 1])],
      },
      /stands in front of Relu "Relu:y"/,
    ],
    [
      'a pad of signed values before max-pooling',
      {
        nodes: [
          node('Pad', ['x', 'p'], ['q']),
          node('MaxPool', ['q'], ['y'], { kernel_shape: [2, 2] }),
        ],
        initializers: [integers('p', [0, 0, 1, 1, 0, 0, 1, 1])],
      },
      /pads values that may be negative with zeros, in front of MaxPool/,
    ],
    [
      'a pad as large as the kernel',
      {
        nodes: [node('Pad', ['x', 'p'], ['q']), node('Conv', ['q', 'w'], ['y'])],
        initializers: [weights, integers('p', [0, 0, 3, 0, 0, 0, 0, 0])],
      },
      /as much as the kernel of Conv "Conv:y" or more/,
    ],
    [
      'a map read sideways',
      {
        nodes: [
          conv,
          node('Transpose', ['c'], ['t'], { perm: [0, 2, 1, 3] }),
          node('MaxPool', ['t'], ['y'], pool),
        ],
        initializers: [weights],
      },
      /input of shape \[1, 5, 4, 4\] shows a map of 4x5x4 in another order/,
    ],
    [
      'every second place, not to the end',
      {
        nodes: [node('Slice', ['x', 's', 'e', 'a', 'n'], ['y'])],
        initializers: [
          integers('s', [0]),
          integers('e', [3]),
          integers('a', [2]),
          integers('n', [2]),
        ],
      },
      /takes 2 of 7 along axis 2 of \[1, 2, 7, 6\]/,
    ],
    [
      'a part of the batch',
      {
        nodes: [node('Slice', ['x', 's', 'e', 'a'], ['y'])],
        initializers: [integers('s', [0]), integers('e', [1]), integers('a', [0])],
        inputs: { x: [2, 2, 7, 6] },
      },
      /takes a part of the batch/,
    ],
    [
      'a product along the rows',
      {
        nodes: [node('MatMul', ['c', 'u'], ['y']), conv],
        initializers: [weights, floats('u', [4, 3], noise(12, 1))],
      },
      /sums along axis 3 of \[1, 4, 5, 4\], which is neither one vector nor the channels/,
    ],
    [
      'a stack of matrices',
      {
        nodes: [node('MatMul', ['x', 'u'], ['y'])],
        initializers: [floats('u', [2, 6, 3], noise(36, 1))],
      },
      /a stack of matrices/,
    ],
    [
      'a value repeated',
      {
        nodes: [node('Expand', ['x', 's'], ['y'])],
        initializers: [integers('s', [1, 2, 7, 12])],
        inputs: { x: [1, 2, 7, 1] },
      },
      /repeats values of shape \[1, 2, 7, 1\] to \[1, 2, 7, 12\]/,
    ],
    [
      'an unequal split',
      {
        nodes: [node('Split', ['x', 's'], ['y', 'z'], { axis: 1n })],
        initializers: [integers('s', [1, 2])],
      },
      /splits 2 values into 1 \+ 2/,
    ],
    [
      'an answer without the batch in front',
      {
        nodes: [conv, node('Transpose', ['c'], ['y'], { perm: [1, 0, 2, 3] })],
        initializers: [weights],
        inputs: { x: [2, 2, 7, 6] },
      },
      /the batch axis is not the first/,
    ],
    [
      'a reshape that mixes the batch',
      {
        nodes: [node('Reshape', ['x', 's'], ['y'])],
        initializers: [integers('s', [4, 42])],
        inputs: { x: [2, 2, 7, 6] },
      },
      /mixes the batch axis/,
    ],
    [
      'a very large map as a vector',
      {
        nodes: [
          node('MaxPool', ['x'], ['p'], { kernel_shape: [1, 1] }),
          node('MaxPool', ['x'], ['q'], { kernel_shape: [2, 2] }),
          node('Flatten', ['p'], ['a']),
          node('Flatten', ['q'], ['b']),
          node('Concat', ['a', 'b'], ['y'], { axis: 1n }),
        ],
        inputs: { x: [1, 2, 40, 40] },
      },
      /needs the 3200 values of a map of 2x40x40 as one vector/,
    ],
  ];

  it.each(cases)('%s', (_, parts, message) => {
    expect(refusal(parts).message).toMatch(message);
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
      /shape \[1, 5, 1, 4\] do not line up with the vectors of \[1, 4, 5, 4\]/,
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
