import { invariant } from './invariant.ts';

/** Smallest n with 2^n >= value; `$clog2` of Verilog. */
export function ceilLog2(value: number): number {
  // the message costs more than the rest: only where it is needed
  if (!Number.isInteger(value) || value < 1) invariant(false, `ceilLog2(${value})`);
  if (value <= 2 ** 32) return 32 - Math.clz32(value - 1);
  let bits = 32;
  while (2 ** bits < value) bits += 1;
  return bits;
}

/** Bits of an index below `count`, at least one wire. */
export function indexBits(count: number): number {
  return Math.max(1, ceilLog2(count));
}

export function nextPowerOfTwo(value: number): number {
  return 2 ** ceilLog2(value);
}

/** Bits of a two's complement number that holds every integer in [low, high]. */
export function signedBits(low: number, high: number): number {
  const largest = Math.max(high, -low - 1);
  if (largest < 2 ** 32) return largest <= 0 ? 1 : 33 - Math.clz32(largest);
  let bits = 33;
  while (largest > 2 ** (bits - 1) - 1) bits += 1;
  return bits;
}

/** Low bits that are 0 in all multiples of a positive integer. */
export function trailingZeros(value: number): number {
  if (!Number.isInteger(value) || value < 1) invariant(false, `trailingZeros(${value})`);
  let zeros = 0;
  while (value % 2 ** (zeros + 1) === 0) zeros += 1;
  return zeros;
}

export function ceilDivide(dividend: number, divisor: number): number {
  return Math.ceil(dividend / divisor);
}

/**
 * Ors the low `bits` bits (at most 32) of an integer, two's complement if negative, into bytes from bit
 * `first` on, the least significant one first.
 */
export function writeBits(bytes: Uint8Array, first: number, value: number, bits: number): void {
  let rest = value;
  for (let at = first; at < first + bits;) {
    const offset = at & 7;
    const taken = Math.min(8 - offset, first + bits - at);
    const index = at >> 3;
    bytes[index] = (bytes[index] ?? 0) | ((rest & ((1 << taken) - 1)) << offset);
    rest >>= taken;
    at += taken;
  }
}
