import { InvariantError } from '../../base/invariant.ts';

/**
 * Cycles are numbers: the cycle in which something happens, 0 = the first input beat is taken.
 * What cannot be known yet is later than every cycle, so that a maximum over causes is unknown
 * as long as one of them is.
 */
export const unknownCycle = Infinity;

/** The cycle of what has been so from the start: a bound that does not bind. */
export const always = -Infinity;

/** An element that is there by construction. */
export function at(values: Float64Array | Int32Array | Uint16Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw new InvariantError(`index ${index} of ${values.length} values`);
  return value;
}

/** Where a stream leads: the store of a layer, or the output of the design. */
export interface Sink {
  /**
   * The cycle in which the next beat is taken when it is offered from cycle `valid` on;
   * `unknownCycle` (and nothing changes) when that depends on what is not known yet.
   */
  take(valid: number): number;
}
