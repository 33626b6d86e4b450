import type { FeatureShape, KWinners, Padding, Pooling, Size2d } from '../ir/graph.ts';

/**
 * What ONNX nodes are translated to before they are gathered into layers. Every operation
 * reads one feature map or vector and gives one; flattening is no operation, because a
 * vector is the map it was made from, read channels first.
 */
interface OperationBase {
  /** ONNX name of its node, unique among nodes. */
  readonly name: string;
  /** ONNX operator, for messages. */
  readonly operatorName: string;
  /** ONNX nodes it stands for, in order. */
  readonly origin: readonly string[];
  /** ONNX name of the value that is read: `output` of an operation, or the graph input. */
  readonly input: string;
  /** ONNX name of the result, unique among values. */
  readonly output: string;
  readonly inputShape: FeatureShape;
  readonly outputShape: FeatureShape;
}

/** Convolution or fully connected layer; fields as in `WindowLayer`. */
export interface WindowOperation extends OperationBase {
  readonly kind: 'window';
  readonly operator: 'conv' | 'linear';
  /** [output channel][input channel][kernel row][kernel column] */
  readonly weights: Float32Array;
  /** Doubles, so that folding several nodes into it rounds only once. */
  readonly bias: Float64Array;
  readonly kernel: Size2d;
  readonly stride: Size2d;
  readonly padding: Padding;
}

/**
 * x * scale + shift, with one number per channel or, where a flattened map has its own per
 * element, one per element (channels first).
 */
export interface AffineOperation extends OperationBase {
  readonly kind: 'affine';
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

export interface ReluOperation extends OperationBase {
  readonly kind: 'relu';
}

export interface MaxPoolOperation extends OperationBase {
  readonly kind: 'max-pool';
  readonly pooling: Pooling;
}

export interface KWinnersOperation extends OperationBase {
  readonly kind: 'k-winners';
  readonly kWinners: KWinners;
}

export type Operation =
  WindowOperation | AffineOperation | ReluOperation | MaxPoolOperation | KWinnersOperation;

/** The model as a chain of operations, first to last: each reads the one before it. */
export interface OperationChain {
  readonly name: string;
  readonly input: { readonly name: string; readonly shape: FeatureShape };
  readonly operations: readonly Operation[];
  /** ONNX name of the result. */
  readonly output: string;
  readonly hostOperators: readonly string[];
  readonly notes: readonly string[];
}
