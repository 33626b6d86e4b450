/**
 * Assignment of output kernels to complementary sets. A set is stored as words: for an
 * input index the word holds one (weight, kid) slot per set, so one activation reads
 * `depth` words and every set multiplies at once.
 */
export interface KernelSet {
  /** Output channels by kid: `channels[kid]` is the output channel; at most `setSize` long. */
  readonly channels: readonly number[];
}

export interface Packing {
  /** Name of the layer. */
  readonly layer: string;
  /** All sets; every output channel is in exactly one. */
  readonly sets: readonly KernelSet[];
  /** Kernels a set at most: the accumulator depth. */
  readonly setSize: number;
  /** Words read per input index: the largest number of non-zeros a set has at one index. */
  readonly depth: number;
  /** Non-zeros of the trained weights / (sets * depth * input indices). */
  readonly efficiency: number;
  /** True where no set has two non-zeros at an index (depth <= 1). */
  readonly complementary: boolean;
  /** For arbitrary masks: words by index, read by groups of sets at their own pace. */
  readonly queues?: QueuedWords;
}

/**
 * Words of groups of neighbouring sets, as many groups as `words` has members. The sets of a
 * group read the same words; some sets may hold no kernel. `efficiency` of such a packing counts
 * the slots of the words that there are.
 */
export interface QueuedWords {
  /** Of every group, by input index: the most non-zeros that one of its sets has there. */
  readonly words: readonly Uint16Array[];
  /** Lanes that share the indices, in equal runs; the packing evens out their loads. */
  readonly lanes: number;
  /**
   * Instead of runs: indices are dealt to the lanes in rows of `lanes`, the row's own order told by
   * these numbers: index i is lane (i mod lanes) ^ turns[i / lanes]'s.
   */
  readonly turns?: Uint8Array;
  /** Words that the busiest group of the busiest lane reads for a window on average. */
  readonly windowWords: number;
  /** Most words that a group has in a lane. */
  readonly laneWords: number;
}
