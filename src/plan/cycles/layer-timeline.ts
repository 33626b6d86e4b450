import type { EngineLayerPlan } from '../../ir/plan.ts';
import type { Sink } from './cycle.ts';
import { EngineTimeline } from './engine-timeline.ts';
import type { LayerWork } from './layer-work.ts';
import { SiteMerge } from './site-merge.ts';
import { StoreTimeline } from './store-timeline.ts';
import { windowWalk } from './window-walk.ts';

/** What an engine did, in cycles; see `LayerPrediction`. */
export interface Activity {
  readonly busy: number;
  readonly starved: number;
  readonly blocked: number;
}

/** A layer of one copy, whatever it is made of. */
export interface LayerFlow {
  /** By input: what takes its beats. */
  readonly sinks: readonly Sink[];
  /** None in a join. */
  readonly engines: readonly { readonly activity: Activity }[];
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

  readonly #merge: SiteMerge;

  constructor(layer: EngineLayerPlan, work: LayerWork, sink: Sink) {
    const walk = windowWalk(layer);
    const { inferences, inputTokens, inputChannels } = work;
    const none = new Uint16Array(0);
    const store = new StoreTimeline(
      layer,
      inferences,
      inputTokens[0] ?? none,
      inputChannels[0] ?? none,
    );
    const sites = inferences * walk.outputSites;
    this.sinks = [store];
    this.firstTaken = store.firstTaken;
    this.engines = Array.from(
      { length: layer.choice.engines },
      (_, engine) => new EngineTimeline(layer, walk, store, engine, sites, work),
    );
    const ports = this.engines.map(({ output }) => output);
    this.#merge = new SiteMerge(layer, work, ports, sink);
    this.lastGiven = this.#merge.lastGiven;
  }

  advance(): boolean {
    let progress = false;
    for (;;) {
      let moved = this.#merge.advance();
      for (const engine of this.engines) if (engine.advance()) moved = true;
      if (!moved) return progress;
      progress = true;
    }
  }
}
