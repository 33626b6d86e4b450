import type { Board } from '../ir/board.ts';
import type { EnergyQuantity } from './coefficient-draws.ts';
import { drawBy, energyQuantities, quantityBracket } from './coefficient-draws.ts';
import type { CoefficientDraw } from './energy-units.ts';

/** What a result is when one quantity alone is at the ends of its bracket, all others nominal. */
export interface Swing {
  readonly quantity: EnergyQuantity;
  readonly low: number;
  readonly high: number;
}

/** Changes below this share are no answer to what a result hangs on. */
const smallestSwing = 1e-3;

/**
 * What a result hangs on: one quantity at a time from low to high, the others nominal; the largest
 * change, as a factor, first. Quantities that change it by less than a thousandth are left out.
 */
export function sensitivity(
  board: Board,
  result: (draw: CoefficientDraw) => number,
): readonly Swing[] {
  const at = (quantity: EnergyQuantity, corner: 'low' | 'high'): number =>
    result(drawBy(board, (bracket, name) => bracket[name === quantity ? corner : 'nominal']));
  return energyQuantities
    .filter((quantity) => quantityBracket(board, quantity) !== null)
    .map((quantity): Swing => ({ quantity, low: at(quantity, 'low'), high: at(quantity, 'high') }))
    .filter((swing) => factorOf(swing) > 1 + smallestSwing)
    .sort((one, other) => factorOf(other) - factorOf(one));
}

/** Of the larger end over the smaller one. */
export function factorOf({ low, high }: Swing): number {
  return Math.max(low, high) / Math.min(low, high);
}
