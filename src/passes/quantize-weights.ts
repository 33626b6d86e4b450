import { invariant } from '../base/invariant.ts';
import { maximumWeight } from '../evaluate/integer.ts';
import type { WindowLayer } from '../ir/graph.ts';

/** Integer weights in the order of `layer.weights`, one scale per output channel. */
export interface QuantizedWeights {
  readonly weights: Int16Array;
  /** Real weight = integer * scale[output channel]; always > 0. */
  readonly scale: Float64Array;
}

/** Scales tried below the one that just holds the largest weight, as shares of it. */
const scaleSteps = 32;
const smallestShare = 0.7;
/** Relative error a weight has from being stored in float32, twice over. */
const float32Error = 2 ** -22;

/** What the numbers around a channel ask of the scale of its weights. */
export interface ScaleLimits {
  /**
   * A smaller scale gains nothing, or would ask for a bias of more than 32 bits: a channel
   * whose weights hardly matter beside its bias.
   */
  readonly least: number;
  /** A larger scale rounds the bias too coarsely; Infinity without a bias. */
  readonly greatest: number;
}

/**
 * Symmetric weights per output channel. Where all non-zero weights of a channel have one
 * magnitude they are exact, +-1 (or the least power of two that makes the scale fine enough
 * for the bias). Else the scale is the one with the smallest squared error among those
 * from 0.7 to 1 of (largest weight / largest integer), but never below the least. Zero stays
 * zero; -0 is zero.
 */
export function quantizeWeights(
  layer: WindowLayer,
  weightBits: number,
  limitsOf: (channel: number) => ScaleLimits,
): QuantizedWeights {
  const channels = layer.windowShape.channels;
  const size = layer.weights.length / channels;
  const limit = maximumWeight(weightBits);
  // A channel without weights is a constant; any scale will do for it.
  const fallback = (): number => largestMagnitude(layer.weights) / limit || 1 / limit;
  const weights = new Int16Array(layer.weights.length);
  const scale = new Float64Array(channels);
  for (let channel = 0; channel < channels; channel += 1) {
    const kernel = layer.weights.subarray(channel * size, (channel + 1) * size);
    const limits = limitsOf(channel);
    const nonZeros = kernel.filter((weight) => weight !== 0);
    const chosen =
      exactScale(nonZeros, limit, limits) ??
      Math.max(nonZeros.length > 0 ? bestScale(nonZeros, limit) : fallback(), limits.least);
    scale[channel] = chosen;
    const start = channel * size;
    for (let index = 0; index < size; index += 1) {
      const weight = kernel[index] ?? 0;
      if (weight !== 0) weights[start + index] = quantizeWeight(weight, chosen, limit);
    }
  }
  return { weights, scale };
}

/** The scale that makes weights of one magnitude exact; null for any others. */
function exactScale(
  nonZeros: Float32Array,
  limit: number,
  { least, greatest }: ScaleLimits,
): number | null {
  const magnitude = Math.abs(nonZeros[0] ?? 0);
  if (magnitude === 0 || magnitude < least) return null;
  for (const weight of nonZeros) if (Math.abs(weight) !== magnitude) return null;
  let integer = 1;
  while (
    magnitude / integer > greatest &&
    integer * 2 <= limit &&
    magnitude / (integer * 2) >= least
  ) {
    integer *= 2;
  }
  return magnitude / integer;
}

/**
 * The integers of weights that are integer * scale[output channel] already (to the rounding of
 * float32), of `bits` bits in two's complement.
 */
export function givenWeights(
  layer: WindowLayer,
  scale: Float64Array,
  bits: number,
): QuantizedWeights {
  const channels = layer.windowShape.channels;
  invariant(scale.length === channels, `${layer.name} has one weight scale per output channel`);
  const size = layer.weights.length / channels;
  const weights = new Int16Array(layer.weights.length);
  for (let at = 0; at < weights.length; at += 1) {
    const real = layer.weights[at] ?? 0;
    const step = scale[Math.floor(at / size)] ?? 0;
    const integer = Math.round(real / step);
    const exact = Math.abs(integer * step - real) <= Math.abs(real) * float32Error;
    const fits = integer >= -(2 ** (bits - 1)) && integer < 2 ** (bits - 1);
    invariant(exact && fits, `weight ${at} of ${layer.name} is an integer times its scale`);
    weights[at] = integer;
  }
  return { weights, scale };
}

/** Round half away from zero, so that a kernel and its negative stay mirror images. */
function quantizeWeight(weight: number, scale: number, limit: number): number {
  const magnitude = Math.min(limit, Math.floor(Math.abs(weight) / scale + 0.5));
  return weight < 0 ? -magnitude : magnitude;
}

function bestScale(nonZeros: Float32Array, limit: number): number {
  const largest = largestMagnitude(nonZeros) / limit;
  let best = largest;
  let bestError = Infinity;
  for (let step = 0; step <= scaleSteps; step += 1) {
    const candidate = largest * (1 - (step / scaleSteps) * (1 - smallestShare));
    let error = 0;
    for (const weight of nonZeros) {
      error += (weight - quantizeWeight(weight, candidate, limit) * candidate) ** 2;
    }
    if (error < bestError) {
      bestError = error;
      best = candidate;
    }
  }
  return best;
}

function largestMagnitude(values: Float32Array): number {
  let largest = 0;
  for (let at = 0; at < values.length; at += 1) {
    const magnitude = Math.abs(values[at] ?? 0);
    if (!(magnitude <= largest)) largest = Math.max(largest, magnitude);
  }
  return largest;
}
