import { present } from '../../base/invariant.ts';
import type { ConcatLayerPlan, StreamPlan } from '../../ir/plan.ts';
import { at, unknownCycle, type Sink } from './cycle.ts';
import { DirectInput } from './join-input.ts';
import type { LayerFlow } from './layer-timeline.ts';
import type { LayerWork } from './layer-work.ts';
import { SiteConcat } from './site-concat.ts';
import { Slice } from './slice.ts';

/** A concatenation and the slice behind it. */
export class ConcatTimeline implements LayerFlow {
  readonly sinks: readonly Sink[];
  readonly engines = [];
  readonly firstTaken: Float64Array;
  readonly lastGiven: Float64Array;

  readonly #sitesOfInference: number;
  readonly #join: SiteConcat;
  readonly #slice: Slice;
  #sitesGiven = 0;

  constructor(layer: ConcatLayerPlan, work: LayerWork, sink: Sink) {
    const { output } = layer;
    const sites = output.height * output.width;
    this.#sitesOfInference = sites;
    this.firstTaken = new Float64Array(work.inferences).fill(unknownCycle);
    this.lastGiven = new Float64Array(work.inferences).fill(unknownCycle);
    const inputs = layer.inputStreams.map(() => new DirectInput(() => void this.advance()));
    this.sinks = inputs;
    const sources = layer.inputStreams.map((stream, index) => ({
      input: present(inputs[index], 'an input for every stream'),
      tokensOfSite: tokensOf(stream, work.inputTokens[index] ?? new Uint16Array(0)),
    }));
    this.#join = new SiteConcat(
      sources,
      output.tokensPerBeat,
      work.inferences * sites,
      (site, cycle) => {
        if (site % sites === 0) this.firstTaken[site / sites] = cycle;
      },
    );
    this.#slice = new Slice(sink);
  }

  advance(): boolean {
    let progress = this.#slice.flush();
    for (;;) {
      const gave = this.#give();
      if (!this.#join.advance() && !gave) return progress;
      progress = true;
    }
  }

  /** The beat in the register goes to the slice. */
  #give(): boolean {
    const cycle = Math.max(this.#join.offered(), this.#slice.roomFrom());
    if (cycle === unknownCycle) return false;
    this.#join.taken(cycle);
    this.#slice.push(cycle);
    if (!this.#join.ends) return true;
    this.#sitesGiven += 1;
    if (this.#sitesGiven % this.#sitesOfInference === 0) {
      this.lastGiven[this.#sitesGiven / this.#sitesOfInference - 1] = cycle;
    }
    return true;
  }
}

/** Tokens of every site of an input; of a dense stream all its channels. */
function tokensOf(stream: StreamPlan, tokens: Uint16Array): (site: number) => number {
  return stream.kind === 'dense' ? () => stream.channels : (site) => at(tokens, site);
}
