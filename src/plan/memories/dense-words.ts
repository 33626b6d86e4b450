import type { Packing } from '../../ir/packing.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';

/** A word of the dense core: what one step multiplies with. */
export interface DensePlace {
  readonly fold: number;
  /** Kernel position in its lane. */
  readonly local: number;
  /** Group of `values` channels. */
  readonly group: number;
}

/**
 * The weights of any word of a layer of the dense core, in the order in which they lie in it: output
 * by output, lane by lane, value by value; 0 where there is none. `weights`: `weightsByIndex`.
 */
export function denseWord(
  plan: EngineLayerPlan,
  packing: Packing,
  weights: Int16Array,
): (place: DensePlace, each: (weight: number) => void) => void {
  const { setsParallel, lanes, values } = plan.choice;
  const { channels } = plan.input;
  const positions = plan.window.kernel.height * plan.window.kernel.width;
  return ({ fold, local, group }, each) => {
    for (let parallel = 0; parallel < setsParallel; parallel += 1) {
      const output = packing.sets[fold * setsParallel + parallel]?.channels[0];
      for (let lane = 0; lane < lanes; lane += 1) {
        const position = lane * plan.lanePositions + local;
        for (let value = 0; value < values; value += 1) {
          const channel = group * values + value;
          const exists = output !== undefined && position < positions && channel < channels;
          const index = ((output ?? 0) * positions + position) * channels + channel;
          each(exists ? (weights[index] ?? 0) : 0);
        }
      }
    }
  };
}
