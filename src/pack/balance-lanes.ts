import { invariant } from '../base/invariant.ts';
import { seededRandom } from './seeded-random.ts';

/** What each input index costs a lane, and when. */
export interface LaneProblem {
  readonly lanes: number;
  /** Words by index: cycles a lane spends on it when it is active. */
  readonly words: Uint16Array;
  /** How often each index is active, 0 to 1; all alike when absent. */
  readonly activity?: Float64Array;
  /** Active indices of calibration inputs. Lanes are balanced on each of them when present. */
  readonly samples?: readonly Uint32Array[];
}

const swapsPerIndex = 100;
const mostSwaps = 100_000;

/**
 * A lane for each index such that lanes are busy equally long: the costliest index first,
 * each to the least loaded lane (of those to the one with fewest indices), by words x
 * activity. With samples, swaps then shorten the time of the slowest lane, summed over the
 * samples. Deterministic. Throws `InvariantError` when sizes disagree.
 */
export function balanceLanes(problem: LaneProblem): Uint16Array {
  const { lanes, words, activity } = problem;
  invariant(lanes >= 1 && lanes <= 0x10000, `balancing ${lanes} lanes`);
  invariant(
    activity === undefined || activity.length === words.length,
    `activity of ${activity?.length ?? 0} indices for ${words.length}`,
  );
  const laneOf = new Uint16Array(words.length);
  const load = new Float64Array(lanes);
  const held = new Uint32Array(lanes);
  Array.from(words, (count, index) => ({ index, cost: count * (activity?.[index] ?? 1) }))
    .sort((one, other) => other.cost - one.cost || one.index - other.index)
    .forEach(({ index, cost }) => {
      let best = 0;
      for (let lane = 1; lane < lanes; lane += 1) {
        const [less, than] = [load[lane] ?? 0, load[best] ?? 0];
        if (less < than || (less === than && (held[lane] ?? 0) < (held[best] ?? 0))) best = lane;
      }
      laneOf[index] = best;
      load[best] = (load[best] ?? 0) + cost;
      held[best] = (held[best] ?? 0) + 1;
    });
  return problem.samples === undefined ? laneOf : swapLanes(problem, laneOf, problem.samples);
}

/** Words of the slowest lane for one input, given its active indices. */
export function slowestLane(
  problem: Pick<LaneProblem, 'lanes' | 'words'>,
  laneOf: Uint16Array,
  active: Uint32Array,
): number {
  return laneLoads(problem, laneOf, active).reduce((most, load) => Math.max(most, load), 0);
}

function laneLoads(
  { lanes, words }: Pick<LaneProblem, 'lanes' | 'words'>,
  laneOf: Uint16Array,
  active: Uint32Array,
): Uint32Array {
  const loads = new Uint32Array(lanes);
  for (const index of active) {
    const lane = laneOf[index] ?? 0;
    loads[lane] = (loads[lane] ?? 0) + (words[index] ?? 0);
  }
  return loads;
}

function swapLanes(
  problem: LaneProblem,
  start: Uint16Array,
  samples: readonly Uint32Array[],
): Uint16Array {
  const { words } = problem;
  const laneOf = start.slice();
  const indices = words.length;
  if (indices < 2 || problem.lanes < 2) return laneOf;
  const loads = samples.map((active) => laneLoads(problem, laneOf, active));
  const slowest = Uint32Array.from(loads, (load) => Math.max(...load));
  const samplesOf: number[][] = Array.from({ length: indices }, () => []);
  for (const [sample, active] of samples.entries()) {
    for (const index of active) samplesOf[index]?.push(sample);
  }
  const shift = (index: number, from: number, to: number): void => {
    const count = words[index] ?? 0;
    for (const sample of samplesOf[index] ?? []) {
      const load = loads[sample];
      if (load === undefined) continue;
      load[from] = (load[from] ?? 0) - count;
      load[to] = (load[to] ?? 0) + count;
    }
  };
  const random = seededRandom(indices);
  for (let swap = Math.min(mostSwaps, indices * swapsPerIndex); swap > 0; swap -= 1) {
    const one = random(indices);
    const other = random(indices);
    const [oneLane, otherLane] = [laneOf[one] ?? 0, laneOf[other] ?? 0];
    if (oneLane === otherLane) continue;
    shift(one, oneLane, otherLane);
    shift(other, otherLane, oneLane);
    let change = 0;
    const touched = new Set([...(samplesOf[one] ?? []), ...(samplesOf[other] ?? [])]);
    for (const sample of touched) {
      change += Math.max(...(loads[sample] ?? [])) - (slowest[sample] ?? 0);
    }
    if (change > 0) {
      shift(one, otherLane, oneLane);
      shift(other, oneLane, otherLane);
      continue;
    }
    laneOf[one] = otherLane;
    laneOf[other] = oneLane;
    for (const sample of touched) slowest[sample] = Math.max(...(loads[sample] ?? []));
  }
  return laneOf;
}
