import { ceilDivide } from '../base/bits.ts';
import type { Packing } from '../ir/packing.ts';
import type { LayerChoice } from '../ir/plan.ts';
import { shapeSize } from '../ir/graph.ts';
import type { QuantizedGraph, QuantizedWindow } from '../ir/quantized.ts';
import type { VariantName } from '../ir/variant.ts';
import { indexActivity } from './index-activity.ts';
import { packLayerForQueues } from './packing-of-layer.ts';
import { wordStatistics, type WordStatistics } from './queue-candidates.ts';
import { networkStreams } from './stream-classes.ts';
import { weightsByIndex } from './weight-order.ts';

/** Good enough to compare foldings: what is chosen is packed again with all effort. */
const roughEffort = { swaps: 3_000, steps: 200_000 };

/** What calibration tells, by giver + 1: `PlannerOptions`. */
interface ActivityFacts {
  readonly tokensPerSite: readonly number[];
  readonly activity?: readonly Float64Array[];
}

/** Packings of one layer for the foldings a planner looks at, each made once. */
export class QueuePackings {
  readonly statistics: WordStatistics;

  readonly #layer: QuantizedWindow;
  readonly #activity: Float64Array;
  readonly #rough = new Map<string, Packing>();

  /** `activity`: of every input value, see `indexActivity`. */
  constructor(layer: QuantizedWindow, activity: Float64Array | null) {
    this.#layer = layer;
    this.#activity = indexActivity(layer, activity);
    this.statistics = wordStatistics(weightsByIndex(layer.layer, layer.weights), this.#activity);
  }

  /** A packing made quickly. */
  rough(choice: LayerChoice): Packing {
    const key = [choice.lanes, choice.setsParallel, choice.queues].join(' ');
    const known = this.#rough.get(key);
    if (known !== undefined) return known;
    const packing = this.#pack(choice, roughEffort);
    this.#rough.set(key, packing);
    return packing;
  }

  /** The packing to build. */
  final(choice: LayerChoice): Packing {
    return this.#pack(choice);
  }

  #pack(choice: LayerChoice, effort?: typeof roughEffort): Packing {
    const { kernel } = this.#layer.layer;
    return packLayerForQueues(this.#layer, {
      sets: choice.setsParallel,
      queues: choice.queues,
      lanes: choice.lanes,
      lanePositions: ceilDivide(kernel.height * kernel.width, choice.lanes),
      activity: this.#activity,
      ...(effort === undefined ? {} : { effort }),
    });
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
  return graph.layers.map((layer, index) => {
    if (layer.kind !== 'window' || variant === 'dense') return null;
    if (packings[index]?.complementary === true) return null;
    const [from = -1] = streams.topology.givers[index] ?? [];
    const activity = streams.isDense(from) ? null : activityOf(layer, options, from);
    return new QueuePackings(layer, activity);
  });
}

function activityOf(layer: QuantizedWindow, options: ActivityFacts, from: number): Float64Array {
  const { inputShape } = layer.layer;
  const alike = Math.min(1, (options.tokensPerSite[from + 1] ?? 1) / inputShape.channels);
  return options.activity?.[from + 1] ?? new Float64Array(shapeSize(inputShape)).fill(alike);
}
