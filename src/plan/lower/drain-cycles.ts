import type { EngineLayerPlan, LayerChoice } from '../../ir/plan.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import { readParts } from './read-beats.ts';

/** Whether the scales of a layer may take several cycles: beats of the drain go straight to the requantiser. */
export function mayScaleSlowly(
  { requantization }: Pick<QuantizedWindow, 'requantization'>,
  choice: Pick<LayerChoice, 'oneBank' | 'drainWidth' | 'readWidth'>,
): boolean {
  return requantization !== null && choice.oneBank !== undefined && readParts(choice) === 1;
}

/** Cycles of a beat of the drain: where a scale takes several, the next one begins behind it. */
export function cyclesOfDrainBeat({ choice }: Pick<EngineLayerPlan, 'choice'>): number {
  const { scaleCycles = 1 } = choice;
  return scaleCycles > 1 ? scaleCycles + 1 : 1;
}

/** Cycles in which a window is drained. */
export function drainCycles(layer: Pick<EngineLayerPlan, 'choice' | 'drainBeats'>): number {
  return layer.drainBeats * cyclesOfDrainBeat(layer);
}
