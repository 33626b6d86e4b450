import { ceilDivide } from '../../base/bits.ts';
import type { LayerPlan } from '../../ir/plan.ts';
import { always, at, unknownCycle, type Sink } from './cycle.ts';
import { EngineTimeline } from './engine-timeline.ts';
import { Slice } from './slice.ts';
import { StoreTimeline } from './store-timeline.ts';
import { windowWalk } from './window-walk.ts';

/** What a copy of a layer gets and gives over all its inferences. */
export interface LayerWork {
  readonly inferences: number;
  /** Tokens of every input site, inference by inference; empty for a dense stream. */
  readonly inputTokens: Uint16Array;
  /** Their channels in order, where the layer has queues and does not read a dense stream. */
  readonly inputChannels: Uint16Array;
  /** Tokens of every output site after the tail; empty for logits. */
  readonly outputTokens: Uint16Array;
  /** First cycle out of reset. */
  readonly resetCycle: number;
}

/** One layer of one copy: stores, engines, the merge that puts their sites in order, a slice. */
export class LayerTimeline {
  readonly store: StoreTimeline;
  readonly engines: readonly EngineTimeline[];
  /** Of every inference: the cycle in which its last beat leaves the merge. */
  readonly lastGiven: Float64Array;

  readonly #slice: Slice;
  readonly #sites: number;
  readonly #sitesOfInference: number;
  readonly #beatsOfSite: (site: number) => number;
  #site = 0;
  #beatsLeft = 0;
  #firstBeat = true;
  #lastBeat = always;

  constructor(layer: LayerPlan, work: LayerWork, sink: Sink) {
    const walk = windowWalk(layer);
    const { inferences, inputTokens, inputChannels, outputTokens, resetCycle } = work;
    this.#sitesOfInference = walk.outputSites;
    this.#sites = inferences * walk.outputSites;
    this.store = new StoreTimeline(layer, inferences, inputTokens, inputChannels);
    this.engines = Array.from(
      { length: layer.choice.engines },
      (_, engine) =>
        new EngineTimeline(layer, walk, this.store, engine, this.#sites, outputTokens, resetCycle),
    );
    this.lastGiven = new Float64Array(inferences).fill(unknownCycle);
    this.#slice = new Slice(sink);
    const { kind, tokensPerBeat } = layer.output;
    const fixedBeats = ceilDivide(layer.outputChannels, tokensPerBeat);
    this.#beatsOfSite = (site) =>
      kind === 'tokens'
        ? Math.max(1, ceilDivide(at(outputTokens, site), tokensPerBeat))
        : fixedBeats;
  }

  /** Does all that is known; whether anything was done. */
  advance(): boolean {
    let progress = false;
    for (;;) {
      let moved = this.#merge();
      for (const engine of this.engines) if (engine.advance()) moved = true;
      if (!moved) return progress;
      progress = true;
    }
  }

  #merge(): boolean {
    let progress = this.#slice.flush();
    while (this.#site < this.#sites) {
      const engine = this.engines[this.#site % this.engines.length];
      const offered = this.#firstBeat ? (engine?.output.firstBeat() ?? unknownCycle) : always;
      const cycle = Math.max(offered, this.#lastBeat + 1, this.#slice.roomFrom());
      if (cycle === unknownCycle) break;
      progress = true;
      if (this.#firstBeat) this.#beatsLeft = this.#beatsOfSite(this.#site);
      this.#firstBeat = false;
      this.#lastBeat = cycle;
      this.#beatsLeft -= 1;
      this.#slice.push(cycle);
      engine?.output.taken(cycle, this.#beatsLeft);
      if (this.#beatsLeft === 0) this.#endSite(cycle);
    }
    return progress;
  }

  #endSite(cycle: number): void {
    this.#firstBeat = true;
    this.#site += 1;
    if (this.#site % this.#sitesOfInference === 0) {
      this.lastGiven[this.#site / this.#sitesOfInference - 1] = cycle;
    }
  }
}
