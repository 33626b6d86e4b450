import type { Board, Bracket, EnergyCoefficient } from '../ir/board.ts';
import { energyCoefficients } from '../ir/board.ts';
import type { CoefficientDraw, CoefficientUnits } from './energy-units.ts';
import { coefficientUnits, dynamicMicrojoules } from './energy-units.ts';
import type { EventCount } from './energy-event.ts';
import type { EnergyTiming } from './energy.ts';
import { cornerDraw, staticSeconds } from './energy.ts';

/** One side of a comparison. */
export interface EnergySubject {
  readonly events: readonly EventCount[];
  readonly timing: EnergyTiming;
}

/** Energy of `a` divided by energy of `b`: percentiles over draws of the coefficients. */
export interface EnergyRatio {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly draws: number;
}

const defaultDraws = 2000;
const seed = 0x6e7a666c;

/**
 * How much more energy `a` takes per inference than `b` on the same board. Each draw takes every
 * coefficient log-uniformly from its bracket and uses the same values for both designs, so what
 * is uncertain but common to both cancels. Deterministic: the generator has a fixed seed.
 */
export function energyRatio(
  a: EnergySubject,
  b: EnergySubject,
  board: Board,
  draws = defaultDraws,
): EnergyRatio {
  const unitsA = coefficientUnits(a.events, board);
  const unitsB = coefficientUnits(b.events, board);
  const secondsA = staticSeconds(a.timing);
  const secondsB = staticSeconds(b.timing);
  const random = seededRandom(seed);
  // what neither has does not move the others: they keep the figures they had before it was known
  const drawn = energyCoefficients.filter(
    (name) => name !== 'dram-bit' || unitsA[name] + unitsB[name] > 0,
  );
  const ratios = new Float64Array(draws);
  for (let index = 0; index < draws; index += 1) {
    const draw = randomDraw(board, drawn, random);
    ratios[index] = microjoules(unitsA, secondsA, draw) / microjoules(unitsB, secondsB, draw);
  }
  ratios.sort();
  return {
    p10: quantile(ratios, 0.1),
    p50: quantile(ratios, 0.5),
    p90: quantile(ratios, 0.9),
    draws,
  };
}

function microjoules(units: CoefficientUnits, seconds: number, draw: CoefficientDraw): number {
  return dynamicMicrojoules(units, draw) + seconds * draw.staticWatts * 1e6;
}

function randomDraw(
  board: Board,
  drawn: readonly EnergyCoefficient[],
  random: () => number,
): CoefficientDraw {
  const picojoules = { ...cornerDraw(board, 'nominal').picojoules };
  for (const name of drawn) picojoules[name] = logUniform(board.energyPicojoules[name], random);
  return {
    picojoules,
    glitch: logUniform(board.energyScales.glitch, random),
    staticWatts: logUniform(board.staticWatts, random),
  };
}

function logUniform(bracket: Bracket, random: () => number): number {
  return bracket.low * (bracket.high / bracket.low) ** random();
}

/** Nearest-rank quantile of sorted values. */
function quantile(sorted: Float64Array, share: number): number {
  const rank = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[rank] ?? Number.NaN;
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
