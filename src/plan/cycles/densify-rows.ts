import { ceilDivide } from '../../base/bits.ts';
import type { StreamPlan } from '../../ir/plan.ts';
import { always, at, unknownCycle, type Sink } from './cycle.ts';

/** Sites are numbered from 0; what is remembered of them lies at number mod 4. */
const ring = 3;

/** `densify` in front of a join: token beats in, rows of values out. */
export class DensifyRows implements Sink {
  readonly #beatsOfSite: (site: number) => number;
  readonly #sites: number;
  readonly #rows: number;
  /** Of a site: the first cycle in which its first row can be offered. */
  readonly #full = new Float64Array(4).fill(always);
  /** Of a site: when its last row but one is taken, and its last. */
  readonly #nearlyGiven = new Float64Array(4).fill(always);
  readonly #given = new Float64Array(4).fill(always);
  #filled = 0;
  #beatsLeft = 0;
  #lastBeat = always;
  #gone = 0;
  #row = 0;
  #lastRow = always;

  /** `tokens`: of every site in the order it arrives; `rows`: of a site that leaves. */
  constructor(stream: StreamPlan, tokens: Uint16Array, rows: number) {
    this.#beatsOfSite = (site) => Math.max(1, ceilDivide(at(tokens, site), stream.tokensPerBeat));
    this.#sites = tokens.length;
    this.#rows = rows;
  }

  /** When the half of a site is free again: its last row is in the output register. */
  #freed(site: number): number {
    if (this.#rows > 1) return at(this.#nearlyGiven, site & ring) + 1;
    return Math.max(at(this.#full, site & ring), at(this.#given, (site - 1) & ring) + 1);
  }

  take(valid: number): number {
    if (this.#filled === this.#sites) return unknownCycle;
    const first = this.#beatsLeft === 0;
    const room = first ? this.#freed(this.#filled - 2) : always;
    const cycle = Math.max(valid, this.#lastBeat + 1, room);
    if (cycle === unknownCycle) return cycle;
    if (first) this.#beatsLeft = this.#beatsOfSite(this.#filled);
    this.#lastBeat = cycle;
    this.#beatsLeft -= 1;
    if (this.#beatsLeft === 0) {
      const place = this.#filled & ring;
      this.#full[place] = cycle + 2;
      this.#nearlyGiven[place] = unknownCycle;
      this.#given[place] = unknownCycle;
      this.#filled += 1;
    }
    return cycle;
  }

  /** The first cycle in which the next row is offered. */
  offered(): number {
    if (this.#gone === this.#filled) return unknownCycle;
    return Math.max(
      this.#row === 0 ? at(this.#full, this.#gone & ring) : always,
      this.#lastRow + 1,
    );
  }

  /** The next row is taken. */
  taken(cycle: number): void {
    this.#lastRow = cycle;
    this.#row += 1;
    const place = this.#gone & ring;
    if (this.#row === this.#rows - 1) this.#nearlyGiven[place] = cycle;
    if (this.#row < this.#rows) return;
    this.#given[place] = cycle;
    this.#row = 0;
    this.#gone += 1;
  }
}
