/** What the packer has to know of a layer: which weights are non-zero, and nothing else. */
export interface PackingProblem {
  /** Name of the layer, for messages. */
  readonly layer: string;
  /** Output channels: kernels to pack. */
  readonly outputs: number;
  /** Weights a kernel has. Their order does not matter here. */
  readonly indices: number;
  /** `[output][index]`, 1 where the trained weight is not zero. */
  readonly nonZero: Uint8Array;
  /** Kernels a set may hold at most; without it the packer chooses. */
  readonly setSize?: number;
  /** Words an index may take at most; 1 is always possible. */
  readonly depthLimit?: number;
  /** Share of the usual effort, above 0; 1 unless told. */
  readonly effort?: number;
}
