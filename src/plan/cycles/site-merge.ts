import { ceilDivide } from '../../base/bits.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { always, at, unknownCycle, type Sink } from './cycle.ts';
import type { EngineOutput } from './engine-port.ts';
import type { LayerWork } from './layer-work.ts';
import { Slice } from './slice.ts';

/** `site_merge` of the outputs of a layer, and the slice behind: sites in order, one port after the other. */
export class SiteMerge {
  /** Of every inference: the cycle in which its last beat leaves for the slice. */
  readonly lastGiven: Float64Array;

  readonly #ports: readonly EngineOutput[];
  readonly #slice: Slice;
  readonly #sites: number;
  readonly #sitesOfInference: number;
  readonly #beatsOfSite: (site: number) => number;
  #site = 0;
  #beatsLeft = 0;
  #firstBeat = true;
  #lastBeat = always;

  constructor(
    layer: EngineLayerPlan,
    { inferences, outputTokens }: LayerWork,
    ports: readonly EngineOutput[],
    sink: Sink,
  ) {
    const { output } = layer.window;
    this.#sitesOfInference = output.height * output.width;
    this.#sites = inferences * this.#sitesOfInference;
    this.#ports = ports;
    this.#slice = new Slice(sink);
    this.lastGiven = new Float64Array(inferences).fill(unknownCycle);
    const { kind, tokensPerBeat } = layer.output;
    const fixedBeats = ceilDivide(layer.outputChannels, tokensPerBeat);
    this.#beatsOfSite = (site) =>
      kind === 'tokens'
        ? Math.max(1, ceilDivide(at(outputTokens, site), tokensPerBeat))
        : fixedBeats;
  }

  /** Passes on what is known; whether anything was passed on. */
  advance(): boolean {
    let progress = this.#slice.flush();
    while (this.#site < this.#sites) {
      const port = this.#ports[this.#site % this.#ports.length];
      const offered = port?.offered() ?? unknownCycle;
      const cycle = Math.max(offered, this.#lastBeat + 1, this.#slice.roomFrom());
      if (cycle === unknownCycle) break;
      progress = true;
      if (this.#firstBeat) this.#beatsLeft = this.#beatsOfSite(this.#site);
      this.#firstBeat = false;
      this.#lastBeat = cycle;
      this.#beatsLeft -= 1;
      this.#slice.push(cycle);
      port?.taken(cycle, this.#beatsLeft);
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
