import { ceilDivide } from '../base/bits.ts';
import { present } from '../base/invariant.ts';
import { resourceKinds, usableResources } from '../ir/board.ts';
import type { Board, ResourceKind, Resources } from '../ir/board.ts';
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
import { coreOf, packingAt, packNetwork } from './packing-of-layer.ts';
import type { TrainedPackings } from './packing-of-layer.ts';
import { planNetwork } from './plan-network.ts';
import type { NetworkChoice, PlanContext, PlannedNetwork } from './plan-network.ts';
import { layerResources } from './resources/layer-resources.ts';
import { planResources, stageResources } from './resources/plan-resources.ts';
import { refuseWinners } from './refuse-winners.ts';
import { networkStreams } from './stream-classes.ts';
import type { NetworkStreams } from './stream-classes.ts';
import { beatsPerMap, logitStream } from './streams.ts';
import { edgesInto } from './topology.ts';

/** What the planner has to know besides the network. */
export interface PlannerOptions extends Omit<PlanContext, 'board' | 'variant' | 'interval'> {
  readonly board: Board;
  /**
   * Of what leaves the input and every layer, in this order: mean over samples and sites of
   * max(1, tokens), from calibration data. Only used for token streams.
   */
  readonly tokensPerSite: readonly number[];
  /** Inferences per second to reach with as little hardware as possible. */
  readonly targetThroughput?: number;
  /** Packings that are found are kept here, for other variants of the same graph. */
  readonly trainedPackings?: TrainedPackings;
}

export interface VariantPlan {
  readonly network: PlannedNetwork;
  readonly choice: NetworkChoice;
  /** By layer; null where there are no weights. */
  readonly packings: readonly (Packing | null)[];
  /** All copies and what they share. */
  readonly resources: Resources;
  readonly fits: boolean;
  /** The resource most exceeded, and how many times the usable amount it takes. */
  readonly exceeded: { readonly resource: ResourceKind; readonly factor: number } | null;
  /** Cycles between two inferences of one copy, by the planner's bounds. */
  readonly plannedInterval: number;
}

/** Intervals beyond this multiple of the best one found so far are not tried. */
const hopelessFactor = 16;
/** Where nothing fits: a larger design than the smallest is taken for its speed, up to this. */
const hardlyLarger = 1.05;
/** Designs beyond this multiple of the smallest end the search for it. */
const hopelesslyLarger = 1.3;

interface Solution {
  readonly choice: NetworkChoice['layers'];
  readonly layers: readonly LayerPlan[];
  readonly input: StreamPlan;
  readonly answerWords: number;
  readonly answerBeats: number;
  readonly resources: Resources;
  readonly interval: number;
}

/** Share of the board's budget a design takes, by its scarcest resource. */
function fillOf(resources: Resources, usable: Resources): { kind: ResourceKind; share: number } {
  let worst: { kind: ResourceKind; share: number } = { kind: 'lut', share: 0 };
  for (const kind of resourceKinds) {
    const share = resources[kind] === 0 ? 0 : resources[kind] / Math.max(usable[kind], 1e-9);
    if (share > worst.share) worst = { kind, share };
  }
  return worst;
}

function add(left: Resources, right: Resources): Resources {
  return {
    lut: left.lut + right.lut,
    ff: left.ff + right.ff,
    bram36: left.bram36 + right.bram36,
    uram: left.uram + right.uram,
    dsp: left.dsp + right.dsp,
  };
}

interface Folded {
  readonly plan: LayerPlan;
  readonly choice: LayerChoice | JoinChoice;
}

interface Planned {
  readonly choice: NetworkChoice;
  readonly network: PlannedNetwork;
  readonly resources: Resources;
  readonly interval: number;
  /** Whether the layers without what the copies share are within the budget. */
  readonly layersFit: boolean;
}

/** Shares of the budget tried in turn for the layers when the whole does not fit. */
const budgetShares = [0.97, 0.93, 0.88];

function scaled(resources: Resources, share: number): Resources {
  return {
    lut: resources.lut * share,
    ff: resources.ff * share,
    bram36: resources.bram36 * share,
    uram: resources.uram * share,
    dsp: resources.dsp * share,
  };
}

const nothing: Resources = { lut: 0, ff: 0, bram36: 0, uram: 0, dsp: 0 };

/**
 * Chooses the folding of every layer and the number of copies: the most inferences a second that
 * the board's budget allows, or the smallest design that reaches the target. Deterministic. A
 * network that does not fit even at its smallest is still planned, `fits: false`.
 */
export function planVariant(
  graph: QuantizedGraph,
  variant: VariantName,
  options: PlannerOptions,
): VariantPlan {
  refuseWinners(graph);
  const packings = packNetwork(graph, variant, options.trainedPackings);
  const context: PlanContext = {
    tool: options.tool,
    modelSha256: options.modelSha256,
    board: options.board,
    clockMHz: options.clockMHz,
    variant,
  };
  const usable = usableResources(options.board);
  const planWithin = (budget: Resources): Planned => {
    const search = new IntervalSearch(graph, packings, variant, options, budget);
    const { solution, copies, fits: layersFit } = search.best();
    const { choice: layers, answerWords } = solution;
    const choice: NetworkChoice = { copies, layers, answerWords };
    const network = planNetwork(graph, packings, choice, {
      ...context,
      interval: solution.interval,
    });
    const resources = planResources(network.plan, options.board.family).total;
    return { choice, network, resources, interval: solution.interval, layersFit };
  };
  // the search counts layers; what the copies share is only known of a whole plan, and where it
  // does not fit beside them, they get a little less
  let planned = planWithin(usable);
  for (const share of budgetShares) {
    // layers that do not fit alone do not fit in less
    if (!planned.layersFit || fillOf(planned.resources, usable).share <= 1) break;
    const tighter = planWithin(scaled(usable, share));
    const fill = (one: Planned): number => fillOf(one.resources, usable).share;
    if (fill(tighter) < fill(planned)) planned = tighter;
  }
  const { choice, network, resources } = planned;
  const fill = fillOf(resources, usable);
  const fits = fill.share <= 1;
  return {
    network,
    choice,
    packings,
    resources,
    fits,
    exceeded: fits ? null : { resource: fill.kind, factor: fill.share },
    plannedInterval: planned.interval,
  };
}

/** Tries target intervals and keeps the cheapest folding of every layer for each. */
class IntervalSearch {
  readonly #graph: QuantizedGraph;
  readonly #packings: readonly (Packing | null)[];
  readonly #variant: VariantName;
  readonly #options: PlannerOptions;
  readonly #usable: Resources;
  readonly #streams: NetworkStreams;
  /** Drain slots by packing and sets in parallel: long lists that many candidates share. */
  readonly #slots = new Map<Packing, Map<number, readonly number[]>>();

  constructor(
    graph: QuantizedGraph,
    packings: readonly (Packing | null)[],
    variant: VariantName,
    options: PlannerOptions,
    usable: Resources,
  ) {
    this.#graph = graph;
    this.#packings = packings;
    this.#variant = variant;
    this.#options = options;
    this.#usable = usable;
    this.#streams = networkStreams(graph, variant);
  }

  best(): { readonly solution: Solution; readonly copies: number; readonly fits: boolean } {
    const { targetThroughput, clockMHz } = this.#options;
    let best: { solution: Solution; copies: number; throughput: number } | null = null;
    for (const target of this.#targets()) {
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
    if (best !== null) return { ...best, fits: true };
    return { solution: this.#smallest(), copies: 1, fits: false };
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

  #better(
    found: { solution: Solution; copies: number; throughput: number },
    best: { solution: Solution; copies: number; throughput: number } | null,
  ): boolean {
    if (best === null) return true;
    const { targetThroughput, clockMHz } = this.#options;
    const target = (targetThroughput ?? Infinity) / (clockMHz * 1e6);
    const reached = found.throughput >= target;
    if (reached !== best.throughput >= target) return reached;
    if (reached) {
      const cost = (one: { solution: Solution; copies: number }): number =>
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
    let best: { plan: EngineLayerPlan; choice: LayerChoice; cost: number } | null = null;
    for (const choice of candidates({
      layer,
      packing,
      keepTies: this.#graph.keepTies,
      core: coreOf(layer, this.#variant),
      denseInput: this.#streams.isDense(from),
      inputTokens: widths.of(from),
      tailTokens: output.kind === 'dense' ? 1 : output.tokensPerBeat,
      tokensPerSite,
      interval: target,
    })) {
      if (choice.inputTokens > widths.of(from) && !mayWiden) continue;
      const input = this.#streams.stream(from, choice.inputTokens);
      const plan = lowerLayer({
        index,
        layer,
        packing,
        choice,
        input,
        output,
        keepTies: this.#graph.keepTies,
        place,
        slots: this.#slotsOf(packing, choice.setsParallel),
      });
      if (layerRate(plan, tokensPerSite).interval > target) continue;
      const cost = this.#cost(layerResources(plan, this.#options.board.family));
      if (best === null || cost < best.cost) best = { plan, choice, cost };
    }
    if (best !== null && mayWiden) widths.widen(from, best.choice.inputTokens);
    return best;
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
      if (resources[kind] > 0) cost += resources[kind] / Math.max(1, this.#usable[kind]);
    }
    return cost;
  }
}
