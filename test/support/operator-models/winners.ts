import type { NodeProto, TensorProto } from '../../../src/read/onnx-schema/onnx_pb.ts';
import { floats, integer, integers, noise, onnxNode as node } from '../onnx-builder.ts';
import { operatorModel, type ModelSettings, type OperatorModel } from './operator-model.ts';

const weights = floats('w', [6, 4, 3, 3], noise(216, 1));
const conv = node('Conv', ['x', 'w'], ['c']);
const cut = [integers('from', [1]), integers('to', [2]), integers('along', [1])];
const zero = floats('zero', [], [0]);

function kWinners(
  name: string,
  nodes: readonly NodeProto[],
  initializers: readonly TensorProto[] = [],
  settings: ModelSettings = {},
): OperatorModel {
  const all = [weights, integers('k', [2]), ...initializers];
  return operatorModel(`k-WTA: ${name}`, [conv, ...nodes], all, settings);
}

const topK = node('TopK', ['c', 'k'], ['top', 'at'], { axis: 1n, largest: 1n, sorted: 1n });
const slice = node('Slice', ['top', 'from', 'to', 'along'], ['kth']);
const toFloat = node('Cast', ['mask'], ['m'], { to: 1n });
const mul = node('Mul', ['c', 'm'], ['y']);

/** k-WTA as exporters write it. */
export const winnerModels: readonly OperatorModel[] = [
  kWinners(
    'threshold and mask',
    [topK, slice, node('GreaterOrEqual', ['c', 'kth'], ['mask']), toFloat, mul],
    cut,
  ),
  kWinners(
    'threshold by LessOrEqual, mask by Where',
    [
      topK,
      slice,
      node('LessOrEqual', ['kth', 'c'], ['mask']),
      node('Where', ['mask', 'c', 'zero'], ['y']),
    ],
    [...cut, zero],
  ),
  kWinners(
    'losers by Less and Not',
    [
      topK,
      slice,
      node('Less', ['c', 'kth'], ['low']),
      node('Not', ['low'], ['mask']),
      toFloat,
      mul,
    ],
    cut,
  ),
  kWinners(
    'losers by Greater',
    [
      topK,
      slice,
      node('Greater', ['kth', 'c'], ['low']),
      node('Where', ['low', 'zero', 'c'], ['y']),
    ],
    [...cut, zero],
  ),
  kWinners(
    'the last of TopK by Gather, expanded',
    [
      topK,
      node('Gather', ['top', 'last'], ['kth'], { axis: 1n }),
      node('Shape', ['c'], ['dims']),
      node('Expand', ['kth', 'dims'], ['wide']),
      node('GreaterOrEqual', ['c', 'wide'], ['mask']),
      toFloat,
      mul,
    ],
    [integers('last', [-1])],
  ),
  kWinners('the least of TopK', [
    node('TopK', ['c', 'k'], ['top', 'at'], { axis: 1n, sorted: 0n }),
    node('ReduceMin', ['top'], ['kth'], { axes: [1], keepdims: 1n }),
    node('GreaterOrEqual', ['c', 'kth'], ['mask']),
    toFloat,
    mul,
  ]),
  kWinners(
    'the least of TopK, axes as input',
    [
      topK,
      node('ReduceMin', ['top', 'along'], ['kth'], { noop_with_empty_axes: 0n }),
      node('GreaterOrEqual', ['c', 'kth'], ['mask']),
      toFloat,
      mul,
    ],
    [integers('along', [1])],
    { opset: 18 },
  ),
  kWinners('scattered into zeros', [
    topK,
    node('Shape', ['c'], ['dims']),
    node('ConstantOfShape', ['dims'], ['zeros']),
    node('ScatterElements', ['zeros', 'at', 'top'], ['y'], { axis: 1n, reduction: 'none' }),
  ]),
  kWinners(
    'in groups of channels',
    [
      node('Reshape', ['c', 'apart'], ['g']),
      node('TopK', ['g', 'k'], ['top', 'at'], { axis: 2n }),
      node('Slice', ['top', 'from', 'to', 'along'], ['kth']),
      node('GreaterOrEqual', ['g', 'kth'], ['mask']),
      toFloat,
      node('Mul', ['g', 'm'], ['n']),
      node('Reshape', ['n', 'together'], ['y']),
    ],
    [
      integers('apart', [0, 2, 3, 5, 4]),
      integers('together', [0, 6, 5, 4]),
      integers('from', [1]),
      integers('to', [2]),
      integers('along', [2]),
    ],
  ),
  kWinners(
    'over the whole map, mask reshaped back',
    [
      node('Flatten', ['c'], ['f']),
      node('TopK', ['f', 'k'], ['top', 'at'], { axis: -1n }),
      node('Gather', ['top', 'last'], ['kth'], { axis: -1n }),
      node('GreaterOrEqual', ['f', 'kth'], ['mask']),
      toFloat,
      node('Reshape', ['m', 'shape'], ['mm']),
      node('Mul', ['c', 'mm'], ['y']),
    ],
    [integers('last', [1]), integers('shape', [-1, 6, 5, 4])],
  ),
  kWinners(
    'over the whole map, threshold reshaped',
    [
      node('Flatten', ['c'], ['f']),
      node('TopK', ['f', 'k'], ['top', 'at'], { axis: 1n }),
      node('Gather', ['top', 'last'], ['kth'], { axis: 1n }),
      node('Reshape', ['kth', 'ones'], ['limit']),
      node('GreaterOrEqual', ['c', 'limit'], ['mask']),
      toFloat,
      mul,
    ],
    [integer('last', 1), integers('ones', [-1, 1, 1, 1])],
  ),
  kWinners(
    'before pooling',
    [
      topK,
      slice,
      node('GreaterOrEqual', ['c', 'kth'], ['mask']),
      toFloat,
      node('Mul', ['c', 'm'], ['n']),
      node('MaxPool', ['n'], ['y'], { kernel_shape: [2, 2], strides: [2, 2] }),
    ],
    cut,
  ),
  kWinners(
    'after pooling, then ReLU',
    [
      node('MaxPool', ['c'], ['p'], { kernel_shape: [2, 2], strides: [2, 2] }),
      node('TopK', ['p', 'k'], ['top', 'at'], { axis: 1n }),
      slice,
      node('GreaterOrEqual', ['p', 'kth'], ['mask']),
      toFloat,
      node('Mul', ['p', 'm'], ['n']),
      node('Relu', ['n'], ['y']),
    ],
    cut,
  ),
  kWinners(
    'then an upper bound',
    [
      topK,
      slice,
      node('GreaterOrEqual', ['c', 'kth'], ['mask']),
      toFloat,
      node('Mul', ['c', 'm'], ['n']),
      node('Clip', ['n', 'zero', 'high'], ['y']),
    ],
    [...cut, zero, floats('high', [], [0.5])],
  ),
  kWinners(
    'of a sum of branches, channels last',
    [
      node('Conv', ['x', 'v'], ['d']),
      node('Add', ['c', 'd'], ['s']),
      node('Transpose', ['s'], ['t'], { perm: [0, 2, 3, 1] }),
      node('TopK', ['t', 'k'], ['top', 'at']),
      node('Slice', ['top', 'from', 'to', 'along'], ['kth']),
      node('GreaterOrEqual', ['t', 'kth'], ['mask']),
      toFloat,
      node('Mul', ['t', 'm'], ['n']),
      node('Transpose', ['n'], ['y'], { perm: [0, 3, 1, 2] }),
    ],
    [
      floats('v', [6, 4, 3, 3], noise(216, 9)),
      integers('from', [1]),
      integers('to', [2]),
      integers('along', [3]),
    ],
  ),
  kWinners(
    'with everything as attributes',
    [
      node('TopK', ['c'], ['top', 'at'], { axis: 1n, k: 2n }),
      node('Slice', ['top'], ['kth'], { axes: [1], starts: [1], ends: [2] }),
      node('Less', ['c', 'kth'], ['low']),
      node('Not', ['low'], ['mask']),
      toFloat,
      mul,
    ],
    [],
    { opset: 9 },
  ),
];
