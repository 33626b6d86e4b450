import { ceilDivide } from '../../base/bits.ts';
import type { Packing } from '../../ir/packing.ts';
import type { LayerChoice } from '../../ir/plan.ts';
import { shapeSize } from '../../ir/graph.ts';
import type { QuantizedGraph, QuantizedWindow } from '../../ir/quantized.ts';
import type { VariantName } from '../../ir/variant.ts';
import { indexActivity } from './index-activity.ts';
import { packLayerForQueues } from '../lower/packing-of-layer.ts';
import type { QueueShape } from '../lower/packing-of-layer.ts';
import { QueueEstimates } from './queue-estimates.ts';
import { networkStreams } from '../streams/stream-classes.ts';
import type { Topology } from '../streams/topology.ts';
import { weightsByIndex } from '../memories/weight-order.ts';

/** Effort of the packer (`QueueOptions`) on a layer at most, and on all layers of a network. */
const layerEffort = { swaps: 40_000, steps: 30_000_000 };
const networkEffort = { swaps: 400_000, steps: 150_000_000 };

/** What calibration tells, by giver + 1: `PlannerOptions`. */
interface ActivityFacts {
  readonly tokensPerSite: readonly number[];
  readonly activity?: readonly Float64Array[];
}

/** Packings of one layer for the foldings a planner looks at. */
export class QueuePackings {
  readonly estimates: QueueEstimates;

  readonly #layer: QuantizedWindow;
  readonly #activity: Float64Array;
  readonly #effort: NonNullable<QueueShape['effort']>;
  readonly #made = new Map<string, Packing>();

  /** `activity`: of every input value, see `indexActivity`. */
  constructor(
    layer: QuantizedWindow,
    activity: Float64Array | null,
    effort: NonNullable<QueueShape['effort']>,
  ) {
    this.#effort = effort;
    this.#layer = layer;
    this.#activity = indexActivity(layer, activity);
    const weights = weightsByIndex(layer.layer, layer.weights);
    this.estimates = new QueueEstimates(layer.name, weights, this.#activity);
  }

  /** The packing to build. */
  final(choice: LayerChoice): Packing {
    const { lanes, setsParallel, queues } = choice;
    const key = [lanes, setsParallel, queues, choice.channelLanes].join(' ');
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const { kernel } = this.#layer.layer;
    const packing = packLayerForQueues(this.#layer, {
      sets: setsParallel,
      queues,
      lanes,
      lanePositions: choice.channelLanes ? null : ceilDivide(kernel.height * kernel.width, lanes),
      activity: this.#activity,
      effort: this.#effort,
    });
    this.#made.set(key, packing);
    return packing;
  }
}

/** Of every sparse layer whose masks are not complementary: its packings for queues. */
export function queuePackings(
  graph: QuantizedGraph,
  packings: readonly (Packing | null)[],
  variant: VariantName,
  options: ActivityFacts,
): readonly (QueuePackings | null)[] {
  const streams = networkStreams(graph, variant);
  const count = packings.filter((packing) => packing?.complementary === false).length;
  const effort = {
    swaps: Math.min(layerEffort.swaps, Math.ceil(networkEffort.swaps / count)),
    steps: Math.min(layerEffort.steps, Math.ceil(networkEffort.steps / count)),
  };
  return graph.layers.map((layer, index) => {
    if (layer.kind !== 'window' || variant === 'dense') return null;
    if (packings[index]?.complementary === true) return null;
    // the memories of queues are not loaded yet
    if (layer.room !== undefined) return null;
    const [from = -1] = streams.topology.givers[index] ?? [];
    if (!streams.isDense(from) && !orderIsModelled(graph, streams.topology, from)) return null;
    const activity = streams.isDense(from) ? null : activityOf(layer, options, from);
    return new QueuePackings(layer, activity, effort);
  });
}

function activityOf(layer: QuantizedWindow, options: ActivityFacts, from: number): Float64Array {
  const { inputShape } = layer.layer;
  const alike = Math.min(1, (options.tokensPerSite[from + 1] ?? 1) / inputShape.channels);
  return options.activity?.[from + 1] ?? new Float64Array(shapeSize(inputShape)).fill(alike);
}

/**
 * Whether the cycle model knows the order in which a layer gives its tokens (`tokenOrder`): winners
 * of groups and of whole maps come in another one.
 */
export function orderIsModelled(graph: QuantizedGraph, topology: Topology, from: number): boolean {
  const layer = graph.layers[from];
  if (layer === undefined) return true;
  if (layer.kind === 'winners' || (layer.layer.kWinners?.groups ?? 1) > 1) return false;
  const givers = topology.givers[from] ?? [];
  return (
    layer.kind !== 'concat' || givers.every((giver) => orderIsModelled(graph, topology, giver))
  );
}
