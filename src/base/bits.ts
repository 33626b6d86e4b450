import { invariant } from './invariant.ts';

/** Smallest n with 2^n >= value; `$clog2` of Verilog. */
export function ceilLog2(value: number): number {
  invariant(Number.isInteger(value) && value >= 1, `ceilLog2(${value})`);
  let bits = 0;
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
  let bits = 1;
  while (low < -(2 ** (bits - 1)) || high > 2 ** (bits - 1) - 1) bits += 1;
  return bits;
}

export function ceilDivide(dividend: number, divisor: number): number {
  return Math.ceil(dividend / divisor);
}
