import { invariant, present } from '../../base/invariant.ts';
import { resourceKinds } from '../../ir/board.ts';
import type { Resources } from '../../ir/board.ts';
import type { LayerChoice, StreamPlan } from '../../ir/plan.ts';
import { windowOf } from '../../ir/quantized.ts';
import type { QuantizedGraph } from '../../ir/quantized.ts';
import type { SearchContext } from '../cheapest-foldings.ts';
import { ChoiceLowering } from '../choice-lowering.ts';
import { layerRate } from '../layer-rate.ts';
import { coreOf, packingAt } from '../packing-of-layer.ts';
import { stageResources } from '../resources/plan-resources.ts';
import { add, nothing } from '../resources/share.ts';
import type { NetworkStreams } from '../stream-classes.ts';
import { streamOf, widthsOf } from './chain.ts';
import { layerFoldings, leastOf } from './layer-foldings.ts';
import type { Folding, Measured } from './layer-foldings.ts';
import { firstChoice, layerForms } from './layer-forms.ts';
import type { FoldedLayer } from './layer-forms.ts';
import { paretoFront } from './pareto-front.ts';
import type { Cost } from './pareto-front.ts';

/** Layers of more outputs have too many foldings. */
const mostChannels = 64;
/** Cores of all layers between all streams, times how much there is to choose of engines. */
const mostWork = 3000;
/** Foldings that are lowered before a search gives up: about a second. */
const mostMeasured = 20_000;

/** The foldings of all layers of a chain, looked at one by one. */
export class ChainFoldings {
  readonly #graph: QuantizedGraph;
  readonly #context: SearchContext;
  readonly #streams: NetworkStreams;
  readonly #lowering: ChoiceLowering;
  readonly #layers: readonly FoldedLayer[];
  /** By layer: what it takes at least. */
  readonly #least: readonly Resources[];
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
    this.#least = this.isSmall() ? this.#layers.map((_, index) => this.#leastOf(index)) : [];
  }

  /** Whether there are few enough foldings to look at all of them. */
  isSmall(): boolean {
    let work = 0;
    for (const [index, { layer }] of this.#layers.entries()) {
      const { channels, height, width } = layer.layer.outputShape;
      if (channels > mostChannels) return false;
      const outputs = this.widths(index).length;
      for (const input of this.widths(index - 1)) {
        work += outputs * this.#formsOf(index, input).length * Math.sqrt(height * width);
        if (work > mostWork) return false;
      }
    }
    return true;
  }

  /** Whether so many were looked at that the search is to be given up. */
  get isExhausted(): boolean {
    return this.#measured > mostMeasured;
  }

  /** What all layers but those from `first` to `last` take at least. */
  leastBeside(first: number, last: number): Resources {
    return this.#least.reduce(
      (sum, least, index) => (index >= first && index <= last ? sum : add(sum, least)),
      nothing,
    );
  }

  /** Widths of what leaves a layer; -1: the input. */
  widths(giver: number): readonly number[] {
    const { maximumBeatBits } = this.#context.options.board;
    return widthsOf(this.#graph, this.#streams, giver, maximumBeatBits);
  }

  /** The stream that leaves a layer. */
  stream(giver: number, width: number): StreamPlan {
    return streamOf(this.#graph, this.#streams, giver, width);
  }

  /** Foldings of a layer between two streams that no other one beats and that are promising. */
  front(
    index: number,
    [inputTokens, outputTokens]: readonly [number, number],
    shortest: number,
    isPromising: (atLeast: Cost) => boolean,
  ): readonly Folding[] {
    const found: Folding[] = [];
    const output = this.stream(index, outputTokens);
    const foldings = layerFoldings({
      folded: present(this.#layers[index], 'a layer'),
      input: this.stream(index - 1, inputTokens),
      output,
      shortest,
      measure: (choice) => this.#measure(index, choice, output),
      isPromising,
    });
    for (const folding of foldings) {
      if (this.isExhausted) return [];
      if (isPromising(folding)) found.push(folding);
    }
    return paretoFront(found, shortest);
  }

  #formsOf(index: number, width: number): ReturnType<typeof layerForms> {
    return layerForms(present(this.#layers[index], 'a layer'), this.stream(index - 1, width));
  }

  /** Of the narrowest foldings with every core, by resource. */
  #leastOf(index: number): Resources {
    let least: Resources | null = null;
    const [narrowest] = this.widths(index);
    const output = this.stream(index, present(narrowest, 'a width'));
    for (const width of this.widths(index - 1)) {
      const input = this.stream(index - 1, width);
      for (const form of this.#formsOf(index, width)) {
        // what is narrow is also least with narrow beats; a wired core needs whole sites
        if (form.core.core !== 'wired' && width > 1) continue;
        const drain = present(form.drains[0], 'a drain');
        const { resources } = this.#measure(
          index,
          firstChoice({ input, output }, form.core, drain),
          output,
        );
        least = least === null ? resources : lessOf(least, resources);
      }
    }
    invariant(least !== null, 'every layer has a folding');
    return leastOf(least);
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

/** The lesser of each. */
function lessOf(left: Resources, right: Resources): Resources {
  const less = { ...left };
  for (const kind of resourceKinds) less[kind] = Math.min(left[kind], right[kind]);
  return less;
}
