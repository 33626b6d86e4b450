import type { AxisOrder } from '../ir/axis-order.ts';
import type {
  Activation,
  FeatureShape,
  GivenFormat,
  Graph,
  KWinners,
  Padding,
  Size2d,
} from '../ir/graph.ts';

/**
 * What ONNX nodes are translated to before they are gathered into layers. Every operation reads
 * one feature map or vector (`add` and `concat` several) and gives one; flattening is no operation,
 * because a vector is the map it was made from, read channels first.
 */
interface OperationBase {
  /** ONNX name of its node, unique among nodes. */
  readonly name: string;
  /** ONNX operator, for messages. */
  readonly operatorName: string;
  /** ONNX nodes it stands for, in order. */
  readonly origin: readonly string[];
  /** What is read: `output` of operations, or the graph input. */
  readonly inputs: readonly string[];
  /** Name of the result, unique among values. */
  readonly output: string;
  /** Shape of the first thing read. */
  readonly inputShape: FeatureShape;
  readonly outputShape: FeatureShape;
}

/** Convolution or fully connected layer; fields as in `WindowLayer`. */
export interface WindowOperation extends OperationBase {
  readonly kind: 'window';
  readonly operator: 'conv' | 'linear';
  readonly groups: number;
  /** [output channel][input channel of its group][kernel row][kernel column] */
  readonly weights: Float32Array;
  /** Doubles, so that folding several nodes into it rounds only once. */
  readonly bias: Float64Array;
  readonly kernel: Size2d;
  readonly dilation: Size2d;
  readonly stride: Size2d;
  readonly padding: Padding;
  /** Present where the model says what integers the weights are. */
  readonly given?: GivenWeights;
}

/** Weights of a quantised model: real weight = integer * scale[output channel], a scale is > 0. */
export interface GivenWeights {
  readonly integers: Int16Array;
  readonly scale: Float64Array;
  /** Two's complement. */
  readonly bits: number;
}

/**
 * x * scale + shift, with one number per channel or, where a map has its own per element, one per
 * element (channels first).
 */
export interface AffineOperation extends OperationBase {
  readonly kind: 'affine';
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

export interface ActivationOperation extends OperationBase {
  readonly kind: 'activation';
  readonly activation: Activation;
}

/** A padded position takes no part. */
export interface MaxPoolOperation extends OperationBase {
  readonly kind: 'max-pool';
  readonly kernel: Size2d;
  readonly stride: Size2d;
  readonly padding: Padding;
}

/** Zeros around a map, to become the padding of the windows that read it. */
export interface PadOperation extends OperationBase {
  readonly kind: 'pad';
  readonly padding: Padding;
}

export interface KWinnersOperation extends OperationBase {
  readonly kind: 'k-winners';
  readonly kWinners: KWinners;
}

/** Two feature maps, each times its sign. */
export interface AddOperation extends OperationBase {
  readonly kind: 'add';
  readonly signs: readonly [1 | -1, 1 | -1];
}

/** Feature maps of one size side by side. */
export interface ConcatOperation extends OperationBase {
  readonly kind: 'concat';
  readonly inputShapes: readonly FeatureShape[];
}

/** Values rounded to integer * scale within a range: what a quantised model says of an edge. */
export interface FormatOperation extends OperationBase {
  readonly kind: 'format';
  readonly format: GivenFormat;
}

export type Operation =
  | WindowOperation
  | AffineOperation
  | ActivationOperation
  | MaxPoolOperation
  | PadOperation
  | KWinnersOperation
  | AddOperation
  | ConcatOperation
  | FormatOperation;

/** An answer of the network: `GraphOutput` with the value instead of the layer. */
export interface OperationOutput {
  readonly name: string;
  readonly source: string;
  readonly answerOrder?: AxisOrder;
}

/** The model as operations in topological order. */
export interface OperationGraph {
  readonly name: string;
  readonly input: Graph['input'];
  readonly operations: readonly Operation[];
  readonly outputs: readonly OperationOutput[];
  readonly hostOperators: readonly string[];
  readonly notes: readonly string[];
}

/** Operations that read each value, by name; a value that is an answer is never only read once. */
export interface Readers {
  readonly of: (value: string) => readonly Operation[];
  readonly isAnswer: (value: string) => boolean;
}

export function readersOf(graph: Pick<OperationGraph, 'operations' | 'outputs'>): Readers {
  const readers = new Map<string, Operation[]>();
  for (const operation of graph.operations) {
    for (const input of new Set(operation.inputs)) {
      const list = readers.get(input);
      if (list === undefined) readers.set(input, [operation]);
      else list.push(operation);
    }
  }
  const answers = new Set(graph.outputs.map(({ source }) => source));
  return { of: (value) => readers.get(value) ?? [], isAnswer: (value) => answers.has(value) };
}

export const noPadding: Padding = { top: 0, left: 0, bottom: 0, right: 0 };
export const unitSize: Size2d = { height: 1, width: 1 };

export function isPadded({ top, left, bottom, right }: Padding): boolean {
  return top > 0 || left > 0 || bottom > 0 || right > 0;
}
