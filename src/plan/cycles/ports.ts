import type { InputPlan, Plan } from '../../ir/plan.ts';
import { always, at, unknownCycle, type Sink } from './cycle.ts';

/** The input buffer and splitter of a copy, in front of its first layer. */
export class CopyInput {
  readonly #input: InputPlan;
  readonly #sink: Sink;
  readonly #entered: Float64Array;
  readonly #left: Float64Array;
  #in = 0;
  #out = 0;
  #part = 0;
  #streamBeat = 0;

  constructor(input: InputPlan, inferences: number, sink: Sink) {
    this.#input = input;
    this.#sink = sink;
    this.#entered = new Float64Array(inferences * input.beatsPerInference);
    this.#left = new Float64Array(inferences * input.beatsPerInference);
  }

  /** The first cycle in which the buffer takes another beat. */
  roomFrom(): number {
    const oldest = this.#in - this.#input.fifoDepth;
    if (oldest < 0) return always;
    return oldest < this.#out ? at(this.#left, oldest) + 1 : unknownCycle;
  }

  push(cycle: number): void {
    this.#entered[this.#in] = cycle;
    this.#in += 1;
  }

  /** Gives the first layer what it takes; whether it took anything. */
  advance(): boolean {
    const { partsPerBeat, streamBeats } = this.#input;
    let progress = false;
    while (this.#out < this.#in) {
      const cycle = this.#sink.take(at(this.#entered, this.#out) + 1);
      if (cycle === unknownCycle) break;
      progress = true;
      this.#part += 1;
      this.#streamBeat += 1;
      const inferenceEnd = this.#streamBeat === streamBeats;
      if (inferenceEnd) this.#streamBeat = 0;
      if (inferenceEnd || this.#part === partsPerBeat) {
        this.#part = 0;
        this.#left[this.#out] = cycle;
        this.#out += 1;
      }
    }
    return progress;
  }
}

/** The input of the design: a slice, then whole inferences to the copies in turn. */
export class InputPort {
  /** Of every inference: the cycle in which its first beat is taken. */
  readonly starts: Float64Array;
  readonly #copies: readonly CopyInput[];
  readonly #beatsPerInference: number;
  readonly #beats: number;
  #beat = 0;
  #lastIn = -1;
  #lastOut = always;
  #secondLastOut = always;

  constructor(plan: Plan, inferences: number, copies: readonly CopyInput[]) {
    this.#copies = copies;
    this.#beatsPerInference = plan.input.beatsPerInference;
    this.#beats = inferences * this.#beatsPerInference;
    this.starts = new Float64Array(inferences);
  }

  /** Gives the copies what they take, input always offered; whether they took anything. */
  advance(): boolean {
    let progress = false;
    while (this.#beat < this.#beats) {
      const inference = Math.floor(this.#beat / this.#beatsPerInference);
      const copy = this.#copies[inference % this.#copies.length];
      const room = copy?.roomFrom() ?? unknownCycle;
      if (copy === undefined || room === unknownCycle) break;
      const taken = Math.max(this.#lastIn + 1, this.#secondLastOut + 1);
      const out = Math.max(taken + 1, this.#lastOut + 1, room);
      if (this.#beat % this.#beatsPerInference === 0) this.starts[inference] = taken;
      this.#lastIn = taken;
      this.#secondLastOut = this.#lastOut;
      this.#lastOut = out;
      this.#beat += 1;
      copy.push(out);
      progress = true;
    }
    return progress;
  }
}

/** The output of the design: the copies' answers in the order of the inferences, always taken. */
export class OutputPort {
  /** Of every inference: the cycle of its last beat at the output. */
  readonly completions: Float64Array;
  readonly #copies: number;
  readonly #beatsPerInference: number;
  #inference = 0;
  #beatsLeft: number;
  #lastBeat = always;

  constructor(plan: Plan, inferences: number) {
    this.completions = new Float64Array(inferences).fill(unknownCycle);
    this.#copies = plan.copies;
    this.#beatsPerInference = plan.output.beatsPerInference;
    this.#beatsLeft = this.#beatsPerInference;
  }

  /** Inferences that have left. */
  get completed(): number {
    return this.#inference;
  }

  /** Where a copy sends its answers. */
  sink(copy: number): Sink {
    return { take: (valid) => this.#take(copy, valid) };
  }

  #take(copy: number, valid: number): number {
    if (this.#inference % this.#copies !== copy) return unknownCycle;
    const cycle = Math.max(valid, this.#lastBeat + 1);
    this.#lastBeat = cycle;
    this.#beatsLeft -= 1;
    if (this.#beatsLeft === 0) {
      // one more cycle for the slice behind the merge, whose output is always taken
      this.completions[this.#inference] = cycle + 1;
      this.#inference += 1;
      this.#beatsLeft = this.#beatsPerInference;
    }
    return cycle;
  }
}
