import { ceilDivide } from '../../base/bits.ts';
import type { AddLayerPlan, StreamPlan } from '../../ir/plan.ts';
import { always, at, unknownCycle, type Sink } from './cycle.ts';
import { DensifyRows } from './densify-rows.ts';
import { DirectInput, type JoinInput } from './join-input.ts';
import type { LayerFlow, LayerWork } from './layer-timeline.ts';
import { Slice } from './slice.ts';

/** Rows that fit inside `join_add` before a dense output. */
const rowsInside = 4;
/** Cycles from the last row of a site taken to its first token beat offered. */
const tokenLatency = 8;

/** Rows and sites are numbered from 0; what is remembered of them lies at number mod 32. */
const ring = 31;

/** `join_add`: rows of both inputs are taken together, four stages and a tail behind. */
export class AddTimeline implements LayerFlow {
  readonly sinks: readonly Sink[];
  readonly engines = [];
  readonly firstTaken: Float64Array;
  readonly lastGiven: Float64Array;

  readonly #inputs: readonly JoinInput[];
  readonly #output: DenseRows | TokenSites;
  readonly #rows: number;
  readonly #rowsOfInference: number;
  #row = 0;
  #lastRow = always;

  constructor(layer: AddLayerPlan, work: LayerWork, sink: Sink) {
    const { output, choice, outputChannels } = layer;
    const sites = output.height * output.width;
    this.#rows = ceilDivide(outputChannels, choice.width);
    this.#rowsOfInference = sites * this.#rows;
    this.firstTaken = new Float64Array(work.inferences).fill(unknownCycle);
    this.lastGiven = new Float64Array(work.inferences).fill(unknownCycle);
    const inputs = layer.inputStreams.map((stream, input) => {
      return this.#input(stream, work.inputTokens[input] ?? new Uint16Array(0));
    });
    this.sinks = inputs;
    this.#inputs = inputs;
    const given = (site: number, cycle: number): void => {
      if ((site + 1) % sites === 0) this.lastGiven[(site + 1) / sites - 1] = cycle;
    };
    const slice = new Slice(sink);
    this.#output =
      output.kind === 'dense'
        ? new DenseRows(this.#rows, slice, given)
        : new TokenSites(this.#rows, output.tokensPerBeat, work.outputTokens, slice, given);
  }

  #input(stream: StreamPlan, tokens: Uint16Array): JoinInput & Sink {
    return stream.kind === 'dense'
      ? new DirectInput(() => this.#join())
      : new DensifyRows(stream, tokens, this.#rows);
  }

  advance(): boolean {
    let progress = false;
    for (;;) {
      let moved = this.#join();
      if (this.#output.advance()) moved = true;
      if (!moved) return progress;
      progress = true;
    }
  }

  /** Takes rows of both inputs as far as is known; whether it took any. */
  #join(): boolean {
    const before = this.#row;
    for (;;) {
      const inSite = this.#row % this.#rows;
      let cycle = Math.max(this.#lastRow + 1, this.#output.roomFrom(inSite === 0));
      for (const input of this.#inputs) cycle = Math.max(cycle, input.offered());
      if (cycle === unknownCycle) return this.#row > before;
      if (this.#row % this.#rowsOfInference === 0) {
        this.firstTaken[this.#row / this.#rowsOfInference] = cycle;
      }
      this.#lastRow = cycle;
      this.#row += 1;
      for (const input of this.#inputs) input.taken(cycle);
      this.#output.push(cycle, inSite === this.#rows - 1);
    }
  }
}

/** A dense output: rows leave as they came, the stages stand still where they cannot. */
class DenseRows {
  readonly #rows: number;
  readonly #slice: Slice;
  readonly #given: (site: number, cycle: number) => void;
  readonly #joined = new Float64Array(ring + 1);
  readonly #gone = new Float64Array(ring + 1).fill(always);
  #in = 0;
  #out = 0;

  constructor(rows: number, slice: Slice, given: (site: number, cycle: number) => void) {
    this.#rows = rows;
    this.#slice = slice;
    this.#given = given;
  }

  /** The first cycle in which another row can be taken. */
  roomFrom(_first: boolean): number {
    return at(this.#gone, (this.#in - rowsInside) & ring);
  }

  push(cycle: number, _last: boolean): void {
    this.#joined[this.#in & ring] = cycle;
    this.#gone[this.#in & ring] = unknownCycle;
    this.#in += 1;
  }

  advance(): boolean {
    let progress = this.#slice.flush();
    while (this.#out < this.#in) {
      const offered = Math.max(
        at(this.#joined, this.#out & ring) + rowsInside,
        at(this.#gone, (this.#out - 1) & ring) + 1,
      );
      const cycle = Math.max(offered, this.#slice.roomFrom());
      if (cycle === unknownCycle) break;
      this.#gone[this.#out & ring] = cycle;
      this.#out += 1;
      this.#slice.push(cycle);
      if (this.#out % this.#rows === 0) this.#given(this.#out / this.#rows - 1, cycle);
      progress = true;
    }
    return progress;
  }
}

/** A token output: a `relu_pack` with room for whole sites. */
class TokenSites {
  readonly #buffers: number;
  readonly #beatsOfSite: (site: number) => number;
  readonly #slice: Slice;
  readonly #given: (site: number, cycle: number) => void;
  readonly #full = new Float64Array(ring + 1);
  readonly #gone = new Float64Array(ring + 1).fill(always);
  /** Sites begun to be taken, taken whole, given out. */
  #begun = 0;
  #whole = 0;
  #out = 0;
  #beatsLeft = 0;
  #lastBeat = always;

  constructor(
    rows: number,
    tokensPerBeat: number,
    tokens: Uint16Array,
    slice: Slice,
    given: (site: number, cycle: number) => void,
  ) {
    this.#buffers = 2 ** Math.ceil(Math.log2(2 + Math.floor((6 + rows) / rows)));
    this.#beatsOfSite = (site) => Math.max(1, ceilDivide(at(tokens, site), tokensPerBeat));
    this.#slice = slice;
    this.#given = given;
  }

  roomFrom(first: boolean): number {
    return first ? at(this.#gone, (this.#begun - this.#buffers) & ring) + 1 : always;
  }

  push(cycle: number, last: boolean): void {
    if (this.#begun === this.#whole) {
      this.#gone[this.#begun & ring] = unknownCycle;
      this.#begun += 1;
    }
    if (!last) return;
    this.#full[this.#whole & ring] = cycle + tokenLatency;
    this.#whole += 1;
  }

  advance(): boolean {
    let progress = this.#slice.flush();
    while (this.#out < this.#whole) {
      const first = this.#beatsLeft === 0;
      const offered = first ? at(this.#full, this.#out & ring) : always;
      const cycle = Math.max(offered, this.#lastBeat + 1, this.#slice.roomFrom());
      if (cycle === unknownCycle) break;
      if (first) this.#beatsLeft = this.#beatsOfSite(this.#out);
      this.#lastBeat = cycle;
      this.#beatsLeft -= 1;
      this.#slice.push(cycle);
      if (this.#beatsLeft === 0) {
        this.#gone[this.#out & ring] = cycle;
        this.#given(this.#out, cycle);
        this.#out += 1;
      }
      progress = true;
    }
    return progress;
  }
}
