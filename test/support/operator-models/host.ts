import { floats, noise, onnxNode as node, type AttributeValue } from '../onnx-builder.ts';
import { operatorModel, type OperatorModel } from './operator-model.ts';

function behindMatMul(
  operator: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  opset = 17,
): OperatorModel {
  return operatorModel(
    `${operator} of an answer`,
    [node('MatMul', ['x', 'w'], ['l']), node(operator, ['l'], ['y'], attributes)],
    [floats('w', [5, 6], noise(30, 1))],
    { input: [1, 5], opset },
  );
}

/** Operators behind the last layer, which the host computes. */
export const hostModels: readonly OperatorModel[] = [
  behindMatMul('Softmax', { axis: 1n }),
  behindMatMul('Softmax', {}, 11),
  behindMatMul('LogSoftmax', { axis: -1n }),
  behindMatMul('Hardmax', { axis: 1n }),
  behindMatMul('ArgMax', { axis: 1n, keepdims: 0n, select_last_index: 0n }),
  behindMatMul('Sigmoid'),
  behindMatMul('HardSigmoid', { alpha: 0.3, beta: 0.5 }),
  behindMatMul('Tanh'),
  behindMatMul('Softplus'),
  behindMatMul('Exp'),
];
