import { invariant } from '../base/invariant.ts';
import { maximumShift, signedBits, type ScalingPair } from '../evaluate/integer.ts';
import type { IntegerRange, Requantization } from '../ir/quantized.ts';

const multiplierBits = 16;
/** Largest shift of an addition. */
const maximumAddShift = 31;

/**
 * The pair nearest to `factor` (finite, > 0) with the multiplier in [2^15, 2^16), which is a
 * relative error of at most 2^-16. A factor of 2^16 or more becomes the largest pair, one
 * below 2^-32 (with `largestShift` 47) keeps the largest shift and loses multiplier bits.
 */
export function scalingPair(factor: number, largestShift = maximumShift): ScalingPair {
  invariant(Number.isFinite(factor) && factor > 0, `a scaling factor is positive, not ${factor}`);
  const largest = 2 ** multiplierBits;
  let shift = multiplierBits - 1 - Math.floor(Math.log2(factor));
  // log2 of a number just below a power of two may be that power; so may rounding.
  while (shift < largestShift && Math.round(factor * 2 ** shift) < largest / 2) shift += 1;
  while (Math.round(factor * 2 ** shift) >= largest && shift > 0) shift -= 1;
  if (shift < 0) return { multiplier: largest - 1, shift: 0 };
  shift = Math.min(shift, largestShift);
  return { multiplier: Math.min(largest - 1, Math.round(factor * 2 ** shift)), shift };
}

/** The pairs of all output channels. */
export function requantizationOf(factors: Float64Array): Requantization {
  const pairs = Array.from(factors, (factor) => scalingPair(factor));
  return {
    multiplier: Uint16Array.from(pairs, (pair) => pair.multiplier),
    shift: Uint8Array.from(pairs, (pair) => pair.shift),
  };
}

/** Integers of an addition: left * multipliers[0] / 2^shift + right * multipliers[1] / 2^shift. */
export interface AddScaling {
  readonly multipliers: readonly [number, number];
  readonly shift: number;
}

/**
 * Both factors of an addition (finite, not 0, of any sign) over one power of two, the larger
 * as exact as `scalingPair` makes it and the other to the same absolute step.
 */
export function addScaling(left: number, right: number): AddScaling {
  const { shift } = scalingPair(Math.max(Math.abs(left), Math.abs(right)), maximumAddShift);
  const multiplier = (factor: number): number => {
    const magnitude = Math.round(Math.abs(factor) * 2 ** shift);
    return Math.sign(factor) * Math.min(2 ** multiplierBits - 1, magnitude) + 0;
  };
  return { multipliers: [multiplier(left), multiplier(right)], shift };
}

/**
 * Two's complement width that holds, for every output channel, any partial and the whole
 * sum of weight * value for values in `input` (which contains 0), with and without bias.
 */
export function accumulatorBits(
  weights: Int16Array,
  bias: Float64Array | Int32Array,
  input: IntegerRange,
): number {
  const size = weights.length / bias.length;
  let minimum = 0;
  let maximum = 0;
  bias.forEach((channelBias, channel) => {
    let least = 0;
    let greatest = 0;
    for (let index = channel * size; index < (channel + 1) * size; index += 1) {
      const weight = weights[index] ?? 0;
      least += weight * (weight > 0 ? input.minimum : input.maximum);
      greatest += weight * (weight > 0 ? input.maximum : input.minimum);
    }
    minimum = Math.min(minimum, least, least + channelBias);
    maximum = Math.max(maximum, greatest, greatest + channelBias);
  });
  return signedBits({ minimum, maximum });
}
