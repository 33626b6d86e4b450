import type { OperatorRule } from '../operator-rule.ts';
import { clip, extremum, leakyRelu, pRelu, relu } from './activation.ts';
import { batchNormalization } from './batch-norm.ts';
import { concat } from './concat.ts';
import { constantNode, constantOfShape, shapeNode } from './constants.ts';
import { conv } from './conv.ts';
import { arithmetic, negate, sum } from './elementwise.ts';
import { classOperator, lastFunction } from './host.ts';
import { comparison, expand, not, reduceMin, scatterElements, topK, where } from './k-winners.ts';
import { gemm, matMul } from './linear.ts';
import { pad } from './pad.ts';
import { cast, dropout, identity } from './pass-through.ts';
import { averagePool, globalPool, maxPool } from './pooling.ts';
import {
  convInteger,
  dynamicQuantizeLinear,
  matMulInteger,
  qGemm,
  qLinearAdd,
  qLinearConcat,
  qLinearConv,
  qLinearLeakyRelu,
  qLinearMatMul,
  qLinearPool,
} from './qlinear.ts';
import { bipolarQuant, quant, trunc } from './qonnx.ts';
import { dequantizeLinear, quantizeLinear } from './quantize-linear.ts';
import { reduction } from './reduce.ts';
import { flatten, reshape, squeeze, transpose, unsqueeze } from './reshape.ts';
import { gather, slice, split } from './slice.ts';

/** Where QONNX operators live; the others are older names. */
const qonnxDomains = ['qonnx.custom_op.general', 'onnx.brevitas', 'finn.custom_op.general'];

/** Every operator that is translated, with its domain where that is not the standard's. */
export const operatorRules: ReadonlyMap<string, OperatorRule> = new Map<string, OperatorRule>([
  ['Conv', conv],
  ['Gemm', gemm],
  ['MatMul', matMul],
  ['BatchNormalization', batchNormalization],
  ['Relu', relu],
  ['Clip', clip],
  ['Min', extremum('Min')],
  ['Max', extremum('Max')],
  ['LeakyRelu', leakyRelu],
  ['PRelu', pRelu],
  ['MaxPool', maxPool],
  ['AveragePool', averagePool],
  ['GlobalAveragePool', globalPool('GlobalAveragePool')],
  ['GlobalMaxPool', globalPool('GlobalMaxPool')],
  ['ReduceMean', reduction('ReduceMean')],
  ['ReduceSum', reduction('ReduceSum')],
  ['ReduceMax', reduction('ReduceMax')],
  ['Add', arithmetic('Add')],
  ['Sub', arithmetic('Sub')],
  ['Sum', sum],
  ['Mul', arithmetic('Mul')],
  ['Div', arithmetic('Div')],
  ['Neg', negate],
  ['Concat', concat],
  ['Split', split],
  ['Pad', pad],
  ['Flatten', flatten],
  ['Reshape', reshape],
  ['Squeeze', squeeze],
  ['Unsqueeze', unsqueeze],
  ['Transpose', transpose],
  ['Dropout', dropout],
  ['Identity', identity],
  ['Cast', cast],
  ['TopK', topK],
  ['Slice', slice],
  ['Gather', gather],
  ['ReduceMin', reduceMin],
  ['GreaterOrEqual', comparison('GreaterOrEqual')],
  ['LessOrEqual', comparison('LessOrEqual')],
  ['Less', comparison('Less')],
  ['Greater', comparison('Greater')],
  ['Not', not],
  ['Where', where],
  ['ScatterElements', scatterElements],
  ['Expand', expand],
  ['Constant', constantNode],
  ['ConstantOfShape', constantOfShape],
  ['Shape', shapeNode],
  ['Softmax', classOperator('Softmax')],
  ['LogSoftmax', classOperator('LogSoftmax')],
  ['Hardmax', classOperator('Hardmax')],
  ['ArgMax', classOperator('ArgMax')],
  ['Sigmoid', lastFunction('Sigmoid')],
  ['HardSigmoid', lastFunction('HardSigmoid')],
  ['Tanh', lastFunction('Tanh')],
  ['Softplus', lastFunction('Softplus')],
  ['Exp', lastFunction('Exp')],
  ['QuantizeLinear', quantizeLinear],
  ['DequantizeLinear', dequantizeLinear],
  ['QLinearConv', qLinearConv],
  ['QLinearMatMul', qLinearMatMul],
  ['ConvInteger', convInteger],
  ['MatMulInteger', matMulInteger],
  ['DynamicQuantizeLinear', dynamicQuantizeLinear],
  ['com.microsoft::QuantizeLinear', quantizeLinear],
  ['com.microsoft::DequantizeLinear', dequantizeLinear],
  ['com.microsoft::QGemm', qGemm],
  ['com.microsoft::QLinearAdd', qLinearAdd],
  ['com.microsoft::QLinearAveragePool', qLinearPool('QLinearAveragePool')],
  ['com.microsoft::QLinearGlobalAveragePool', qLinearPool('QLinearGlobalAveragePool')],
  ['com.microsoft::QLinearConcat', qLinearConcat],
  ['com.microsoft::QLinearLeakyRelu', qLinearLeakyRelu],
  ...qonnxDomains.flatMap((domain): readonly (readonly [string, OperatorRule])[] => [
    [`${domain}::Quant`, quant],
    [`${domain}::IntQuant`, quant],
    [`${domain}::BipolarQuant`, bipolarQuant],
    [`${domain}::Trunc`, trunc],
  ]),
]);

/** What to use instead of operators people try, by operator; shown with the refusal. */
export const insteadOf: ReadonlyMap<string, string> = new Map([
  ['Elu', 'Relu or LeakyRelu'],
  ['Selu', 'Relu or LeakyRelu'],
  ['Celu', 'Relu or LeakyRelu'],
  ['Gelu', 'Relu or LeakyRelu'],
  ['Mish', 'Relu or LeakyRelu'],
  ['HardSwish', 'Relu, or Clip as in ReLU6'],
  ['ThresholdedRelu', 'Relu'],
  ['Erf', 'Relu instead of GELU'],
  ['ConvTranspose', 'Conv'],
  ['Resize', 'a network that keeps or shrinks its maps'],
  ['Upsample', 'a network that keeps or shrinks its maps'],
  ['LayerNormalization', 'BatchNormalization'],
  ['InstanceNormalization', 'BatchNormalization'],
  ['GroupNormalization', 'BatchNormalization'],
  ['LRN', 'BatchNormalization'],
  ['LpPool', 'AveragePool or MaxPool'],
  ['LSTM', 'a feed-forward network'],
  ['GRU', 'a feed-forward network'],
  ['RNN', 'a feed-forward network'],
  ['Loop', 'a network without control flow'],
  ['If', 'a network without control flow'],
  ['Scan', 'a network without control flow'],
  ['Attention', 'a convolutional or fully connected network'],
]);
