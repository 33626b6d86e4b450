import { at, unknownCycle, type Sink } from './cycle.ts';

/** What a join sees of one of its inputs: beats (rows) in order. */
export interface JoinInput {
  /** The first cycle in which the next one is offered. */
  offered(): number;
  /** The next one is taken. */
  taken(cycle: number): void;
}

/**
 * An input that is taken in the cycle in which all inputs have something: whoever gives the beat
 * learns about it when it asks again.
 */
export class DirectInput implements JoinInput, Sink {
  readonly #settle: () => void;
  #offer = unknownCycle;
  /** Beats offered and taken of which the giver knows. */
  #known = 0;
  #taken = 0;
  readonly #cycles = new Float64Array(2);

  /** `settle` joins what can be joined. */
  constructor(settle: () => void) {
    this.#settle = settle;
  }

  take(valid: number): number {
    if (this.#known === this.#taken) {
      this.#offer = valid;
      this.#settle();
    }
    if (this.#known === this.#taken) return unknownCycle;
    const cycle = at(this.#cycles, this.#known & 1);
    this.#known += 1;
    return cycle;
  }

  offered(): number {
    return this.#offer;
  }

  taken(cycle: number): void {
    this.#cycles[this.#taken & 1] = cycle;
    this.#taken += 1;
    this.#offer = unknownCycle;
  }
}
