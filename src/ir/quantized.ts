import type { FeatureShape, Layer } from './graph.ts';

/** How the values of an edge are encoded; real value = integer * scale; real zero is 0. */
export interface ActivationFormat {
  readonly bits: number;
  readonly signed: boolean;
  readonly scale: number;
}

/** out = clamp(floor((accumulator + bias) * multiplier / 2^shift + 1/2)), per output channel. */
export interface Requantization {
  /** 16-bit unsigned. */
  readonly multiplier: Uint16Array;
  /** 0 to 47. */
  readonly shift: Uint8Array;
}

/** A layer in integers. Structure (kernel, pooling, k-WTA ...) is that of `layer`. */
export interface QuantizedLayer {
  readonly name: string;
  readonly layer: Layer;
  readonly inputFormat: ActivationFormat;
  /** Same index order as `layer.weights`; symmetric, -127 .. 127 at 8 bit. */
  readonly weights: Int8Array;
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
  /** Null for a layer whose integer accumulators (bias included) are the logits. */
  readonly requantization: Requantization | null;
  /** Null exactly where `requantization` is. */
  readonly outputFormat: ActivationFormat | null;
}

export interface QuantizedGraph {
  readonly name: string;
  readonly input: {
    readonly name: string;
    readonly shape: FeatureShape;
    readonly format: ActivationFormat;
  };
  readonly layers: readonly QuantizedLayer[];
  readonly hostOperators: readonly string[];
  readonly notes: readonly string[];
}
