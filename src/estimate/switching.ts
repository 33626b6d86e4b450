import type { Resources } from '../ir/board.ts';
import type { Switching, SwitchingActivity } from '../ir/switching.ts';
import { memoryWidthScale } from './energy-units.ts';
import type { EnergyEvent, EventCount } from './energy-event.ts';

/** Half of the bits of a result differ from the one before. */
const toggleShare = 0.5;

/**
 * Mean activity over all cells of a kind, from the events of an inference of one copy, `oneCopyCycles`
 * after the one before. `resources`: of one copy. Outputs are 1 half of the time; enables of block memories as
 * often as they are read or written, block by block.
 */
export function switchingActivity(
  events: readonly EventCount[],
  resources: Resources,
  oneCopyCycles: number,
): SwitchingActivity {
  const total = (...names: readonly EnergyEvent[]): number =>
    events
      .filter(({ event }) => names.includes(event))
      .reduce((sum, { perInference }) => sum + perInference, 0);
  const mean = (toggles: number, cells: number): Switching | null =>
    cells === 0
      ? null
      : { togglesPerCycle: Math.min(1, toggles / (cells * oneCopyCycles)), probability: 0.5 };
  const blocks = (...names: readonly EnergyEvent[]): number =>
    events
      .filter(({ event }) => names.includes(event))
      .reduce((sum, { perInference, widthBits, blocks: count }) => {
        return sum + perInference * memoryWidthScale(widthBits ?? 72, count);
      }, 0);
  const clocked = blocks('bram-read', 'bram-idle-cycle');
  const enable = (active: number): Switching | null =>
    clocked === 0 ? null : randomly(Math.min(1, active / clocked));
  return {
    register: mean(total('ff-toggle'), resources.ff),
    lut: mean(total('lut-toggle'), resources.lut),
    dsp: mean(toggleShare * total('multiply-dsp', 'multiply-dsp-wide'), resources.dsp),
    bramEnable: enable(blocks('bram-read')),
    bramWriteEnable: enable(blocks('bram-write')),
  };
}

/** A signal that is 1 in a share of the cycles, each apart from the others. */
function randomly(probability: number): Switching {
  return { togglesPerCycle: 2 * probability * (1 - probability), probability };
}
