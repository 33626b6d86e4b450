import { describe, expect, it } from 'vitest';
import {
  floats,
  integers,
  noise,
  onnxNode as node,
  type ModelParts,
} from '../support/onnx-builder.ts';
import { refusal } from '../support/refusal.ts';

const weights = floats('w', [4, 2, 3, 3], noise(72, 11));
const head = floats('v', [80, 3], noise(240, 6));
const conv = node('Conv', ['x', 'w'], ['c']);
const pool = { kernel_shape: [2, 2], strides: [2, 2] };

describe('refuses between layers', () => {
  const cases: readonly (readonly [string, ModelParts, RegExp])[] = [
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
      'places a tiny part of one apart',
      {
        nodes: [node('Slice', ['x', 's', 'e', 'a', 'n'], ['y'])],
        initializers: [
          integers('s', [0]),
          integers('e', [2]),
          integers('a', [2]),
          floats('n', [1], [1e-40]),
        ],
      },
      /steps are not integers/,
    ],
    [
      'one place again and again',
      {
        nodes: [node('Slice', ['x', 's', 'e', 'a', 'n'], ['y'])],
        initializers: [
          integers('s', [0]),
          integers('e', [2]),
          integers('a', [2]),
          integers('n', [0]),
        ],
      },
      /it has a step of 0/,
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
