import { resourceKinds } from '../../src/ir/board.ts';
import type { Resources } from '../../src/ir/board.ts';

/** What a folding, or several of them together, takes of time and of a board. */
export interface Cost {
  /** Cycles between two inferences. */
  readonly interval: number;
  readonly resources: Resources;
}

/** Whether the left one takes no more of anything. */
function noWorse(left: Cost, right: Cost): boolean {
  if (left.interval > right.interval) return false;
  for (const kind of resourceKinds) {
    if (left.resources[kind] > right.resources[kind]) return false;
  }
  return true;
}

function ascending(left: Cost, right: Cost): number {
  let difference = left.interval - right.interval;
  for (const kind of resourceKinds) {
    if (difference !== 0) return difference;
    difference = left.resources[kind] - right.resources[kind];
  }
  return difference;
}

/** Those that no other one beats: for each that is missing, one takes no more of anything. */
export function paretoFront<Item extends Cost>(items: readonly Item[]): readonly Item[] {
  const front: Item[] = [];
  // in ascending order, only an earlier one can beat a later one
  for (const item of items.toSorted(ascending)) {
    const at = front.findIndex((kept) => noWorse(kept, item));
    if (at < 0) {
      front.push(item);
      continue;
    }
    // what beat one is likely to beat the next
    const [kept] = front.splice(at, 1);
    if (kept !== undefined) front.unshift(kept);
  }
  return front;
}
