/**
 * The integer arithmetic of the hardware. Whatever must agree with the Verilog bit for bit
 * is computed here and nowhere else. Numbers are doubles holding integers: sums stay
 * below 2^32 and products below 2^48, so nothing here is ever rounded by the language.
 */
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

/**
 * The values a layer may put on its output edge: those of the format, without the negative
 * ones after ReLU.
 */
export function outputRange(format: ActivationFormat, relu: boolean): IntegerRange {
  const range = formatRange(format);
  return relu ? { minimum: Math.max(0, range.minimum), maximum: range.maximum } : range;
}

/** floor(accumulator * multiplier / 2^shift + 1/2), exact, not clamped. */
export function scaleRounded(accumulator: number, multiplier: number, shift: number): number {
  const divisor = 2 ** shift;
  // Half of 2^0 is below the integers: with shift 0 there is nothing to round.
  const half = shift === 0 ? 0 : divisor / 2;
  return Math.floor((accumulator * multiplier + half) / divisor);
}

/**
 * clamp(floor(accumulatorPlusBias * multiplier / 2^shift + 1/2)) to the range of `format`,
 * and to values >= 0 when `relu`. `accumulatorPlusBias` is an integer of at most 33 bits,
 * `multiplier` 0 .. 65535, `shift` 0 .. 47. Never returns -0.
 */
export function requantize(
  accumulatorPlusBias: number,
  multiplier: number,
  shift: number,
  format: ActivationFormat,
  relu: boolean,
): number {
  const { minimum, maximum } = outputRange(format, relu);
  const scaled = scaleRounded(accumulatorPlusBias, multiplier, shift);
  return Math.min(maximum, Math.max(minimum, scaled)) + 0;
}

/** Smallest two's complement width that holds every integer of the range; at least 1. */
export function signedBits(range: IntegerRange): number {
  invariant(range.minimum <= range.maximum, 'an empty range has no width');
  let bits = 1;
  while (range.minimum < -(2 ** (bits - 1)) || range.maximum > 2 ** (bits - 1) - 1) bits += 1;
  return bits;
}

/** Largest magnitude of a symmetric weight: 127 at 8 bit. */
export function maximumWeight(weightBits: number): number {
  return 2 ** (weightBits - 1) - 1;
}
