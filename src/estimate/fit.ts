import type { Board, ResourceKind, Resources } from '../ir/board.ts';
import { resourceKinds, usableResources } from '../ir/board.ts';

export interface Fit {
  readonly fits: boolean;
  /** The resource most exceeded and used / usable; null when all fit. */
  readonly exceeded: { readonly resource: ResourceKind; readonly factor: number } | null;
}

/** Whether a design stays within what a board lets it use. */
export function fitOf(resources: Resources, board: Board): Fit {
  const usable = usableResources(board);
  let worst: { readonly resource: ResourceKind; readonly factor: number } | null = null;
  for (const resource of resourceKinds) {
    if (resources[resource] <= usable[resource]) continue;
    // A board that has none of it: as many times too much as is used.
    const factor = resources[resource] / Math.max(1, usable[resource]);
    if (worst === null || factor > worst.factor) worst = { resource, factor };
  }
  return { fits: worst === null, exceeded: worst };
}
