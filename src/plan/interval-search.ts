import { ceilDivide } from '../base/bits.ts';
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
import { narrowestWidths } from './class-widths.ts';
import type { ClassWidths } from './class-widths.ts';
import { foldJoin, joinInterval } from './join-folding.ts';
import { layerRate } from './layer-rate.ts';
import { drainSlots, lowerLayer } from './lower-layer.ts';
import type { LayerPlace } from './lower-layer.ts';
import { lowerMaxPool } from './lower-max-pool.ts';
import { maxPoolCandidates } from './max-pool-folding.ts';
import { coreOf, packingAt } from './packing-of-layer.ts';
import type { NetworkChoice } from './plan-network.ts';
import type { PlannerOptions } from './planner-options.ts';
import { queueCandidates } from './queue-candidates.ts';
import type { QueuePackings } from './queue-packings.ts';
import { fillOf, nothing, add } from './resources/share.ts';
import { layerResources } from './resources/layer-resources.ts';
import { stageResources } from './resources/plan-resources.ts';
import { networkStreams } from './stream-classes.ts';
import type { NetworkStreams } from './stream-classes.ts';
import { beatsPerMap, logitStream } from './streams.ts';
import { edgesInto } from './topology.ts';

/** Intervals beyond this multiple of the best one found so far are not tried. */
const hopelessFactor = 16;
/** Searches with other prices, and how far from the best interval they look. */
const pricedRounds = 4;
const nearFactor = 2.5;
/** Of a resource of which there is plenty. */
const leastPrice = 0.02;
/** Where nothing fits: a larger design than the smallest is taken for its speed, up to this. */
const hardlyLarger = 1.05;
/** Designs beyond this multiple of the smallest end the search for it. */
const hopelesslyLarger = 1.3;

export interface Solution {
  readonly choice: NetworkChoice['layers'];
  readonly layers: readonly LayerPlan[];
  readonly input: StreamPlan;
  readonly answerWords: number;
  readonly answerBeats: number;
  readonly resources: Resources;
  readonly interval: number;
}

interface Found {
  readonly solution: Solution;
  readonly copies: number;
  /** Inferences a cycle. */
  readonly throughput: number;
}

interface Folded {
  readonly plan: LayerPlan;
  readonly choice: LayerChoice | JoinChoice;
}

/** Cycles an inference and resources of a layer. */
export interface FoldingNumbers {
  readonly interval: number;
  readonly resources: Resources;
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

/** Tries target intervals and keeps the cheapest folding of every layer for each. */
export class IntervalSearch {
  readonly #graph: QuantizedGraph;
  readonly #packings: readonly (Packing | null)[];
  readonly #queued: readonly (QueuePackings | null)[];
  readonly #variant: VariantName;
  readonly #options: PlannerOptions;
  readonly #usable: Resources;
  /** What is known of foldings of layers looked at before, whatever the prices and targets. */
  readonly #numbers: Map<string, FoldingNumbers>;
  /** What a share of the board costs, by resource. */
  readonly #prices: Record<ResourceKind, number> = { lut: 1, ff: 1, bram36: 1, uram: 1, dsp: 1 };
  readonly #streams: NetworkStreams;
  /** Drain slots by packing and sets in parallel: long lists that many candidates share. */
  readonly #slots = new Map<Packing, Map<number, readonly number[]>>();

  constructor(
    graph: QuantizedGraph,
    { packings, queued, variant, options, budget, numbers }: SearchContext,
  ) {
    this.#graph = graph;
    this.#packings = packings;
    this.#queued = queued;
    this.#variant = variant;
    this.#options = options;
    this.#usable = budget;
    this.#numbers = numbers;
    this.#streams = networkStreams(graph, variant);
  }

  /**
   * The best that is found when all resources cost their share of the board, and then a few times more
   * with what the solution before left over made cheaper.
   */
  best(): { readonly solution: Solution; readonly copies: number; readonly fits: boolean } {
    let best = this.#bestOf(this.#targets());
    if (best === null) return { solution: this.#smallest(), copies: 1, fits: false };
    let last = best;
    // without queues there is little to exchange one resource for another with
    const rounds = this.#queued.some((one) => one !== null) ? pricedRounds : 0;
    for (let round = 0; round < rounds; round += 1) {
      this.#price(last);
      const { interval } = best.solution;
      // the targets of each round lie between those of the others
      const shift = 1.09 ** ((round + 1) / (pricedRounds + 1));
      const near = this.#targets()
        .map((target) => Math.ceil(target * shift))
        .filter((target) => target > interval / nearFactor && target < interval * nearFactor);
      const found = this.#bestOf(near);
      if (found === null) break;
      last = found;
      if (this.#better(last, best)) best = last;
    }
    return { ...best, fits: true };
  }

  /** Of the foldings that are hardly larger than the smallest there is, the fastest. */
  #smallest(): Solution {
    const slowestTarget = present(this.#targets().at(-1), 'targets');
    let fastest = present(this.#solve(slowestTarget), 'some folding exists at a large interval');
    let least = fillOf(fastest.resources, this.#usable).share;
    const { interval } = fastest;
    for (const target of this.#targets().toReversed()) {
      if (target > interval) continue;
      const solution = this.#solve(target, least * hopelesslyLarger);
      if (solution === null) break;
      const { share } = fillOf(solution.resources, this.#usable);
      least = Math.min(least, share);
      if (share <= least * hardlyLarger) fastest = solution;
    }
    return fastest;
  }

  /** Resources become dearer or cheaper by how much of them a solution takes. */
  #price({ solution, copies }: Found): void {
    const share = (kind: ResourceKind): number =>
      (copies * solution.resources[kind]) / Math.max(1, this.#usable[kind]);
    const scarcest = Math.max(...resourceKinds.map(share));
    for (const kind of resourceKinds) {
      this.#prices[kind] = Math.max(leastPrice, (this.#prices[kind] * share(kind)) / scarcest);
    }
  }

  /** Null where no target fits. */
  #bestOf(targets: readonly number[]): Found | null {
    const { targetThroughput, clockMHz } = this.#options;
    let best: Found | null = null;
    for (const target of targets) {
      // much slower copies than the best ones so far have never paid for their fixed costs
      if (best !== null && target > hopelessFactor * best.solution.interval) break;
      const solution = this.#solve(target, 1);
      if (solution === null || fillOf(solution.resources, this.#usable).share > 1) continue;
      const wanted =
        targetThroughput === undefined
          ? Infinity
          : Math.ceil((targetThroughput * solution.interval) / (clockMHz * 1e6));
      const copies = this.#copies(solution, wanted);
      if (copies === 0) continue;
      const throughput = copies / solution.interval;
      if (this.#better({ solution, copies, throughput }, best)) {
        best = { solution, copies, throughput };
      }
    }
    return best;
  }

  #better(found: Found, best: Found | null): boolean {
    if (best === null) return true;
    const { targetThroughput, clockMHz } = this.#options;
    const target = (targetThroughput ?? Infinity) / (clockMHz * 1e6);
    const reached = found.throughput >= target;
    if (reached !== best.throughput >= target) return reached;
    if (reached) {
      const cost = (one: Found): number =>
        one.copies * fillOf(one.solution.resources, this.#usable).share;
      return cost(found) < cost(best);
    }
    // a few per cent more throughput are not worth a slower copy
    return found.throughput > best.throughput * 1.02;
  }

  /** Geometric steps, short intervals first, down to what one step of the slowest layer takes. */
  #targets(): readonly number[] {
    const targets: number[] = [];
    for (let target = 24; target < 2e8; target = Math.ceil(target * 1.09)) targets.push(target);
    return targets;
  }

  /** Copies that fit beside what they share, at most `wanted`, not more than the ports feed. */
  #copies(solution: Solution, wanted: number): number {
    const { input } = solution;
    const partBits = input.tokensPerBeat * input.tokenBits;
    const parts = Math.max(1, Math.floor(this.#options.board.maximumBeatBits / partBits));
    const inputBeats = ceilDivide(beatsPerMap(input), 2 ** Math.floor(Math.log2(parts)));
    const outputBeats = solution.answerBeats;
    const fed = Math.ceil(solution.interval / Math.max(inputBeats, outputBeats));
    const shared = this.#shared(inputBeats);
    let copies = Math.min(wanted, fed, 256);
    for (const kind of resourceKinds) {
      if (solution.resources[kind] === 0) continue;
      const left = this.#usable[kind] - shared[kind];
      copies = Math.min(copies, Math.floor(left / solution.resources[kind]));
    }
    return Math.max(0, copies);
  }

  /** Input slice, distributor and merge, roughly; the plan is checked in full afterwards. */
  #shared(_inputBeats: number): Resources {
    const bits = this.#options.board.maximumBeatBits;
    return { lut: 3 * bits, ff: 4 * bits, bram36: 0, uram: 0, dsp: 0 };
  }

  /**
   * The cheapest folding of every layer for an interval; null where a layer cannot reach it or all
   * take more than `limit` of the budget.
   */
  #solve(target: number, limit = Infinity): Solution | null {
    const layers: LayerPlan[] = [];
    const choices: (LayerChoice | JoinChoice)[] = [];
    const { board, tokensPerSite } = this.#options;
    const widths = narrowestWidths(
      this.#graph,
      this.#streams,
      tokensPerSite,
      target,
      board.maximumBeatBits / 8,
    );
    if (widths === null) return null;
    // from the last layer to the first: a dense core may widen its input edge, which is the
    // output of the layer before
    let interval = 0;
    let resources: Resources = nothing;
    for (let index = this.#graph.layers.length - 1; index >= 0; index -= 1) {
      const found = this.#fold(index, target, widths);
      if (found === null) return null;
      layers.unshift(found.plan);
      choices.unshift(found.choice);
      resources = add(resources, stageResources(found.plan, board.family));
      if (fillOf(resources, this.#usable).share > limit) return null;
      interval = Math.max(interval, this.#intervalOf(found.plan));
    }
    const answers = this.#streams.topology.answers;
    const output = (layer: number): StreamPlan => present(layers[layer], 'a layer').output;
    return {
      choice: choices,
      layers,
      resources,
      interval,
      input: this.#streams.stream(-1, widths.of(-1)),
      answerWords: widths.of(present(answers[0], 'a network has an answer')),
      answerBeats: answers.reduce((sum, layer) => sum + beatsPerMap(output(layer)), 0),
    };
  }

  #fold(index: number, target: number, widths: ClassWidths): Folded | null {
    const layer = present(this.#graph.layers[index], 'layer');
    const { topology } = this.#streams;
    const inputs = edgesInto(topology, index);
    const output =
      layer.outputFormat === null
        ? logitStream(layer.layer.outputShape, widths.of(index))
        : this.#streams.stream(index, widths.of(index));
    const place = { inputs, readers: topology.readersOf(index).length };
    if (layer.kind === 'add' || layer.kind === 'concat' || layer.kind === 'winners') {
      const streams = inputs.map(({ from }) => this.#streams.stream(from, widths.of(from)));
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
    const tokensPerSite = this.#options.tokensPerSite[from + 1] ?? 1;
    const input = this.#streams.stream(from, widths.of(from));
    const problem = {
      layer,
      denseInput: this.#streams.isDense(from),
      inputTokens: widths.of(from),
      tailTokens: output.tokensPerBeat,
      tokensPerSite,
      interval: target,
    };
    let best: { plan: EngineLayerPlan; choice: LayerChoice; cost: number } | null = null;
    for (const choice of maxPoolCandidates(problem)) {
      const plan = lowerMaxPool({ index, layer, choice, input, output, place });
      if (layerRate(plan, tokensPerSite).interval > target) continue;
      const cost = this.#cost(layerResources(plan, this.#options.board.family));
      if (best === null || cost < best.cost) best = { plan, choice, cost };
    }
    return best;
  }

  /** Cycles between two inferences of a layer alone, by simple bounds. */
  #intervalOf(layer: LayerPlan): number {
    const { tokensPerSite } = this.#options;
    const tokens = [...layer.inputs.map(({ from }) => from), layer.index].map(
      (giver) => tokensPerSite[giver + 1] ?? 1,
    );
    return hasEngines(layer)
      ? layerRate(layer, present(tokens[0], 'tokens of an input')).interval
      : joinInterval(layer, tokens);
  }

  #cheapest(
    index: number,
    target: number,
    widths: ClassWidths,
    { output, place }: { readonly output: StreamPlan; readonly place: LayerPlace },
  ): Folded | null {
    const layer = windowOf(present(this.#graph.layers[index], 'layer'));
    const packing = packingAt(this.#packings, index);
    const { from } = present(place.inputs[0], 'a layer has an input');
    const mayWiden = this.#mayWiden(from);
    const tokensPerSite = this.#options.tokensPerSite[from + 1] ?? 1;
    let best: { choice: LayerChoice; cost: number } | null = null;
    const problem = {
      layer,
      packing,
      keepTies: this.#graph.keepTies,
      core: coreOf(layer, this.#variant),
      denseInput: this.#streams.isDense(from),
      inputTokens: widths.of(from),
      tailTokens: output.kind === 'dense' ? 1 : output.tokensPerBeat,
      tokensPerSite,
      interval: target,
    };
    const queued = this.#queued[index] ?? null;
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
        input: this.#streams.stream(from, choice.inputTokens),
        output,
        keepTies: this.#graph.keepTies,
        place,
        slots: this.#slotsOf(used, choice.setsParallel),
      });
    };
    for (const choice of choices) {
      if (choice.inputTokens > widths.of(from) && !mayWiden) continue;
      const key = [index, output.tokensPerBeat, ...Object.values(choice)].join(' ');
      let numbers = this.#numbers.get(key);
      if (numbers === undefined) {
        const plan = lower(choice);
        const { interval } = layerRate(plan, tokensPerSite);
        numbers = { interval, resources: layerResources(plan, this.#options.board.family) };
        this.#numbers.set(key, numbers);
      }
      if (numbers.interval > target) continue;
      const cost = this.#cost(numbers.resources);
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

  /** Whether a stream has one reader and its width is its own affair. */
  #mayWiden(giver: number): boolean {
    const { topology } = this.#streams;
    const alike = this.#graph.layers.filter((_, index) => {
      return this.#streams.classOf(index) === this.#streams.classOf(giver);
    });
    return topology.readersOf(giver).length === 1 && alike.length === (giver === -1 ? 0 : 1);
  }

  /** Sum of the shares of the board: a design is limited by one of them, but which depends. */
  #cost(resources: Resources): number {
    let cost = 0;
    for (const kind of resourceKinds) {
      if (resources[kind] === 0) continue;
      cost += (this.#prices[kind] * resources[kind]) / Math.max(1, this.#usable[kind]);
    }
    return cost;
  }
}
