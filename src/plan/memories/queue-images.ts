import { ceilLog2 } from '../../base/bits.ts';
import { invariant, present } from '../../base/invariant.ts';
import type { Packing } from '../../ir/packing.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { WordImage } from './word-image.ts';

/** Memories of the lanes of a layer with queues. */
export interface QueueImages {
  /** A lane: of every queue {start, words} of each index of the lane. */
  readonly pointers: readonly WordImage[];
  /** Lane by lane, a queue: words of (sum address, weight) of its sets, index after index. */
  readonly weights: readonly WordImage[];
}

/** The weights that are not 0, those of an input index together: by set there, then by kid. */
interface Entries {
  /** Entries of an index are starts[index] .. starts[index + 1] - 1. */
  readonly starts: Uint32Array;
  readonly set: Uint16Array;
  readonly kid: Uint16Array;
  readonly weight: Int16Array;
}

/** Lists quantised weights `[output][index]` by index. */
function entriesByIndex(packing: Packing, weights: Int16Array, indices: number): Entries {
  const starts = new Uint32Array(indices + 1);
  for (let at = 0, index = 0; at < weights.length; at += 1) {
    if (weights[at] !== 0) starts[index + 1] = (starts[index + 1] ?? 0) + 1;
    index = index + 1 === indices ? 0 : index + 1;
  }
  for (let index = 0; index < indices; index += 1) {
    starts[index + 1] = (starts[index + 1] ?? 0) + (starts[index] ?? 0);
  }
  const total = starts[indices] ?? 0;
  const next = starts.slice();
  const entries: Entries = {
    starts,
    set: new Uint16Array(total),
    kid: new Uint16Array(total),
    weight: new Int16Array(total),
  };
  packing.sets.forEach(({ channels }, set) => {
    channels.forEach((channel, kid) => {
      for (let index = 0; index < indices; index += 1) {
        const weight = weights[channel * indices + index] ?? 0;
        if (weight === 0) continue;
        const at = next[index] ?? 0;
        next[index] = at + 1;
        entries.set[at] = set;
        entries.kid[at] = kid;
        entries.weight[at] = weight;
      }
    });
  });
  return entries;
}

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

  const {
    starts,
    set: setOf,
    kid: kidOf,
    weight: weightOf,
  } = entriesByIndex(packing, weights, indices);
  // of a queue at an index: where the entries of each of its sets begin, and the last ones end
  const begin = new Uint32Array(share + 1);

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
      let entry = starts[index] ?? 0;
      const end = starts[index + 1] ?? 0;
      own.forEach((image, queue) => {
        let count = 0;
        for (let set = 0; set < share; set += 1) {
          begin[set] = entry;
          while (entry < end && setOf[entry] === queue * share + set) entry += 1;
          count = Math.max(count, entry - (begin[set] ?? 0));
        }
        begin[share] = entry;
        invariant(
          count === plan.queueWords[queue]?.[index],
          `${plan.name}: queue ${queue} has ${count} words at index ${index}`,
        );
        pointer.field(count, countBits);
        pointer.field(count === 0 ? 0 : image.depth, startBits);
        for (let step = 0; step < count; step += 1) {
          for (let set = 0; set < share; set += 1) {
            const at = (begin[set] ?? 0) + step;
            const exists = at < (begin[set + 1] ?? 0);
            image.field(exists ? (weightOf[at] ?? 0) : 0, plan.weightBits);
            image.field(exists ? (kidOf[at] ?? 0) : 0, addressBits);
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
