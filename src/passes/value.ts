import type { FeatureShape } from '../ir/graph.ts';
import type { OnnxTensor } from '../ir/onnx.ts';

/** A feature map or vector of one sample, possibly seen through a reshape. */
export interface FeatureValue {
  readonly kind: 'feature';
  /** `output` of the operation that computes it, or the name of the graph input. */
  readonly source: string;
  /** What the operation gives: the order of the data, whatever `dims` says. */
  readonly shape: FeatureShape;
  /** ONNX shape, the batch axis first. */
  readonly dims: readonly number[];
  /** True for the graph input and views of it, which may be reshaped freely. */
  readonly isInput: boolean;
}

/** The vectors that a k-WTA chooses its winners in, and the nodes seen so far. */
interface Selection {
  readonly feature: FeatureValue;
  readonly k: number;
  /** Axis of `feature.dims`. */
  readonly axis: number;
  readonly origin: readonly string[];
}

/** The k largest of each vector, in falling order: first output of TopK. */
export interface LargestValue extends Selection {
  readonly kind: 'largest';
  readonly sorted: boolean;
}

/** Where the k largest are: second output of TopK. */
export interface LargestIndicesValue extends Selection {
  readonly kind: 'largest-indices';
}

/** The k-th largest of each vector; `keepsAxis` tells that the axis is still there, with length 1. */
export interface ThresholdValue extends Selection {
  readonly kind: 'threshold';
  readonly keepsAxis: boolean;
}

/** 1 at the winners of each vector (or 0 there when `inverted`), 0 at the others. */
export interface WinnerMaskValue extends Selection {
  readonly kind: 'winner-mask';
  readonly inverted: boolean;
  readonly keepsTies: boolean;
}

/** What is known of an ONNX value while the nodes are walked in order. */
export type Value =
  | FeatureValue
  | LargestValue
  | LargestIndicesValue
  | ThresholdValue
  | WinnerMaskValue
  | { readonly kind: 'constant'; readonly tensor: OnnxTensor }
  /** Computed by the host after the last layer. */
  | { readonly kind: 'host'; readonly dims: readonly number[] }
  /** Omitted optional input. */
  | { readonly kind: 'absent' }
  /**
   * Result of a node that is not supported, which has been reported; `computed` tells that it
   * depends on the input of the network.
   */
  | { readonly kind: 'unknown'; readonly computed: boolean };

export function constant(
  shape: readonly number[],
  data: OnnxTensor['data'],
  elementType: OnnxTensor['elementType'],
): Value {
  return { kind: 'constant', tensor: { name: '', elementType, shape, data } };
}
