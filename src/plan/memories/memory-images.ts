import { present } from '../../base/invariant.ts';
import type { Packing } from '../../ir/packing.ts';
import type { EngineLayerPlan, MemoryKind, MemoryPlan } from '../../ir/plan.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import type { WeightWords } from '../../pack/weight-words.ts';
import { layoutWords } from '../../pack/weight-words.ts';
import { denseWord } from './dense-words.ts';
import { memoryKind } from './memory-kinds.ts';
import { queueImages, turnImage } from './queue-images.ts';
import { readParts } from '../lower/read-beats.ts';
import { weightsByIndex } from './weight-order.ts';
import { WordImage } from './word-image.ts';

export interface MemoryImage {
  readonly file: string;
  readonly purpose: MemoryPlan['purpose'];
  readonly widthBits: number;
  readonly depth: number;
  readonly instances: number;
  readonly memory: MemoryKind;
  readonly text: string;
}

/** Weight memories of the sparse core: one a lane, word = (weight, sum address) of every set. */
function sparseLaneImage(
  plan: EngineLayerPlan,
  words: WeightWords,
  lane: number,
  positions: number,
): WordImage {
  const { setsParallel } = plan.choice;
  const { channels } = plan.input;
  const addressBits = present(plan.parameters['SumAddressBits'], 'SumAddressBits');
  const paired = plan.parameters['PairWeights'] === 1;
  const image = new WordImage(setsParallel * (addressBits + plan.weightBits));
  for (let word = 0; word < plan.words; word += 1) {
    const fold = Math.floor(word / plan.depth);
    const step = word % plan.depth;
    for (let local = 0; local < plan.lanePositions; local += 1) {
      const position = lane * plan.lanePositions + local;
      for (let channel = 0; channel < channels; channel += 1) {
        const index = position * channels + channel;
        let borrow = 0;
        for (let parallel = 0; parallel < setsParallel; parallel += 1) {
          const set = fold * setsParallel + parallel;
          const slot = (index * words.depth + step) * words.sets + set;
          const exists = position < positions && set < words.sets;
          const weight = exists ? present(words.weight[slot], 'weight') : 0;
          const kid = exists ? present(words.kid[slot], 'kid') : 0;
          image.field(weight - borrow, plan.weightBits);
          image.field(exists ? fold * plan.setSize + kid : 0, addressBits);
          // the even weight of a pair borrows from the odd one, see sparse_lane
          borrow = paired && parallel % 2 === 0 && weight < 0 ? 1 : 0;
        }
        image.endWord();
      }
    }
  }
  while (image.depth < present(plan.parameters['WeightDepth'], 'WeightDepth')) image.endWord();
  return image;
}

/** Weight memory of the dense core: word = all weights of one step, output by output. */
function denseImage(plan: EngineLayerPlan, packing: Packing, weights: Int16Array): WordImage {
  const { setsParallel, lanes, values } = plan.choice;
  const groups = present(plan.parameters['PositionStride'], 'PositionStride');
  const image = new WordImage(setsParallel * lanes * values * plan.weightBits);
  const word = denseWord(plan, packing, weights);
  for (let fold = 0; fold < plan.folds; fold += 1) {
    for (let local = 0; local < plan.lanePositions; local += 1) {
      for (let group = 0; group < groups; group += 1) {
        word({ fold, local, group }, (weight) => {
          image.field(weight, plan.weightBits);
        });
        image.endWord();
      }
    }
  }
  while (image.depth < present(plan.parameters['WeightDepth'], 'WeightDepth')) image.endWord();
  return image;
}

/** Vector slot (beat * readWidth + position) -> output channel, as the tail sees the slots. */
export function vectorSlots({ slots, choice }: EngineLayerPlan): readonly number[] {
  const { drainWidth, readWidth } = choice;
  // parts of a drain beat follow each other, so the order is that of the drain
  const unused = readParts(choice) * readWidth - drainWidth;
  if (unused === 0) return slots;
  const fill = Array.from({ length: unused }, () => -1);
  return Array.from({ length: slots.length / drainWidth }, (_, beat) => [
    ...slots.slice(beat * drainWidth, (beat + 1) * drainWidth),
    ...fill,
  ]).flat();
}

/** Parameters per output channel, one word per vector beat. */
function outputImage(plan: EngineLayerPlan, layer: QuantizedWindow): WordImage {
  const { readWidth } = plan.choice;
  const slots = vectorSlots(plan);
  const parameter = (name: string): number => present(plan.parameters[name], name);
  // for sums of 0 and more, then (LeakyReLU) for those below
  const scales = [layer.requantization, layer.negativeRequantization].filter(
    (scale) => scale !== null,
  );
  const slotBits =
    1 +
    parameter('OutChannelBits') +
    parameter('BiasBits') +
    scales.length * (16 + parameter('ShiftBits'));
  const image = new WordImage(readWidth * slotBits);
  for (let beat = 0; beat < slots.length / readWidth; beat += 1) {
    for (let position = 0; position < readWidth; position += 1) {
      const channel = slots[beat * readWidth + position] ?? -1;
      if (channel < 0) {
        let left = slotBits;
        for (; left > 0; left -= Math.min(left, 32)) image.field(0, Math.min(left, 32));
        continue;
      }
      for (const scale of scales) {
        image.field((scale.shift[channel] ?? 0) - parameter('MinShift'), parameter('ShiftBits'));
        image.field(scale.multiplier[channel] ?? 0, 16);
      }
      image.field(layer.bias[channel] ?? 0, parameter('BiasBits'));
      image.field(channel, parameter('OutChannelBits'));
      image.field(1, 1);
    }
    image.endWord();
  }
  return image;
}

/**
 * Of a range of channels: for channel i * readWidth + e, counted from its first one, read by
 * replica e: its arrival position in the vector.
 */
function orderImage(plan: EngineLayerPlan, start: number, end: number): WordImage {
  const { readWidth } = plan.choice;
  const slots = vectorSlots(plan);
  const positionOf = new Map(slots.map((channel, slot) => [channel, slot]));
  const slotBits = Math.max(1, Math.ceil(Math.log2(slots.length)));
  const image = new WordImage(readWidth * slotBits);
  for (let first = start; first < end; first += readWidth) {
    for (let lane = 0; lane < readWidth; lane += 1) {
      const channel = first + lane;
      image.field(channel < end ? (positionOf.get(channel) ?? 0) : 0, slotBits);
    }
    image.endWord();
  }
  return image;
}

function memoryImage(
  file: string | undefined,
  purpose: MemoryImage['purpose'],
  image: WordImage,
  instances: number,
  memory: MemoryKind,
): MemoryImage {
  return {
    file: present(file, 'memory file'),
    purpose,
    widthBits: image.widthBits,
    depth: image.depth,
    instances,
    memory,
    text: image.text(),
  };
}

/** Where a parameter says that a memory lies. */
function kindOf(plan: EngineLayerPlan, parameter: string): MemoryKind {
  return memoryKind(plan.parameters[parameter] ?? 0);
}

/** All memory images of a layer; wired weights have none and need no packing, streamed ones none. */
export function memoryImages(
  plan: EngineLayerPlan,
  layer: QuantizedWindow,
  packing: Packing | null,
): readonly MemoryImage[] {
  const weights =
    plan.wired === undefined && plan.streamed === undefined
      ? weightImages(plan, layer, present(packing, `packing of ${plan.name}`))
      : [];
  return [...weights, ...tailImages(plan, layer)];
}

function weightImages(
  plan: EngineLayerPlan,
  layer: QuantizedWindow,
  packing: Packing,
): readonly MemoryImage[] {
  const weights = weightsByIndex(layer.layer, layer.weights);
  const positions = plan.window.kernel.height * plan.window.kernel.width;
  const { engines } = plan.choice;
  const weightMemory = kindOf(plan, 'BlockWeights');
  const files = present(plan.files['WeightFile'], 'WeightFile');
  const weightImage = (file: string | undefined, image: WordImage): MemoryImage =>
    memoryImage(file, 'weights', image, engines, weightMemory);
  if (plan.choice.core === 'dense') {
    return [weightImage(files[0], denseImage(plan, packing, weights))];
  }
  if (plan.choice.queues > 0) {
    const lanes = queueImages(plan, packing, weights);
    const pointers = present(plan.files['PointerFile'], 'PointerFile');
    const pointerMemory = kindOf(plan, 'BlockPointers');
    const owners = plan.choice.channelLanes
      ? [memoryImage(plan.files['TurnFile']?.[0], 'turns', turnImage(plan), engines, 'logic')]
      : [];
    return [
      ...lanes.weights.map((image, number) => weightImage(files[number], image)),
      ...owners,
      ...lanes.pointers.map((image, lane) =>
        memoryImage(pointers[lane], 'pointers', image, engines, pointerMemory),
      ),
    ];
  }
  const words = layoutWords(packing, weights, positions * plan.input.channels);
  return files.map((file, lane) =>
    weightImage(file, sparseLaneImage(plan, words, lane, positions)),
  );
}

function tailImages(plan: EngineLayerPlan, layer: QuantizedWindow): readonly MemoryImage[] {
  const { engines } = plan.choice;
  const output = outputImage(plan, layer);
  const images = [
    memoryImage(plan.files['ParamFile']?.[0], 'requantise', output, engines, 'logic'),
  ];
  if (plan.tail.kind === 'histogram') {
    const memory = kindOf(plan, 'BlockTail');
    const own = plan.outputChannels / plan.tail.groups;
    // a file a group, group 0 first
    plan.files['PermFile']?.forEach((file, group) => {
      const order = orderImage(plan, group * own, (group + 1) * own);
      images.push(memoryImage(file, 'permutation', order, engines, memory));
    });
  }
  return images;
}
