import type { BoardFamily, Resources } from '../../ir/board.ts';
import { accumulatorCell, drainSelect, wordSelect } from './accumulators.ts';
import { amount, sum, times } from './amount.ts';
import { multiplier, weightMemory, type SparseLane } from './datapath.ts';
import { lutMemory } from './memories.ts';

/** A `queued_lane`: what it has of a sparse lane, `weightDepth` of one queue, and its queues. */
export interface QueuedLane extends SparseLane {
  readonly queues: number;
  readonly queueDepth: number;
  readonly startBits: number;
  readonly countBits: number;
  readonly pointerDepth: number;
  readonly blockPointers: boolean;
}

/** set_queue: a small memory, its level and places, the walk over the words of a token. */
export function setQueue(
  family: BoardFamily,
  queue: {
    readonly startBits: number;
    readonly countBits: number;
    readonly valueBits: number;
    readonly depth: number;
  },
): Resources {
  const { startBits, countBits, valueBits, depth } = queue;
  const entryBits = startBits + countBits + valueBits;
  return amount({
    lut: lutMemory(family, entryBits, depth) + startBits + countBits + 18,
    ff: entryBits + 22,
  });
}

/** queued_lane: token pick, pointers, and for every queue its tokens, words and multipliers. */
export function queuedLane(family: BoardFamily, lane: QueuedLane): Resources {
  const productBits = lane.weightBits + lane.valueBits;
  const set = sum([
    accumulatorCell(family, {
      addressBits: lane.sumAddressBits,
      sumBits: lane.sumBits,
    }),
    amount({ ff: 3 * lane.sumAddressBits + lane.weightBits + 2 * productBits }),
    multiplier(family, lane.weightBits, lane.operandBits),
  ]);
  const share = lane.sets / lane.queues;
  const queue = sum([
    weightMemory(family, share * lane.slotBits, lane.weightDepth, lane.blockWeights),
    setQueue(family, {
      startBits: lane.startBits,
      countBits: lane.countBits,
      valueBits: lane.valueBits,
      depth: lane.queueDepth,
    }),
    amount({ lut: 3, ff: 2 * lane.valueBits + 4 }),
  ]);
  const pointerBits = lane.queues * (lane.startBits + lane.countBits);
  return sum([
    times(lane.sets, set),
    times(lane.queues, queue),
    weightMemory(family, pointerBits, lane.pointerDepth, lane.blockPointers),
    drainSelect(lane.groups, lane.drainWidth, lane.sumBits),
    amount({
      lut: wordSelect(lane.tokens, lane.tokenBits) + lane.addressAdder + lane.queues + 6,
      ff: lane.valueBits + 12,
    }),
  ]);
}
