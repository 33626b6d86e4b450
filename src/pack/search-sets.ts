import { invariant } from '../base/invariant.ts';
import type { KernelMasks } from './kernel-masks.ts';
import type { RandomBelow } from './seeded-random.ts';

/** The shape a partition is to have. */
export interface SetShape {
  /** Sets at most. */
  readonly sets: number;
  /** Non-zeros of a set at one index at most. */
  readonly depth: number;
  /** Kernels of a set at most. */
  readonly setSize: number;
}

/**
 * Counts down the elementary steps (mask entries looked at) that searches may take: a limit
 * on effort that is the same on every machine.
 */
export interface StepMeter {
  left: number;
}

/** Kernels of one set tried as swap partners in each step. */
const swapSamples = 3;

/** Steps without a new best after which a search has failed: per kernel, and at most. */
const patiencePerKernel = 20;
const patience = 2000;

const none = new Uint32Array(0);

/**
 * Rearranges a partition until no set has more than `depth` non-zeros at an index; null when
 * that is not reached with the steps left. `start` has the shape's `sets` and `setSize`.
 *
 * Tabu search on the number of non-zeros too many: a random one of them is picked, and a
 * kernel that owns it moves to another set, or changes places with a kernel of another set,
 * wherever that costs least. Kernels do not return to a set they have just left, so the
 * search walks out of local minima.
 */
export function searchSets(
  masks: KernelMasks,
  start: readonly (readonly number[])[],
  shape: SetShape,
  effort: { readonly meter: StepMeter; readonly random: RandomBelow },
): readonly (readonly number[])[] | null {
  const { outputs, indices, byKernel } = masks;
  const { sets, depth, setSize } = shape;
  const { meter, random } = effort;
  invariant(start.length <= sets, 'search starts with more sets than it may use');
  const members: number[][] = Array.from({ length: sets }, (_, set) => [...(start[set] ?? [])]);
  const setOf = new Int32Array(outputs).fill(-1);
  const counts = Array.from({ length: sets }, () => new Uint16Array(indices));
  const overfull: number[] = [];
  const overfullAt = new Int32Array(sets * indices).fill(-1);
  const tabuUntil = new Int32Array(outputs * sets);
  const inKernel = new Uint8Array(indices);
  let excess = 0;

  const add = (kernel: number, set: number): void => {
    const used = counts[set] ?? new Uint16Array(0);
    setOf[kernel] = set;
    const list = byKernel[kernel] ?? none;
    for (let at = 0; at < list.length; at += 1) {
      const index = list[at] ?? 0;
      const count = (used[index] ?? 0) + 1;
      used[index] = count;
      if (count <= depth) continue;
      excess += 1;
      const cell = set * indices + index;
      if ((overfullAt[cell] ?? -1) < 0) overfullAt[cell] = overfull.push(cell) - 1;
    }
  };
  const remove = (kernel: number): void => {
    const set = setOf[kernel] ?? -1;
    const used = counts[set] ?? new Uint16Array(0);
    const list = byKernel[kernel] ?? none;
    for (let next = 0; next < list.length; next += 1) {
      const index = list[next] ?? 0;
      const count = (used[index] ?? 0) - 1;
      used[index] = count;
      if (count < depth) continue;
      excess -= 1;
      if (count > depth) continue;
      const cell = set * indices + index;
      const at = overfullAt[cell] ?? -1;
      const last = overfull.pop() ?? -1;
      if (last !== cell) {
        overfull[at] = last;
        overfullAt[last] = at;
      }
      overfullAt[cell] = -1;
    }
  };
  const transfer = (kernel: number, to: number): void => {
    const from = members[setOf[kernel] ?? -1] ?? [];
    from.splice(from.indexOf(kernel), 1);
    remove(kernel);
    add(kernel, to);
    members[to]?.push(kernel);
  };

  for (const [set, kernels] of members.entries()) for (const kernel of kernels) add(kernel, set);

  const stepsToWait = Math.min(patience, patiencePerKernel * outputs);
  let lowest = excess;
  let lowestAt = 0;
  for (let step = 1; excess > 0; step += 1) {
    if (meter.left < 0 || step - lowestAt > stepsToWait) return null;
    const cell = overfull[random(overfull.length)] ?? 0;
    const from = Math.floor(cell / indices);
    const owners = (masks.byIndex[cell % indices] ?? none).filter(
      (kernel) => setOf[kernel] === from,
    );
    const kernel = owners[random(owners.length)] ?? -1;
    const list = byKernel[kernel] ?? none;
    const home = counts[from] ?? new Uint16Array(0);
    let gain = 0;
    for (let at = 0; at < list.length; at += 1) {
      const index = list[at] ?? 0;
      inKernel[index] = 1;
      if ((home[index] ?? 0) > depth) gain += 1;
    }
    let bestCost = Number.POSITIVE_INFINITY;
    let bestSet = -1;
    let bestMate = -1;
    let ties = 0;
    const offer = (cost: number, set: number, mate: number): void => {
      if (cost > bestCost) return;
      ties = cost < bestCost ? 1 : ties + 1;
      if (cost === bestCost && random(ties) !== 0) return;
      bestCost = cost;
      bestSet = set;
      bestMate = mate;
    };
    for (let set = 0; set < sets; set += 1) {
      if (set === from) continue;
      const there = counts[set] ?? new Uint16Array(0);
      const residents = members[set] ?? [];
      let loss = 0;
      for (let at = 0; at < list.length; at += 1)
        if ((there[list[at] ?? 0] ?? 0) >= depth) loss += 1;
      meter.left -= list.length + 1;
      const tabu = (tabuUntil[kernel * sets + set] ?? 0) > step;
      if (residents.length < setSize) {
        const cost = loss - gain;
        if (!tabu || excess + cost < lowest) offer(cost, set, -1);
      }
      for (let sample = 0; sample < swapSamples && residents.length > 0; sample += 1) {
        const mate = residents[random(residents.length)] ?? -1;
        const mateList = byKernel[mate] ?? none;
        let cost = loss - gain;
        for (let at = 0; at < mateList.length; at += 1) {
          const index = mateList[at] ?? 0;
          if (inKernel[index] === 1) {
            // Both use it: nothing changes here, so take back what the move counted.
            if ((there[index] ?? 0) >= depth) cost -= 1;
            if ((home[index] ?? 0) > depth) cost += 1;
          } else {
            if ((home[index] ?? 0) >= depth) cost += 1;
            if ((there[index] ?? 0) > depth) cost -= 1;
          }
        }
        meter.left -= mateList.length + 1;
        const mateTabu = tabu || (tabuUntil[mate * sets + from] ?? 0) > step;
        if (!mateTabu || excess + cost < lowest) offer(cost, set, mate);
      }
    }
    for (let at = 0; at < list.length; at += 1) inKernel[list[at] ?? 0] = 0;
    if (bestSet < 0) continue;
    const tenure = 5 + random(10) + Math.floor(overfull.length / 8);
    tabuUntil[kernel * sets + from] = step + tenure;
    transfer(kernel, bestSet);
    if (bestMate >= 0) {
      tabuUntil[bestMate * sets + bestSet] = step + tenure;
      transfer(bestMate, from);
    }
    if (excess < lowest) {
      lowest = excess;
      lowestAt = step;
    }
  }
  return members.filter((kernels) => kernels.length > 0);
}

/**
 * A start for `searchSets`: largest kernels first, each into the set where it adds the
 * fewest non-zeros too many, then the least crowding. Kernels without non-zeros are left out.
 */
export function spreadKernels(
  masks: KernelMasks,
  shape: SetShape,
  meter: StepMeter,
): readonly (readonly number[])[] {
  const { sets, depth, setSize } = shape;
  const members: number[][] = Array.from({ length: sets }, () => []);
  const counts = members.map(() => new Uint16Array(masks.indices));
  // The price of one more non-zero where there are already n: steep towards the depth.
  const price = Float64Array.from({ length: masks.outputs + 1 }, (_, count) =>
    count >= depth ? 1 + count - depth : 4 ** Math.max(-20, count - depth - 1),
  );
  const order = masks.byKernel
    .map((list, kernel) => ({ kernel, size: list.length }))
    .filter(({ size }) => size > 0)
    .sort((one, other) => other.size - one.size || one.kernel - other.kernel);
  for (const { kernel } of order) {
    const list = masks.byKernel[kernel] ?? none;
    let bestSet = -1;
    let bestCost = Number.POSITIVE_INFINITY;
    for (const [set, used] of counts.entries()) {
      const size = members[set]?.length ?? 0;
      if (size >= setSize) continue;
      // Among equals the smallest set, so that sets fill evenly.
      let cost = size * 1e-9;
      // prices are no less than 0: a set that is dearer already stays so
      for (let at = 0; at < list.length && cost < bestCost; at += 1) {
        cost += price[used[list[at] ?? 0] ?? 0] ?? 0;
      }
      if (cost >= bestCost) continue;
      bestCost = cost;
      bestSet = set;
    }
    meter.left -= (list.length + 1) * sets;
    const used = counts[bestSet];
    invariant(used !== undefined, `${sets} sets of ${setSize} cannot hold ${order.length} kernels`);
    members[bestSet]?.push(kernel);
    for (let at = 0; at < list.length; at += 1) {
      const index = list[at] ?? 0;
      used[index] = (used[index] ?? 0) + 1;
    }
  }
  return members;
}
