import type { FeatureShape } from '../ir/graph.ts';
import type { OnnxTensor } from '../ir/onnx.ts';
import type { View } from './view.ts';

/** A feature map or vector, seen through reshapes and transpositions. */
export interface FeatureValue {
  readonly kind: 'feature';
  /** `output` of the operation that computes it, or the name of the graph input. */
  readonly source: string;
  /** What the operation gives: the order of the data, whatever the view says. */
  readonly shape: FeatureShape;
  /** The ONNX value over this data. */
  readonly view: View;
  /**
   * True for the graph input, and what is computed from it element by element, while nothing
   * has settled which of its axes are channels, rows and columns.
   */
  readonly isFree: boolean;
  /** Present where the ONNX value is the integers q of these: real = (q - zeroPoint) * scale. */
  readonly encoding?: Encoding;
}

export interface Encoding {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Where a constant came from: integers times `scale`, one number or one for each place of `axis`. */
export interface Dequantized {
  readonly scale: Float64Array;
  readonly axis: number;
  /** Width of the integers with their zero point removed. */
  readonly bits: number;
}

/** What a k-WTA chooses its winners of, and the nodes seen so far. */
interface Selection {
  readonly feature: FeatureValue;
  readonly k: number;
  readonly origin: readonly string[];
}

/** The k largest of each vector, in falling order: first output of TopK. */
export interface LargestValue extends Selection {
  readonly kind: 'largest';
  /** Axis of the feature's view. */
  readonly axis: number;
  readonly sorted: boolean;
}

/** Where the k largest are: second output of TopK. */
export interface LargestIndicesValue extends Selection {
  readonly kind: 'largest-indices';
  readonly axis: number;
}

/**
 * The k-th largest of each vector. `view` is the feature's without the pieces that the vectors
 * run over.
 */
export interface ThresholdValue extends Selection {
  readonly kind: 'threshold';
  readonly view: View;
}

/** 1 at the winners of each vector (or 0 there when `inverted`), 0 at the others. */
export interface WinnerMaskValue extends Selection {
  readonly kind: 'winner-mask';
  /** The mask, element by element over the feature's data. */
  readonly view: View;
  /** Pieces of `view` that a vector runs over. */
  readonly vector: readonly number[];
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
  | { readonly kind: 'constant'; readonly tensor: OnnxTensor; readonly dequantized?: Dequantized }
  /** Computed by the host from what operation `source` gives; its shape where that is known. */
  | { readonly kind: 'host'; readonly source: string; readonly dims: readonly number[] | null }
  /** Omitted optional input. */
  | { readonly kind: 'absent' }
  /** Result of a node that is not supported, which has been reported. */
  | { readonly kind: 'unknown' };

export function constant(
  shape: readonly number[],
  data: OnnxTensor['data'],
  elementType: OnnxTensor['elementType'],
): Value {
  return { kind: 'constant', tensor: { name: '', elementType, shape, data } };
}
