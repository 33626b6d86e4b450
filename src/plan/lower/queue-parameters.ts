import { ceilDivide, ceilLog2, indexBits } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { Packing } from '../../ir/packing.ts';
import type { LayerChoice, StreamPlan } from '../../ir/plan.ts';
import type { Parameters } from './engine-geometry.ts';

/** Tokens a queue holds: as many as one small memory is deep. */
export const queueDepth = 32;

/** Pointer memories of fewer words are cheaper in logic: a look-up table holds 64 of them a bit. */
const blockPointerWords = 384;

/** How large the memories of queues have to be. */
export interface QueueDepths {
  readonly queues: number;
  /** Input indices of a lane. */
  readonly pointers: number;
  /** Most words a queue of a lane has. */
  readonly weights: number;
  /** Most words an index has. */
  readonly words: number;
}

/** What queues need; null for a layer without. */
export function queueDepths(
  layer: {
    readonly packing: Packing;
    readonly choice: LayerChoice;
    readonly input: StreamPlan;
  },
  lanePositions: number,
): QueueDepths | null {
  const { packing, choice, input } = layer;
  if (choice.queues === 0) return null;
  const { laneWords } = present(packing.queues, 'a packing for queues');
  const pointers = choice.channelLanes
    ? ceilDivide(input.channels, choice.lanes)
    : lanePositions * input.channels;
  return { queues: choice.queues, pointers, weights: laneWords, words: packing.depth };
}

/** Parameters of `queued_lane` that other lanes do not have or have otherwise. */
export function queueParameters(
  depths: QueueDepths,
  sizes: {
    readonly pointerDepth: number;
    readonly wordBits: number;
    readonly blockWeights: boolean;
  },
): Parameters {
  const startBits = indexBits(depths.weights);
  const weightDepth = Math.max(2 ** (startBits - 1) + 1, depths.weights);
  return {
    Queues: depths.queues,
    QueueDepth: queueDepth,
    QueueCountBits: ceilLog2(depths.words + 1),
    QueueStartBits: startBits,
    PointerDepth: sizes.pointerDepth,
    BlockPointers: Number(depths.pointers > blockPointerWords),
    WeightDepth: weightDepth,
    BlockWeights: Number(sizes.blockWeights || inBlockMemory(sizes.wordBits, weightDepth)),
  };
}

/** A weight memory of fewer bits than this is cheaper in logic or distributed memory. */
const blockWeightBits = 8192;
/** The same where LUTs are no memory and block memories small. */
const smallBlockWeightBits = 2048;

/** Whether weights are kept in block memory; `small` where LUTs are no memory. */
export function inBlockMemory(width: number, depth: number, small = false): boolean {
  return depth > 64 && width * depth >= (small ? smallBlockWeightBits : blockWeightBits);
}
