import { always, at, unknownCycle, type Sink } from './cycle.ts';

/** `stream_fork`: every beat to each of several sinks, each takes it when it can. */
export class Fork implements Sink {
  readonly #sinks: readonly Sink[];
  /** Of the beat offered: when each sink takes it, as far as is known. */
  readonly #taken: Float64Array;
  #lastBeat = always;

  constructor(sinks: readonly Sink[]) {
    this.#sinks = sinks;
    this.#taken = new Float64Array(sinks.length).fill(unknownCycle);
  }

  take(valid: number): number {
    const offered = Math.max(valid, this.#lastBeat + 1);
    let cycle = always;
    this.#sinks.forEach((sink, port) => {
      if (at(this.#taken, port) === unknownCycle) this.#taken[port] = sink.take(offered);
      cycle = Math.max(cycle, at(this.#taken, port));
    });
    if (cycle === unknownCycle) return cycle;
    this.#taken.fill(unknownCycle);
    this.#lastBeat = cycle;
    return cycle;
  }
}
