/**
 * The integer arithmetic of the hardware. Whatever must agree with the Verilog bit for bit
 * is computed here and nowhere else. Numbers are doubles holding integers: sums stay
 * below 2^32 and products below 2^48, so nothing here is ever rounded by the language.
 */
import { signedBits as bitsBetween } from '../base/bits.ts';
import { invariant } from '../base/invariant.ts';
import type { ActivationFormat, IntegerRange } from '../ir/quantized.ts';

/** Largest shift the requantiser has. */
export const maximumShift = 47;

/** The integers a format can hold: 0 .. 2^bits - 1, or -2^(bits-1) .. 2^(bits-1) - 1. */
export function formatRange(format: ActivationFormat): IntegerRange {
  return format.signed
    ? { minimum: -(2 ** (format.bits - 1)), maximum: 2 ** (format.bits - 1) - 1 }
    : { minimum: 0, maximum: 2 ** format.bits - 1 };
}

/** The nearest integer, halves up, clamped to the range. Never returns -0. */
export function roundInto(value: number, range: IntegerRange): number {
  return Math.min(range.maximum, Math.max(range.minimum, Math.floor(value + 0.5))) + 0;
}

/** floor(accumulator * multiplier / 2^shift + 1/2), exact, not clamped. */
export function scaleRounded(accumulator: number, multiplier: number, shift: number): number {
  const divisor = 2 ** shift;
  // Half of 2^0 is below the integers: with shift 0 there is nothing to round.
  const half = shift === 0 ? 0 : divisor / 2;
  return Math.floor((accumulator * multiplier + half) / divisor);
}

/** A real factor as multiplier / 2^shift. */
export interface ScalingPair {
  readonly multiplier: number;
  readonly shift: number;
}

/**
 * clamp(floor(accumulatorPlusBias * multiplier / 2^shift + 1/2)) to `range`.
 * `accumulatorPlusBias` is an integer of at most 33 bits, `multiplier` 0 .. 65535, `shift`
 * 0 .. 47. Never returns -0.
 */
export function requantize(
  accumulatorPlusBias: number,
  pair: ScalingPair,
  range: IntegerRange,
): number {
  const scaled = scaleRounded(accumulatorPlusBias, pair.multiplier, pair.shift);
  return Math.min(range.maximum, Math.max(range.minimum, scaled)) + 0;
}

/** Positions `start` to `end` - 1 of a map: those of one channel. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * `requantize` of a span of sums with their bias added, by `positive` where the result of
 * that is >= 0, else by `negative`.
 */
export function requantizeSpan(
  sums: Int32Array,
  { start, end }: Span,
  bias: number,
  positive: ScalingPair,
  negative: ScalingPair,
  { minimum, maximum }: IntegerRange,
  result: Int16Array,
): void {
  const factor = positive.multiplier / 2 ** positive.shift;
  const negativeFactor = negative.multiplier / 2 ** negative.shift;
  for (let at = start; at < end; at += 1) {
    const value = (sums[at] ?? 0) + bias;
    // Exact: a product of 33 and 16 bits has 49, the half one more at the lower end, and a
    // division by a power of two costs none.
    const scaled = Math.floor(value * (value < 0 ? negativeFactor : factor) + 0.5);
    result[at] = scaled < minimum ? minimum : scaled > maximum ? maximum : scaled;
  }
}

/**
 * clamp(floor((left * multipliers[0] + right * multipliers[1]) / 2^shift + 1/2)) to the range,
 * for every position of two maps of values of at most 9 bits; multipliers have 17 bits with
 * their sign, `shift` is 0 .. 31.
 */
export function addScaled(
  left: Int16Array,
  right: Int16Array,
  multipliers: readonly [number, number],
  shift: number,
  { minimum, maximum }: IntegerRange,
): Int16Array {
  const divisor = 2 ** shift;
  const leftFactor = multipliers[0] / divisor;
  const rightFactor = multipliers[1] / divisor;
  const result = new Int16Array(left.length);
  for (let at = 0; at < result.length; at += 1) {
    const sum = (left[at] ?? 0) * leftFactor + (right[at] ?? 0) * rightFactor;
    const scaled = Math.floor(sum + 0.5);
    result[at] = scaled < minimum ? minimum : scaled > maximum ? maximum : scaled;
  }
  return result;
}

/** Smallest two's complement width that holds every integer of the range; at least 1. */
export function signedBits(range: IntegerRange): number {
  invariant(range.minimum <= range.maximum, 'an empty range has no width');
  return bitsBetween(range.minimum, range.maximum);
}

/** Largest magnitude of a symmetric weight: 127 at 8 bit. */
export function maximumWeight(weightBits: number): number {
  return 2 ** (weightBits - 1) - 1;
}
