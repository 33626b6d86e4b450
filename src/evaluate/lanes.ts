import { ceilLog2 } from '../base/bits.ts';
import { present } from '../base/invariant.ts';

/**
 * Several integers in one double: lane l holds value * 2^(bits * l). Sums of products with integers
 * are then those of all lanes at once, exactly, as long as none of them leaves its bits.
 */
export interface Lanes {
  /** Integers a double holds, at least 1. */
  readonly count: number;
  /** Of a lane, with its sign. */
  readonly bits: number;
}

/** Integers up to 2^53 are exact in a double. */
const exactBits = 53;
/** More would save little. */
const mostLanes = 4;

/** Lanes for integers of a magnitude of at most `largest`. */
export function lanesOf(largest: number): Lanes {
  const bits = ceilLog2(largest + 1) + 1;
  // the uppermost lane needs no room for its sign: a double has one
  return { count: Math.max(1, Math.min(mostLanes, Math.floor((exactBits + 1) / bits))), bits };
}

/** Maps of integers of one length, the first one in the lowest lane. */
export function packLanes(maps: readonly Float64Array[], { bits }: Lanes): Float64Array {
  const packed = present(maps[0], 'a map').slice();
  for (let lane = 1; lane < maps.length; lane += 1) {
    const map = present(maps[lane], 'a map');
    const factor = 2 ** (bits * lane);
    for (let at = 0; at < packed.length; at += 1) {
      packed[at] = (packed[at] ?? 0) + (map[at] ?? 0) * factor;
    }
  }
  return packed;
}

/** Takes the lowest lane out of every number: it goes into `lane`, the others move down. */
export function takeLane(packed: Float64Array, { bits }: Lanes, lane: Float64Array): void {
  const size = 2 ** bits;
  for (let at = 0; at < packed.length; at += 1) {
    const value = packed[at] ?? 0;
    // the lowest lane is less than half of `size` away from a multiple of it
    const above = Math.floor(value / size + 0.5);
    lane[at] = value - above * size;
    packed[at] = above;
  }
}
