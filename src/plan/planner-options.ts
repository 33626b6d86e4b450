import type { Evaluation } from '../evaluate/quantized.ts';
import type { Board } from '../ir/board.ts';
import type { TrainedPackings } from './lower/packing-of-layer.ts';
import type { PlanContext } from './plan-network.ts';
import type { KnownWires } from './wired/wired-graph.ts';

/** What the planner has to know besides the network. */
export interface PlannerOptions extends Omit<
  PlanContext,
  'board' | 'variant' | 'interval' | 'wired'
> {
  readonly board: Board;
  /**
   * Of what leaves the input and every layer, in this order: mean over samples and sites of
   * max(1, tokens), from calibration data. Only used for token streams.
   */
  readonly tokensPerSite: readonly number[];
  /**
   * Likewise by giver: how often each value (channels first) is not zero, from calibration data.
   * Only used for token streams; without it all values are as often active.
   */
  readonly activity?: readonly Float64Array[];
  /**
   * Of calibration samples: what small designs that promise the same by bounds are told apart by. Bounds alone
   * decide where there are none.
   */
  readonly evaluations?: readonly Evaluation[];
  /** Inferences per second to reach with as little hardware as possible. */
  readonly targetThroughput?: number;
  /** Not more copies than this, whatever room there is. */
  readonly mostCopies?: number;
  /** By name of a layer with weights: the kind of unit it is to have; the planner chooses for others. */
  readonly units?: ReadonlyMap<string, UnitKind>;
  /** One copy is planned for its latency instead. */
  readonly latency?: LatencyGoal;
  /** A first look: fewer foldings are tried, and the design found is mostly a little slower, at times by half. */
  readonly isQuick?: boolean;
  /** Packings that are found are kept here, for other variants of the same graph. */
  readonly trainedPackings?: TrainedPackings;
  /** Wired weights that are found, likewise. */
  readonly knownWires?: KnownWires;
}

/** Sets in lockstep, queues in front of the multipliers, or weights as additions. */
export const unitKinds = ['lockstep', 'queues', 'wired'] as const;
export type UnitKind = (typeof unitKinds)[number];

/** What the latency of one copy is planned by. */
export interface LatencyGoal {
  /** The smallest design whose median is at most this; null: the least latency that fits. */
  readonly targetCycles: number | null;
  /** Of calibration samples; of none where a network is large: then the worst case is looked at. */
  readonly evaluations: readonly Evaluation[];
}
