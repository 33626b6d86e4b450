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
 * k-winner-take-all: the k largest values of each vector survive, the rest become 0.
 * `site`: one vector over the channels of every site. `layer`: one vector over the whole
 * feature map (for a vector-shaped layer the two are the same; it is then `layer`).
 * `tiesInModel` tells that the ONNX graph keeps ties at the k-th value (threshold idiom).
 */
export interface KWinners {
  readonly k: number;
  readonly scope: 'site' | 'layer';
  readonly tiesInModel: boolean;
}

/**
 * A weighted layer with everything that follows it up to the next one:
 * window (convolution or fully connected) -> max-pool -> ReLU -> k-WTA.
 * A fully connected layer is a convolution whose kernel covers its whole input feature map,
 * `conv` output 1 x 1.
 */
export interface WindowLayer {
  readonly kind: 'window';
  /** Unique in the graph, derived from the ONNX node name; any characters. */
  readonly name: string;
  readonly operator: 'conv' | 'linear';
  /** ONNX node names folded into this layer, in order. */
  readonly origin: readonly string[];
  /** Name of the layer whose output is read, or `graph.input.name`. */
  readonly input: string;
  readonly inputShape: FeatureShape;
  /** Shape after the window operation, before pooling. */
  readonly windowShape: FeatureShape;
  readonly outputShape: FeatureShape;
  /** [output channel][input channel][kernel row][kernel column], batch norm folded in. */
  readonly weights: Float32Array;
  /** One per output channel, batch norm folded in. */
  readonly bias: Float32Array;
  readonly kernel: Size2d;
  readonly stride: Size2d;
  readonly padding: Padding;
  readonly pooling: Pooling | null;
  readonly relu: boolean;
  readonly kWinners: KWinners | null;
}

export type Layer = WindowLayer;

/** A float network in canonical form; layers in topological order. */
export interface Graph {
  readonly name: string;
  readonly input: { readonly name: string; readonly shape: FeatureShape };
  readonly layers: readonly Layer[];
  /** Operators after the last layer that the host computes (Softmax, ArgMax), in order. */
  readonly hostOperators: readonly string[];
  /** Facts worth telling the user (left to the host, ties in k-WTA, dropped nodes). */
  readonly notes: readonly string[];
}

export function shapeSize(shape: FeatureShape): number {
  return shape.channels * shape.height * shape.width;
}
