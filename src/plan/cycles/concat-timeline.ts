import { present } from '../../base/invariant.ts';
import type { ConcatLayerPlan, StreamPlan } from '../../ir/plan.ts';
import { always, at, unknownCycle, type Sink } from './cycle.ts';
import { DirectInput } from './join-input.ts';
import type { LayerFlow, LayerWork } from './layer-timeline.ts';
import { Slice } from './slice.ts';

/**
 * `join_concat`: whole sites of the inputs in turn, moved up into full beats. A beat is taken while
 * the output register is free.
 */
export class ConcatTimeline implements LayerFlow {
  readonly sinks: readonly Sink[];
  readonly engines = [];
  readonly firstTaken: Float64Array;
  readonly lastGiven: Float64Array;

  readonly #inputs: readonly DirectInput[];
  readonly #tokensOfSite: readonly ((site: number) => number)[];
  readonly #width: number;
  readonly #sites: number;
  readonly #sitesOfInference: number;
  readonly #slice: Slice;
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
  /** Sites whose end is in the register, and the one that is. */
  #ends = false;
  #sitesGiven = 0;

  constructor(layer: ConcatLayerPlan, work: LayerWork, sink: Sink) {
    const { output } = layer;
    this.#width = output.tokensPerBeat;
    this.#sitesOfInference = output.height * output.width;
    this.#sites = work.inferences * this.#sitesOfInference;
    this.firstTaken = new Float64Array(work.inferences).fill(unknownCycle);
    this.lastGiven = new Float64Array(work.inferences).fill(unknownCycle);
    this.#inputs = layer.inputStreams.map(() => new DirectInput(() => void this.advance()));
    this.sinks = this.#inputs;
    this.#tokensOfSite = layer.inputStreams.map((stream, input) =>
      tokensOf(stream, work.inputTokens[input] ?? new Uint16Array(0)),
    );
    this.#slice = new Slice(sink);
  }

  advance(): boolean {
    let progress = this.#slice.flush();
    for (;;) {
      let moved = this.#give();
      if (this.#flush()) moved = true;
      if (this.#take()) moved = true;
      if (!moved) return progress;
      progress = true;
    }
  }

  /** The beat in the register goes to the slice. */
  #give(): boolean {
    if (this.#given !== unknownCycle) return false;
    const cycle = Math.max(this.#valid, this.#slice.roomFrom());
    if (cycle === unknownCycle) return false;
    this.#given = cycle;
    this.#slice.push(cycle);
    if (!this.#ends) return true;
    this.#sitesGiven += 1;
    if (this.#sitesGiven % this.#sitesOfInference === 0) {
      this.lastGiven[this.#sitesGiven / this.#sitesOfInference - 1] = cycle;
    }
    return true;
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
    const input = present(this.#inputs[this.#turn], 'an input');
    const offered = Math.max(input.offered(), this.#lastTake + 1);
    const cycle = offered <= this.#flushed ? this.#flushed : Math.max(offered, this.#given);
    if (cycle === unknownCycle) return false;
    if (this.#turn === 0 && this.#left < 0 && this.#site % this.#sitesOfInference === 0) {
      this.firstTaken[this.#site / this.#sitesOfInference] = cycle;
    }
    if (this.#left < 0)
      this.#left = present(this.#tokensOfSite[this.#turn], 'an input')(this.#site);
    this.#lastTake = cycle;
    const count = Math.min(this.#left, this.#width);
    this.#left -= count;
    const last = this.#left === 0;
    const end = last && this.#turn === this.#inputs.length - 1;
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

/** Tokens of every site of an input; of a dense stream all its channels. */
function tokensOf(stream: StreamPlan, tokens: Uint16Array): (site: number) => number {
  return stream.kind === 'dense' ? () => stream.channels : (site) => at(tokens, site);
}
