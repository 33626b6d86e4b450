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

/** All that the events of a layer follow from, beside its plan. */
export interface LayerCircumstances {
  readonly activity: LayerActivityCounts;
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
