import type { Resources } from '../../ir/board.ts';
import type { Packing } from '../../ir/packing.ts';
import type { VariantName } from '../../ir/variant.ts';
import type { PlannerOptions } from '../planner-options.ts';
import type { QueuePackings } from './queue-packings.ts';
import type { UltraExchange } from './ultra-memories.ts';
import type { WeightStreamContext } from '../streams/weight-stream.ts';
import type { WiredGraphs } from '../wired/wired-graph.ts';

/** What a folding of a layer comes to. */
export interface FoldingNumbers {
  /** Cycles between two inferences of the layer alone, by simple bounds. */
  readonly interval: number;
  /** With what stands around it: `stageResources`. */
  readonly resources: Resources;
  /** What could move to UltraRAM. */
  readonly exchanges: readonly UltraExchange[];
}

/** What a search goes by. */
export interface SearchContext {
  /** By layer, for sets in lockstep; null where there are no weights. */
  readonly packings: readonly (Packing | null)[];
  /** By layer, for queues; null where they do not pay. */
  readonly queued: readonly (QueuePackings | null)[];
  /** By layer, its weights wired; null where they cannot be. */
  readonly wired: readonly (WiredGraphs | null)[];
  readonly variant: VariantName;
  readonly options: PlannerOptions;
  /** By layer: the stream its weights come in from beside the device; null where the device holds them. */
  readonly streamed: readonly (WeightStreamContext | null)[];
  /** What all copies may take. */
  readonly budget: Resources;
  /** Filled and used again by searches with the same packings, empty at first. */
  readonly numbers: Map<string, FoldingNumbers>;
}
