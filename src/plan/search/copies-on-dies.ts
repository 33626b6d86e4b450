import type { Resources } from '../../ir/board.ts';
import { resourceKinds } from '../../ir/board.ts';

/**
 * Copies of the network that a device of several dies takes such that none lies on two of them: signals
 * from die to die are few and slow. A copy that is larger than a die has to be on several: then there is
 * no such bound (Infinity), and vendor tools divide it between two layers.
 */
export function copiesOnDies(perCopy: Resources, budget: Resources, dies: number): number {
  if (dies === 1) return Infinity;
  const perDie = Math.min(
    ...resourceKinds
      .filter((kind) => perCopy[kind] > 0)
      .map((kind) => Math.floor(budget[kind] / dies / perCopy[kind])),
  );
  return perDie === 0 ? Infinity : perDie * dies;
}
