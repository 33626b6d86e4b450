import { floats, integers, noise, onnxNode as node } from '../onnx-builder.ts';
import { operatorModel, type OperatorModel } from './operator-model.ts';

const weights = floats('w', [4, 4, 3, 3], noise(144, 1));
const conv = node('Conv', ['x', 'w'], ['c'], { pads: [1, 1, 1, 1] });
const norm = [
  floats('gamma', [4], [0.5, -1.5, 2, 1]),
  floats('beta', [4], noise(4, 5)),
  floats('mean', [4], noise(4, 6)),
  floats('variance', [4], [0.5, 1.5, 2, 1]),
];
const normInputs = ['gamma', 'beta', 'mean', 'variance'];
const perChannel = floats('k', [4, 1, 1], [0.5, -1.25, 2, 1]);
const scalar = (name: string, value: number): ReturnType<typeof floats> =>
  floats(name, [], [value]);

/** Activations, arithmetic, branches. */
export const elementwiseModels: readonly OperatorModel[] = [
  operatorModel('Relu of the input', [node('Relu', ['x'], ['y'])]),
  operatorModel(
    'Relu, then Clip',
    [conv, node('Relu', ['c'], ['r']), node('Clip', ['r', '', 'six'], ['y'])],
    [weights, scalar('six', 0.6)],
  ),
  operatorModel(
    'Clip with bounds as attributes',
    [conv, node('Clip', ['c'], ['y'], { min: -0.5, max: 0.75 })],
    [weights],
    {
      opset: 10,
    },
  ),
  operatorModel(
    'Clip with bounds as inputs',
    [conv, node('Clip', ['c', 'low', 'high'], ['y'])],
    [weights, scalar('low', -1), scalar('high', 1)],
  ),
  operatorModel(
    'Clip with bounds above 0',
    [conv, node('Clip', ['c', 'low', 'high'], ['y'])],
    [weights, scalar('low', 0.25), scalar('high', 1)],
  ),
  operatorModel(
    'Clip with bounds below 0',
    [node('Clip', ['x', 'low', 'high'], ['y'])],
    [scalar('low', -0.75), scalar('high', -0.25)],
  ),
  operatorModel(
    'Clip that binds nothing',
    [conv, node('Clip', ['c', 'low', 'high'], ['y'])],
    [weights, scalar('low', -3.4028234663852886e38), scalar('high', 3.4028234663852886e38)],
  ),
  operatorModel(
    'Min and Max with constants',
    [conv, node('Min', ['c', 'high'], ['m']), node('Max', ['zero', 'm'], ['y'])],
    [weights, scalar('zero', 0), floats('high', [1], [0.5])],
  ),
  operatorModel('LeakyRelu', [conv, node('LeakyRelu', ['c'], ['y'], { alpha: 0.125 })], [weights]),
  operatorModel(
    'LeakyRelu, then a pooling and Relu',
    [
      conv,
      node('LeakyRelu', ['c'], ['l'], { alpha: 0.125 }),
      node('MaxPool', ['l'], ['p'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
      node('Relu', ['p'], ['y']),
    ],
    [weights],
  ),
  operatorModel(
    'LeakyRelu of a sum',
    [conv, node('Add', ['c', 'x'], ['a']), node('LeakyRelu', ['a'], ['y'])],
    [weights],
  ),
  operatorModel(
    'PRelu with one slope',
    [conv, node('PRelu', ['c', 's'], ['y'])],
    [weights, floats('s', [4, 1, 1], [0.25, 0.25, 0.25, 0.25])],
  ),
  operatorModel(
    'BatchNormalization behind a Conv',
    [
      conv,
      node('BatchNormalization', ['c', ...normInputs], ['y'], {
        epsilon: 0.01,
        momentum: 0.9,
        training_mode: 0n,
      }),
    ],
    [weights, ...norm],
  ),
  operatorModel(
    'BatchNormalization before activation and pooling of the input',
    [
      node('BatchNormalization', ['x', ...normInputs], ['n']),
      node('Relu', ['n'], ['r']),
      node('MaxPool', ['r'], ['y'], { kernel_shape: [2, 2] }),
    ],
    norm,
  ),
  operatorModel(
    'BatchNormalization with negative scales behind a pooling',
    [
      conv,
      node('MaxPool', ['c'], ['p'], { kernel_shape: [2, 2] }),
      node('BatchNormalization', ['p', ...normInputs], ['y']),
    ],
    [weights, ...norm],
  ),
  operatorModel(
    'BatchNormalization before a padded Conv',
    [
      node('BatchNormalization', ['x', ...normInputs], ['n']),
      node('Conv', ['n', 'w'], ['y'], { pads: [1, 1, 1, 1] }),
    ],
    [weights, ...norm],
  ),
  operatorModel(
    'BatchNormalization before a grouped Conv',
    [
      node('BatchNormalization', ['x', ...normInputs], ['n']),
      node('Conv', ['n', 'g'], ['y'], { group: 2n }),
    ],
    [floats('g', [6, 2, 3, 3], noise(108, 3)), ...norm],
  ),
  operatorModel(
    'BatchNormalization of what two layers read',
    [
      conv,
      node('BatchNormalization', ['c', ...normInputs], ['n']),
      node('Relu', ['n'], ['r']),
      node('Add', ['n', 'r'], ['y']),
    ],
    [weights, ...norm],
  ),
  operatorModel(
    'Add of a constant per channel',
    [conv, node('Add', ['c', 'k'], ['y'])],
    [weights, perChannel],
  ),
  operatorModel(
    'Add of two branches',
    [conv, node('Add', ['c', 'x'], ['a']), node('Relu', ['a'], ['y'])],
    [weights],
  ),
  operatorModel('Add of a value to itself', [conv, node('Add', ['c', 'c'], ['y'])], [weights]),
  operatorModel(
    'Add before a ReLU6',
    [conv, node('Add', ['x', 'c'], ['a']), node('Clip', ['a', 'low', 'high'], ['y'])],
    [weights, scalar('low', 0), scalar('high', 0.5)],
  ),
  operatorModel('Sub of two branches', [conv, node('Sub', ['c', 'x'], ['y'])], [weights]),
  operatorModel('Sub from a constant', [node('Sub', ['k', 'x'], ['y'])], [perChannel]),
  operatorModel(
    'Sum of three branches and a constant',
    [conv, node('Relu', ['c'], ['r']), node('Sum', ['c', 'k', 'r', 'x'], ['y'])],
    [weights, perChannel],
  ),
  operatorModel(
    'Mul and Div by constants',
    [node('Div', ['x', 'half'], ['d']), node('Mul', ['k', 'd'], ['y'])],
    [scalar('half', 0.5), perChannel],
  ),
  operatorModel('Neg', [conv, node('Neg', ['c'], ['n']), node('Relu', ['n'], ['y'])], [weights]),
  operatorModel(
    'Concat of maps',
    [conv, node('Concat', ['c', 'x'], ['y'], { axis: 1n })],
    [weights],
  ),
  operatorModel(
    'Concat, then normalisation and Conv',
    [
      conv,
      node('Concat', ['x', 'c', 'x'], ['j'], { axis: -3n }),
      node('Mul', ['j', 'gain'], ['m']),
      node('Relu', ['m'], ['r']),
      node('Conv', ['r', 'v'], ['y']),
    ],
    [weights, floats('gain', [12, 1, 1], noise(12, 8)), floats('v', [3, 12, 1, 1], noise(36, 9))],
  ),
  operatorModel(
    'Concat of vectors',
    [
      node('MatMul', ['x', 'a'], ['p']),
      node('MatMul', ['x', 'b'], ['q']),
      node('Concat', ['p', 'q', 'x'], ['j'], { axis: 1n }),
      node('MatMul', ['j', 'c'], ['y']),
    ],
    [
      floats('a', [5, 3], noise(15, 1)),
      floats('b', [5, 2], noise(10, 2)),
      floats('c', [10, 2], noise(20, 3)),
    ],
    { input: [1, 5] },
  ),
  operatorModel(
    'Concat of flattened maps of one size',
    [
      conv,
      node('Flatten', ['x'], ['f']),
      node('Flatten', ['c'], ['g']),
      node('Concat', ['f', 'g'], ['j'], { axis: 1n }),
      node('MatMul', ['j', 'v'], ['y']),
    ],
    [weights, floats('v', [336, 3], noise(1008, 2))],
  ),
  operatorModel(
    'Concat of flattened maps of different sizes',
    [
      node('MaxPool', ['x'], ['p'], { kernel_shape: [3, 3], strides: [3, 3] }),
      node('GlobalAveragePool', ['x'], ['q']),
      node('Flatten', ['p'], ['f']),
      node('Flatten', ['q'], ['g']),
      node('Concat', ['f', 'g'], ['j'], { axis: 1n }),
      node('MatMul', ['j', 'v'], ['y']),
    ],
    [floats('v', [20, 3], noise(60, 2))],
  ),
  operatorModel(
    'Split of channels, before operator set 13',
    [
      node('Split', ['x'], ['a', 'b'], { axis: 1n, split: [1, 3] }),
      node('MaxPool', ['b'], ['y'], { kernel_shape: [2, 2] }),
      node('Relu', ['a'], ['z']),
    ],
    [],
    { opset: 11, outputs: ['y', 'z'] },
  ),
  operatorModel(
    'Split into equal parts',
    [
      node('Split', ['x'], ['a', 'b'], { axis: 1n, num_outputs: 2n }),
      node('Sub', ['a', 'b'], ['y']),
    ],
    [],
    { opset: 18 },
  ),
  operatorModel(
    'Split of a vector',
    [node('Split', ['x', 'parts'], ['y', 'z'], { axis: 1n })],
    [integers('parts', [2, 3])],
    { input: [1, 5], outputs: ['y', 'z'] },
  ),
  operatorModel(
    'Slice of channels',
    [node('Slice', ['x', 'from', 'to', 'axes'], ['y'])],
    [integers('from', [1]), integers('to', [3]), integers('axes', [1])],
  ),
  operatorModel(
    'Slice of every second site, as a residual shortcut takes it',
    [node('Slice', ['x', 'from', 'to', 'axes', 'steps'], ['s']), node('Pad', ['s', 'pads'], ['y'])],
    [
      integers('from', [0, 1]),
      integers('to', [2 ** 31, 2 ** 31]),
      integers('axes', [2, 3]),
      integers('steps', [2, 2]),
      integers('pads', [0, 2, 0, 0, 0, 2, 0, 0]),
    ],
  ),
  operatorModel(
    'Slice as attributes',
    [node('Slice', ['x'], ['y'], { axes: [1], starts: [-2], ends: [100] })],
    [],
    { opset: 9 },
  ),
  operatorModel(
    'Gather of channels',
    [node('Gather', ['x', 'which'], ['y'], { axis: 1n })],
    [integers('which', [3, 0, -2])],
  ),
];
