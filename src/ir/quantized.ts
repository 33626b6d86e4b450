import { invariant } from '../base/invariant.ts';
import type {
  AddLayer,
  ConcatLayer,
  FeatureShape,
  GraphOutput,
  MaxPoolLayer,
  WindowLayer,
} from './graph.ts';

/** How the values of an edge are encoded; real value = integer * scale; real zero is 0. */
export interface ActivationFormat {
  /** Width on the wires: 2 to 9. */
  readonly bits: number;
  readonly signed: boolean;
  readonly scale: number;
}

/** An interval of integers, both ends included. */
export interface IntegerRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** out = clamp(floor((accumulator + bias) * multiplier / 2^shift + 1/2)), per output channel. */
export interface Requantization {
  /** 16-bit unsigned. */
  readonly multiplier: Uint16Array;
  /** 0 to 47. */
  readonly shift: Uint8Array;
}

/** What leaves a layer that requantises, in integers. */
interface QuantizedOutput {
  readonly outputFormat: ActivationFormat;
  /** Clamp of the requantiser: the format's range narrowed by the activation, 0 included. */
  readonly outputRange: IntegerRange;
}

/** A weighted layer in integers. Structure (kernel, pooling, k-WTA ...) is that of `layer`. */
export interface QuantizedWindow {
  readonly kind: 'window';
  readonly name: string;
  readonly layer: WindowLayer;
  readonly inputFormat: ActivationFormat;
  /** Same index order as `layer.weights`; symmetric, -127 .. 127 at 8 bit. */
  readonly weights: Int16Array;
  /** Two's complement, 2 to 9. */
  readonly weightBits: number;
  /** Real weight = integer * weightScale[output channel]. */
  readonly weightScale: Float64Array;
  /** In units of inputFormat.scale * weightScale[channel]; added before requantising. */
  readonly bias: Int32Array;
  /**
   * Exact interval of sum(w * x), without bias, over all channels, from the weights and
   * the input range; `accumulatorBits` is the two's complement width that holds every
   * such sum *and* every sum plus bias.
   */
  readonly accumulatorBits: number;
  /** Null for a layer whose integer accumulators (bias included) are an answer of the network. */
  readonly requantization: Requantization | null;
  /** Instead of `requantization` where accumulator + bias < 0: LeakyReLU; else null. */
  readonly negativeRequantization: Requantization | null;
  /** Null exactly where `requantization` is, like `outputRange`. */
  readonly outputFormat: ActivationFormat | null;
  readonly outputRange: IntegerRange | null;
}

/** Max-pooling keeps its format: `outputFormat` is the input's. */
export interface QuantizedMaxPool extends QuantizedOutput {
  readonly kind: 'max-pool';
  readonly name: string;
  readonly layer: MaxPoolLayer;
  readonly inputFormat: ActivationFormat;
}

/**
 * out = clamp(floor((a * multipliers[0] + b * multipliers[1]) / 2^shift + 1/2)): both branches at
 * one fine scale, added exactly, rounded once.
 */
export interface QuantizedAdd extends QuantizedOutput {
  readonly kind: 'add';
  readonly name: string;
  readonly layer: AddLayer;
  readonly inputFormats: readonly [ActivationFormat, ActivationFormat];
  /** Signed, 17 bits with the sign; the larger magnitude has its top bit set. */
  readonly multipliers: readonly [number, number];
  /** 0 to 31. */
  readonly shift: number;
}

/** Side by side: all inputs already have the scale of the output. */
export interface QuantizedConcat extends QuantizedOutput {
  readonly kind: 'concat';
  readonly name: string;
  readonly layer: ConcatLayer;
  readonly inputFormats: readonly ActivationFormat[];
}

export type QuantizedLayer = QuantizedWindow | QuantizedMaxPool | QuantizedAdd | QuantizedConcat;

/** The layer as a window; an invariant: the caller only gets windows. */
export function windowOf(layer: QuantizedLayer): QuantizedWindow {
  invariant(layer.kind === 'window', `${layer.name} is a window`);
  return layer;
}

export interface QuantizedGraph {
  readonly name: string;
  readonly input: {
    readonly name: string;
    readonly shape: FeatureShape;
    readonly format: ActivationFormat;
    /** What the host clamps samples to: that of the format, or what a quantised model says. */
    readonly range: IntegerRange;
  };
  /** In topological order, as in `Graph`. */
  readonly layers: readonly QuantizedLayer[];
  /** k-WTA keeps every value equal to the k-th (a threshold), not exactly k. */
  readonly keepTies: boolean;
  readonly outputs: readonly GraphOutput[];
  readonly hostOperators: readonly string[];
  readonly notes: readonly string[];
}
