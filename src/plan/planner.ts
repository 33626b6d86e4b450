import { present } from '../base/invariant.ts';
import { usableResources } from '../ir/board.ts';
import type { ResourceKind, Resources } from '../ir/board.ts';
import type { Packing } from '../ir/packing.ts';
import type { QuantizedGraph } from '../ir/quantized.ts';
import type { VariantName } from '../ir/variant.ts';
import { IntervalSearch } from './search/interval-search.ts';
import { smallFormsOf } from './search/cheapest-foldings.ts';
import { intervalOn } from './cycles/interval-on.ts';
import { fedCopies, portBeats } from './search/fed-copies.ts';
import { betterDesign } from './exact/exact-design.ts';
import type { FoldingNumbers, SearchContext } from './search/search-context.ts';
import type { LatencyDesign } from './search/latency-search.ts';
import { packNetwork } from './lower/packing-of-layer.ts';
import { planLatency } from './search/plan-latency.ts';
import { planNetwork } from './plan-network.ts';
import type { NetworkChoice, PlanContext, PlannedNetwork } from './plan-network.ts';
import type { PlannerOptions } from './planner-options.ts';
import { queuePackings } from './search/queue-packings.ts';
import { refuseUnits } from './refuse-units.ts';
import { refuseWinners } from './refuse-winners.ts';
import { planResources } from './resources/plan-resources.ts';
import { copiesOnDies } from './search/copies-on-dies.ts';
import { fillOf } from './resources/share.ts';
import { weightStreams } from './search/streamed-layers.ts';
import type { WeightStreamChoice } from './search/streamed-layers.ts';
import { wiredLayers } from './wired/wired-graph.ts';

export type { PlannerOptions } from './planner-options.ts';

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
  /** Cycles of one inference alone, where they were planned for: the median of calibration samples. */
  readonly plannedLatency?: number;
}

interface Planned {
  readonly choice: NetworkChoice;
  readonly packings: readonly (Packing | null)[];
  readonly network: PlannedNetwork;
  readonly resources: Resources;
  /** Of the scarcest resource, or of the dies: more than 1 does not fit. */
  readonly share: number;
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

/**
 * Chooses the folding of every layer and the number of copies: the most inferences a second that
 * the board's budget allows, or the smallest design that reaches the target. Deterministic. Where a
 * dense network does not fit with all weights on the device, those of some layers come from memory
 * beside it: of as few as make it fit, or of more where that makes it faster. A network that does not
 * fit even at its smallest is still planned, `fits: false`.
 */
export function planVariant(
  graph: QuantizedGraph,
  variant: VariantName,
  options: PlannerOptions,
): VariantPlan {
  refuseWinners(graph);
  const packings = packNetwork(graph, variant, options.trainedPackings);
  const prepared: Prepared = {
    packings,
    queued: queuePackings(graph, packings, variant, options),
    wired: wiredLayers(graph, variant, options.knownWires),
  };
  refuseUnits(graph, options, prepared);
  const held = planOnDevice(graph, variant, options, prepared, noStream);
  if (held.fits) return held;
  let best: VariantPlan | null = null;
  for (const stream of weightStreams(graph, variant, options)) {
    const planned = planOnDevice(graph, variant, options, prepared, stream);
    if (!planned.fits) continue;
    if (best === null || perCycle(planned) > worthwhile * perCycle(best)) best = planned;
  }
  return best ?? held;
}

/** What makes more words or wider ones worth it. */
const worthwhile = 1.02;

function perCycle({ choice, plannedInterval }: VariantPlan): number {
  return choice.copies / plannedInterval;
}

const noStream: WeightStreamChoice = { rate: null, layers: [] };

/** What does not depend on where weights lie. */
type Prepared = Pick<SearchContext, 'packings' | 'queued' | 'wired'>;

function planOnDevice(
  graph: QuantizedGraph,
  variant: VariantName,
  options: PlannerOptions,
  { packings, queued, wired }: Prepared,
  stream: WeightStreamChoice,
): VariantPlan {
  const context: PlanContext = {
    tool: options.tool,
    modelSha256: options.modelSha256,
    board: options.board,
    clockMHz: options.clockMHz,
    variant,
    wired,
    ...(stream.rate === null ? {} : { weightRate: stream.rate }),
  };
  const usable = usableResources(options.board);
  const numbers = new Map<string, FoldingNumbers>();
  const streamed = stream.layers;
  const searched = { packings, queued, wired, streamed, variant, options, budget: usable, numbers };
  const packingsOf = ({ layers }: NetworkChoice): Planned['packings'] =>
    packings.map((packing, index) => {
      const layer = present(layers[index], 'choice of a layer');
      return layer.core === 'sparse' && layer.queues > 0
        ? present(queued[index], 'queues').final(layer)
        : packing;
    });
  if (options.latency !== undefined && stream.rate === null) {
    const design = planLatency(graph, options.latency, {
      search: searched,
      plan: context,
      family: options.board.family,
      packingsOf,
    });
    if (design !== null) return latencyPlan(graph, design, packingsOf(design.choice), context);
  }
  const plannedOf = (choice: NetworkChoice, interval: number, layersFit: boolean): Planned => {
    const chosen = packingsOf(choice);
    const network = planNetwork(graph, chosen, choice, { ...context, interval });
    const { total: resources, perCopy } = planResources(network.plan, options.board.family);
    const onDies = copiesOnDies(perCopy, usable, options.board.dies);
    const share = Math.max(fillOf(resources, usable).share, choice.copies / onDies);
    return { choice, network, packings: chosen, resources, share, interval, layersFit };
  };
  const planWithin = (budget: Resources): Planned => {
    const search = new IntervalSearch(graph, { ...searched, budget });
    const { solution, copies, fits: layersFit } = search.best();
    const { choice: layers, answerWords, interval } = solution;
    return plannedOf({ copies, layers, answerWords }, interval, layersFit);
  };
  // the search counts layers; what the copies share is only known of a whole plan, and where it
  // does not fit beside them, they get a little less
  let planned = planWithin(usable);
  const tried = [planned];
  for (const share of budgetShares) {
    // layers that do not fit alone do not fit in less
    if (!planned.layersFit || planned.share <= 1) break;
    const tighter = planWithin(scaled(usable, share));
    tried.push(tighter);
    if (tighter.share < planned.share) planned = tighter;
  }
  if (planned.layersFit && planned.share > 1) {
    // a search that thinks too little of its layers does so in every budget
    planned =
      fewerCopies(tried, (choice, interval) => plannedOf(choice, interval, true)) ?? planned;
  }
  const isBound = options.mostCopies !== undefined || options.units !== undefined;
  if (stream.rate === null && options.isQuick !== true && !isBound) {
    const more = moreCopies(planned, options);
    if (more !== null) planned = plannedOf(more, planned.interval, true);
    const there = { ...planned, plan: planned.network.plan, fits: planned.share <= 1 };
    // it looks at foldings with two banks of sums
    const small = smallFormsOf(options.board) !== null;
    const better = small
      ? null
      : betterDesign(graph, there, { search: searched, context, packingsOf });
    if (better !== null) planned = plannedOf(better.choice, better.interval, true);
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

/** The fastest of designs that do not fit, each with as few copies less as make it fit; null where none has that many. */
function fewerCopies(
  tried: readonly Planned[],
  plannedOf: (choice: NetworkChoice, interval: number) => Planned,
): Planned | null {
  const rate = ({ choice, interval }: Planned): number => choice.copies / interval;
  let best: Planned | null = null;
  for (const one of tried) {
    let fewer = one;
    while (fewer.share > 1 && fewer.choice.copies > 1) {
      const { copies } = fewer.choice;
      const fit = Math.min(copies - 1, Math.max(1, Math.floor(copies / fewer.share)));
      fewer = plannedOf({ ...one.choice, copies: fit }, one.interval);
    }
    if (fewer.share <= 1 && (best === null || rate(fewer) > rate(best))) best = fewer;
  }
  return best;
}

/** More copies where bounds say that the ports feed no more, but the cycle model does not; else null. */
function moreCopies(
  { choice, network, interval, share }: Planned,
  { evaluations = [], targetThroughput, board }: PlannerOptions,
): NetworkChoice | null {
  const { plan } = network;
  const areFed = plan.copies * portBeats(plan) >= interval;
  if (!areFed || share > 1 || targetThroughput !== undefined || evaluations.length === 0)
    return null;
  const copies = fedCopies(plan, intervalOn(plan, evaluations)(plan), board);
  return copies === plan.copies ? null : { ...choice, copies };
}

/** The plan of a design that was chosen for its latency. */
function latencyPlan(
  graph: QuantizedGraph,
  { choice, resources, interval, latencyCycles }: LatencyDesign,
  packings: readonly (Packing | null)[],
  context: PlanContext,
): VariantPlan {
  return {
    network: planNetwork(graph, packings, choice, { ...context, interval }),
    choice,
    packings,
    resources,
    fits: true,
    exceeded: null,
    plannedInterval: interval,
    plannedLatency: latencyCycles,
  };
}
