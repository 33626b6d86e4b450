import { shapeSize } from '../../ir/graph.ts';
import type { OnnxTensor } from '../../ir/onnx.ts';
import { floatAttribute, intAttribute } from '../attributes.ts';
import { noPadding, unitSize } from '../operation.ts';
import {
  constantInput,
  featureInput,
  knownInput,
  optionalConstant,
  product,
  refuse,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { Dequantized, FeatureValue } from '../value.ts';
import {
  dataOrder,
  isInDataOrder,
  mapView,
  piecesOf,
  reshapeView,
  samePieceSet,
  samePieces,
  type View,
} from '../view.ts';
import { checkMapSize, formatDims, requestChannels, singleInput } from './features.ts';
import { dequantizedOf, givenWeights, scaledDequantized } from './given-weights.ts';
import { floatsOf } from './tensor-floats.ts';

/** alpha * A * B + beta * C with a vector A and constant B and C (ONNX Gemm). */
export const gemm: OperatorRule = {
  attributes: {
    alpha: 'any',
    beta: 'any',
    transA: '0; 1 where A is a column',
    transB: '0 or 1',
  },
  accepted: 'Gemm of a vector [batch, length] with constant weights and bias',
  translate: (context) => {
    const { node } = context;
    const alpha = floatAttribute(node, 'alpha', 1);
    const beta = floatAttribute(node, 'beta', 1);
    const axis = intAttribute(node, 'transA', 0) === 0 ? 1 : 0;
    const transposed = intAttribute(node, 'transB', 0) !== 0;
    const matrix = outputMajor(constantInput(context, 1, 'the weight'), transposed);
    const weights = alpha === 1 ? matrix.weights : matrix.weights.map((weight) => weight * alpha);
    const given = scaledDequantized(dequantizedOf(context, 1), alpha);
    const bias = biasOf(optionalConstant(context, 2, 'the bias'), matrix.outputs).map(
      (value) => value * beta,
    );
    const feature = featureInput(context, 0);
    checkRank(feature, 2);
    const result = contract(
      context,
      feature,
      axis,
      { ...matrix, weights, dequantized: given, outputAxis: transposed ? 0 : 1 },
      bias,
    );
    // A^T * B has the batch in front again.
    if (axis === 1) return result;
    const { view } = result;
    return {
      ...result,
      view: { ...view, dims: view.dims.toReversed(), axes: view.axes.toReversed() },
    };
  },
};

/** A value of the network times a constant matrix, or the other way round (ONNX MatMul). */
export const matMul: OperatorRule = {
  attributes: {},
  accepted:
    'MatMul of a vector, or of the channels of a map, with a constant matrix on either side',
  translate: (context) => {
    const [left, right] = [knownInput(context, 0), knownInput(context, 1)];
    if (left.kind === 'constant' && right.kind !== 'constant') {
      const matrix = outputMajor(squareOff(left.tensor), true);
      const feature = featureInput(context, 1);
      const axis = Math.max(0, feature.view.dims.length - 2);
      const dequantized = dequantizedOf(context, 0);
      const given = { ...matrix, dequantized, outputAxis: left.tensor.shape.length - 2 };
      return contract(context, feature, axis, given, new Float64Array(matrix.outputs));
    }
    const weights = constantInput(context, 1, 'the weight');
    return multiply(context, weights, dequantizedOf(context, 1), featureInput(context, 0));
  },
};

/** The product of a MatMul node, or of one of its quantised relatives. */
export function multiply(
  context: OperatorContext,
  weights: OnnxTensor,
  dequantized: Dequantized | null,
  feature: FeatureValue,
): FeatureValue {
  const matrix = outputMajor(squareOff(weights), false);
  const axis = feature.view.dims.length - 1;
  const given = { ...matrix, dequantized, outputAxis: weights.shape.length - 1 };
  return contract(context, feature, axis, given, new Float64Array(matrix.outputs));
}

interface Matrix {
  /** [output][input] */
  readonly weights: Float32Array;
  readonly outputs: number;
  readonly inputs: number;
}

/** A matrix that may be one of integers; `outputAxis` is that of the outputs in the ONNX tensor. */
interface GivenMatrix extends Matrix {
  readonly dequantized: Dequantized | null;
  readonly outputAxis: number;
}

/**
 * Replaces axis `axis` of the feature by its product with the matrix. An axis that holds the whole
 * sample makes a fully connected layer (in whatever order: the weights are put in the order of the
 * data); one that holds the channels makes a convolution of 1x1 over the sites.
 */
export function contract(
  context: OperatorContext,
  feature: FeatureValue,
  axis: number,
  matrix: GivenMatrix,
  bias: Float64Array,
): FeatureValue {
  const { view } = feature;
  const length = view.dims[axis] ?? 1;
  if (length !== matrix.inputs) {
    refuse(`its weights read ${matrix.inputs} values, its input has ${length}`);
  }
  const summed = view.axes[axis] ?? [];
  const whole = view.pieces.flatMap((piece, index) => (piece.axis === 'batch' ? [] : [index]));
  if (samePieceSet(summed, whole)) return linear(context, feature, axis, matrix, bias);
  if (samePieces(summed, piecesOf(view, 'channel'))) {
    return pointwise(context, feature, axis, matrix, bias);
  }
  requestChannels(feature, axis);
  return refuse(
    `it sums along axis ${axis} of ${formatDims(view.dims)}, which is neither one vector nor the channels of a map`,
    'a Flatten before the first fully connected layer',
  );
}

function linear(
  context: OperatorContext,
  feature: FeatureValue,
  axis: number,
  matrix: GivenMatrix,
  bias: Float64Array,
): FeatureValue {
  const { shape } = feature;
  const outputShape = checkMapSize({ channels: matrix.outputs, height: 1, width: 1 });
  const dims = feature.view.dims.with(axis, matrix.outputs);
  const weights = inDataOrder(matrix, feature, shapeSize(shape));
  const { dequantized, outputAxis, outputs } = matrix;
  return context.emit(
    {
      kind: 'window',
      operator: 'linear',
      ...singleInput(context, feature),
      outputShape,
      groups: 1,
      weights,
      ...givenWeights(dequantized, outputAxis, weights, outputs),
      bias,
      kernel: { height: shape.height, width: shape.width },
      dilation: unitSize,
      stride: unitSize,
      padding: noPadding,
    },
    viewOf(reshapeView(mapView(context.batch, outputShape), dims)),
  );
}

function pointwise(
  context: OperatorContext,
  feature: FeatureValue,
  axis: number,
  matrix: GivenMatrix,
  bias: Float64Array,
): FeatureValue {
  const { view, shape } = feature;
  const outputShape = checkMapSize({ ...shape, channels: matrix.outputs });
  // The channels become one piece; the pieces of the sites stay as the axes show them.
  const channels = piecesOf(view, 'channel');
  const [first = piecesOf(view, 'batch').length] = channels;
  const kept: View['pieces'] =
    matrix.outputs === 1 ? [] : [{ axis: 'channel', length: matrix.outputs }];
  const moved = (piece: number): number =>
    piece >= first + channels.length ? piece - channels.length + kept.length : piece;
  return context.emit(
    {
      kind: 'window',
      operator: 'conv',
      ...singleInput(context, feature),
      outputShape,
      groups: 1,
      weights: matrix.weights,
      ...givenWeights(matrix.dequantized, matrix.outputAxis, matrix.weights, matrix.outputs),
      bias,
      kernel: unitSize,
      dilation: unitSize,
      stride: unitSize,
      padding: noPadding,
    },
    {
      dims: view.dims.with(axis, matrix.outputs),
      pieces: view.pieces.toSpliced(first, channels.length, ...kept),
      axes: view.axes.map((pieces, index) =>
        index === axis ? kept.map(() => first) : pieces.map(moved),
      ),
    },
  );
}

function inDataOrder(matrix: Matrix, feature: FeatureValue, length: number): Float32Array {
  if (isInDataOrder(feature.view)) return matrix.weights;
  const order = dataOrder(feature.view);
  const weights = new Float32Array(matrix.weights.length);
  for (let row = 0; row < weights.length; row += length) {
    order.forEach((place, element) => (weights[row + place] = matrix.weights[row + element] ?? 0));
  }
  return weights;
}

function viewOf(view: View | null): View {
  return view ?? refuse('its result mixes the batch axis with others');
}

function checkRank({ view }: FeatureValue, rank: number): void {
  if (view.dims.length === rank) return;
  refuse(
    `its input has shape ${formatDims(view.dims)}, not [batch, length]`,
    'a Flatten before the first fully connected layer',
  );
}

/** A matrix without leading axes of length 1; a single row of numbers is a column. */
function squareOff(tensor: OnnxTensor): OnnxTensor {
  const { shape } = tensor;
  if (shape.length < 2) return tensor;
  if (product(shape.slice(0, -2)) !== 1) {
    refuse(`its weights have shape ${formatDims(shape)}, a stack of matrices`);
  }
  return { ...tensor, shape: shape.slice(-2) };
}

/** [output][input] from a matrix stored that way (`transposed`) or the other. */
export function outputMajor(matrix: OnnxTensor, transposed: boolean): Matrix {
  const [rows, columns] = matrix.shape;
  if (matrix.shape.length !== 2 || rows === undefined || columns === undefined) {
    return refuse(`its weights have shape ${formatDims(matrix.shape)}, not two axes`);
  }
  if (rows === 0 || columns === 0) refuse('its weight matrix is empty');
  const values = floatsOf(matrix);
  if (transposed) return { weights: values, outputs: rows, inputs: columns };
  const weights = new Float32Array(values.length);
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, at += 1) {
      weights[column * rows + row] = values[at] ?? 0;
    }
  }
  return { weights, outputs: columns, inputs: rows };
}

/** One bias an output from a tensor that broadcasts to [batch, outputs]. */
function biasOf(tensor: OnnxTensor | null, outputs: number): Float64Array {
  if (tensor === null) return new Float64Array(outputs);
  const values = floatsOf(tensor);
  if (values.length === 1) return new Float64Array(outputs).fill(values[0] ?? 0);
  if (values.length !== outputs || tensor.shape.at(-1) !== outputs) {
    refuse(`its bias of shape ${formatDims(tensor.shape)} is not one number per output`);
  }
  return Float64Array.from(values);
}
