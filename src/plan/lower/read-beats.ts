import { ceilDivide } from '../../base/bits.ts';
import type { EngineLayerPlan, LayerChoice } from '../../ir/plan.ts';

/** Parts in which the tail reads a beat of the drain; slots behind its sums are not used. */
export function readParts({
  drainWidth,
  readWidth,
}: Pick<LayerChoice, 'drainWidth' | 'readWidth'>): number {
  return ceilDivide(drainWidth, readWidth);
}

/** Beats in which the tail reads a vector. */
export function readBeats({
  drainBeats,
  choice,
}: {
  readonly drainBeats: EngineLayerPlan['drainBeats'];
  readonly choice: Pick<LayerChoice, 'drainWidth' | 'readWidth'>;
}): number {
  return drainBeats * readParts(choice);
}
