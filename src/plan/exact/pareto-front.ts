import { resourceKinds } from '../../ir/board.ts';
import type { Resources } from '../../ir/board.ts';

/** What a folding, or those of several layers together, take of time and of a board. */
export interface Cost {
  /** Cycles between two inferences. */
  readonly interval: number;
  readonly resources: Resources;
}

function comparison(left: Cost, right: Cost, shortest: number): number {
  let difference = Math.max(shortest, left.interval) - Math.max(shortest, right.interval);
  for (const kind of resourceKinds) {
    if (difference !== 0) return difference;
    difference = left.resources[kind] - right.resources[kind];
  }
  return difference === 0 ? left.interval - right.interval : difference;
}

function takesNoMore(left: Resources, right: Resources): boolean {
  return (
    left.lut <= right.lut &&
    left.ff <= right.ff &&
    left.dsp <= right.dsp &&
    left.bram36 <= right.bram36 &&
    left.uram <= right.uram
  );
}

/**
 * Those that no other one beats: for each that is missing, one takes no more time or resources. Times up
 * to `shortest` are all the same.
 */
export function paretoFront<Item extends Cost>(items: readonly Item[], shortest: number): Item[] {
  const front: Item[] = [];
  // in ascending order an item is beaten by an earlier one or by none
  for (const item of items.toSorted((left, right) => comparison(left, right, shortest))) {
    if (front.some(({ resources }) => takesNoMore(resources, item.resources))) continue;
    front.push(item);
  }
  return front;
}
