import type { AxisOrder } from './axis-order.ts';

/** Feature map shape, channels first; a plain vector has height = width = 1. */
export interface FeatureShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface Size2d {
  readonly height: number;
  readonly width: number;
}

export interface Padding {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Non-overlapping or overlapping max-pooling applied to the accumulators of a layer. */
export interface Pooling {
  readonly kernel: Size2d;
  readonly stride: Size2d;
}

/**
 * What a layer does to its sums before k-WTA, in real numbers. All are monotone (a slope is
 * >= 0), so that they commute with max-pooling.
 */
export type Activation =
  | { readonly kind: 'identity' }
  /** min(upper, max(lower, x)); a bound that is null does not bind. ReLU is `{ 0, null }`. */
  | { readonly kind: 'clip'; readonly lower: number | null; readonly upper: number | null }
  /** x where x >= 0, slope * x elsewhere. */
  | { readonly kind: 'leaky-relu'; readonly slope: number };

export const identityActivation: Activation = { kind: 'identity' };
export const reluActivation: Activation = { kind: 'clip', lower: 0, upper: null };

/** Whether no value below 0 leaves the activation. */
export function isNonNegative(activation: Activation): boolean {
  return activation.kind === 'clip' && activation.lower !== null && activation.lower >= 0;
}

/**
 * k-winner-take-all: the k largest values of each vector survive, the rest become 0.
 * `site`: one vector over the channels of every site, or `groups` of them over as many equal
 * ranges of channels. `layer`: one vector over the whole feature map (for a vector-shaped layer
 * without groups the two are the same; it is then `layer`).
 * `tiesInModel` tells that the ONNX graph keeps ties at the k-th value (threshold idiom).
 */
export interface KWinners {
  readonly k: number;
  readonly scope: 'site' | 'layer';
  /** Equal ranges of channels that choose winners of their own; 1 where scope is `layer`. */
  readonly groups: number;
  readonly tiesInModel: boolean;
}

interface LayerBase {
  /** Unique in the graph, derived from the ONNX node name; any characters. */
  readonly name: string;
  /** ONNX node names folded into this layer, in order. */
  readonly origin: readonly string[];
  readonly outputShape: FeatureShape;
  readonly activation: Activation;
  readonly kWinners: KWinners | null;
}

/**
 * A weighted layer with everything that follows it up to the next one:
 * window (convolution or fully connected) -> max-pool -> activation -> k-WTA.
 * A fully connected layer is a convolution whose kernel covers its whole input feature map,
 * `conv` output 1 x 1. Average pooling and per-channel scales that fold into no neighbour are
 * depthwise convolutions (`groups` = channels).
 */
export interface WindowLayer extends LayerBase {
  readonly kind: 'window';
  readonly operator: 'conv' | 'linear';
  /** Name of the layer whose output is read, or `graph.input.name`. */
  readonly input: string;
  readonly inputShape: FeatureShape;
  /** Shape after the window operation, before pooling. */
  readonly windowShape: FeatureShape;
  /** Output channel o reads input channels of group floor(o * groups / outputs) only. */
  readonly groups: number;
  /** [output channel][input channel of its group][kernel row][kernel column] */
  readonly weights: Float32Array;
  /** One per output channel. */
  readonly bias: Float32Array;
  readonly kernel: Size2d;
  /** Distance between kernel positions in the input; 1 for a plain convolution. */
  readonly dilation: Size2d;
  readonly stride: Size2d;
  readonly padding: Padding;
  readonly pooling: Pooling | null;
}

/**
 * Max-pooling of values that already left a layer (behind k-WTA, Add or Concat, or padded). A
 * padded position takes no part.
 */
export interface MaxPoolLayer extends LayerBase {
  readonly kind: 'max-pool';
  readonly input: string;
  readonly inputShape: FeatureShape;
  readonly kernel: Size2d;
  readonly stride: Size2d;
  readonly padding: Padding;
}

/** Sum of two feature maps of one shape, each times its sign: residual connections. */
export interface AddLayer extends LayerBase {
  readonly kind: 'add';
  readonly inputs: readonly [string, string];
  readonly signs: readonly [1 | -1, 1 | -1];
}

/** Feature maps of one size side by side, channels in the order of `inputs`. */
export interface ConcatLayer extends LayerBase {
  readonly kind: 'concat';
  readonly inputs: readonly string[];
  readonly inputShapes: readonly FeatureShape[];
}

export type Layer = WindowLayer | MaxPoolLayer | AddLayer | ConcatLayer;

/** Names of what a layer reads, in order: layers, or `graph.input.name`. */
export function inputsOf(layer: Layer): readonly string[] {
  switch (layer.kind) {
    case 'window':
    case 'max-pool':
      return [layer.input];
    case 'add':
    case 'concat':
      return layer.inputs;
  }
}

/** What the network answers: the result of a layer under its name in the ONNX model. */
export interface GraphOutput {
  readonly name: string;
  readonly layer: string;
  /** How the answer, channels first, becomes the model's own; absent where it is. */
  readonly answerOrder?: AxisOrder;
}

/** Integers of an edge as a quantised model fixes them: real value = integer * scale. */
export interface GivenFormat {
  readonly scale: number;
  /** Range of v = q - zero point; contains 0. */
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * What an already quantised model (QDQ, QLinear operators, QONNX) says about its numbers: used
 * instead of calibration. Weights in `Graph` are the real values, integer * scale.
 */
export interface GivenQuantization {
  /** By layer name (or the graph input's name): what leaves it. */
  readonly edges: ReadonlyMap<string, GivenFormat>;
  /** By name of a window layer: real weight = integer * scale[output channel]. */
  readonly weights: ReadonlyMap<string, { readonly scale: Float64Array; readonly bits: number }>;
}

/** A float network in canonical form: a directed acyclic graph, layers in topological order. */
export interface Graph {
  readonly name: string;
  readonly input: {
    readonly name: string;
    readonly shape: FeatureShape;
    /**
     * How a sample of the model becomes channels first; absent where it is, or is a vector (a
     * TensorFlow model takes [height, width, channels]).
     */
    readonly sampleOrder?: AxisOrder;
  };
  readonly layers: readonly Layer[];
  /** At least one, in the order of the model. */
  readonly outputs: readonly GraphOutput[];
  /** Null for a float model. */
  readonly given: GivenQuantization | null;
  /** Operators after the last layer that the host computes (Softmax, ArgMax), in order. */
  readonly hostOperators: readonly string[];
  /** Facts worth telling the user (left to the host, ties in k-WTA, dropped nodes). */
  readonly notes: readonly string[];
}

export function shapeSize(shape: FeatureShape): number {
  return shape.channels * shape.height * shape.width;
}
