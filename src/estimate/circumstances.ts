import type { Board, Resources } from '../ir/board.ts';

/** What one layer did per inference, summed over the engines of a copy, as counted in simulation. */
export interface LayerActivityCounts {
  readonly windows: number;
  /** Lane steps, and weight words read for products: by lanes, or by each of their queues. */
  readonly steps: number;
  readonly issues: number;
  /** Beats on the stream that leaves the layer. */
  readonly beats: number;
}

/** How much of what a layer multiplies is zero; whether the zeros are skipped or not. */
export interface LayerZeros {
  /** Share of the weights in its words that are not zero. */
  readonly weights: number;
  /** Share of the values that come to its multipliers that are not zero. */
  readonly values: number;
  /** Products an inference neither factor of which is zero. */
  readonly usefulProducts: number;
}

/** All that the events of a layer follow from, beside its plan. */
export interface LayerCircumstances {
  readonly activity: LayerActivityCounts;
  readonly zeros: LayerZeros;
  /** By input. */
  readonly beatsIn: readonly number[];
  /** Between two inferences of one copy. */
  readonly oneCopyCycles: number;
  readonly board: Board;
  /** Of the layer in one copy. */
  readonly resources: Resources;
}

/** Share of the bits of a word that differ from the word before; half of them for random words. */
export const toggleShare = 0.5;

/**
 * The same for words of which a share is random and the others are 0: a bit is 1 in half of the random ones,
 * and differs from the one before in 2p(1 - p) with p = density / 2.
 */
export function toggleShareOf(density: number): number {
  return density * (1 - density / 2);
}
