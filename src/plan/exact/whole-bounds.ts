import { resourceKinds } from '../../ir/board.ts';
import type { Resources } from '../../ir/board.ts';
import { add, nothing } from '../resources/share.ts';
import type { Goal } from './goal.ts';
import type { Cost } from './pareto-front.ts';

/** Intervals that are told apart: a geometric series from the shortest one, and all longer ones. */
const steps = 48;
const stepFactor = 1.15;

/**
 * What the layers of a network take at least, by the interval of the whole: the shorter it is, the larger all of
 * them are. Tells whether some layers can be part of a better design than there is.
 */
export class WholeBounds {
  readonly #goal: Goal;
  /** Ends of the ranges of intervals, ascending. */
  readonly #ends: readonly number[];
  /** By layer and range: the least of each resource; null where no folding is as fast. */
  readonly #least: (Resources | null)[][];

  /** `shortest`: cycles that no design goes below. */
  constructor(goal: Goal, shortest: number, layers: number) {
    this.#goal = goal;
    this.#ends = [
      ...Array.from({ length: steps }, (_, step) => shortest * stepFactor ** step),
      Infinity,
    ];
    this.#least = Array.from({ length: layers }, () => this.#ends.map(() => nothing));
  }

  /** Notes all foldings of a layer that come into question, or less than each of them takes. */
  restrict(layer: number, foldings: readonly Cost[]): void {
    this.#least[layer] = this.#ends.map((end) => {
      let least: Resources | null = null;
      for (const { interval, resources } of foldings) {
        if (interval <= end) least = least === null ? resources : lesser(least, resources);
      }
      return least;
    });
  }

  /** Whether layers `first` to `last` can be part of a better design if they take at least so much. */
  promising(first: number, last: number): (atLeast: Cost) => boolean {
    const ranges = this.#ranges(first, last);
    return ({ interval, resources }) =>
      ranges.some(({ begin, end, beside }) => {
        if (end < interval) return false;
        const whole = { interval: Math.max(begin, interval), resources: add(resources, beside) };
        return this.#goal.isBetter(this.#goal.score(whole, this.#begin(0)));
      });
  }

  /** Cycles that no better design goes below; infinite where there is none. */
  get shortest(): number {
    const [first] = this.#ranges(0, -1);
    return first?.begin ?? Infinity;
  }

  #begin(range: number): number {
    return this.#ends[Math.max(0, range - 1)] ?? 0;
  }

  /** The ranges in which there can be a better design, with what all other layers take. */
  #ranges(
    first: number,
    last: number,
  ): readonly { readonly begin: number; readonly end: number; readonly beside: Resources }[] {
    return this.#ends.flatMap((end, range) => {
      let whole = nothing;
      let beside = nothing;
      for (const [layer, ofRanges] of this.#least.entries()) {
        const least = ofRanges[range] ?? null;
        if (least === null) return [];
        whole = add(whole, least);
        if (layer < first || layer > last) beside = add(beside, least);
      }
      const begin = this.#begin(range);
      const score = this.#goal.score({ interval: begin, resources: whole }, this.#begin(0));
      return this.#goal.isBetter(score) ? [{ begin, end, beside }] : [];
    });
  }
}

/** The lesser of each. */
function lesser(left: Resources, right: Resources): Resources {
  const less = { ...left };
  for (const kind of resourceKinds) less[kind] = Math.min(left[kind], right[kind]);
  return less;
}
