import { present } from '../../base/invariant.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { groupStep } from '../lower/engine-geometry.ts';
import { readBeats } from '../lower/read-beats.ts';
import { always, at, unknownCycle, type Sink } from './cycle.ts';
import { engineOutput } from './engine-output.ts';
import type { EngineOutput } from './engine-port.ts';
import type { Activity, LayerFlow } from './layer-timeline.ts';
import type { LayerWork } from './layer-work.ts';
import { SiteMerge } from './site-merge.ts';
import { StoreTimeline } from './store-timeline.ts';

const ring = 3;

/** A wired layer: steps through the columns of its maps, vectors to the tails in turn. */
export class WiredTimeline implements LayerFlow {
  readonly sinks: readonly Sink[];
  readonly engines: readonly { readonly activity: Activity }[];
  readonly firstTaken: Float64Array;
  readonly lastGiven: Float64Array;

  readonly #steps: Steps;
  readonly #tails: readonly Tail[];
  readonly #merge: SiteMerge;

  constructor(layer: EngineLayerPlan, work: LayerWork, sink: Sink) {
    const store = new StoreTimeline(
      { ...layer, choice: { ...layer.choice, engines: 1 } },
      work.inferences,
      new Uint16Array(0),
    );
    const { engines } = layer.choice;
    this.#tails = Array.from({ length: engines }, (_, tail) =>
      layer.tail.kind === 'select'
        ? new StraightTail(layer, work)
        : new PooledTail(layer, work, tail),
    );
    this.#steps = new Steps(layer, work, store, this.#tails);
    this.sinks = [store];
    this.engines = [this.#steps];
    this.firstTaken = store.firstTaken;
    this.#merge = new SiteMerge(
      layer,
      work,
      this.#tails.map(({ output }) => output),
      sink,
    );
    this.lastGiven = this.#merge.lastGiven;
  }

  advance(): boolean {
    let progress = false;
    for (;;) {
      let moved = this.#merge.advance();
      if (this.#steps.advance()) moved = true;
      for (const tail of this.#tails) if (tail.advance()) moved = true;
      if (!moved) return progress;
      progress = true;
    }
  }
}

/** `wired_window`: one step after the other, each as soon as its causes are known. */
class Steps {
  readonly activity = { busy: 0, starved: 0, blocked: 0 };

  readonly #layer: EngineLayerPlan;
  readonly #store: StoreTimeline;
  readonly #tails: readonly Tail[];
  readonly #inferences: number;
  readonly #groupRows: number;
  readonly #groupColumns: number;
  readonly #columns: number;
  #inference = 0;
  #groupRow = 0;
  #column = 0;
  #poolRow = 0;
  #group = 0;
  #last: number;
  #lastVector = always;

  constructor(
    layer: EngineLayerPlan,
    work: LayerWork,
    store: StoreTimeline,
    tails: readonly Tail[],
  ) {
    const step = groupStep(layer.window);
    this.#layer = layer;
    this.#store = store;
    this.#tails = tails;
    this.#inferences = work.inferences;
    this.#groupRows = step.height;
    this.#groupColumns = step.width;
    this.#columns = present(layer.parameters['Columns'], 'Columns');
    // the first step goes through three stages before it can be made
    this.#last = work.resetCycle + 2;
  }

  advance(): boolean {
    let progress = false;
    while (this.#inference < this.#inferences && this.#step()) progress = true;
    return progress;
  }

  /** Makes the next step where it is known when; whether it is. */
  #step(): boolean {
    const { window, drainBeats, choice } = this.#layer;
    const { kernel, stride, pool, input, padTop, padLeft, output } = window;
    const poolRows = pool.height / choice.values;
    const top = this.#groupRow * this.#groupRows - padTop + this.#poolRow * stride.height;
    const x = this.#column - padLeft;
    const there = this.#written(top, x);
    if (there === unknownCycle) return false;
    const ready = Math.max(this.#last + 1, there);
    const filled = this.#column - (kernel.width - 1);
    const ends =
      this.#poolRow === poolRows - 1 &&
      filled >= 0 &&
      filled % this.#groupColumns === (pool.width - 1) * stride.width;
    const tail = present(this.#tails[this.#group % this.#tails.length], 'a tail');
    const free = ends ? Math.max(tail.room(), this.#lastVector + drainBeats) : always;
    const cycle = Math.max(ready, free);
    if (cycle === unknownCycle) return false;
    this.activity.busy += 1;
    this.activity.starved += ready - this.#last - 1;
    this.activity.blocked += cycle - ready;
    this.#last = cycle;
    if (ends) {
      this.#lastVector = cycle;
      this.#group += 1;
      tail.open(cycle);
    }
    this.#poolRow += 1;
    if (this.#poolRow < poolRows) return true;
    this.#poolRow = 0;
    this.#column += 1;
    if (this.#column < this.#columns) return true;
    this.#column = 0;
    this.#groupRow += 1;
    if (this.#groupRow === output.height) {
      this.#groupRow = 0;
      this.#inference += 1;
    }
    const next = this.#groupRow * this.#groupRows - padTop;
    const first = Math.min(Math.max(0, next), input.height);
    this.#store.release(0, this.#inference * input.height + first, cycle);
    return true;
  }

  /** From when on the inputs of a step can be read: its last row on the map is the last to come. */
  #written(top: number, x: number): number {
    const { input } = this.#layer.window;
    const bottom = top + this.#layer.choice.lanes - 1;
    if (x < 0 || x >= input.width || bottom < 0 || top >= input.height) return always;
    const row = Math.min(bottom, input.height - 1);
    const site = (this.#inference * input.height + row) * input.width + x;
    return site < this.#store.sitesKnown ? at(this.#store.writtenFrom, site) : unknownCycle;
  }
}

/** Vectors of every so manyth site, and when there is room for one more. */
interface Tail {
  readonly output: EngineOutput;
  /** The first cycle in which a vector can be given a place. */
  room(): number;
  /** The last step of a vector. */
  open(cycle: number): void;
  advance(): boolean;
}

/** `kwta_select`: beats go into it as they come. */
class StraightTail implements Tail {
  readonly output: EngineOutput;
  readonly #lastBeat: number;

  constructor(layer: EngineLayerPlan, work: LayerWork) {
    this.output = engineOutput(layer, work, 0);
    this.#lastBeat = layer.coreLatency + layer.drainLatency + layer.drainBeats - 1;
  }

  room(): number {
    return this.output.tail.earliestStart();
  }

  open(cycle: number): void {
    this.output.tail.push(cycle + this.#lastBeat);
  }

  advance(): boolean {
    return this.output.advance();
  }
}

/** `vector_pool` and what is behind it. */
class PooledTail implements Tail {
  readonly output: EngineOutput;
  readonly #readCycles: number;
  readonly #firstBeat: number;
  readonly #readable = new Float64Array(4);
  readonly #readEnds = new Float64Array(4).fill(always);
  #opened = 0;
  #read = 0;

  constructor(layer: EngineLayerPlan, work: LayerWork, tail: number) {
    this.output = engineOutput(layer, work, tail);
    this.#readCycles = readBeats(layer);
    this.#firstBeat = layer.coreLatency + layer.drainLatency;
  }

  room(): number {
    return at(this.#readEnds, (this.#opened - 2) & ring) + 1;
  }

  open(cycle: number): void {
    this.#readable[this.#opened & ring] = cycle + this.#firstBeat;
    this.#readEnds[this.#opened & ring] = unknownCycle;
    this.#opened += 1;
  }

  advance(): boolean {
    let progress = this.output.advance();
    while (this.#read < this.#opened) {
      const start = Math.max(
        at(this.#readable, this.#read & ring) + 1,
        at(this.#readEnds, (this.#read - 1) & ring) + 1,
        this.output.tail.earliestStart(),
      );
      if (start === unknownCycle) break;
      this.#readEnds[this.#read & ring] = start + this.#readCycles;
      this.#read += 1;
      this.output.tail.push(start + 1 + this.#readCycles);
      this.output.advance();
      progress = true;
    }
    return progress;
  }
}
