import { invariant } from '../base/invariant.ts';
import type { Board } from '../ir/board.ts';
import type { Percentiles } from './coefficient-draws.ts';
import { coefficientDraws, cornerDraw, percentilesOf } from './coefficient-draws.ts';
import type { EventCount } from './energy-event.ts';
import type { CoefficientDraw, CoefficientUnits } from './energy-units.ts';
import { coefficientUnits, dynamicMicrojoules } from './energy-units.ts';

/**
 * What an energy takes in. `dynamic`: the events of the core, what it reads from memory beside the device
 * among them. `device`: and the static power of the device over the time of an inference. `board`: the
 * events, and what the whole board draws whatever runs over that time, static power included.
 */
export const energyScopes = ['dynamic', 'device', 'board'] as const;
export type EnergyScope = (typeof energyScopes)[number];

/** How long the device is occupied by one inference when it is kept busy. */
export interface EnergyTiming {
  /** Interval between completed inferences of the whole device, all copies together. */
  readonly cyclesPerInference: number;
  readonly clockMHz: number;
  /** Part of the power at rest that is charged, 0 to 1; all of it unless given. */
  readonly staticShare?: number;
}

/** A design at work: one side of a comparison. */
export interface EnergySubject {
  readonly events: readonly EventCount[];
  readonly timing: EnergyTiming;
}

/** Seconds of power at rest that one inference is charged with. */
export function staticSeconds(timing: EnergyTiming): number {
  invariant(
    timing.clockMHz > 0 && timing.cyclesPerInference >= 0,
    'energy needs a clock and an interval',
  );
  return ((timing.staticShare ?? 1) * timing.cyclesPerInference) / (timing.clockMHz * 1e6);
}

/** Microjoules of an inference as a function of what is uncertain. */
export type ScopedEnergy = (draw: CoefficientDraw, scope: EnergyScope) => number;

/** Null where the board does not have what a scope takes in. */
export function scopeOf(board: Board, scope: EnergyScope): EnergyScope | null {
  return scope === 'board' && board.floorWatts === null ? null : scope;
}

/** The energy of a design. Throws where a scope is asked for that the board does not have. */
export function scopedEnergy({ events, timing }: EnergySubject, board: Board): ScopedEnergy {
  const units: CoefficientUnits = coefficientUnits(events, board);
  const seconds = staticSeconds(timing);
  return (draw, scope) => dynamicMicrojoules(units, draw) + seconds * restWatts(draw, scope) * 1e6;
}

function restWatts({ staticWatts, floorWatts }: CoefficientDraw, scope: EnergyScope): number {
  if (scope === 'dynamic') return 0;
  if (scope === 'device') return staticWatts;
  invariant(floorWatts !== null, 'a board without a floor has no energy of the board');
  // the floor has the device in it
  return Math.max(floorWatts, staticWatts);
}

export interface ScopeEnergy extends Percentiles {
  /** All coefficients nominal. */
  readonly nominal: number;
}

/** Microjoules of an inference in every scope over the draws of the board; null where it has none. */
export function energyByScope(
  subject: EnergySubject,
  board: Board,
): Readonly<Record<EnergyScope, ScopeEnergy | null>> {
  const energy = scopedEnergy(subject, board);
  const draws = coefficientDraws(board);
  const nominal = cornerDraw(board, 'nominal');
  const of = (scope: EnergyScope): ScopeEnergy | null =>
    scopeOf(board, scope) === null
      ? null
      : {
          nominal: energy(nominal, scope),
          ...percentilesOf(draws.map((draw) => energy(draw, scope))),
        };
  return { dynamic: of('dynamic'), device: of('device'), board: of('board') };
}
