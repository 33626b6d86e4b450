import { present } from '../base/invariant.ts';
import { resourceKinds } from '../ir/board.ts';
import type { ResourceKind, Resources } from '../ir/board.ts';
import type { Packing } from '../ir/packing.ts';
import { hasEngines } from '../ir/plan.ts';
import type {
  EngineLayerPlan,
  JoinChoice,
  LayerChoice,
  LayerPlan,
  StreamPlan,
} from '../ir/plan.ts';
import { windowOf } from '../ir/quantized.ts';
import type { QuantizedGraph, QuantizedMaxPool } from '../ir/quantized.ts';
import type { VariantName } from '../ir/variant.ts';
import { candidates } from './candidates.ts';
import type { ClassWidths } from './class-widths.ts';
import { foldJoin, joinInterval } from './join-folding.ts';
import { layerRate } from './layer-rate.ts';
import { drainSlots, lowerLayer } from './lower-layer.ts';
import type { LayerPlace } from './layer-context.ts';
import { lowerMaxPool } from './lower-max-pool.ts';
import { maxPoolCandidates } from './max-pool-folding.ts';
import { coreOf, packingAt } from './packing-of-layer.ts';
import type { PlannerOptions } from './planner-options.ts';
import { queueCandidates } from './queue-candidates.ts';
import type { QueuePackings } from './queue-packings.ts';
import { layerResources } from './resources/layer-resources.ts';
import { networkStreams } from './stream-classes.ts';
import type { NetworkStreams } from './stream-classes.ts';
import { logitStream } from './streams.ts';
import { edgesInto } from './topology.ts';
import { ultraExchanges } from './ultra-memories.ts';
import type { UltraExchange } from './ultra-memories.ts';

/** Of a resource of which there is plenty. */
const leastPrice = 0.02;

export interface Folded {
  readonly plan: LayerPlan;
  readonly choice: LayerChoice | JoinChoice;
}

/** Cycles an inference and resources of a layer. */
export interface FoldingNumbers {
  readonly interval: number;
  readonly resources: Resources;
  readonly exchanges: readonly UltraExchange[];
}

/** What a search goes by. */
export interface SearchContext {
  /** By layer, for sets in lockstep; null where there are no weights. */
  readonly packings: readonly (Packing | null)[];
  /** By layer, for queues; null where they do not pay. */
  readonly queued: readonly (QueuePackings | null)[];
  readonly variant: VariantName;
  readonly options: PlannerOptions;
  /** What all copies may take. */
  readonly budget: Resources;
  /** Filled and used again by searches with the same packings, empty at first. */
  readonly numbers: Map<string, FoldingNumbers>;
}

/** Finds the cheapest folding of single layers; what is dear can be changed. */
export class CheapestFoldings {
  readonly streams: NetworkStreams;

  readonly #graph: QuantizedGraph;
  readonly #context: SearchContext;
  readonly #hasUltraRam: boolean;
  /** What a share of the board costs, by resource. */
  readonly #prices: Record<ResourceKind, number> = { lut: 1, ff: 1, bram36: 1, uram: 1, dsp: 1 };
  /** Drain slots by packing and sets in parallel: long lists that many candidates share. */
  readonly #slots = new Map<Packing, Map<number, readonly number[]>>();

  constructor(graph: QuantizedGraph, context: SearchContext) {
    this.#graph = graph;
    this.#context = context;
    this.streams = networkStreams(graph, context.variant);
    this.#hasUltraRam = context.options.board.resources.uram > 0;
  }

  /** Resources become dearer or cheaper by the share of the budget that is used of them. */
  price(share: (kind: ResourceKind) => number): void {
    const scarcest = Math.max(...resourceKinds.map(share));
    for (const kind of resourceKinds) {
      this.#prices[kind] = Math.max(leastPrice, (this.#prices[kind] * share(kind)) / scarcest);
    }
  }

  /** For an interval; null where the layer cannot reach it. A dense core may widen its input. */
  fold(index: number, target: number, widths: ClassWidths): Folded | null {
    const layer = present(this.#graph.layers[index], 'layer');
    const { topology } = this.streams;
    const inputs = edgesInto(topology, index);
    const output =
      layer.outputFormat === null
        ? logitStream(layer.layer.outputShape, widths.of(index))
        : this.streams.stream(index, widths.of(index));
    const place = { inputs, readers: topology.readersOf(index).length };
    if (layer.kind === 'add' || layer.kind === 'concat' || layer.kind === 'winners') {
      const streams = inputs.map(({ from }) => this.streams.stream(from, widths.of(from)));
      const { keepTies } = this.#graph;
      return foldJoin({ index, layer, inputs: streams, output, place, keepTies, interval: target });
    }
    return layer.kind === 'max-pool'
      ? this.#cheapestPool(layer, index, target, widths, { output, place })
      : this.#cheapest(index, target, widths, { output, place });
  }

  #cheapestPool(
    layer: QuantizedMaxPool,
    index: number,
    target: number,
    widths: ClassWidths,
    { output, place }: { readonly output: StreamPlan; readonly place: LayerPlace },
  ): Folded | null {
    const { from } = present(place.inputs[0], 'a layer has an input');
    const tokensPerSite = this.#context.options.tokensPerSite[from + 1] ?? 1;
    const input = this.streams.stream(from, widths.of(from));
    const problem = {
      layer,
      denseInput: this.streams.isDense(from),
      inputTokens: widths.of(from),
      tailTokens: output.tokensPerBeat,
      tokensPerSite,
      interval: target,
    };
    let best: { plan: EngineLayerPlan; choice: LayerChoice; cost: number } | null = null;
    for (const choice of maxPoolCandidates(problem)) {
      const plan = lowerMaxPool({ index, layer, choice, input, output, place });
      const rate = layerRate(plan, tokensPerSite, this.#tokensOf(index));
      if (rate.interval > target) continue;
      const cost = this.#costWithExchanges(this.#resourcesOf(plan));
      if (best === null || cost < best.cost) best = { plan, choice, cost };
    }
    return best;
  }

  /** Cycles between two inferences of a layer alone, by simple bounds. */
  intervalOf(layer: LayerPlan): number {
    const { tokensPerSite } = this.#context.options;
    const tokens = [...layer.inputs.map(({ from }) => from), layer.index].map(
      (giver) => tokensPerSite[giver + 1] ?? 1,
    );
    return hasEngines(layer)
      ? layerRate(layer, present(tokens[0], 'tokens of an input'), tokens.at(-1)).interval
      : joinInterval(layer, tokens);
  }

  #cheapest(
    index: number,
    target: number,
    widths: ClassWidths,
    { output, place }: { readonly output: StreamPlan; readonly place: LayerPlace },
  ): Folded | null {
    const layer = windowOf(present(this.#graph.layers[index], 'layer'));
    const packing = packingAt(this.#context.packings, index);
    const { from } = present(place.inputs[0], 'a layer has an input');
    const mayWiden = this.#mayWiden(from);
    const tokensPerSite = this.#context.options.tokensPerSite[from + 1] ?? 1;
    let best: { choice: LayerChoice; cost: number } | null = null;
    const problem = {
      layer,
      packing,
      keepTies: this.#graph.keepTies,
      core: coreOf(layer, this.#context.variant),
      denseInput: this.streams.isDense(from),
      inputTokens: widths.of(from),
      tailTokens: output.kind === 'dense' ? 1 : output.tokensPerBeat,
      outputTokens: output.kind === 'dense' ? this.#tokensOf(index) : 0,
      tokensPerSite,
      interval: target,
    };
    const queued = this.#context.queued[index] ?? null;
    const choices =
      queued === null
        ? candidates(problem)
        : [...candidates(problem), ...queueCandidates(problem, queued.estimates)];
    const lower = (choice: LayerChoice): EngineLayerPlan => {
      const used =
        choice.queues > 0 ? present(queued, 'queues').estimates.packing(choice) : packing;
      return lowerLayer({
        index,
        layer,
        packing: used,
        choice,
        input: this.streams.stream(from, choice.inputTokens),
        output,
        keepTies: this.#graph.keepTies,
        place,
        slots: this.#slotsOf(used, choice.setsParallel),
      });
    };
    for (const choice of choices) {
      if (choice.inputTokens > widths.of(from) && !mayWiden) continue;
      const key = [index, output.tokensPerBeat, ...Object.values(choice)].join(' ');
      let numbers = this.#context.numbers.get(key);
      if (numbers === undefined) {
        const plan = lower(choice);
        const { interval } = layerRate(plan, tokensPerSite, this.#tokensOf(index));
        numbers = { interval, ...this.#resourcesOf(plan) };
        this.#context.numbers.set(key, numbers);
      }
      if (numbers.interval > target) continue;
      const cost = this.#costWithExchanges(numbers);
      if (best === null || cost < best.cost) best = { choice, cost };
    }
    if (best === null) return null;
    if (mayWiden) widths.widen(from, best.choice.inputTokens);
    return { plan: lower(best.choice), choice: best.choice };
  }

  #slotsOf(packing: Packing, setsParallel: number): readonly number[] {
    const known = this.#slots.get(packing) ?? new Map<number, readonly number[]>();
    this.#slots.set(packing, known);
    const slots = known.get(setsParallel) ?? drainSlots(packing, setsParallel);
    known.set(setsParallel, slots);
    return slots;
  }

  /** Mean of max(1, tokens) of a site that leaves a layer or the input. */
  #tokensOf(giver: number): number {
    return this.#context.options.tokensPerSite[giver + 1] ?? 1;
  }

  /** Whether a stream has one reader and its width is its own affair. */
  #mayWiden(giver: number): boolean {
    const { topology } = this.streams;
    const alike = this.#graph.layers.filter((_, index) => {
      return this.streams.classOf(index) === this.streams.classOf(giver);
    });
    return topology.readersOf(giver).length === 1 && alike.length === (giver === -1 ? 0 : 1);
  }

  #resourcesOf(plan: EngineLayerPlan): Omit<FoldingNumbers, 'interval'> {
    const { family } = this.#context.options.board;
    const resources = layerResources(plan, family);
    const exchanges = this.#hasUltraRam ? ultraExchanges(plan, resources, family) : [];
    return { resources, exchanges };
  }

  /** Each memory where it is cheaper; which one it will be is known when all layers are. */
  #costWithExchanges({ resources, exchanges }: Omit<FoldingNumbers, 'interval'>): number {
    return exchanges.reduce(
      (cost, { change }) => cost + Math.min(0, this.#cost(change)),
      this.#cost(resources),
    );
  }

  /** What could move to UltraRAM in a layer that was folded. */
  exchangesOf(layer: LayerPlan): readonly UltraExchange[] {
    return hasEngines(layer) ? this.#resourcesOf(layer).exchanges : [];
  }

  /** Sum of the shares of the board: a design is limited by one of them, but which depends. */
  #cost(resources: Resources): number {
    let cost = 0;
    for (const kind of resourceKinds) {
      if (resources[kind] === 0) continue;
      cost += (this.#prices[kind] * resources[kind]) / Math.max(1, this.#context.budget[kind]);
    }
    return cost;
  }
}
