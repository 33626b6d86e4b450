import { ceilDivide } from '../../base/bits.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { always, at, unknownCycle, type Sink } from './cycle.ts';

/**
 * The stores of a layer's engines. They take every beat together, so one timeline tells what is
 * in all of them. Rows and sites are numbered through all inferences of the copy.
 */
export class StoreTimeline implements Sink {
  /** Of every site: the first cycle in which a lane can step on it. */
  readonly writtenFrom: Float64Array;
  /** Of every site: steps of a lane on it. */
  readonly steps: Int32Array;
  /** The same for every site of a dense stream; 0 for tokens. */
  readonly fixedSteps: number;
  /** Channels of the tokens, site after site; empty where nothing depends on them. */
  readonly channels: Uint16Array;
  /** Of every site: its first token in `channels`. */
  readonly firstToken: Uint32Array;
  /** Sites whose `writtenFrom` is known: all before this one. */
  sitesKnown = 0;
  /** Of every inference: the cycle in which its first beat is taken. */
  readonly firstTaken: Float64Array;

  readonly #width: number;
  readonly #height: number;
  readonly #rowsInStore: number;
  readonly #beats: Uint16Array;
  readonly #sitesPerBeat: number;
  /** Cycles from a site's last beat to the first step on it: one that looks a step ahead sees it a cycle earlier. */
  readonly #stepAfter: number;
  /** Of every row: the first cycle in which the engines that have given way take it. */
  readonly #openFrom: Float64Array;
  /** Of every row: engines that have not given way yet. */
  readonly #closedIn: Int32Array;
  /** Of every engine: rows it takes, counted from the start. */
  readonly #opened: Int32Array;
  #row = 0;
  #column = 0;
  #beatsLeft = 0;
  #lastTake = always;

  /** `tokens`: of every input site in the order it arrives; empty for a dense stream. */
  constructor(
    layer: EngineLayerPlan,
    inferences: number,
    tokens: Uint16Array,
    channels: Uint16Array = new Uint16Array(0),
  ) {
    const { input, window, choice } = layer;
    const { height, width } = window.input;
    const sites = inferences * height * width;
    this.#width = width;
    this.#height = height;
    this.#rowsInStore = layer.rowsInStore;
    this.#sitesPerBeat = input.sitesPerBeat;
    this.#stepAfter = layer.streamed === undefined ? 2 : 1;
    this.writtenFrom = new Float64Array(sites).fill(unknownCycle);
    this.firstTaken = new Float64Array(inferences).fill(unknownCycle);
    this.steps = new Int32Array(sites);
    this.#beats = new Uint16Array(sites);
    this.channels = channels;
    this.firstToken = new Uint32Array(channels.length === 0 ? 0 : sites + 1);
    const dense = input.kind === 'dense';
    this.fixedSteps = dense ? ceilDivide(input.channels, choice.values) * layer.words : 0;
    for (let site = 0; site < sites; site += 1) {
      const count = dense ? input.channels : at(tokens, site);
      this.#beats[site] = dense
        ? input.maximumBeats
        : Math.max(1, ceilDivide(count, input.tokensPerBeat));
      if (channels.length > 0) this.firstToken[site + 1] = (this.firstToken[site] ?? 0) + count;
      this.steps[site] = dense ? this.fixedSteps : Math.max(1, count * layer.words);
    }
    this.#openFrom = new Float64Array(inferences * height).fill(always);
    this.#closedIn = new Int32Array(inferences * height).fill(choice.engines);
    this.#opened = new Int32Array(choice.engines);
    for (let engine = 0; engine < choice.engines; engine += 1) this.release(engine, 0, always);
    this.#beatsLeft = sites === 0 ? 0 : at(this.#beats, 0);
  }

  /** In cycle `cycle` an engine gives up the rows before `firstRow`. */
  release(engine: number, firstRow: number, cycle: number): void {
    const end = Math.min(firstRow + this.#rowsInStore, this.#openFrom.length);
    for (let row = at(this.#opened, engine); row < end; row += 1) {
      this.#openFrom[row] = Math.max(at(this.#openFrom, row), cycle + 1);
      this.#closedIn[row] = at(this.#closedIn, row) - 1;
      this.#opened[engine] = row + 1;
    }
  }

  take(valid: number): number {
    if (this.#row >= this.#closedIn.length || at(this.#closedIn, this.#row) > 0) {
      return unknownCycle;
    }
    const cycle = Math.max(valid, this.#lastTake + 1, at(this.#openFrom, this.#row));
    if (cycle === unknownCycle) return cycle;
    this.#lastTake = cycle;
    if (this.#column === 0 && this.#row % this.#height === 0) this.#noteFirst(cycle);
    this.#beatsLeft -= 1;
    if (this.#beatsLeft === 0) this.#endSites(cycle);
    return cycle;
  }

  #noteFirst(cycle: number): void {
    const inference = this.#row / this.#height;
    this.firstTaken[inference] = Math.min(at(this.firstTaken, inference), cycle);
  }

  #endSites(cycle: number): void {
    const end = Math.min(this.#column + this.#sitesPerBeat, this.#width);
    for (; this.#column < end; this.#column += 1) {
      this.writtenFrom[this.sitesKnown] = cycle + this.#stepAfter;
      this.sitesKnown += 1;
    }
    if (this.#column === this.#width) {
      this.#column = 0;
      this.#row += 1;
    }
    if (this.sitesKnown < this.#beats.length) this.#beatsLeft = at(this.#beats, this.sitesKnown);
  }
}
