import { ceilDivide } from '../base/bits.ts';
import type { Packing } from '../ir/packing.ts';
import type { LayerChoice } from '../ir/plan.ts';
import { shapeSize } from '../ir/graph.ts';
import type { QuantizedGraph, QuantizedLayer } from '../ir/quantized.ts';
import type { VariantName } from '../ir/variant.ts';
import { packLayerForQueues } from './packing-of-layer.ts';
import { wordStatistics, type WordStatistics } from './queue-candidates.ts';
import { indexActivity } from './index-activity.ts';
import { weightsByIndex } from './weight-order.ts';

/** Good enough to compare foldings: what is chosen is packed again with all effort. */
const roughEffort = { swaps: 3_000, steps: 200_000 };

/** What calibration tells of the inputs of layers: `PlannerOptions`. */
interface ActivityFacts {
  readonly tokensPerSite: readonly number[];
  readonly activity?: readonly Float64Array[];
}

/** Packings of one layer for the foldings a planner looks at, each made once. */
export class QueuePackings {
  readonly statistics: WordStatistics;

  readonly #layer: QuantizedLayer;
  readonly #activity: Float64Array;
  readonly #rough = new Map<string, Packing>();

  /** `activity`: of every input value, see `indexActivity`. */
  constructor(layer: QuantizedLayer, activity: Float64Array | null) {
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

/** Of every layer whose masks are not complementary: its packings for queues. */
export function queuePackings(
  graph: QuantizedGraph,
  packings: readonly Packing[],
  variant: VariantName,
  options: ActivityFacts,
): readonly (QueuePackings | null)[] {
  return graph.layers.map((layer, index) => {
    if (variant === 'dense' || packings[index]?.complementary === true) return null;
    const dense = variant !== 'sparse-sparse' || index === 0;
    return new QueuePackings(layer, dense ? null : activityOf(layer, options, index));
  });
}

function activityOf(layer: QuantizedLayer, options: ActivityFacts, index: number): Float64Array {
  const { inputShape } = layer.layer;
  const alike = Math.min(1, (options.tokensPerSite[index] ?? 1) / inputShape.channels);
  return options.activity?.[index] ?? new Float64Array(shapeSize(inputShape)).fill(alike);
}
