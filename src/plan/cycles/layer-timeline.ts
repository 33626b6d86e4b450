import { ceilDivide } from '../../base/bits.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { always, at, unknownCycle, type Sink } from './cycle.ts';
import { EngineTimeline } from './engine-timeline.ts';
import type { LayerWork } from './layer-work.ts';
import { Slice } from './slice.ts';
import { StoreTimeline } from './store-timeline.ts';
import { windowWalk } from './window-walk.ts';

/** A layer of one copy, whatever it is made of. */
export interface LayerFlow {
  /** By input: what takes its beats. */
  readonly sinks: readonly Sink[];
  /** None in a join. */
  readonly engines: readonly EngineTimeline[];
  /** Of every inference: the cycle in which its first beat is taken. */
  readonly firstTaken: Float64Array;
  /** Of every inference: the cycle in which its last beat leaves for the slice behind. */
  readonly lastGiven: Float64Array;
  /** Does all that is known; whether anything was done. */
  advance(): boolean;
}

/** A layer of engines: stores, engines, the merge that puts their sites in order, a slice. */
export class LayerTimeline implements LayerFlow {
  readonly sinks: readonly Sink[];
  readonly engines: readonly EngineTimeline[];
  readonly firstTaken: Float64Array;
  readonly lastGiven: Float64Array;

  readonly #slice: Slice;
  readonly #sites: number;
  readonly #sitesOfInference: number;
  readonly #beatsOfSite: (site: number) => number;
  #site = 0;
  #beatsLeft = 0;
  #firstBeat = true;
  #lastBeat = always;

  constructor(layer: EngineLayerPlan, work: LayerWork, sink: Sink) {
    const walk = windowWalk(layer);
    const { inferences, inputTokens, inputChannels, outputTokens } = work;
    this.#sitesOfInference = walk.outputSites;
    this.#sites = inferences * walk.outputSites;
    const none = new Uint16Array(0);
    const store = new StoreTimeline(
      layer,
      inferences,
      inputTokens[0] ?? none,
      inputChannels[0] ?? none,
    );
    this.sinks = [store];
    this.firstTaken = store.firstTaken;
    this.engines = Array.from(
      { length: layer.choice.engines },
      (_, engine) => new EngineTimeline(layer, walk, store, engine, this.#sites, work),
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
      const offered = engine?.output.offered() ?? unknownCycle;
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
