import { always, at, unknownCycle, type Sink } from './cycle.ts';

/** `token_fifo` or `block_fifo`: so many beats between a stream and its sink. */
export class Fifo implements Sink {
  readonly #depth: number;
  readonly #latency: number;
  readonly #sink: Sink;
  /** Of the last beats by number mod depth: when they entered, and when they left. */
  readonly #entered: Float64Array;
  readonly #left: Float64Array;
  #in = 0;
  #out = 0;
  #lastIn = always;

  constructor(depth: number, latency: number, sink: Sink) {
    this.#depth = depth;
    this.#latency = latency;
    this.#sink = sink;
    this.#entered = new Float64Array(depth);
    this.#left = new Float64Array(depth).fill(always);
  }

  take(valid: number): number {
    // full: it takes no beat in the cycle in which it gives one
    if (this.#in - this.#out === this.#depth) return unknownCycle;
    const place = this.#in % this.#depth;
    const cycle = Math.max(valid, this.#lastIn + 1, at(this.#left, place) + 1);
    this.#entered[place] = cycle;
    this.#lastIn = cycle;
    this.#in += 1;
    return cycle;
  }

  /** Passes on what the sink takes; whether it took anything. */
  advance(): boolean {
    const before = this.#out;
    while (this.#out < this.#in) {
      const place = this.#out % this.#depth;
      const cycle = this.#sink.take(at(this.#entered, place) + this.#latency);
      if (cycle === unknownCycle) break;
      this.#left[place] = cycle;
      this.#out += 1;
    }
    return this.#out > before;
  }
}
