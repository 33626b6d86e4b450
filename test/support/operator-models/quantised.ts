import type { NodeProto, TensorProto } from '../../../src/read/onnx-schema/onnx_pb.ts';
import {
  floats,
  integers,
  noise,
  onnxNode as node,
  onnxTensor,
  type AttributeValue,
} from '../onnx-builder.ts';
import { operatorModel, type ModelSettings, type OperatorModel } from './operator-model.ts';

/** Scale of all activations here: the most our answers may differ by. */
export const quantisedStep = 1 / 32;

const microsoft = { domain: 'com.microsoft' };

/** Weights of 7 bits: ONNX Runtime's kernels add two products in 16 bits on some processors. */
function smallIntegers(count: number, seed: number): Int8Array {
  return Int8Array.from(noise(count, seed), (value) => Math.round(value * 63));
}

const constants: readonly TensorProto[] = [
  floats('s', [], [quantisedStep]),
  onnxTensor('z', [], Uint8Array.of(100)),
  onnxTensor('w', [6, 4, 3, 3], smallIntegers(216, 1)),
  floats(
    'ws',
    [6],
    noise(6, 2).map((value) => 0.004 * (2 + value)),
  ),
  onnxTensor('wz', [6], new Int8Array(6)),
  onnxTensor(
    'b',
    [6],
    Int32Array.from(noise(6, 3), (value) => Math.round(value * 2000)),
  ),
];
/** Of no simple ratio to the other: means of four are never halves then. */
const coarse = floats('coarse', [], [quantisedStep * 0.9317]);
const quantise = node('QuantizeLinear', ['x', 's', 'z'], ['q']);
const finish = node('DequantizeLinear', ['r', 's', 'z'], ['y']);

/** x -> QuantizeLinear -> q ... r -> DequantizeLinear -> y. */
function between(
  name: string,
  nodes: readonly NodeProto[],
  initializers: readonly TensorProto[] = [],
  settings: ModelSettings = {},
): OperatorModel {
  return operatorModel(
    name,
    [quantise, ...nodes, finish],
    [...constants, ...initializers],
    settings,
  );
}

function qLinearConv(
  name: string,
  attributes: Readonly<Record<string, AttributeValue>>,
): OperatorModel {
  const inputs = ['q', 's', 'z', 'w', 'ws', 'wz', 's', 'z', 'b'];
  return between(`QLinearConv with ${name}`, [node('QLinearConv', inputs, ['r'], attributes)]);
}

function convInteger(
  name: string,
  attributes: Readonly<Record<string, AttributeValue>>,
): OperatorModel {
  return between(
    `ConvInteger with ${name}`,
    [
      node('ConvInteger', ['q', 'w', 'z', 'wz0'], ['sums'], attributes),
      node('Cast', ['sums'], ['sumsf'], { to: 1n }),
      node('Mul', ['sumsf', 'factor'], ['real']),
      node('QuantizeLinear', ['real', 's', 'z'], ['r']),
    ],
    [onnxTensor('wz0', [], Int8Array.of(0)), floats('factor', [], [quantisedStep * 0.006])],
  );
}

const grouped = [
  onnxTensor('gw', [6, 2, 3, 3], smallIntegers(108, 4)),
  floats('gs', [], [0.01]),
  onnxTensor('gz', [], Int8Array.of(0)),
];
const matrix = [
  onnxTensor('m', [5, 3], smallIntegers(15, 5)),
  onnxTensor('mt', [3, 5], smallIntegers(15, 5)),
  floats('ms', [3], [0.01, 0.02, 0.015]),
  floats('ms1', [], [0.01]),
  onnxTensor('mz', [3], new Int8Array(3)),
  onnxTensor('mz1', [], Int8Array.of(3)),
  onnxTensor('mb', [3], Int32Array.of(500, -300, 20)),
];
const vector = { input: [1, 5] };
const pooling = { kernel_shape: [2, 2], strides: [2, 2] };

/** Operators on integers, and roundings; compared to one step of their scale. */
export const quantisedModels: readonly OperatorModel[] = [
  between('QuantizeLinear and DequantizeLinear alone', [node('Identity', ['q'], ['r'])]),
  between(
    'QuantizeLinear to int8 with an axis, saturate',
    [
      node('DequantizeLinear', ['q', 's', 'z'], ['d'], { axis: 1n }),
      node('Relu', ['d'], ['a']),
      node('QuantizeLinear', ['a', 's', 'z8'], ['t'], { axis: 0n, saturate: 1n }),
      node('DequantizeLinear', ['t', 's', 'z8'], ['u']),
      node('QuantizeLinear', ['u', 's', 'z'], ['r']),
    ],
    [onnxTensor('z8', [], Int8Array.of(-28))],
    { opset: 19 },
  ),
  operatorModel(
    'QuantizeLinear without a zero point',
    [
      node('QuantizeLinear', ['x', 's'], ['q'], { output_dtype: 3n }),
      node('DequantizeLinear', ['q', 's'], ['y']),
    ],
    constants.slice(0, 1),
    { opset: 21 },
  ),
  between(
    'weights that are quantised in the graph, per channel',
    [
      node('DequantizeLinear', ['q', 's', 'z'], ['d']),
      node('QuantizeLinear', ['wf', 'ws', 'wz'], ['wq'], { axis: 0n }),
      node('DequantizeLinear', ['wq', 'ws', 'wz'], ['wd'], { axis: 0n }),
      node('Conv', ['d', 'wd'], ['c']),
      node('QuantizeLinear', ['c', 's', 'z'], ['r']),
    ],
    [
      floats(
        'wf',
        [6, 4, 3, 3],
        noise(216, 8).map((value) => value / 4),
      ),
    ],
  ),
  between(
    'weights that are transposed after they are dequantised',
    [
      node('DequantizeLinear', ['q', 's', 'z'], ['d']),
      node('DequantizeLinear', ['mt', 'ms', 'mz'], ['md'], { axis: 0n }),
      node('Transpose', ['md'], ['mtd'], { perm: [1, 0] }),
      node('MatMul', ['d', 'mtd'], ['c']),
      node('QuantizeLinear', ['c', 's', 'z'], ['r']),
    ],
    matrix,
    vector,
  ),
  between(
    'zeros around rounded values',
    [
      node('DequantizeLinear', ['q', 's', 'z'], ['d']),
      node('Pad', ['d', 'pads'], ['p']),
      node('QuantizeLinear', ['p', 's', 'z'], ['pq']),
      node('DequantizeLinear', ['pq', 's', 'z'], ['pd']),
      node('DequantizeLinear', ['w', 'ws', 'wz'], ['wd'], { axis: 0n }),
      node('Conv', ['pd', 'wd'], ['c']),
      node('QuantizeLinear', ['c', 's', 'z'], ['r']),
    ],
    [integers('pads', [0, 0, 1, 0, 0, 0, 2, 1])],
  ),
  qLinearConv('kernel_shape and pads', { kernel_shape: [3, 3], pads: [1, 0, 1, 2] }),
  qLinearConv('strides and dilations', { strides: [2, 1], dilations: [2, 1], pads: [2, 1, 2, 1] }),
  qLinearConv('auto_pad', { auto_pad: 'SAME_UPPER' }),
  between(
    'QLinearConv in groups',
    [node('QLinearConv', ['q', 's', 'z', 'gw', 'gs', 'gz', 's', 'z'], ['r'], { group: 2n })],
    grouped,
  ),
  convInteger('kernel_shape and pads', { kernel_shape: [3, 3], pads: [1, 0, 1, 2] }),
  convInteger('strides', { strides: [2, 1] }),
  convInteger('auto_pad', { auto_pad: 'VALID', dilations: [1, 1] }),
  between(
    'ConvInteger in groups',
    [
      node('ConvInteger', ['q', 'gw', 'z', 'gz'], ['sums'], { group: 2n }),
      node('Cast', ['sums'], ['sumsf'], { to: 1n }),
      node('Mul', ['sumsf', 'factor'], ['real']),
      node('QuantizeLinear', ['real', 's', 'z'], ['r']),
    ],
    [...grouped, floats('factor', [], [quantisedStep * 0.01])],
  ),
  between(
    'QLinearMatMul',
    [node('QLinearMatMul', ['q', 's', 'z', 'm', 'ms1', 'mz1', 's', 'z'], ['r'])],
    matrix,
    vector,
  ),
  between(
    'MatMulInteger',
    [
      node('MatMulInteger', ['q', 'm', 'z', 'mz1'], ['sums']),
      node('Cast', ['sums'], ['sumsf'], { to: 1n }),
      node('Mul', ['sumsf', 'factor'], ['real']),
      node('QuantizeLinear', ['real', 's', 'z'], ['r']),
    ],
    [...matrix, floats('factor', [3], [0.0003, 0.0005, 0.0002])],
    vector,
  ),
  between(
    'QGemm',
    [
      node(
        'QGemm',
        ['q', 's', 'z', 'mt', 'ms', 'mz', 'mb', 's', 'z'],
        ['r'],
        { transA: 0n, transB: 1n, alpha: 1 },
        microsoft,
      ),
    ],
    matrix,
    vector,
  ),
  operatorModel(
    'QGemm without rounding its result',
    [quantise, node('QGemm', ['q', 's', 'z', 'm', 'ms', 'mz'], ['y'], {}, microsoft)],
    [...constants, ...matrix],
    vector,
  ),
  between('QLinearAdd', [
    node('MaxPool', ['q'], ['p'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    node('QLinearAdd', ['q', 's', 'z', 'p', 's', 'z', 's', 'z'], ['r'], {}, microsoft),
  ]),
  operatorModel(
    'QLinearAveragePool',
    [
      quantise,
      node(
        'QLinearAveragePool',
        ['q', 's', 'z', 'coarse', 'z'],
        ['r'],
        { ...pooling, channels_last: 0n, auto_pad: 'VALID' },
        microsoft,
      ),
      node('DequantizeLinear', ['r', 'coarse', 'z'], ['y']),
    ],
    [...constants, coarse],
  ),
  operatorModel(
    'QLinearAveragePool that counts its padding',
    [
      quantise,
      node(
        'QLinearAveragePool',
        ['q', 's', 'z', 'coarse', 'z'],
        ['r'],
        { ...pooling, pads: [1, 1, 0, 1], count_include_pad: 1n, ceil_mode: 0n },
        microsoft,
      ),
      node('DequantizeLinear', ['r', 'coarse', 'z'], ['y']),
    ],
    [...constants, coarse],
  ),
  between('QLinearGlobalAveragePool', [
    node(
      'QLinearGlobalAveragePool',
      ['q', 's', 'z', 's', 'z'],
      ['r'],
      { channels_last: 0n },
      microsoft,
    ),
  ]),
  between(
    'QLinearConcat of branches with other scales',
    [
      node('QLinearLeakyRelu', ['q', 's', 'z', 'fine', 'z'], ['l'], { alpha: 0.25 }, microsoft),
      node(
        'QLinearConcat',
        ['s', 'z', 'q', 's', 'z', 'l', 'fine', 'z'],
        ['r'],
        { axis: 1n },
        microsoft,
      ),
    ],
    [floats('fine', [], [quantisedStep * 0.5713])],
  ),
  between(
    'LeakyReLU of what was rounded before',
    [
      node('QLinearConv', ['q', 's', 'z', 'w', 'ws', 'wz', 'rough', 'z'], ['c']),
      node('QLinearLeakyRelu', ['c', 'rough', 'z', 's', 'z'], ['r'], { alpha: 0.3 }, microsoft),
    ],
    [floats('rough', [], [quantisedStep * 3.137])],
  ),
  between(
    'A flattening of integers',
    [
      node('Flatten', ['q'], ['f']),
      node('QLinearMatMul', ['f', 's', 'z', 'big', 'gs', 'gz', 's', 'z'], ['r']),
    ],
    [
      ...grouped,
      onnxTensor(
        'big',
        [168, 3],
        smallIntegers(504, 6).map((value) => value >> 2),
      ),
    ],
  ),
  between('Integers of com.microsoft', [
    node('DequantizeLinear', ['q', 's', 'z'], ['d'], {}, microsoft),
    node('QuantizeLinear', ['d', 's', 'z'], ['r'], {}, microsoft),
  ]),
  operatorModel(
    'An input that is scaled before it is rounded',
    [
      node('Mul', ['x', 'gain'], ['g']),
      node('QuantizeLinear', ['g', 's', 'z'], ['q']),
      node('QLinearConv', ['q', 's', 'z', 'w', 'ws', 'wz', 's', 'z'], ['r']),
      finish,
    ],
    [...constants, floats('gain', [], [0.5])],
  ),
];
