import { ceilLog2 } from '../base/bits.ts';
import { invariant, present } from '../base/invariant.ts';
import type { Packing } from '../ir/packing.ts';
import type { EngineLayerPlan } from '../ir/plan.ts';
import { WordImage } from './word-image.ts';

/** Memories of the lanes of a layer with queues. */
export interface QueueImages {
  /** A lane: of every queue {start, words} of each index of the lane. */
  readonly pointers: readonly WordImage[];
  /** Lane by lane, a queue: words of (sum address, weight) of its sets, index after index. */
  readonly weights: readonly WordImage[];
}

/** Kernels of a set with a weight at an index, by kid. */
type Slot = readonly { readonly weight: number; readonly kid: number }[];

/**
 * Memory images of queues from quantised weights `[output][index]`. The words of an index follow
 * each other, those of the next one behind them; weights of a set take successive words by kid.
 */
export function queueImages(
  plan: EngineLayerPlan,
  packing: Packing,
  weights: Int16Array,
): QueueImages {
  const { queues, setsParallel, lanes } = plan.choice;
  const { kernel } = plan.window;
  const indices = kernel.height * kernel.width * plan.input.channels;
  const share = setsParallel / queues;
  const parameter = (name: string): number => present(plan.parameters[name], name);
  const startBits = parameter('QueueStartBits');
  const countBits = parameter('QueueCountBits');
  const addressBits = parameter('SumAddressBits');

  const slotOf = (set: number, index: number): Slot =>
    (packing.sets[set]?.channels ?? []).flatMap((channel, kid) => {
      const weight = weights[channel * indices + index] ?? 0;
      return weight === 0 ? [] : [{ weight, kid }];
    });

  const pointers: WordImage[] = [];
  const words: WordImage[] = [];
  for (let lane = 0; lane < lanes; lane += 1) {
    const pointer = new WordImage(queues * (startBits + countBits));
    const own = Array.from(
      { length: queues },
      () => new WordImage(share * (addressBits + plan.weightBits)),
    );
    for (const index of indicesOfLane(plan, lane, indices)) {
      if (index < 0) {
        pointer.endWord();
        continue;
      }
      own.forEach((image, queue) => {
        const slots = Array.from({ length: share }, (_, set) => slotOf(queue * share + set, index));
        const count = slots.reduce((most, slot) => Math.max(most, slot.length), 0);
        invariant(
          count === plan.queueWords[queue]?.[index],
          `${plan.name}: queue ${queue} has ${count} words at index ${index}`,
        );
        pointer.field(count, countBits);
        pointer.field(count === 0 ? 0 : image.depth, startBits);
        for (let step = 0; step < count; step += 1) {
          for (const slot of slots) {
            image.field(slot[step]?.weight ?? 0, plan.weightBits);
            image.field(slot[step]?.kid ?? 0, addressBits);
          }
          image.endWord();
        }
      });
      pointer.endWord();
    }
    while (pointer.depth < parameter('PointerDepth')) pointer.endWord();
    for (const image of own) while (image.depth < parameter('WeightDepth')) image.endWord();
    pointers.push(pointer);
    words.push(...own);
  }
  return { pointers, weights: words };
}

/** Indices of a lane in the order of its pointers; -1 where a row of channels has none for it. */
function indicesOfLane(plan: EngineLayerPlan, lane: number, indices: number): readonly number[] {
  const { lanes, channelLanes } = plan.choice;
  if (channelLanes) {
    return plan.turns.map((turn, row) => {
      const channel = row * lanes + (lane ^ turn);
      return channel < indices ? channel : -1;
    });
  }
  const run = plan.lanePositions * plan.input.channels;
  const count = Math.min(run, indices - lane * run);
  return Array.from({ length: count }, (_, index) => lane * run + index);
}

/** How each row of channels is dealt to the lanes: `token_owners`. */
export function turnImage(plan: EngineLayerPlan): WordImage {
  const bits = ceilLog2(plan.choice.lanes);
  const image = new WordImage(bits);
  for (const turn of plan.turns) {
    image.field(turn, bits);
    image.endWord();
  }
  while (image.depth < 2 ** present(plan.parameters['OwnerRowBits'], 'OwnerRowBits')) {
    image.endWord();
  }
  return image;
}
