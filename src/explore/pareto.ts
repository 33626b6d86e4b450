import { present } from '../base/invariant.ts';

/** Losses: the smaller the better in each. */
export type Losses = readonly number[];

/** Nowhere worse and somewhere better. */
export function dominates(one: Losses, other: Losses): boolean {
  let better = false;
  for (const [index, loss] of one.entries()) {
    const against = present(other[index], 'a loss');
    if (loss > against) return false;
    if (loss < against) better = true;
  }
  return better;
}

/**
 * The front each belongs to, 0 the first: what nothing else dominates; then what only those dominate,
 * and so on (non-dominated sorting, Deb and others 2002). Equal losses share a front.
 */
export function frontNumbers(all: readonly Losses[]): readonly number[] {
  const dominatedBy = all.map((one) => all.filter((other) => dominates(other, one)).length);
  const fronts = all.map(() => -1);
  for (let front = 0, left = all.length; left > 0; front += 1) {
    const members = dominatedBy.flatMap((count, index) =>
      count === 0 && fronts[index] === -1 ? [index] : [],
    );
    left -= members.length;
    for (const member of members) fronts[member] = front;
    for (const [index, one] of all.entries()) {
      if (fronts[index] !== -1) continue;
      const gone = members.filter((member) => dominates(present(all[member], 'one'), one)).length;
      dominatedBy[index] = present(dominatedBy[index], 'a count') - gone;
    }
  }
  return fronts;
}

/** Indices of what nothing else dominates; of equal ones the first. */
export function frontIndices(all: readonly Losses[]): readonly number[] {
  return all.flatMap((one, index) =>
    all.some(
      (other, at) =>
        dominates(other, one) || (at < index && other.every((loss, axis) => loss === one[axis])),
    )
      ? []
      : [index],
  );
}

/**
 * How lonely each is on its front: the sum over the losses of the distance between its neighbours,
 * each as a share of the front's extent; the ends of the front are infinitely lonely (crowding
 * distance, Deb and others 2002).
 */
export function crowdingDistances(front: readonly Losses[]): readonly number[] {
  const distances = front.map(() => 0);
  for (let axis = 0; axis < (front[0]?.length ?? 0); axis += 1) {
    const at = (index: number): number => present(front[index]?.[axis], 'a loss');
    const order = front.map((_, index) => index).sort((a, b) => at(a) - at(b) || a - b);
    const first = present(order[0], 'one');
    const last = present(order[order.length - 1], 'one');
    const extent = at(last) - at(first);
    if (extent === 0) continue;
    for (const [place, index] of order.entries()) {
      const before = order[place - 1];
      const after = order[place + 1];
      const gap = before === undefined || after === undefined ? Infinity : at(after) - at(before);
      distances[index] = present(distances[index], 'a distance') + gap / extent;
    }
  }
  return distances;
}

/**
 * Volume of what the losses dominate, up to a point of reference that is worse than all of interest;
 * losses beyond it add nothing. Exact, by slicing along the last axis: for the few objectives and
 * few hundred points of a front.
 */
export function hypervolume(all: readonly Losses[], reference: Losses): number {
  const inside = all.filter((one) =>
    one.every((loss, axis) => loss < present(reference[axis], 'an axis')),
  );
  const front = frontIndices(inside).map((index) => present(inside[index], 'one'));
  return sliced(front, reference);
}

function sliced(front: readonly Losses[], reference: Losses): number {
  if (front.length === 0) return 0;
  const axis = reference.length - 1;
  const end = present(reference[axis], 'an axis');
  if (axis === 0) return end - Math.min(...front.map((one) => present(one[0], 'a loss')));
  const sorted = [...front].sort((a, b) => present(a[axis], 'a') - present(b[axis], 'b'));
  let volume = 0;
  for (const [index, one] of sorted.entries()) {
    const from = present(one[axis], 'a loss');
    const to = sorted[index + 1]?.[axis] ?? end;
    if (to === from) continue;
    const below = sorted.slice(0, index + 1).map((each) => each.slice(0, axis));
    const flat = frontIndices(below).map((at) => present(below[at], 'one'));
    volume += (to - from) * sliced(flat, reference.slice(0, axis));
  }
  return volume;
}
