import type { KernelMasks } from './kernel-masks.ts';
import { levelSets } from './level-sets.ts';
import { searchSets, spreadKernels, type SetShape, type StepMeter } from './search-sets.ts';
import type { RandomBelow } from './seeded-random.ts';

type Sets = readonly (readonly number[])[];

/** What a search for few sets starts from. */
export interface FewestSetsOptions {
  readonly depth: number;
  readonly setSize: number;
  /** The first number of sets tried. */
  readonly guess: number;
  /**
   * Sets without collisions that are nearly complementary; their unions are then a better
   * start than an even spread. Null where the masks are not of that kind.
   */
  readonly disjoint: Sets | null;
  readonly meter: StepMeter;
  readonly random: RandomBelow;
}

/** Steps one attempt may take. */
const attemptSteps = 8_000_000;

/**
 * A partition of the kernels with non-zeros into as few sets as are found in which no set
 * has more than `depth` non-zeros at an index; null when the steps ran out first.
 */
export function findFewestSets(masks: KernelMasks, options: FewestSetsOptions): Sets | null {
  const { depth, setSize } = options;
  const kernels = masks.byKernel.filter((list) => list.length > 0).length;
  const least = Math.max(Math.ceil(masks.busiest / depth), Math.ceil(kernels / setSize));
  let sets = Math.max(least, options.guess);
  let found = attempt(masks, options, { sets, depth, setSize });
  let tooFew = least - 1;
  // Upwards until it works, in growing strides, then back down by halves.
  for (let stride = 1; found === null; stride *= 2) {
    if (options.meter.left <= 0 || sets >= kernels) return null;
    tooFew = sets;
    sets = Math.min(kernels, sets + Math.max(1, Math.round(stride * sets * 0.03)));
    found = attempt(masks, options, { sets, depth, setSize });
  }
  while (found.length - tooFew > 1) {
    // Below the guess in small strides: it is seldom far off.
    const middle =
      tooFew < least
        ? Math.max(least, found.length - Math.max(1, Math.round(found.length * 0.04)))
        : Math.floor((found.length + tooFew) / 2);
    const fewer = attempt(masks, options, { sets: middle, depth, setSize });
    if (fewer === null) tooFew = middle;
    else found = fewer;
  }
  return levelSets(masks, found, depth);
}

function attempt(masks: KernelMasks, options: FewestSetsOptions, shape: SetShape): Sets | null {
  const { disjoint, meter, random } = options;
  const steps = Math.min(attemptSteps, meter.left);
  if (steps <= 0) return null;
  const limited: StepMeter = { left: steps };
  const start =
    (disjoint === null ? null : mergeSets(disjoint, shape)) ?? spreadKernels(masks, shape, limited);
  const found = searchSets(masks, start, shape, { meter: limited, random });
  meter.left -= steps - limited.left;
  return found;
}

/**
 * Unions of sets, largest first into the smallest union; kernels of sets that no longer fit
 * whole go one by one where there is room. Null when there is no room.
 */
function mergeSets(disjoint: Sets, shape: SetShape): Sets | null {
  const unions = Array.from({ length: shape.sets }, () => ({ parts: 0, kernels: [] as number[] }));
  const bySize = [...disjoint].sort((one, other) => other.length - one.length);
  const single: number[] = [];
  for (const set of bySize) {
    let home = unions[0];
    for (const union of unions) {
      if (union.kernels.length < (home?.kernels.length ?? 0)) home = union;
    }
    if (
      home === undefined ||
      home.parts >= shape.depth ||
      home.kernels.length + set.length > shape.setSize
    ) {
      single.push(...set);
      continue;
    }
    home.parts += 1;
    home.kernels.push(...set);
  }
  for (const kernel of single) {
    let home = unions[0];
    for (const union of unions) {
      if (union.kernels.length < (home?.kernels.length ?? 0)) home = union;
    }
    if (home === undefined || home.kernels.length >= shape.setSize) return null;
    home.kernels.push(kernel);
  }
  return unions.map(({ kernels }) => kernels);
}
