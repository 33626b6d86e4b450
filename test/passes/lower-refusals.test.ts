import { describe, expect, it } from 'vitest';
import type { NodeProto, TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import {
  floats,
  integers,
  noise,
  onnxNode as node,
  type ModelParts,
} from '../support/onnx-builder.ts';
import { refusal, refusals } from '../support/refusal.ts';

const weights = floats('w', [4, 2, 3, 3], noise(72, 11));
const head = floats('v', [80, 3], noise(240, 6));
const conv = node('Conv', ['x', 'w'], ['c']);
const pool = { kernel_shape: [2, 2], strides: [2, 2] };

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
  ];

  it.each(cases)('%s', (_, parts, message) => {
    expect(refusal(parts).message).toMatch(message);
  });
});
