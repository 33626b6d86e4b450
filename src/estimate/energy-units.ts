import type { Board, EnergyCoefficient } from '../ir/board.ts';
import { energyCoefficients } from '../ir/board.ts';
import { invariant } from '../base/invariant.ts';
import type { EnergyEvent, EventCount } from './energy-event.ts';

/** Width of a whole block of AMD parts; a wider word takes several side by side. */
const widestBlock = 72;

/** One value for everything that is uncertain: a corner (all low) or one random draw. */
export interface CoefficientDraw {
  readonly picojoules: Readonly<Record<EnergyCoefficient, number>>;
  readonly glitch: number;
  readonly staticWatts: number;
  /** Of the whole board at rest; null where it is not known. */
  readonly floorWatts: number | null;
}

/** Energy is linear in the coefficients: so many times each coefficient, a unit having its full width. */
export type CoefficientUnits = Readonly<Record<EnergyCoefficient, number>>;

const coefficientOf: Readonly<Record<EnergyEvent, EnergyCoefficient>> = {
  'multiply-dsp': 'multiply-dsp',
  'multiply-dsp-wide': 'multiply-dsp-wide',
  'dsp-idle-cycle': 'multiply-dsp',
  'multiply-lut': 'multiply-lut',
  'bram-read': 'bram-read',
  'bram-write': 'bram-read',
  'bram-idle-cycle': 'bram-read',
  'uram-read': 'uram-read',
  'uram-write': 'uram-read',
  'uram-idle-cycle': 'uram-read',
  'lutram-bit': 'lutram-bit',
  'lut-toggle': 'lut-toggle',
  'ff-toggle': 'ff-toggle',
  'clock-ff-cycle': 'clock-ff-cycle',
  'dram-bit': 'dram-bit',
};

/** A BRAM18, beside half of the bits of a BRAM36. */
const halfBlockScale = 0.6;

/**
 * Block memory energy for a word of `widthBits` in so many `blocks`, in full-width accesses of one
 * block: half of it is paid for the block itself, half for the bits. A block reads `blockBits`. A half is a BRAM18, which takes
 * 0.6 of a BRAM36 whose words are twice as wide.
 */
export function memoryWidthScale(
  widthBits: number,
  blocks?: number,
  blockBits = widestBlock,
): number {
  const wanted = blocks ?? Math.ceil(widthBits / blockBits);
  const whole = Math.floor(wanted);
  const equivalent = whole + (wanted > whole ? halfBlockScale : 0);
  const used = Math.min(1, widthBits / (wanted * blockBits));
  return equivalent * (0.5 + 0.5 * used);
}

function scaleOf(count: EventCount, board: Board): number {
  const { readBits } = board.blockMemory;
  const width = memoryWidthScale(count.widthBits ?? readBits, count.blocks, readBits);
  switch (count.event) {
    case 'bram-read':
    case 'uram-read':
      return width;
    case 'bram-write':
    case 'uram-write':
      return width * board.energyScales.memoryWrite;
    case 'bram-idle-cycle':
    case 'uram-idle-cycle':
      return width * board.energyScales.memoryIdle;
    case 'dsp-idle-cycle':
      return board.energyScales.dspIdle;
    default:
      return 1;
  }
}

/** Sums event counts into units of each coefficient. */
export function coefficientUnits(counts: Iterable<EventCount>, board: Board): CoefficientUnits {
  const units: Record<EnergyCoefficient, number> = {
    'multiply-dsp': 0,
    'multiply-dsp-wide': 0,
    'multiply-lut': 0,
    'bram-read': 0,
    'uram-read': 0,
    'lutram-bit': 0,
    'lut-toggle': 0,
    'ff-toggle': 0,
    'clock-ff-cycle': 0,
    'dram-bit': 0,
  };
  for (const count of counts) {
    invariant(
      Number.isFinite(count.perInference) && count.perInference >= 0,
      `event count ${count.event} of ${count.layer ?? 'the top'} is ${String(count.perInference)}`,
    );
    units[coefficientOf[count.event]] += count.perInference * scaleOf(count, board);
  }
  return units;
}

/** Dynamic energy in microjoules. */
export function dynamicMicrojoules(units: CoefficientUnits, draw: CoefficientDraw): number {
  let picojoules = 0;
  for (const name of energyCoefficients) {
    const glitch = name === 'lut-toggle' ? draw.glitch : 1;
    picojoules += units[name] * draw.picojoules[name] * glitch;
  }
  return picojoules * 1e-6;
}
