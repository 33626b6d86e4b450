import { always, unknownCycle, type Sink } from './cycle.ts';

/** A `stream_register` in front of a sink: two words deep, latency 1. */
export class Slice {
  readonly #sink: Sink;
  /** Beats inside that leave in a cycle not known yet: the older one, the younger one. */
  #held = 0;
  #older = always;
  #younger = always;
  /** When the last beat left, and the one before, of those known. */
  #lastOut = always;
  #secondLastOut = always;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** The first cycle in which there is room for another beat: the last but one has left. */
  roomFrom(): number {
    if (this.#held === 2) return unknownCycle;
    return (this.#held === 1 ? this.#lastOut : this.#secondLastOut) + 1;
  }

  /** A beat enters in `cycle`. */
  push(cycle: number): void {
    if (this.#held === 0) this.#older = cycle;
    else this.#younger = cycle;
    this.#held += 1;
    this.flush();
  }

  /** Passes on what the sink takes; whether it took anything. */
  flush(): boolean {
    let progress = false;
    while (this.#held > 0) {
      const out = this.#sink.take(this.#older + 1);
      if (out === unknownCycle) break;
      this.#secondLastOut = this.#lastOut;
      this.#lastOut = out;
      this.#older = this.#younger;
      this.#held -= 1;
      progress = true;
    }
    return progress;
  }
}
