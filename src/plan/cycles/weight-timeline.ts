import { invariant, present } from '../../base/invariant.ts';
import type { WeightStreamPlan } from '../../ir/plan.ts';
import { always, at } from './cycle.ts';

/** A window that waits for its weights. */
export interface WeightRequest {
  readonly section: number;
  /** The first cycle in which its engine takes a word. */
  readonly ready: number;
  /** The cycle of its last step; null while it is not known. */
  end: number | null;
}

/** Cycles from a beat taken by `block_fifo` until it can be given. */
const fifoLatency = 2;

/**
 * `weight_stream` and the memory in front of it. Words are given in order, each as soon as it is
 * complete and some engine wants words; an engine takes every word of its layer that is given while it
 * is ready.
 *
 * Who is ready depends on what is not known yet. But nothing that is unknown, while all that is known
 * has been done, can happen before the end of the window that has been ready longest: so requests are
 * answered one at a time, that of the earliest one when nothing else moves.
 */
export class WeightTimeline {
  readonly #stream: WeightStreamPlan;
  readonly #pending: WeightRequest[] = [];
  readonly #sections: readonly Section[];
  readonly #wordsOfPeriod: number;
  /** By word mod length: the cycle in which it is given; of the last two periods. */
  readonly #given: Float64Array;
  /** Words given so far, and the first one of this run. */
  #words: number;
  readonly #firstWord: number;
  /** Some engine wants words, without a pause since words are given, up to this cycle. */
  #wantedUntil = always;
  /** The request that is answered, for the last one given. */
  #lastReady = always;

  // beats: how many have left the FIFO, and when the last ones did
  readonly #left: Float64Array;
  #beats = 0;
  #lastLeft = always;
  /** Of the memory: the last beat it gave, and its credit behind that, in `1 / cycles` of a beat. */
  #lastBeat: number;
  #credit = 0;

  /** `firstWord`: of a period, the one that is given first. */
  constructor(stream: WeightStreamPlan, resetCycle: number, firstWord = 0) {
    this.#stream = stream;
    let first = 0;
    this.#sections = stream.sections.map(({ words, beatsPerWord }) => {
      const section = { first, words, beatsPerWord };
      first += words;
      return section;
    });
    this.#wordsOfPeriod = first;
    this.#given = new Float64Array(2 * first + 16).fill(always);
    this.#words = firstWord;
    this.#firstWord = firstWord;
    this.#left = new Float64Array(stream.fifoDepth).fill(always);
    this.#lastBeat = resetCycle - 1;
  }

  /** Of a period, the word that is given next, once nobody wants any more. */
  get nextWord(): number {
    while (this.#lastReady > always && this.#complete() <= this.#wantedUntil) this.#give(always);
    return this.#words % this.#wordsOfPeriod;
  }

  /** Beats of the words given so far. */
  get beatsGiven(): number {
    const { beats } = this.#stream;
    return ((this.#words - this.#firstWord) / this.#wordsOfPeriod) * beats;
  }

  /** A window is ready for words from cycle `ready` on. */
  request(section: number, ready: number): WeightRequest {
    const request = { section, ready, end: null };
    this.#pending.push(request);
    return request;
  }

  /** Answers the earliest request, when nothing else is left to do; whether there was one. */
  settle(): boolean {
    if (this.#pending.length === 0) return false;
    let earliest = 0;
    this.#pending.forEach(({ ready }, index) => {
      if (ready < present(this.#pending[earliest], 'a request').ready) earliest = index;
    });
    const [request] = this.#pending.splice(earliest, 1);
    this.#answer(present(request, 'a request'));
    return true;
  }

  #answer(request: WeightRequest): void {
    const { ready } = request;
    invariant(ready >= this.#lastReady, 'windows are served in the order in which they are ready');
    this.#lastReady = ready;
    const section = present(this.#sections[request.section], 'a section');
    // a word given in cycle t is there in t + 1; wanted a cycle after an engine is ready
    const last = this.#lastOwn(section, this.#firstGivenFrom(ready - 1, ready + 1));
    while (this.#words <= last) this.#give(ready + 1);
    request.end = at(this.#given, last % this.#given.length) + 1;
    this.#wantedUntil = Math.max(this.#wantedUntil, request.end + 1);
  }

  /** The first word given in or after a cycle; words wanted anyway are given until then. */
  #firstGivenFrom(cycle: number, wanted: number): number {
    let word = this.#words;
    const oldest = Math.max(this.#firstWord, word - this.#given.length);
    while (word > oldest && at(this.#given, (word - 1) % this.#given.length) >= cycle) word -= 1;
    if (word < this.#words) return word;
    for (;;) {
      if (this.#give(wanted) >= cycle) return this.#words - 1;
    }
  }

  /** The word that completes all words of a section, counted from a word on. */
  #lastOwn({ first, words }: Section, from: number): number {
    const inPeriod = from % this.#wordsOfPeriod;
    const periods = (from - inPeriod) / this.#wordsOfPeriod;
    const before = periods * words + Math.min(Math.max(0, inPeriod - first), words);
    const last = before + words - 1;
    const rest = last % words;
    return ((last - rest) / words) * this.#wordsOfPeriod + first + rest;
  }

  /** Gives the next word: when it is complete and wanted, from `wanted` on if not before. */
  #give(wanted: number): number {
    const complete = this.#complete();
    const cycle = complete <= this.#wantedUntil ? complete : Math.max(complete, wanted);
    this.#given[this.#words % this.#given.length] = cycle;
    this.#words += 1;
    this.#completeFrom = null;
    return cycle;
  }

  #completeFrom: number | null = null;

  /** The first cycle in which the next word can be given. */
  #complete(): number {
    if (this.#completeFrom !== null) return this.#completeFrom;
    const before =
      this.#words === this.#firstWord
        ? always
        : at(this.#given, (this.#words - 1) % this.#given.length);
    const inPeriod = this.#words % this.#wordsOfPeriod;
    const section = this.#sections.findLast(({ first }) => first <= inPeriod);
    let left = before;
    for (let beat = present(section, 'a section').beatsPerWord; beat > 0; beat -= 1) {
      left = this.#leave(left);
    }
    this.#completeFrom = left + 1;
    return this.#completeFrom;
  }

  /** The cycle in which the next beat leaves the FIFO, from `ready` on. */
  #leave(ready: number): number {
    const place = this.#beats % this.#left.length;
    const { beats, cycles } = this.#stream.rate;
    const offered = this.#lastBeat + Math.max(1, Math.ceil((cycles - this.#credit) / beats));
    const taken = Math.max(offered, at(this.#left, place) + 1);
    // credit for two beats at most
    const credit = Math.min(this.#credit + beats * (taken - this.#lastBeat), 2 * cycles);
    this.#credit = credit - cycles;
    this.#lastBeat = taken;
    const left = Math.max(ready, taken + fifoLatency, this.#lastLeft + 1);
    this.#left[place] = left;
    this.#lastLeft = left;
    this.#beats += 1;
    return left;
  }
}

interface Section {
  /** Of a period. */
  readonly first: number;
  readonly words: number;
  readonly beatsPerWord: number;
}
