import { present } from '../base/invariant.ts';
import type { Packing } from '../ir/packing.ts';
import type { LayerPlan, MemoryPlan } from '../ir/plan.ts';
import type { QuantizedLayer } from '../ir/quantized.ts';
import type { WeightWords } from '../pack/weight-words.ts';
import { layoutWords } from '../pack/weight-words.ts';
import { queueImages } from './queue-images.ts';
import { weightsByIndex } from './weight-order.ts';
import { WordImage } from './word-image.ts';

export interface MemoryImage {
  readonly file: string;
  readonly purpose: MemoryPlan['purpose'];
  readonly widthBits: number;
  readonly depth: number;
  readonly instances: number;
  readonly block: boolean;
  readonly text: string;
}

/** Weight memories of the sparse core: one a lane, word = (weight, sum address) of every set. */
function sparseLaneImage(
  plan: LayerPlan,
  words: WeightWords,
  lane: number,
  positions: number,
): WordImage {
  const { setsParallel } = plan.choice;
  const { channels } = plan.input;
  const addressBits = present(plan.parameters['SumAddressBits'], 'SumAddressBits');
  const image = new WordImage(setsParallel * (addressBits + plan.weightBits));
  for (let word = 0; word < plan.words; word += 1) {
    const fold = Math.floor(word / plan.depth);
    const step = word % plan.depth;
    for (let local = 0; local < plan.lanePositions; local += 1) {
      const position = lane * plan.lanePositions + local;
      for (let channel = 0; channel < channels; channel += 1) {
        for (let parallel = 0; parallel < setsParallel; parallel += 1) {
          const set = fold * setsParallel + parallel;
          if (position >= positions || set >= words.sets) {
            image.field(0, addressBits + plan.weightBits);
            continue;
          }
          const index = position * channels + channel;
          const slot = (index * words.depth + step) * words.sets + set;
          image.field(words.weight[slot] ?? 0, plan.weightBits);
          image.field(fold * plan.setSize + (words.kid[slot] ?? 0), addressBits);
        }
        image.endWord();
      }
    }
  }
  while (image.depth < present(plan.parameters['WeightDepth'], 'WeightDepth')) image.endWord();
  return image;
}

/** Weight memory of the dense core: word = all weights of one step, output by output. */
function denseImage(plan: LayerPlan, packing: Packing, weights: Int8Array): WordImage {
  const { setsParallel, lanes, values } = plan.choice;
  const { channels } = plan.input;
  const positions = plan.window.kernel.height * plan.window.kernel.width;
  const steps = present(plan.parameters['PositionStride'], 'PositionStride');
  const image = new WordImage(setsParallel * lanes * values * plan.weightBits);
  for (let fold = 0; fold < plan.folds; fold += 1) {
    for (let local = 0; local < plan.lanePositions; local += 1) {
      for (let step = 0; step < steps; step += 1) {
        for (let parallel = 0; parallel < setsParallel; parallel += 1) {
          const output = packing.sets[fold * setsParallel + parallel]?.channels[0];
          for (let lane = 0; lane < lanes; lane += 1) {
            const position = lane * plan.lanePositions + local;
            for (let value = 0; value < values; value += 1) {
              const channel = step * values + value;
              const exists = output !== undefined && position < positions && channel < channels;
              const index = ((output ?? 0) * positions + position) * channels + channel;
              image.field(exists ? (weights[index] ?? 0) : 0, plan.weightBits);
            }
          }
        }
        image.endWord();
      }
    }
  }
  while (image.depth < present(plan.parameters['WeightDepth'], 'WeightDepth')) image.endWord();
  return image;
}

/** Vector slot (beat * readWidth + position) -> output channel, as the tail sees the slots. */
export function vectorSlots(plan: LayerPlan): readonly number[] {
  // parts of a drain beat follow each other, so the order is that of the drain
  return plan.slots;
}

/** Parameters per output channel, one word per vector beat. */
function outputImage(plan: LayerPlan, layer: QuantizedLayer): WordImage {
  const { readWidth } = plan.choice;
  const slots = vectorSlots(plan);
  const parameter = (name: string): number => present(plan.parameters[name], name);
  const requantization = layer.requantization;
  const slotBits =
    1 +
    parameter('OutChannelBits') +
    parameter('BiasBits') +
    (requantization === null ? 0 : 16 + parameter('ShiftBits'));
  const image = new WordImage(readWidth * slotBits);
  for (let beat = 0; beat < slots.length / readWidth; beat += 1) {
    for (let position = 0; position < readWidth; position += 1) {
      const channel = slots[beat * readWidth + position] ?? -1;
      if (channel < 0) {
        let left = slotBits;
        for (; left > 0; left -= Math.min(left, 32)) image.field(0, Math.min(left, 32));
        continue;
      }
      if (requantization !== null) {
        const shift = requantization.shift[channel] ?? 0;
        image.field(shift - parameter('MinShift'), parameter('ShiftBits'));
        image.field(requantization.multiplier[channel] ?? 0, 16);
      }
      image.field(layer.bias[channel] ?? 0, parameter('BiasBits'));
      image.field(channel, parameter('OutChannelBits'));
      image.field(1, 1);
    }
    image.endWord();
  }
  return image;
}

/** For channel i * readWidth + e, read by replica e: its arrival position in the vector. */
function orderImage(plan: LayerPlan): WordImage {
  const { readWidth } = plan.choice;
  const slots = vectorSlots(plan);
  const positionOf = new Map(slots.map((channel, slot) => [channel, slot]));
  const slotBits = Math.max(1, Math.ceil(Math.log2(slots.length)));
  const image = new WordImage(readWidth * slotBits);
  for (let first = 0; first < plan.outputChannels; first += readWidth) {
    for (let lane = 0; lane < readWidth; lane += 1) {
      image.field(positionOf.get(first + lane) ?? 0, slotBits);
    }
    image.endWord();
  }
  return image;
}

/** All memory images of a layer. */
export function memoryImages(
  plan: LayerPlan,
  layer: QuantizedLayer,
  packing: Packing,
): readonly MemoryImage[] {
  const weights = weightsByIndex(layer.layer, layer.weights);
  const positions = plan.window.kernel.height * plan.window.kernel.width;
  const { engines } = plan.choice;
  const describe = (
    file: string | undefined,
    purpose: MemoryImage['purpose'],
    image: WordImage,
    instances: number,
    block: boolean,
  ): MemoryImage => ({
    file: present(file, 'memory file'),
    purpose,
    widthBits: image.widthBits,
    depth: image.depth,
    instances,
    block,
    text: image.text(),
  });
  const blockWeights = plan.parameters['BlockWeights'] === 1;
  const files = present(plan.files['WeightFiles'], 'WeightFiles');
  const images: MemoryImage[] = [];
  if (plan.choice.core === 'dense') {
    images.push(
      describe(files[0], 'weights', denseImage(plan, packing, weights), engines, blockWeights),
    );
  } else if (plan.choice.queues > 0) {
    const lanes = queueImages(plan, packing, weights);
    const pointers = present(plan.files['PointerFiles'], 'PointerFiles');
    const blockPointers = plan.parameters['BlockPointers'] === 1;
    lanes.weights.forEach((image, number) => {
      images.push(describe(files[number], 'weights', image, engines, blockWeights));
    });
    lanes.pointers.forEach((image, lane) => {
      images.push(describe(pointers[lane], 'pointers', image, engines, blockPointers));
    });
  } else {
    const indices = positions * plan.input.channels;
    const words = layoutWords(packing, weights, indices);
    files.forEach((file, lane) => {
      const image = sparseLaneImage(plan, words, lane, positions);
      images.push(describe(file, 'weights', image, engines, blockWeights));
    });
  }
  const output = outputImage(plan, layer);
  images.push(describe(plan.files['ParamFile']?.[0], 'requantise', output, engines, false));
  if (plan.tail.kind === 'histogram') {
    const order = orderImage(plan);
    images.push(describe(plan.files['PermFile']?.[0], 'permutation', order, engines, false));
  }
  return images;
}
