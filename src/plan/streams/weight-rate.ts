import { nextPowerOfTwo } from '../../base/bits.ts';
import type { Board } from '../../ir/board.ts';
import type { BeatRate } from '../../ir/plan.ts';

/** What the memory beside a device gives a design. */
export interface WeightRate {
  readonly beatBits: number;
  readonly rate: BeatRate;
}

/** A board's port to its memory is as wide as it has to be, within this. */
const fewestBits = 32;
const mostBits = 512;

/**
 * The weight stream that the memory of a board can feed: the narrowest beat, a power of two of bits, that
 * carries its bandwidth at the clock, one beat a cycle at most. Null where the board has no memory.
 */
export function weightRate(
  board: Pick<Board, 'dramGigabytesPerSecond' | 'dramShare'>,
  clockMHz: number,
): WeightRate | null {
  if (board.dramGigabytesPerSecond === null) return null;
  // whole kilobytes a second, whole kilohertz
  const kilobytes = Math.round(board.dramGigabytesPerSecond * board.dramShare * 1e6);
  const kilohertz = Math.round(clockMHz * 1e3);
  if (kilobytes === 0) return null;
  const bitsPerCycle = Math.ceil((8 * kilobytes) / kilohertz);
  const beatBits = Math.min(mostBits, Math.max(fewestBits, nextPowerOfTwo(bitsPerCycle)));
  const cycles = kilohertz * (beatBits / 8);
  const beats = Math.min(kilobytes, cycles);
  const common = greatestDivisor(beats, cycles);
  return { beatBits, rate: { beats: beats / common, cycles: cycles / common } };
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}
