import type { OperatorRule } from '../operator-rule.ts';
import { batchNormalization } from './batch-norm.ts';
import { constantNode, constantOfShape, shapeNode } from './constants.ts';
import { conv } from './conv.ts';
import { arithmetic } from './elementwise.ts';
import { hostOperator } from './host.ts';
import {
  comparison,
  gather,
  not,
  reduceMin,
  scatterElements,
  slice,
  topK,
  where,
} from './k-winners.ts';
import { gemm, matMul } from './linear.ts';
import { maxPool } from './max-pool.ts';
import { cast, dropout, identity } from './pass-through.ts';
import { relu } from './relu.ts';
import { flatten, reshape, squeeze, unsqueeze } from './reshape.ts';

/** Before operator set 13 Softmax worked on everything from axis 1 on. */
const softmaxAxis = (opset: number): number => (opset < 13 ? 1 : -1);

/** Every ONNX operator that is translated. */
export const operatorRules: ReadonlyMap<string, OperatorRule> = new Map<string, OperatorRule>([
  ['Conv', conv],
  ['Gemm', gemm],
  ['MatMul', matMul],
  ['BatchNormalization', batchNormalization],
  ['Relu', relu],
  ['MaxPool', maxPool],
  ['Flatten', flatten],
  ['Reshape', reshape],
  ['Squeeze', squeeze],
  ['Unsqueeze', unsqueeze],
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
  ['Add', arithmetic('Add')],
  ['Sub', arithmetic('Sub')],
  ['Mul', arithmetic('Mul')],
  ['Div', arithmetic('Div')],
  ['Constant', constantNode],
  ['ConstantOfShape', constantOfShape],
  ['Shape', shapeNode],
  ['Softmax', hostOperator('Softmax', softmaxAxis)],
  ['LogSoftmax', hostOperator('LogSoftmax', softmaxAxis)],
  ['ArgMax', hostOperator('ArgMax', () => 0)],
]);

/** What to use instead of operators people try, by operator; shown with the refusal. */
export const insteadOf: ReadonlyMap<string, string> = new Map([
  ['AveragePool', 'MaxPool with strides equal to kernel_shape'],
  ['GlobalAveragePool', 'MaxPool, or Flatten before the fully connected layer'],
  ['ReduceMean', 'MaxPool, or Flatten before the fully connected layer'],
  ['GlobalMaxPool', 'MaxPool over the whole map'],
  ['LeakyRelu', 'Relu'],
  ['PRelu', 'Relu'],
  ['Elu', 'Relu'],
  ['Clip', 'Relu'],
  ['HardSwish', 'Relu'],
  ['Sigmoid', 'Relu; a final Sigmoid can be left out of the model'],
  ['Tanh', 'Relu'],
  ['ConvTranspose', 'Conv'],
  ['Concat', 'a network without branches'],
  ['QuantizeLinear', 'the float model: nzflow quantises it itself'],
  ['DequantizeLinear', 'the float model: nzflow quantises it itself'],
]);
