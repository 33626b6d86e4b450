import { ceilDivide, nextPowerOfTwo } from '../base/bits.ts';
import { fail, exitCodes } from '../base/diagnostics.ts';
import { invariant, present } from '../base/invariant.ts';
import { resourceKinds, usableResources } from '../ir/board.ts';
import type { Board, ResourceKind, Resources } from '../ir/board.ts';
import type { Packing } from '../ir/packing.ts';
import type { LayerChoice, LayerPlan, StreamPlan } from '../ir/plan.ts';
import type { QuantizedGraph, QuantizedLayer } from '../ir/quantized.ts';
import type { VariantName } from '../ir/variant.ts';
import { candidates } from './candidates.ts';
import { layerRate } from './layer-rate.ts';
import { queueCandidates } from './queue-candidates.ts';
import { queuePackings } from './queue-packings.ts';
import type { QueuePackings } from './queue-packings.ts';
import { lowerLayer } from './lower-layer.ts';
import { densePacking, packLayer } from './packing-of-layer.ts';
import { maximumTokens, planNetwork } from './plan-network.ts';
import type { NetworkChoice, PlanContext, PlannedNetwork } from './plan-network.ts';
import { layerResources } from './resources/layer-resources.ts';
import { planResources } from './resources/plan-resources.ts';
import { denseStream, logitStream, tokenStream } from './streams.ts';

/** What the planner has to know besides the network. */
export interface PlannerOptions extends Omit<PlanContext, 'board' | 'variant'> {
  readonly board: Board;
  /**
   * Per layer: mean over samples and input sites of max(1, tokens), from calibration data. Only
   * used for token streams.
   */
  readonly tokensPerSite: readonly number[];
  /**
   * Per layer: how often each input value is not zero (channels first), from calibration data. Only
   * used for token streams; without it all values of a layer are as often active.
   */
  readonly activity?: readonly Float64Array[];
  /** Inferences per second to reach with as little hardware as possible. */
  readonly targetThroughput?: number;
}

export interface VariantPlan {
  readonly network: PlannedNetwork;
  readonly choice: NetworkChoice;
  readonly packings: readonly Packing[];
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

/** Words of logits that leave a copy in one beat. */
const logitsPerBeat = 4;

interface Solution {
  readonly choice: readonly LayerChoice[];
  readonly layers: readonly LayerPlan[];
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

interface Planned {
  readonly choice: NetworkChoice;
  readonly packings: readonly Packing[];
  readonly network: PlannedNetwork;
  readonly resources: Resources;
  readonly interval: number;
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
  refuseUnsupported(graph);
  const packings = graph.layers.map((layer) =>
    variant === 'dense' ? densePacking(layer) : packLayer(layer),
  );
  const context: PlanContext = {
    tool: options.tool,
    modelSha256: options.modelSha256,
    board: options.board,
    clockMHz: options.clockMHz,
    variant,
  };
  const usable = usableResources(options.board);
  const queued = queuePackings(graph, packings, variant, options);
  const planWithin = (budget: Resources): Planned => {
    const best = new IntervalSearch(graph, packings, queued, variant, options, budget).best();
    const choice: NetworkChoice = { copies: best.copies, layers: best.solution.choice };
    const chosen = packings.map((packing, index) => {
      const layer = present(choice.layers[index], 'choice of a layer');
      return layer.queues > 0 ? present(queued[index], 'queues').final(layer) : packing;
    });
    const network = planNetwork(graph, chosen, choice, context);
    const resources = planResources(network.plan, options.board.family).total;
    return { choice, network, packings: chosen, resources, interval: best.solution.interval };
  };
  // the search counts layers; what the copies share is only known of a whole plan, and where it
  // does not fit beside them, they get a little less
  let planned = planWithin(usable);
  for (const share of budgetShares) {
    if (fillOf(planned.resources, usable).share <= 1) break;
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
    packings: planned.packings,
    resources,
    fits,
    exceeded: fits ? null : { resource: fill.kind, factor: fill.share },
    plannedInterval: planned.interval,
  };
}

/** k-WTA over a whole feature map and overlapping pooling have no unit yet. */
function refuseUnsupported(graph: QuantizedGraph): void {
  for (const { name, layer } of graph.layers) {
    const { kWinners, outputShape, pooling } = layer;
    if (kWinners?.scope === 'layer' && outputShape.height * outputShape.width > 1) {
      fail('plan/k-winners-scope', 'k-WTA over a whole feature map has no hardware unit yet', {
        place: name,
        remedy: 'apply k-WTA per site (over channels) or after a fully connected layer',
        exitCode: exitCodes.badInput,
      });
    }
    if (
      pooling !== null &&
      (pooling.kernel.height !== pooling.stride.height ||
        pooling.kernel.width !== pooling.stride.width)
    ) {
      fail('plan/overlapping-pooling', 'overlapping max-pooling has no hardware unit yet', {
        place: name,
        remedy: 'use a pooling stride equal to the pooling kernel',
        exitCode: exitCodes.badInput,
      });
    }
  }
}

/** Tries target intervals and keeps the cheapest folding of every layer for each. */
class IntervalSearch {
  readonly #graph: QuantizedGraph;
  readonly #packings: readonly Packing[];
  readonly #queued: readonly (QueuePackings | null)[];
  readonly #variant: VariantName;
  readonly #options: PlannerOptions;
  readonly #usable: Resources;

  constructor(
    graph: QuantizedGraph,
    packings: readonly Packing[],
    queued: readonly (QueuePackings | null)[],
    variant: VariantName,
    options: PlannerOptions,
    usable: Resources,
  ) {
    this.#graph = graph;
    this.#packings = packings;
    this.#queued = queued;
    this.#variant = variant;
    this.#options = options;
    this.#usable = usable;
  }

  best(): { readonly solution: Solution; readonly copies: number } {
    const { targetThroughput, clockMHz } = this.#options;
    let best: { solution: Solution; copies: number; throughput: number } | null = null;
    let smallest: Solution | null = null;
    for (const target of this.#targets()) {
      // much slower copies than the best ones so far have never paid for their fixed costs
      if (best !== null && target > hopelessFactor * best.solution.interval) break;
      const solution = this.#solve(target);
      if (solution === null) continue;
      const { share } = fillOf(solution.resources, this.#usable);
      if (smallest === null || share < fillOf(smallest.resources, this.#usable).share) {
        smallest = solution;
      }
      if (share > 1) continue;
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
    if (best !== null) return best;
    return { solution: present(smallest, 'some folding exists at a large interval'), copies: 1 };
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
    const first = present(solution.layers[0], 'a network has a layer');
    const partBits = first.input.tokensPerBeat * first.input.tokenBits;
    const parts = Math.max(1, Math.floor(this.#options.board.maximumBeatBits / partBits));
    const streamBeats = solution.layers[0] === undefined ? 1 : beatsOf(first.input);
    const inputBeats = ceilDivide(streamBeats, 2 ** Math.floor(Math.log2(parts)));
    const outputBeats = solution.layers.at(-1)?.output.maximumBeats ?? 1;
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

  /** The cheapest folding of every layer for an interval; null where a layer cannot reach it. */
  #solve(target: number): Solution | null {
    const layers: LayerPlan[] = [];
    const choices: LayerChoice[] = [];
    const widths = this.#edgeWidths(target);
    if (widths === null) return null;
    // from the last layer to the first: a dense core may widen its input edge, which is the
    // output of the layer before
    let output: StreamPlan | null = null;
    for (let index = this.#graph.layers.length - 1; index >= 0; index -= 1) {
      const found = this.#cheapest(index, target, present(widths[index], 'edge width'), output);
      if (found === null) return null;
      layers.unshift(found.plan);
      choices.unshift(found.choice);
      output = found.plan.input;
    }
    let resources: Resources = nothing;
    let interval = 0;
    layers.forEach((layer, index) => {
      resources = add(resources, layerResources(layer, this.#options.board.family));
      const rate = layerRate(layer, this.#options.tokensPerSite[index] ?? 1);
      interval = Math.max(interval, rate.interval);
    });
    return { choice: choices, layers, resources, interval };
  }

  /** Tokens a beat on the input edge of every layer, so that no edge is slower than the target. */
  #edgeWidths(target: number): readonly number[] | null {
    const widths: number[] = [];
    for (const [index, { layer }] of this.#graph.layers.entries()) {
      const { channels, height, width } = layer.inputShape;
      const dense = this.#variant !== 'sparse-sparse' || index === 0;
      const perSite = dense ? channels : (this.#options.tokensPerSite[index] ?? 1);
      const widest = index === 0 ? nextPowerOfTwo(channels) * nextPowerOfTwo(width) : 64;
      const limit = Math.min(widest, dense && index > 0 ? nextPowerOfTwo(channels) : widest);
      let tokens = 1;
      const beats = (): number => {
        const padded = nextPowerOfTwo(channels);
        if (dense && tokens > padded) return height * ceilDivide(width, tokens / padded);
        return height * width * Math.max(1, ceilDivide(perSite, tokens));
      };
      while (beats() > target && tokens < limit) tokens *= 2;
      if (beats() > target) return null;
      if (index === 0) tokens = Math.min(tokens, this.#options.board.maximumBeatBits / 8);
      widths.push(tokens);
    }
    return widths;
  }

  #cheapest(
    index: number,
    target: number,
    inputTokens: number,
    output: StreamPlan | null,
  ): { readonly plan: LayerPlan; readonly choice: LayerChoice } | null {
    const layer = present(this.#graph.layers[index], 'layer');
    const packing = present(this.#packings[index], 'packing');
    const denseInput = this.#variant !== 'sparse-sparse' || index === 0;
    const core = this.#variant === 'dense' ? 'dense' : 'sparse';
    const tokensPerSite = this.#options.tokensPerSite[index] ?? 1;
    const last = output === null;
    const tailTokens = last ? logitsPerBeat : output.kind === 'dense' ? 1 : output.tokensPerBeat;
    let best: { plan: LayerPlan; choice: LayerChoice; cost: number } | null = null;
    const problem = {
      layer,
      packing,
      core,
      denseInput,
      inputTokens,
      tailTokens,
      tokensPerSite,
      interval: target,
    } as const;
    const queued = this.#queued[index] ?? null;
    const choices =
      queued === null
        ? candidates(problem)
        : [...candidates(problem), ...queueCandidates(problem, queued.statistics)];
    for (const choice of choices) {
      const input = this.#stream(index, choice.inputTokens);
      const plan = lowerLayer({
        index,
        layer,
        packing: choice.queues > 0 ? present(queued, 'queues').rough(choice) : packing,
        choice,
        input,
        output: output ?? logitStream(layer.layer.outputShape.channels, logitsPerBeat),
      });
      if (layerRate(plan, tokensPerSite).interval > target) continue;
      const cost = this.#cost(layerResources(plan, this.#options.board.family));
      if (best === null || cost < best.cost) best = { plan, choice, cost };
    }
    return best;
  }

  /** Sum of the shares of the board: a design is limited by one of them, but which depends. */
  #cost(resources: Resources): number {
    let cost = 0;
    for (const kind of resourceKinds) {
      if (resources[kind] > 0) cost += resources[kind] / Math.max(1, this.#usable[kind]);
    }
    return cost;
  }

  #stream(index: number, tokens: number): StreamPlan {
    if (index === 0) {
      const { shape, format } = this.#graph.input;
      return denseStream(shape, format, tokens);
    }
    const before: QuantizedLayer = present(this.#graph.layers[index - 1], 'layer before');
    const format = present(before.outputFormat, 'output format');
    const shape = before.layer.outputShape;
    return this.#variant === 'sparse-sparse'
      ? tokenStream(shape, format, tokens, maximumTokens(before))
      : denseStream(shape, format, tokens);
  }
}

function beatsOf(stream: StreamPlan): number {
  invariant(stream.kind === 'dense', 'the input stream is dense');
  return stream.height * ceilDivide(stream.width, stream.sitesPerBeat) * stream.maximumBeats;
}
