import { floats, integers, noise, onnxNode as node } from '../onnx-builder.ts';
import { operatorModel, type OperatorModel } from './operator-model.ts';

const square = floats('w', [6, 4, 3, 3], noise(216, 1));
const bias = floats('b', [6], noise(6, 2));
const line = floats('w', [6, 4, 3], noise(72, 1));
const vector = { input: [1, 5] };
const matrix = floats('w', [5, 3], noise(15, 3));
const conv = node('Conv', ['x', 'w', 'b'], ['c']);

function convModel(name: string, attributes: Parameters<typeof node>[3]): OperatorModel {
  return operatorModel(
    `Conv with ${name}`,
    [node('Conv', ['x', 'w', 'b'], ['y'], attributes)],
    [square, bias],
  );
}

/** Conv, Gemm, MatMul, poolings and reductions over sites. */
export const windowModels: readonly OperatorModel[] = [
  convModel('kernel_shape', { kernel_shape: [3, 3] }),
  convModel('asymmetric pads', { pads: [1, 0, 2, 1] }),
  convModel('strides', { strides: [2, 3] }),
  convModel('dilations', { dilations: [2, 1], pads: [2, 1, 0, 1] }),
  convModel('dilations and strides', { dilations: [3, 2], strides: [1, 2], pads: [3, 2, 3, 2] }),
  convModel('auto_pad VALID', { auto_pad: 'VALID' }),
  convModel('auto_pad SAME_UPPER and strides', { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  convModel('auto_pad SAME_LOWER and strides', { auto_pad: 'SAME_LOWER', strides: [2, 2] }),
  operatorModel(
    'Conv in groups',
    [node('Conv', ['x', 'w', 'b'], ['y'], { group: 2n })],
    [floats('w', [6, 2, 3, 3], noise(108, 1)), bias],
  ),
  operatorModel(
    'Conv depthwise with a multiplier',
    [node('Conv', ['x', 'w'], ['y'], { group: 4n, pads: [1, 1, 1, 1] })],
    [floats('w', [8, 1, 3, 3], noise(72, 1))],
  ),
  operatorModel(
    'Conv in one dimension',
    [
      node('Conv', ['x', 'w', 'b'], ['c'], { pads: [1, 2], strides: [2], dilations: [2] }),
      node('MaxPool', ['c'], ['p'], { kernel_shape: [2], strides: [2] }),
      node('GlobalAveragePool', ['p'], ['y']),
    ],
    [line, bias],
    { input: [1, 4, 17] },
  ),
  operatorModel(
    'Conv in one dimension, auto_pad',
    [node('Conv', ['x', 'w'], ['y'], { auto_pad: 'SAME_UPPER', strides: [3] })],
    [line],
    { input: [1, 4, 17] },
  ),
  operatorModel(
    'Gemm',
    [node('Gemm', ['x', 'w', 'b'], ['y'], { alpha: 0.5, beta: -2 })],
    [matrix, floats('b', [1, 3], noise(3, 4))],
    vector,
  ),
  operatorModel(
    'Gemm with transB',
    [node('Gemm', ['x', 'w'], ['y'], { transB: 1n })],
    [floats('w', [3, 5], noise(15, 3))],
    vector,
  ),
  operatorModel(
    'Gemm with transA',
    [
      node('Transpose', ['x'], ['t'], { perm: [1, 0] }),
      node('Gemm', ['t', 'w'], ['y'], { transA: 1n }),
    ],
    [matrix],
    vector,
  ),
  operatorModel('MatMul', [node('MatMul', ['x', 'w'], ['y'])], [matrix], vector),
  operatorModel(
    'MatMul with the constant on the left',
    [
      node('Unsqueeze', ['x', 'last'], ['column']),
      node('MatMul', ['w', 'column'], ['p']),
      node('Squeeze', ['p', 'last'], ['y']),
    ],
    [floats('w', [3, 5], noise(15, 3)), integers('last', [2])],
    vector,
  ),
  operatorModel(
    'MatMul over the channels of a sequence',
    [
      node('Transpose', ['x'], ['t'], { perm: [0, 2, 1] }),
      node('MatMul', ['t', 'w'], ['m']),
      node('Add', ['m', 'b'], ['a']),
      node('Relu', ['a'], ['r']),
      node('ReduceMean', ['r'], ['y'], { axes: [1], keepdims: 0n }),
    ],
    [floats('w', [4, 3], noise(12, 3)), floats('b', [3], noise(3, 4))],
    { input: [1, 4, 6] },
  ),
  operatorModel(
    'MatMul over the only channel of a map',
    [
      node('Transpose', ['x'], ['t'], { perm: [0, 2, 3, 1] }),
      node('MatMul', ['t', 'w'], ['m']),
      node('Transpose', ['m'], ['y'], { perm: [0, 3, 1, 2] }),
    ],
    [floats('w', [1, 2], [-0.75, 0.5])],
    { input: [1, 1, 3, 4] },
  ),
  operatorModel(
    'MatMul over the channels from the left',
    [node('MatMul', ['w', 'x'], ['y'])],
    [floats('w', [3, 4], noise(12, 3))],
    { input: [1, 4, 6] },
  ),
  operatorModel(
    'MaxPool, overlapping',
    [
      conv,
      node('MaxPool', ['c'], ['y'], { kernel_shape: [3, 2], strides: [2, 1], storage_order: 0n }),
    ],
    [square, bias],
  ),
  operatorModel(
    'MaxPool, padded',
    [
      conv,
      node('MaxPool', ['c'], ['y'], {
        kernel_shape: [3, 3],
        strides: [2, 2],
        pads: [1, 1, 1, 1],
        dilations: [1, 1],
      }),
    ],
    [square, bias],
  ),
  operatorModel('MaxPool with auto_pad', [
    node('MaxPool', ['x'], ['y'], {
      kernel_shape: [2, 2],
      strides: [2, 2],
      auto_pad: 'SAME_UPPER',
    }),
  ]),
  operatorModel('MaxPool with ceil_mode', [
    node('MaxPool', ['x'], ['y'], { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1n }),
  ]),
  operatorModel('MaxPool with ceil_mode and a window behind the map', [
    node('MaxPool', ['x'], ['y'], { kernel_shape: [1, 1], strides: [4, 3], ceil_mode: 1n }),
  ]),
  operatorModel(
    'MaxPool in gaps',
    [conv, node('MaxPool', ['c'], ['y'], { kernel_shape: [1, 2], strides: [2, 3] })],
    [square, bias],
  ),
  operatorModel('AveragePool', [
    node('AveragePool', ['x'], ['y'], { kernel_shape: [3, 2], strides: [2, 2], auto_pad: 'VALID' }),
  ]),
  operatorModel('AveragePool that counts its padding', [
    node('AveragePool', ['x'], ['y'], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
      count_include_pad: 1n,
    }),
  ]),
  operatorModel(
    'AveragePool with ceil_mode that changes nothing',
    [
      node('AveragePool', ['x'], ['y'], {
        kernel_shape: [3, 2],
        strides: [2, 2],
        ceil_mode: 1n,
        dilations: [1, 1],
      }),
    ],
    [],
    { opset: 19 },
  ),
  operatorModel('GlobalAveragePool', [node('GlobalAveragePool', ['x'], ['y'])]),
  operatorModel('GlobalMaxPool', [conv, node('GlobalMaxPool', ['c'], ['y'])], [square, bias]),
  operatorModel('ReduceMean over the sites', [
    node('ReduceMean', ['x'], ['y'], { axes: [2, 3], keepdims: 0n }),
  ]),
  operatorModel(
    'ReduceMean with axes as input',
    [node('ReduceMean', ['x', 'axes'], ['y'], { noop_with_empty_axes: 1n })],
    [integers('axes', [-1, -2])],
    { opset: 18 },
  ),
  operatorModel(
    'ReduceMean of an input with its channels last',
    [node('ReduceMean', ['x'], ['y'], { axes: [1, 2] })],
    [],
    { input: [1, 7, 6, 4] },
  ),
  operatorModel('ReduceMean over the width', [node('ReduceMean', ['x'], ['y'], { axes: [3] })]),
  operatorModel(
    'ReduceSum over the sites',
    [node('ReduceSum', ['x'], ['y'], { axes: [2, 3], keepdims: 1n })],
    [],
    {
      opset: 11,
    },
  ),
  operatorModel(
    'ReduceSum with axes as input',
    [node('ReduceSum', ['x', 'axes'], ['y'], { noop_with_empty_axes: 0n })],
    [integers('axes', [2, 3])],
  ),
  operatorModel('ReduceMax over the height', [
    node('ReduceMax', ['x'], ['y'], { axes: [2], keepdims: 0n }),
  ]),
  operatorModel(
    'ReduceMax with axes as input',
    [node('ReduceMax', ['x', 'axes'], ['y'], { noop_with_empty_axes: 0n })],
    [integers('axes', [2, 3])],
    { opset: 18 },
  ),
  operatorModel(
    'Pad in front of a Conv, with pads from a constant subgraph',
    [
      // What PyTorch writes for F.pad(x, [1, 2, 0, 1]): the list is turned round by axis.
      node('ConstantOfShape', ['four'], ['zeros'], { value: integers('', [0]) }),
      node('Concat', ['torch', 'zeros'], ['all'], { axis: 0n }),
      node('Reshape', ['all', 'pairs'], ['table']),
      node('Slice', ['table', 'from', 'to', 'axis', 'step'], ['turned']),
      node('Transpose', ['turned'], ['columns'], { perm: [1, 0] }),
      node('Reshape', ['columns', 'flat'], ['list']),
      node('Cast', ['list'], ['pads'], { to: 7n }),
      node('Pad', ['x', 'pads'], ['p'], { mode: 'constant' }),
      node('Conv', ['p', 'w', 'b'], ['y'], { pads: [1, 0, 0, 0] }),
    ],
    [
      square,
      bias,
      integers('four', [4]),
      integers('torch', [1, 2, 0, 1]),
      integers('pairs', [-1, 2]),
      integers('from', [-1]),
      integers('to', [-(2 ** 31)]),
      integers('axis', [0]),
      integers('step', [-1]),
      integers('flat', [-1]),
    ],
  ),
  operatorModel(
    'Pad as attributes, before a pooling of what is never negative',
    [
      node('Relu', ['x'], ['r']),
      node('Pad', ['r'], ['p'], { pads: [0, 0, 1, 1, 0, 0, 0, 1], value: 0 }),
      node('MaxPool', ['p'], ['y'], { kernel_shape: [3, 3], strides: [2, 2] }),
    ],
    [],
    { opset: 10 },
  ),
  operatorModel(
    'Pad before an average pooling, by axes',
    [
      node('Pad', ['x', 'pads', '', 'axes'], ['p']),
      node('AveragePool', ['p'], ['y'], { kernel_shape: [3, 3] }),
    ],
    [integers('pads', [1, 0, 1, 2]), integers('axes', [2, -1])],
    { opset: 18 },
  ),
  operatorModel(
    'Pad of channels',
    [node('Pad', ['x', 'pads'], ['y'])],
    [integers('pads', [0, 1, 0, 0, 0, 2, 0, 0])],
  ),
  operatorModel(
    'Pad of a vector',
    [node('Pad', ['x', 'pads'], ['y'])],
    [integers('pads', [0, 2, 0, 1])],
    vector,
  ),
];
