import type { Board } from '../ir/board.ts';
import { coefficientDraws, cornerDraw, percentilesOf } from './coefficient-draws.ts';
import type { EnergyScope, EnergySubject, ScopeEnergy } from './energy-scopes.ts';
import type { CoefficientDraw } from './energy-units.ts';
import { scopedEnergy, scopeOf } from './energy-scopes.ts';

/**
 * How much more energy `a` takes per inference than `b` on the same board, in a scope; null where the
 * board does not have it. Each draw gives both designs the same coefficients, so what is uncertain but
 * common to both cancels. Deterministic.
 */
export function energyRatio(
  a: EnergySubject,
  b: EnergySubject,
  board: Board,
  scope: EnergyScope = 'device',
  draws: readonly CoefficientDraw[] = coefficientDraws(board),
): ScopeEnergy | null {
  if (scopeOf(board, scope) === null) return null;
  const energyA = scopedEnergy(a, board);
  const energyB = scopedEnergy(b, board);
  const nominal = cornerDraw(board, 'nominal');
  return {
    nominal: energyA(nominal, scope) / energyB(nominal, scope),
    ...percentilesOf(draws.map((draw) => energyA(draw, scope) / energyB(draw, scope))),
  };
}
