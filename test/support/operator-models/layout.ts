import { floats, integer, integers, noise, onnxNode as node } from '../onnx-builder.ts';
import { operatorModel, type OperatorModel } from './operator-model.ts';

const weights = floats('w', [4, 4, 3, 3], noise(144, 1));
const conv = node('Conv', ['x', 'w'], ['c']);
const head = floats('v', [80, 3], noise(240, 6));
const last = node('MatMul', ['f', 'v'], ['y']);
const toFirst = { perm: [0, 3, 1, 2] };
const toLast = { perm: [0, 2, 3, 1] };

/** Reshape, Transpose and other nodes that move nothing, constants, k-WTA aside. */
export const layoutModels: readonly OperatorModel[] = [
  operatorModel(
    'Flatten',
    [conv, node('Flatten', ['c'], ['f'], { axis: 1n }), last],
    [weights, head],
  ),
  operatorModel(
    'Reshape with copied and free lengths',
    [conv, node('Reshape', ['c', 'shape'], ['f'], { allowzero: 0n }), last],
    [weights, head, integers('shape', [0, -1])],
  ),
  operatorModel(
    'Squeeze and Unsqueeze with axes as attributes',
    [
      node('GlobalMaxPool', ['x'], ['p']),
      node('Squeeze', ['p'], ['s'], { axes: [2, 3] }),
      node('Unsqueeze', ['s'], ['u'], { axes: [2, 3] }),
      node('Conv', ['u', 'p1'], ['y']),
    ],
    [floats('p1', [3, 4, 1, 1], noise(12, 2))],
    { opset: 11 },
  ),
  operatorModel(
    'Squeeze and Unsqueeze with axes as inputs',
    [
      node('GlobalMaxPool', ['x'], ['p']),
      node('Squeeze', ['p', 'axes'], ['s']),
      node('Unsqueeze', ['s', 'axes'], ['y']),
    ],
    [integers('axes', [-1, -2])],
  ),
  operatorModel(
    'Transpose from and to channels last around every layer',
    [
      node('Transpose', ['x'], ['t'], toFirst),
      node('Conv', ['t', 'w'], ['c']),
      node('Transpose', ['c'], ['l'], toLast),
      node('Add', ['l', 'b'], ['a']),
      node('Relu', ['a'], ['r']),
      node('Transpose', ['r'], ['m'], toFirst),
      node('MaxPool', ['m'], ['p'], { kernel_shape: [2, 2], strides: [2, 2] }),
      node('Transpose', ['p'], ['y'], toLast),
    ],
    [weights, floats('b', [4], noise(4, 3))],
    { input: [1, 8, 7, 4] },
  ),
  operatorModel(
    'Transpose to channels last, flattened into a fully connected layer',
    [
      node('Transpose', ['x'], ['t'], toFirst),
      node('Conv', ['t', 'w'], ['c']),
      node('Transpose', ['c'], ['l'], toLast),
      node('Reshape', ['l', 'shape'], ['f']),
      last,
    ],
    [weights, head, integers('shape', [-1, 80])],
    { input: [1, 7, 6, 4] },
  ),
  operatorModel(
    'Input normalised before it is transposed',
    [
      node('Mul', ['x', 'gain'], ['g']),
      node('Transpose', ['g'], ['t'], toFirst),
      node('Conv', ['t', 'w'], ['y'], { pads: [1, 1, 1, 1] }),
    ],
    [weights, floats('gain', [4], noise(4, 3))],
    { input: [1, 7, 6, 4] },
  ),
  operatorModel(
    'Means over the sites of channels last',
    [
      node('Transpose', ['x'], ['t'], toFirst),
      node('Conv', ['t', 'w'], ['c']),
      node('Transpose', ['c'], ['l'], toLast),
      node('ReduceMean', ['l'], ['y'], { axes: [1, 2], keepdims: 0n }),
    ],
    [weights],
    { input: [1, 7, 6, 4] },
  ),
  operatorModel(
    'Concat and Pad along the last axis of channels last',
    [
      node('Transpose', ['x'], ['t'], toFirst),
      node('Conv', ['t', 'w'], ['c']),
      node('Transpose', ['c'], ['l'], toLast),
      node('Relu', ['l'], ['r']),
      node('Concat', ['l', 'r'], ['y'], { axis: 3n }),
    ],
    [weights],
    { input: [1, 7, 6, 4] },
  ),
  operatorModel(
    'Dense over the channels of a map, channels last',
    [
      node('Transpose', ['x'], ['t'], toFirst),
      node('Conv', ['t', 'w'], ['c']),
      node('Transpose', ['c'], ['l'], toLast),
      node('MatMul', ['l', 'm'], ['d']),
      node('Transpose', ['d'], ['p'], toFirst),
      node('GlobalMaxPool', ['p'], ['y']),
    ],
    [weights, floats('m', [4, 5], noise(20, 7))],
    { input: [1, 7, 6, 4] },
  ),
  operatorModel(
    'A channel shuffle',
    [
      node('Conv', ['x', 'g'], ['c'], { group: 2n }),
      node('Reshape', ['c', 'apart'], ['r']),
      node('Transpose', ['r'], ['t'], { perm: [0, 2, 1, 3, 4] }),
      node('Reshape', ['t', 'together'], ['s']),
      node('Conv', ['s', 'h'], ['y'], { group: 2n }),
    ],
    [
      floats('g', [6, 2, 3, 3], noise(108, 3)),
      floats('h', [4, 3, 1, 1], noise(12, 4)),
      integers('apart', [1, 2, 3, 5, 4]),
      integers('together', [1, 6, 5, 4]),
    ],
  ),
  operatorModel(
    'A sequence as [batch, length, channels]',
    [
      node('Transpose', ['x'], ['t'], { perm: [0, 2, 1] }),
      node('Conv', ['t', 'k'], ['c'], { pads: [1, 1] }),
      node('Transpose', ['c'], ['y'], { perm: [0, 2, 1] }),
    ],
    [floats('k', [5, 4, 3], noise(60, 3))],
    { input: [1, 9, 4] },
  ),
  operatorModel(
    'One-dimensional convolutions written as two-dimensional ones',
    [
      node('Unsqueeze', ['x', 'row'], ['u']),
      node('Conv', ['u', 'k'], ['c'], { kernel_shape: [1, 3], pads: [0, 1, 0, 1] }),
      node('Squeeze', ['c', 'row'], ['y']),
    ],
    [floats('k', [5, 4, 1, 3], noise(60, 3)), integers('row', [2])],
    { input: [1, 4, 9] },
  ),
  operatorModel(
    'Dropout and Identity',
    [
      node('Identity', ['x'], ['i']),
      node('Dropout', ['i'], ['d'], { ratio: 0.5 }),
      node('Relu', ['d'], ['y']),
    ],
    [],
    { opset: 11 },
  ),
  operatorModel(
    'Dropout with a seed, and Cast',
    [
      node('Dropout', ['x'], ['d'], { seed: 3n }),
      node('Cast', ['d'], ['c'], { to: 1n, saturate: 1n }),
      node('Relu', ['c'], ['y']),
    ],
    [],
    { opset: 19 },
  ),
  operatorModel(
    'An input that is an answer',
    [conv, node('Identity', ['x'], ['z']), node('Relu', ['c'], ['y'])],
    [weights],
    {
      outputs: ['y', 'z'],
    },
  ),
  operatorModel(
    'Several answers from one trunk',
    [
      conv,
      node('Relu', ['c'], ['r']),
      node('Flatten', ['r'], ['f']),
      last,
      node('GlobalAveragePool', ['r'], ['z']),
    ],
    [weights, head],
    { outputs: ['y', 'z', 'r'] },
  ),
  operatorModel(
    'Constants of every kind',
    [
      node('Constant', [], ['a'], { value_float: 0.5 }),
      node('Constant', [], ['two'], { value_int: 2n }),
      node('Constant', [], ['axes'], { value_ints: [0, 1] }),
      node('Constant', [], ['k'], { value: floats('', [4], [1, 2, 3, 4]) }),
      node('Unsqueeze', ['k', 'axes'], ['k4']),
      node('Transpose', ['k4'], ['kt'], { perm: [2, 0, 1] }),
      node('Cast', ['two'], ['twof'], { to: 1n }),
      node('Pow', ['kt', 'twof'], ['squares']),
      node('Constant', [], ['b'], { value_floats: Float32Array.of(1, -2, 3, 0.5) }),
      node('Reshape', ['b', 'column'], ['bc']),
      node('Mul', ['squares', 'a'], ['g']),
      node('Mul', ['g', 'bc'], ['gain']),
      node('Mul', ['x', 'gain'], ['y']),
    ],
    [integers('column', [4, 1, 1])],
  ),
  operatorModel(
    'Shapes, ranges and expansions of constants',
    [
      node('Shape', ['x'], ['dims'], { start: 1n, end: 2n }),
      node('Squeeze', ['dims', 'first'], ['count']),
      node('Range', ['zero', 'count', 'one'], ['steps']),
      node('Cast', ['steps'], ['stepsf'], { to: 1n }),
      node('Reshape', ['stepsf', 'column'], ['ramp']),
      node('ConstantOfShape', ['dims'], ['threes'], { value: floats('', [1], [3]) }),
      node('Reshape', ['threes', 'column'], ['threes3']),
      node('Shape', ['x'], ['all']),
      node('Expand', ['ramp', 'all'], ['big']),
      node('Div', ['big', 'quarter'], ['bigger']),
      node('Add', ['x', 'bigger'], ['s']),
      node('Mul', ['s', 'threes3'], ['y']),
    ],
    [
      integers('first', [0]),
      integer('zero', 0),
      integer('one', 1),
      integers('column', [-1, 1, 1]),
      floats('quarter', [], [0.25]),
    ],
  ),
];
