import { present } from '../../base/invariant.ts';
import type { AnswerPlan } from '../../ir/plan.ts';
import { unknownCycle, type Sink } from './cycle.ts';

/** The answers of a copy, a whole one of each in turn. */
export class AnswerMerge {
  readonly #beats: readonly number[];
  readonly #output: Sink;
  #turn = 0;
  #beatsLeft: number;

  constructor(answers: readonly AnswerPlan[], output: Sink) {
    this.#beats = answers.map(({ height, width, beatsPerSite }) => height * width * beatsPerSite);
    this.#output = output;
    this.#beatsLeft = present(this.#beats[0], 'a network has an answer');
  }

  /** Where an answer goes. */
  sink(answer: number): Sink {
    return { take: (valid) => this.#take(answer, valid) };
  }

  #take(answer: number, valid: number): number {
    if (answer !== this.#turn) return unknownCycle;
    const cycle = this.#output.take(valid);
    if (cycle === unknownCycle) return cycle;
    this.#beatsLeft -= 1;
    if (this.#beatsLeft === 0) {
      this.#turn = (this.#turn + 1) % this.#beats.length;
      this.#beatsLeft = present(this.#beats[this.#turn], 'an answer');
    }
    return cycle;
  }
}
