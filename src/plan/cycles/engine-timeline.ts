import { present } from '../../base/invariant.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { always, at, unknownCycle } from './cycle.ts';
import { engineOutput } from './engine-output.ts';
import type { EngineOutput } from './engine-port.ts';
import { drainCycles } from '../lower/drain-cycles.ts';
import { readBeats, readParts } from '../lower/read-beats.ts';
import { LaneWalk } from './lane-walk.ts';
import type { LayerWork } from './layer-work.ts';
import { QueueWalk } from './queue-walk.ts';
import type { StoreTimeline } from './store-timeline.ts';
import { StreamedWalk } from './streamed-walk.ts';
import type { WindowWalk } from './window-walk.ts';

/** Cycles from one group being told to the lanes until the next one is known. */
const nextGroupCycles = 5;

/** Cycles from a load until the next one at the earliest, and from a group being told to its load. */
const nextLoadCycles = 2;

const ring = 3;

function laneWalk(
  layer: EngineLayerPlan,
  walk: WindowWalk,
  store: StoreTimeline,
  { weights }: LayerWork,
): LaneWalk {
  if (layer.choice.queues > 0) return new QueueWalk(walk, store, layer);
  if (layer.streamed === undefined) return new LaneWalk(walk, store);
  const { timeline, section } = present(weights, 'a weight stream');
  return new StreamedWalk(walk, store, timeline, { section, words: layer.streamed.words });
}

/**
 * One `window_engine`. Windows are loaded, walked and drained in order, each step as soon as its
 * causes are known; nothing is undone.
 */
export class EngineTimeline {
  readonly output: EngineOutput;
  /** Cycles in which a lane steps, waits for its input, has no window for want of a drained one. */
  readonly activity = { busy: 0, starved: 0, blocked: 0 };

  readonly #layer: EngineLayerPlan;
  readonly #walk: WindowWalk;
  readonly #store: StoreTimeline;
  readonly #lanes: LaneWalk;
  readonly #engine: number;
  /** Output sites of all inferences: windows from there on are loaded, but never walked. */
  readonly #sites: number;
  /** Whether vectors pass `vector_pool` on their way to the tail. */
  readonly #pooled: boolean;
  readonly #readCycles: number;
  readonly #drainCycles: number;
  /** Of sums: windows that are loaded and not drained at most. */
  readonly #banks: number;
  /** Maxima leave with the last window of their group. */
  readonly #through: boolean;

  // the window to be loaded, or loaded last
  #site: number;
  #windowOfGroup = 0;
  #loaded = 0;
  #walked = 0;
  #drained = 0;
  #groupTold: number;
  #lastLoad = always;
  #lastEnd = always;
  /** Cycles without a window before this one for want of room. */
  #blocked = 0;
  readonly #ends = new Float64Array(4).fill(always);
  /** Of a window: when its bank is given back, early enough for its last sums to be drained. */
  readonly #bankFrees = new Float64Array(4).fill(always);
  #lastDrainBegin = always;

  // vectors: opened by the drain, then read out of the pool
  #windowOfVector = 0;
  #opened = 0;
  #readable = 0;
  #read = 0;
  readonly #readableFrom = new Float64Array(4);
  readonly #readEnds = new Float64Array(4).fill(always);

  constructor(
    layer: EngineLayerPlan,
    walk: WindowWalk,
    store: StoreTimeline,
    engine: number,
    sites: number,
    work: LayerWork,
  ) {
    this.#layer = layer;
    this.#walk = walk;
    this.#store = store;
    this.#lanes = laneWalk(layer, walk, store, work);
    this.#engine = engine;
    this.#sites = sites;
    this.#site = engine;
    this.#through = layer.parameters['Through'] === 1;
    this.#banks = layer.choice.oneBank === undefined ? 2 : 1;
    this.#pooled = !this.#through && (walk.windowsInGroup > 1 || readParts(layer.choice) > 1);
    this.#readCycles = readBeats(layer);
    this.#drainCycles = drainCycles(layer);
    this.output = engineOutput(layer, work, engine);
    // the first group is known one cycle after reset
    this.#groupTold = work.resetCycle + 1 - nextGroupCycles;
  }

  /** Does all that is known; whether anything was done. */
  advance(): boolean {
    let progress = false;
    for (;;) {
      let moved = this.#load();
      if (this.#walkWindow()) moved = true;
      if (this.#drain()) moved = true;
      if (this.#pooled && this.#readVector()) moved = true;
      if (this.output.advance()) moved = true;
      if (!moved) return progress;
      progress = true;
    }
  }

  #load(): boolean {
    if (this.#loaded > this.#walked || this.#drained < this.#loaded - this.#banks + 1) return false;
    const walk = this.#walk;
    const roomFrom = at(this.#bankFrees, (this.#loaded - this.#banks) & ring) + 1;
    const newGroup = this.#windowOfGroup === 0;
    // a window is told with the load of the one before, a group when it is known
    const told = newGroup
      ? Math.max(this.#lastLoad, this.#groupTold + nextGroupCycles)
      : this.#lastLoad;
    const load = Math.max(this.#lastEnd, roomFrom, told + nextLoadCycles);
    this.#blocked = roomFrom > this.#lastEnd + 1 ? roomFrom - 1 - this.#lastEnd : 0;
    const inference = Math.floor(this.#site / walk.outputSites);
    const site = this.#site % walk.outputSites;
    const top = Math.floor(site / walk.outputWidth) * walk.groupRows - walk.padTop;
    const left = (site % walk.outputWidth) * walk.groupColumns - walk.padLeft;
    if (newGroup) {
      const firstRow = inference * walk.inputHeight + Math.min(Math.max(0, top), walk.inputHeight);
      this.#store.release(this.#engine, firstRow, load + 1);
      this.#groupTold = told;
    }
    this.#lanes.place(
      inference,
      top + at(walk.windowRows, this.#windowOfGroup),
      left + at(walk.windowColumns, this.#windowOfGroup),
    );
    this.#lastLoad = load;
    this.#loaded += 1;
    return true;
  }

  #walkWindow(): boolean {
    if (this.#loaded === this.#walked || this.#site >= this.#sites) return false;
    if (!this.#lanes.known(this.#lastLoad + 1)) return false;
    const end = this.#lanes.walk(this.#lastLoad + 1);
    this.activity.blocked += this.#blocked;
    this.activity.starved += this.#lanes.starved;
    this.activity.busy += end - this.#lastLoad - this.#lanes.starved - this.#lanes.closing;
    this.#ends[this.#walked & ring] = end;
    this.#lastEnd = end;
    this.#walked += 1;
    this.#windowOfGroup += 1;
    if (this.#windowOfGroup === this.#walk.windowsInGroup) {
      this.#windowOfGroup = 0;
      this.#site += this.#layer.choice.engines;
    }
    return true;
  }

  #drain(): boolean {
    if (this.#drained === this.#walked) return false;
    const { coreLatency, fillLatency, drainLatency } = this.#layer;
    const drain = this.#drainCycles;
    const opens = this.#windowOfVector === 0;
    const closes = this.#windowOfVector === this.#walk.windowsInGroup - 1;
    const asks = this.#through ? closes : opens;
    const room = asks ? this.#room() : always;
    const waiting = at(this.#ends, this.#drained & ring) + coreLatency;
    const begin = Math.max(waiting, this.#lastDrainBegin + drain, room);
    if (begin === unknownCycle) return false;
    this.#lastDrainBegin = begin;
    this.#bankFrees[this.#drained & ring] = begin + 1 + Math.max(0, drain - 2 - fillLatency);
    this.#drained += 1;
    if (opens) this.#openVector();
    this.#windowOfVector += 1;
    if (this.#windowOfVector < this.#walk.windowsInGroup) return true;
    this.#windowOfVector = 0;
    if (this.#pooled) {
      // readable with the first beat of its last window
      this.#readableFrom[this.#readable & ring] = begin + 1 + drainLatency;
      this.#readable += 1;
    } else {
      this.output.tail.push(begin + drain + drainLatency + Number(this.#through));
    }
    return true;
  }

  #openVector(): void {
    this.#readEnds[this.#opened & ring] = unknownCycle;
    this.#opened += 1;
  }

  /** The first cycle in which a window that opens a vector can begin to drain. */
  #room(): number {
    return this.#pooled
      ? at(this.#readEnds, (this.#opened - 2) & ring) + 1
      : this.output.tail.earliestStart();
  }

  /** `vector_pool` hands a vector to the tail. */
  #readVector(): boolean {
    if (this.#read === this.#readable) return false;
    const start = Math.max(
      at(this.#readableFrom, this.#read & ring) + 1,
      at(this.#readEnds, (this.#read - 1) & ring) + 1,
      this.output.tail.earliestStart(),
    );
    if (start === unknownCycle) return false;
    this.#readEnds[this.#read & ring] = start + this.#readCycles;
    this.#read += 1;
    this.output.tail.push(start + 1 + this.#readCycles);
    return true;
  }
}
