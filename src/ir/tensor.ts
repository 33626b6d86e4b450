/** A dense tensor as read from a `.npy` file; data in C order. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data:
    Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array;
}

/**
 * `count` samples of `sampleSize` float values each, one after another, channels first.
 * All values are finite.
 */
export interface Samples {
  readonly count: number;
  readonly sampleSize: number;
  readonly data: Float32Array;
}
