import type { Activation } from '../ir/graph.ts';

/** What `second` makes of what `first` gives, as one activation; null where none says it. */
export function composeActivations(first: Activation, second: Activation): Activation | null {
  if (first.kind === 'identity') return second;
  if (second.kind === 'identity') return first;
  if (first.kind === 'clip' && second.kind === 'clip') {
    const clamp = (bound: number): number =>
      Math.min(second.upper ?? Infinity, Math.max(second.lower ?? -Infinity, bound));
    return clip(clamp(first.lower ?? -Infinity), clamp(first.upper ?? Infinity));
  }
  if (first.kind === 'leaky-relu' && second.kind === 'leaky-relu') {
    return { kind: 'leaky-relu', slope: first.slope * second.slope };
  }
  // Nothing below 0 is left of one of the two, and above they are the clip alone.
  const bounds = first.kind === 'clip' ? first : second.kind === 'clip' ? second : null;
  return bounds !== null && bounds.lower !== null && bounds.lower >= 0 ? bounds : null;
}

function clip(lower: number, upper: number): Activation {
  return {
    kind: 'clip',
    lower: lower === -Infinity ? null : lower,
    upper: upper === Infinity ? null : upper,
  };
}
