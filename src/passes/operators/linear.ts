import { shapeSize } from '../../ir/graph.ts';
import type { OnnxTensor } from '../../ir/onnx.ts';
import { floatAttribute, intAttribute } from '../attributes.ts';
import {
  constantInput,
  featureInput,
  optionalConstant,
  refuse,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { Value } from '../value.ts';
import { floatsOf } from './tensor-floats.ts';

/** alpha * A * B + beta * C with a vector A and constant B and C (ONNX Gemm). */
export const gemm: OperatorRule = {
  attributes: ['alpha', 'beta', 'transA', 'transB'],
  accepted: 'Gemm of a vector [batch, length] with constant weights and bias, transA 0',
  translate: (context) => {
    if (intAttribute(context.node, 'transA', 0) !== 0) refuse('transA is 1', 'transA 0');
    const alpha = floatAttribute(context.node, 'alpha', 1);
    const beta = floatAttribute(context.node, 'beta', 1);
    const transposed = intAttribute(context.node, 'transB', 0) !== 0;
    const { weights, outputs } = outputMajor(constantInput(context, 1, 'the weight'), transposed);
    const bias = optionalConstant(context, 2, 'the bias');
    return linear(
      context,
      alpha === 1 ? weights : weights.map((weight) => weight * alpha),
      biasOf(bias, outputs).map((value) => value * beta),
    );
  },
};

/** A vector times a constant matrix (ONNX MatMul); an Add behind it is folded later. */
export const matMul: OperatorRule = {
  attributes: [],
  accepted: 'MatMul of a vector [batch, length] with constant weights [length, outputs]',
  translate: (context) => {
    const { weights, outputs } = outputMajor(constantInput(context, 1, 'the weight'), false);
    return linear(context, weights, new Float64Array(outputs));
  },
};

function linear(context: OperatorContext, weights: Float32Array, bias: Float64Array): Value {
  const feature = featureInput(context, 0);
  const [, length] = feature.dims;
  if (feature.dims.length !== 2 || length === undefined) {
    return refuse(
      `its input has shape [${feature.dims.join(', ')}], not [batch, length]`,
      'a Flatten before the first fully connected layer',
    );
  }
  const outputs = bias.length;
  if (length * outputs !== weights.length) {
    refuse(`its weights read ${weights.length / outputs} values, its input has ${length}`);
  }
  if (length !== shapeSize(feature.shape)) {
    refuse(`its input of ${length} values does not belong to one sample`);
  }
  return context.emit(
    {
      kind: 'window',
      operator: 'linear',
      origin: [context.node.name],
      input: feature.source,
      inputShape: feature.shape,
      outputShape: { channels: outputs, height: 1, width: 1 },
      // A flattened map is read channels first, so [output][length] is [output][c][h][w].
      weights,
      bias,
      kernel: { height: feature.shape.height, width: feature.shape.width },
      stride: { height: 1, width: 1 },
      padding: { top: 0, left: 0, bottom: 0, right: 0 },
    },
    [context.batch, outputs],
  );
}

/** [output][input] from a matrix stored that way (`transposed`) or the other. */
function outputMajor(
  matrix: OnnxTensor,
  transposed: boolean,
): { readonly weights: Float32Array; readonly outputs: number } {
  const [rows, columns] = matrix.shape;
  if (matrix.shape.length !== 2 || rows === undefined || columns === undefined) {
    return refuse(`its weights have shape [${matrix.shape.join(', ')}], not two axes`);
  }
  if (rows === 0 || columns === 0) refuse('its weight matrix is empty');
  const values = floatsOf(matrix);
  if (transposed) return { weights: values, outputs: rows };
  const weights = new Float32Array(values.length);
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, at += 1) {
      weights[column * rows + row] = values[at] ?? 0;
    }
  }
  return { weights, outputs: columns };
}

/** One bias an output from a tensor that broadcasts to [batch, outputs]. */
function biasOf(tensor: OnnxTensor | null, outputs: number): Float64Array {
  if (tensor === null) return new Float64Array(outputs);
  const values = floatsOf(tensor);
  if (values.length === 1) return new Float64Array(outputs).fill(values[0] ?? 0);
  if (values.length !== outputs || tensor.shape.at(-1) !== outputs) {
    refuse(`its bias of shape [${tensor.shape.join(', ')}] is not one number per output`);
  }
  return Float64Array.from(values);
}
