import { present } from '../../base/invariant.ts';
import type { Resources } from '../../ir/board.ts';
import type { LayerChoice, StreamPlan } from '../../ir/plan.ts';
import { windowOf } from '../../ir/quantized.ts';
import type { QuantizedGraph } from '../../ir/quantized.ts';
import type { SearchContext } from '../search/search-context.ts';
import { ChoiceLowering } from '../search/choice-lowering.ts';
import { beatsAt } from '../search/class-widths.ts';
import { layerRate } from '../search/layer-rate.ts';
import { coreOf, packingAt } from '../lower/packing-of-layer.ts';
import { stageResources } from '../resources/plan-resources.ts';
import type { NetworkStreams } from '../streams/stream-classes.ts';
import { streamOf, widthsOf } from './chain.ts';
import { layerFoldings, leastOf, withMoreEngines } from './layer-foldings.ts';
import type { Folding, Measured } from './layer-foldings.ts';
import { firstChoice, layerForms, needsWidth } from './layer-forms.ts';
import type { FoldedLayer, Form } from './layer-forms.ts';
import { paretoFront } from './pareto-front.ts';
import type { Cost } from './pareto-front.ts';
import type { WholeBounds } from './whole-bounds.ts';

/** Layers of more outputs have too many foldings. */
const mostChannels = 64;
/** Cores of all layers between all streams, times how much there is to choose of engines. */
const mostWork = 10_000;
/** Foldings that are lowered before a search gives up: about a second. */
const mostMeasured = 20_000;

/** Foldings of a layer between two streams. */
export interface LayerFront {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly foldings: readonly Folding[];
}

/** The foldings of all layers of a chain, looked at one by one. */
export class ChainFoldings {
  readonly #graph: QuantizedGraph;
  readonly #context: SearchContext;
  readonly #streams: NetworkStreams;
  readonly #lowering: ChoiceLowering;
  readonly #layers: readonly FoldedLayer[];
  #measured = 0;

  constructor(graph: QuantizedGraph, context: SearchContext, streams: NetworkStreams) {
    this.#graph = graph;
    this.#context = context;
    this.#streams = streams;
    this.#lowering = new ChoiceLowering(graph, streams, context);
    this.#layers = graph.layers.map((one, index) => ({
      layer: windowOf(one),
      core: coreOf(windowOf(one), context.variant),
      packing: packingAt(context.packings, index),
      hasQueues: (context.queued[index] ?? null) !== null,
      wiredWindows: [...(context.wired[index]?.keys() ?? [])],
    }));
  }

  /** Whether there are few enough foldings to look at all of them. */
  isSmall(): boolean {
    let work = 0;
    for (const index of this.#layers.keys()) {
      work += this.#workOf(index);
      if (work > mostWork) return false;
    }
    return true;
  }

  /** Widths of what leaves a layer; -1: the input. */
  widths(giver: number): readonly number[] {
    const { maximumBeatBits } = this.#context.options.board;
    return widthsOf(this.#graph, this.#streams, giver, maximumBeatBits);
  }

  /** Those that make something faster than the one before, where no interval is below `shortest`. */
  #usefulWidths(giver: number, shortest: number): readonly number[] {
    const { tokensPerSite } = this.#context.options;
    const beats = (width: number): number =>
      beatsAt(this.#graph, this.#streams, tokensPerSite, giver, width);
    const reader = this.#layers[giver + 1];
    return this.widths(giver).filter((width) => {
      if (width === 1 || beats(width / 2) > shortest) return true;
      return reader !== undefined && needsWidth(reader, this.stream(giver, width));
    });
  }

  /** The stream that leaves a layer. */
  stream(giver: number, width: number): StreamPlan {
    return streamOf(this.#graph, this.#streams, giver, width);
  }

  /**
   * By layer, between all streams: the foldings that no other one beats and that can be part of a better
   * design, which `bounds` know of afterwards. Null where there can be none, or too many to look at.
   */
  fronts(bounds: WholeBounds): readonly (readonly LayerFront[])[] | null {
    for (const index of this.#layers.keys()) bounds.restrict(index, this.#leastCosts(index));
    const fronts = new Map<number, readonly LayerFront[]>();
    // what is known of layers that are quickly looked at spares much of the others
    const order = [...this.#layers.keys()].sort(
      (one, two) => this.#workOf(one) - this.#workOf(two),
    );
    for (const index of order) {
      if (bounds.shortest === Infinity) return null;
      const found = this.#frontsOf(index, bounds);
      if (this.#measured > mostMeasured) return null;
      fronts.set(index, found);
      bounds.restrict(
        index,
        found.flatMap(({ foldings }) => foldings),
      );
    }
    return [...this.#layers.keys()].map((index) => present(fronts.get(index), 'a layer'));
  }

  #workOf(index: number): number {
    const { layer } = this.#folded(index).layer;
    const { channels, height, width } = layer.outputShape;
    if (channels > mostChannels) return Infinity;
    const outputs = this.widths(index).length;
    const choices = outputs * Math.sqrt(height * width);
    return this.widths(index - 1).reduce(
      (sum, input) => sum + choices * this.#formsOf(index, input).length,
      0,
    );
  }

  #folded(index: number): FoldedLayer {
    return present(this.#layers[index], 'a layer');
  }

  #formsOf(index: number, width: number): readonly Form[] {
    return layerForms(this.#folded(index), this.stream(index - 1, width));
  }

  #frontsOf(index: number, bounds: WholeBounds): readonly LayerFront[] {
    const { shortest } = bounds;
    const isPromising = bounds.promising(index, index);
    const found: LayerFront[] = [];
    for (const inputTokens of this.#usefulWidths(index - 1, shortest)) {
      for (const outputTokens of this.#usefulWidths(index, shortest)) {
        const output = this.stream(index, outputTokens);
        const foldings: Folding[] = [];
        for (const folding of layerFoldings({
          folded: this.#folded(index),
          input: this.stream(index - 1, inputTokens),
          output,
          shortest,
          measure: (choice) => this.#measure(index, choice, output),
          isPromising,
        })) {
          if (this.#measured > mostMeasured) return [];
          if (isPromising(folding)) foldings.push(folding);
        }
        found.push({ inputTokens, outputTokens, foldings: paretoFront(foldings, shortest) });
      }
    }
    return found;
  }

  /** Less than any folding takes: of every core, the narrowest folding with any number of engines. */
  #leastCosts(index: number): readonly Cost[] {
    const { height, width } = this.#folded(index).layer.layer.outputShape;
    const output = this.stream(index, present(this.widths(index)[0], 'a width'));
    const seen = new Set<string>();
    const costs: Cost[] = [];
    for (const inputTokens of this.widths(index - 1)) {
      const input = this.stream(index - 1, inputTokens);
      for (const { core, drains } of this.#formsOf(index, inputTokens)) {
        const drain = present(drains[0], 'a drain');
        // a wider stream only costs more, but where lanes share its beats
        const key = [drain.setsParallel, ...Object.values(core)].join(' ');
        if (seen.has(key) && !core.channelLanes) continue;
        seen.add(key);
        const choice = firstChoice({ input, output }, core, drain);
        const one = this.#measure(index, choice, output);
        if (core.core === 'wired') {
          costs.push({ interval: 0, resources: leastOf(one.resources) });
          continue;
        }
        const sites = height * width;
        const two = sites > 1 ? this.#measure(index, { ...choice, engines: 2 }, output) : one;
        for (let engines = 1; engines <= sites; engines += 1) {
          const interval = one.rate.accumulate / engines;
          const resources: Resources = withMoreEngines(one, two, engines);
          costs.push({ interval, resources: leastOf(resources) });
        }
      }
    }
    return costs;
  }

  #measure(index: number, choice: LayerChoice, output: StreamPlan): Measured {
    this.#measured += 1;
    const { tokensPerSite, board } = this.#context.options;
    const plan = this.#lowering.lower(index, choice, output);
    return {
      plan,
      rate: layerRate(plan, tokensPerSite[index] ?? 1, tokensPerSite[index + 1]),
      resources: stageResources(plan, board.family),
    };
  }
}
