import { present } from '../base/invariant.ts';
import type { Board, Bracket } from '../ir/board.ts';
import { energyCoefficients } from '../ir/board.ts';
import type { CoefficientDraw } from './energy-units.ts';

/** All that is uncertain in an energy: energies per event, glitches, and two powers in watts. */
export const energyQuantities = [
  ...energyCoefficients,
  'glitch',
  'static-watts',
  'floor-watts',
] as const;
export type EnergyQuantity = (typeof energyQuantities)[number];

/** Where a quantity lies on a board; null where the board does not say (its floor). */
export function quantityBracket(board: Board, quantity: EnergyQuantity): Bracket | null {
  switch (quantity) {
    case 'glitch':
      return board.energyScales.glitch;
    case 'static-watts':
      return board.staticWatts;
    case 'floor-watts':
      return board.floorWatts;
    default:
      return board.energyPicojoules[quantity];
  }
}

/** Every quantity as `pick` takes it from its bracket. */
export function drawBy(
  board: Board,
  pick: (bracket: Bracket, quantity: EnergyQuantity) => number,
): CoefficientDraw {
  const value = (quantity: EnergyQuantity): number =>
    pick(present(quantityBracket(board, quantity), quantity), quantity);
  return {
    picojoules: {
      'multiply-dsp': value('multiply-dsp'),
      'multiply-dsp-wide': value('multiply-dsp-wide'),
      'multiply-lut': value('multiply-lut'),
      'bram-read': value('bram-read'),
      'uram-read': value('uram-read'),
      'lutram-bit': value('lutram-bit'),
      'lut-toggle': value('lut-toggle'),
      'ff-toggle': value('ff-toggle'),
      'clock-ff-cycle': value('clock-ff-cycle'),
      'dram-bit': value('dram-bit'),
    },
    glitch: value('glitch'),
    staticWatts: value('static-watts'),
    floorWatts: board.floorWatts === null ? null : value('floor-watts'),
  };
}

/** All coefficients at one corner of their brackets. */
export function cornerDraw(board: Board, corner: keyof Bracket): CoefficientDraw {
  return drawBy(board, (bracket) => bracket[corner]);
}

const defaultDraws = 2000;
const seed = 0x6e7a666c;

/**
 * Draws of all quantities of a board, always the same ones. A quantity is drawn log-uniformly from low
 * to nominal in one half of the draws and from nominal to high in the other, so that its median is the
 * nominal value; apart from every other quantity, so that a new one changes no draw of those before it.
 */
export function coefficientDraws(board: Board, count = defaultDraws): readonly CoefficientDraw[] {
  const random = new Map(energyQuantities.map((name) => [name, seededRandom(seed ^ hash(name))]));
  return Array.from({ length: count }, () =>
    drawBy(board, (bracket, quantity) => {
      return logUniform(bracket, present(random.get(quantity), quantity)());
    }),
  );
}

/** The value of a bracket at a share of its draws, 0 to 1; 0.5 is nominal. */
export function logUniform({ low, nominal, high }: Bracket, share: number): number {
  return share < 0.5
    ? low * (nominal / low) ** (2 * share)
    : nominal * (high / nominal) ** (2 * share - 1);
}

/** What nine, five and one of ten values exceed. */
export interface Percentiles {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

/** Nearest-rank percentiles of values in any order. */
export function percentilesOf(values: Iterable<number>): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const quantile = (share: number): number =>
    present(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)], 'a value');
  return { p10: quantile(0.1), p50: quantile(0.5), p90: quantile(0.9) };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}

/** Mulberry32: 32 bits of state are plenty for a few thousand draws. */
function seededRandom(initial: number): () => number {
  let state = initial >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
