import { activate } from '../../evaluate/activate.ts';
import { keepWinners } from '../../evaluate/k-winners.ts';
import type { Activation, FeatureShape, KWinners } from '../../ir/graph.ts';

/** How values of an edge are rounded while quantisation is in the loop. */
export interface Rounding {
  readonly scale: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Applies the activation in place. */
export function activateBatch(values: Float64Array, activation: Activation): void {
  if (activation.kind === 'identity') return;
  for (let at = 0; at < values.length; at += 1) values[at] = activate(values[at] ?? 0, activation);
}

/**
 * Takes the gradient back through an activation in place; `values` is what left it. Where a bound
 * holds a value nothing passes.
 */
export function activationGradient(
  gradients: Float64Array,
  values: Float64Array,
  activation: Activation,
): void {
  if (activation.kind === 'identity') return;
  if (activation.kind === 'leaky-relu') {
    for (let at = 0; at < gradients.length; at += 1) {
      if ((values[at] ?? 0) < 0) gradients[at] = (gradients[at] ?? 0) * activation.slope;
    }
    return;
  }
  const lower = activation.lower ?? -Infinity;
  const upper = activation.upper ?? Infinity;
  for (let at = 0; at < gradients.length; at += 1) {
    const value = values[at] ?? 0;
    if (value <= lower || value >= upper) gradients[at] = 0;
  }
}

/** Rounds to the grid in place; the gradient passes as if it did not (straight through). */
export function roundBatch(values: Float64Array, { scale, minimum, maximum }: Rounding): void {
  for (let at = 0; at < values.length; at += 1) {
    const step = Math.round((values[at] ?? 0) / scale);
    values[at] = scale * Math.min(maximum, Math.max(minimum, step));
  }
}

/**
 * k-WTA in place on a batch [channel][sample][row][column]: exactly k winners a vector, ties to the
 * lowest index as in the hardware. Losers become 0 and get no gradient.
 */
export function keepBatchWinners(
  values: Float64Array,
  shape: FeatureShape,
  samples: number,
  rule: KWinners,
): void {
  const sites = shape.height * shape.width;
  const perSite = rule.scope === 'site' || sites === 1;
  if (perSite) {
    const batch = { channels: shape.channels, height: samples, width: sites };
    keepWinners(values, batch, { ...rule, scope: 'site' });
    return;
  }
  const map = new Float64Array(shape.channels * sites);
  for (let sample = 0; sample < samples; sample += 1) {
    for (let at = 0; at < map.length; at += 1) {
      map[at] = values[placeOf(at, sample, sites, samples)] ?? 0;
    }
    keepWinners(map, shape, rule);
    for (let at = 0; at < map.length; at += 1) {
      values[placeOf(at, sample, sites, samples)] = map[at] ?? 0;
    }
  }
}

function placeOf(at: number, sample: number, sites: number, samples: number): number {
  const channel = Math.floor(at / sites);
  return (channel * samples + sample) * sites + (at % sites);
}
