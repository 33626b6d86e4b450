import { present } from '../../base/invariant.ts';
import { always, unknownCycle } from './cycle.ts';
import type { JoinInput } from './join-input.ts';

/** What a concatenation joins. */
export interface ConcatSource {
  readonly input: JoinInput;
  /** Tokens (values) of every site, counted over all inferences. */
  readonly tokensOfSite: (site: number) => number;
}

/**
 * `join_concat` with its output register: whole sites of the inputs in turn, moved up into full
 * beats. A beat is taken while the output register is free.
 */
export class SiteConcat implements JoinInput {
  readonly #sources: readonly ConcatSource[];
  readonly #width: number;
  readonly #sites: number;
  readonly #begins: (site: number, cycle: number) => void;
  #site = 0;
  #turn = 0;
  /** Tokens of the site of the input whose turn it is that have not come. */
  #left = -1;
  /** Tokens gathered that fill no beat yet. */
  #held = 0;
  #lastTake = always;
  /** The newest beat in the output register: from when it is valid; when it is given. */
  #valid = always;
  #given = always;
  /** Tokens that end a site are left over, to follow the beat in the register. */
  #flushes = false;
  /** When they last went to the register: in that cycle a beat can be taken as well. */
  #flushed = always;
  /** The beat in the register ends a site. */
  #ends = false;

  /**
   * @param width tokens (values) a beat
   * @param begins is told when the first beat of a site is taken
   */
  constructor(
    sources: readonly ConcatSource[],
    width: number,
    sites: number,
    begins: (site: number, cycle: number) => void = () => undefined,
  ) {
    this.#sources = sources;
    this.#width = width;
    this.#sites = sites;
    this.#begins = begins;
  }

  /** Whether the beat in the register is the last one of a site. */
  get ends(): boolean {
    return this.#ends;
  }

  /** The first cycle in which the beat in the register is offered. */
  offered(): number {
    return this.#given === unknownCycle ? this.#valid : unknownCycle;
  }

  taken(cycle: number): void {
    this.#given = cycle;
  }

  /** Takes what is known to be taken; whether that was anything. */
  advance(): boolean {
    let progress = false;
    for (;;) {
      const flushed = this.#flush();
      if (!this.#take() && !flushed) return progress;
      progress = true;
    }
  }

  #fillRegister(cycle: number, ends: boolean): void {
    this.#valid = cycle + 1;
    this.#given = unknownCycle;
    this.#ends = ends;
  }

  /** What is left over of a site follows as soon as the register is free. */
  #flush(): boolean {
    if (!this.#flushes || this.#given === unknownCycle) return false;
    this.#flushes = false;
    this.#flushed = this.#given;
    this.#fillRegister(this.#flushed, true);
    return true;
  }

  #take(): boolean {
    if (this.#flushes || this.#site === this.#sites) return false;
    const { input, tokensOfSite } = present(this.#sources[this.#turn], 'an input');
    const offered = Math.max(input.offered(), this.#lastTake + 1);
    const cycle = offered <= this.#flushed ? this.#flushed : Math.max(offered, this.#given);
    if (cycle === unknownCycle) return false;
    if (this.#left < 0) {
      if (this.#turn === 0) this.#begins(this.#site, cycle);
      this.#left = tokensOfSite(this.#site);
    }
    this.#lastTake = cycle;
    const count = Math.min(this.#left, this.#width);
    this.#left -= count;
    const last = this.#left === 0;
    const end = last && this.#turn === this.#sources.length - 1;
    this.#gather(cycle, count, end);
    if (last) this.#endOfInput(end);
    input.taken(cycle);
    return true;
  }

  #gather(cycle: number, count: number, end: boolean): void {
    const total = this.#held + count;
    const full = total > this.#width;
    this.#held = full ? total - this.#width : end ? 0 : total;
    if (!full && !end) return;
    this.#flushes = full && end;
    if (this.#flushes) this.#held = 0;
    this.#fillRegister(cycle, end && !full);
  }

  #endOfInput(end: boolean): void {
    this.#left = -1;
    this.#turn = end ? 0 : this.#turn + 1;
    if (end) this.#site += 1;
  }
}
