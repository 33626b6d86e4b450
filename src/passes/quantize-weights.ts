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

/**
 * Symmetric weights per output channel. The scale is the one with the smallest squared
 * error among those from 0.7 to 1 of (largest weight / largest integer), but never below
 * `leastScale(channel)`: a channel whose weights hardly matter beside its bias must not
 * ask for a bias of more than 32 bits. Zero stays zero; -0 is zero.
 */
export function quantizeWeights(
  layer: WindowLayer,
  weightBits: number,
  leastScale: (channel: number) => number,
): QuantizedWeights {
  const channels = layer.windowShape.channels;
  const size = layer.weights.length / channels;
  const limit = maximumWeight(weightBits);
  const fallback = largestMagnitude(layer.weights) / limit || 1 / limit;
  const weights = new Int16Array(layer.weights.length);
  const scale = new Float64Array(channels);
  for (let channel = 0; channel < channels; channel += 1) {
    const kernel = layer.weights.subarray(channel * size, (channel + 1) * size);
    // A channel without weights is a constant; any scale will do for it.
    const fitted = kernel.some((weight) => weight !== 0) ? bestScale(kernel, limit) : fallback;
    const chosen = Math.max(fitted, leastScale(channel));
    scale[channel] = chosen;
    kernel.forEach((weight, index) => {
      weights[channel * size + index] = quantizeWeight(weight, chosen, limit);
    });
  }
  return { weights, scale };
}

/** Round half away from zero, so that a kernel and its negative stay mirror images. */
function quantizeWeight(weight: number, scale: number, limit: number): number {
  const magnitude = Math.min(limit, Math.floor(Math.abs(weight) / scale + 0.5));
  return weight < 0 ? -magnitude : magnitude;
}

function bestScale(kernel: Float32Array, limit: number): number {
  const nonZeros = kernel.filter((weight) => weight !== 0);
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
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}
