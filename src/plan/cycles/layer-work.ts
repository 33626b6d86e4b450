import type { WeightTimeline } from './weight-timeline.ts';

/** What a copy of a layer gets and gives over all its inferences. */
export interface LayerWork {
  readonly inferences: number;
  /** By input: tokens of every site, inference by inference; empty for a dense stream. */
  readonly inputTokens: readonly Uint16Array[];
  /** By input: channels of these tokens in order, where the layer has queues; else empty. */
  readonly inputChannels: readonly Uint16Array[];
  /** Tokens of every output site after the tail; empty for logits. */
  readonly outputTokens: Uint16Array;
  /** Those of every group of channels with winners of its own, site by site; else empty. */
  readonly groupTokens: Uint16Array;
  /** First cycle out of reset. */
  readonly resetCycle: number;
  /** Where its weights come from memory beside the device: the stream, and the section of the layer. */
  readonly weights?: { readonly timeline: WeightTimeline; readonly section: number };
}
