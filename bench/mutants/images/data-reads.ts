import { present } from '../../../src/base/invariant.ts';
import type { EngineLayerPlan } from '../../../src/ir/plan.ts';
import type { MemoryImage } from '../../../src/plan/memories/memory-images.ts';
import { fieldOf, imageFields, wordsOf } from './image-fields.ts';

/**
 * For every word of a memory of weights (or pointers to them, or turns), which input indices (kernel
 * position x channels + channel) lead to it, from the order in which the templates lay them out.
 * `slot`: of a dense word, whose weights belong to different indices; null: all of the word. None, below 0
 * or above all indices: what only fills up a word or a memory.
 */
export function indicesOfWord(
  images: readonly MemoryImage[],
  image: MemoryImage,
  layer: EngineLayerPlan,
  word: number,
  slot: number | null,
): readonly number[] {
  const { core, lanes, queues, values, setsParallel } = layer.choice;
  const { channels } = layer.input;
  const number = present(fileNumber(layer, image), 'a file of the layer');
  if (image.purpose === 'turns') {
    return indicesOf(lanes, (lane) => word * lanes + lane);
  }
  if (image.purpose === 'pointers') return [indexOfRow(layer, number, word)];
  if (core === 'dense') {
    const groups = present(layer.parameters['PositionStride'], 'PositionStride');
    // behind them words fill up the memory
    if (word >= layer.folds * layer.lanePositions * groups) return [];
    const [group, local] = [word % groups, Math.floor(word / groups) % layer.lanePositions];
    const slots = indicesOf(setsParallel * lanes * values, (at) => at);
    return slots
      .filter((at) => slot === null || at === slot)
      .map((at) => {
        const [channel, lane] = [group * values + (at % values), Math.floor(at / values) % lanes];
        return channel < channels ? (lane * layer.lanePositions + local) * channels + channel : -1;
      });
  }
  if (queues > 0) return queuedIndices(images, layer, number, word);
  if (word >= layer.words * layer.lanePositions * channels) return [];
  const [channel, local] = [word % channels, Math.floor(word / channels) % layer.lanePositions];
  return [(number * layer.lanePositions + local) * channels + channel];
}

function indicesOf(count: number, of: (at: number) => number): readonly number[] {
  return Array.from({ length: count }, (_, at) => of(at));
}

/** Number of an image among the files of its purpose. */
function fileNumber(layer: EngineLayerPlan, image: MemoryImage): number | undefined {
  return Object.values(layer.files)
    .map((files) => files.indexOf(image.file))
    .find((at) => at >= 0);
}

/** Index that a lane looks up in a row of its pointers. */
function indexOfRow(layer: EngineLayerPlan, lane: number, row: number): number {
  const { lanes, channelLanes } = layer.choice;
  if (channelLanes) return row * lanes + (lane ^ (layer.turns[row] ?? 0));
  return lane * layer.lanePositions * layer.input.channels + row;
}

/** Indices whose pointers, as they should be, lead to a word of a queue. */
function queuedIndices(
  images: readonly MemoryImage[],
  layer: EngineLayerPlan,
  number: number,
  word: number,
): readonly number[] {
  const { queues } = layer.choice;
  const [lane, queue] = [Math.floor(number / queues), number % queues];
  const file = layer.files['PointerFile']?.[lane];
  const pointers = present(
    images.find((one) => one.file === file),
    'pointers of the lane',
  );
  const fields = imageFields(layer, 'pointers').filter(({ slot }) => slot === queue);
  return wordsOf(pointers.text).flatMap((row, at) => {
    const value = (kind: string): number => {
      const field = fields.find((one) => one.kind === kind);
      return Number(fieldOf(row, present(field, kind)));
    };
    const [start, count] = [value('start'), value('count')];
    return word >= start && word < start + count ? [indexOfRow(layer, lane, at)] : [];
  });
}

/**
 * Per input index: whether an activation that is not 0 meets it in a window whose sum is used.
 * Window by window from the values of the samples (channels first), not from what the hardware does.
 */
export function indicesMet(
  { window, input }: EngineLayerPlan,
  maps: readonly Int16Array[],
): readonly boolean[] {
  const { kernel, stride, dilation, pool, poolStride, output, padTop, padLeft } = window;
  const { height, width } = window.input;
  const { channels } = input;
  const met = Array<boolean>(kernel.height * kernel.width * channels).fill(false);
  const each = (count: number, visit: (at: number) => void): void => {
    for (let at = 0; at < count; at += 1) visit(at);
  };
  const visitWindow = (top: number, left: number): void => {
    each(kernel.height * kernel.width, (position) => {
      const y = top + Math.floor(position / kernel.width) * dilation.height;
      const x = left + (position % kernel.width) * dilation.width;
      if (y < 0 || y >= height || x < 0 || x >= width) return;
      each(channels, (channel) => {
        const at = (channel * height + y) * width + x;
        if (maps.some((map) => map[at] !== 0)) met[position * channels + channel] = true;
      });
    });
  };
  each(output.height * output.width, (site) => {
    const [siteRow, siteColumn] = [Math.floor(site / output.width), site % output.width];
    each(pool.height * pool.width, (at) => {
      const row = siteRow * poolStride.height + Math.floor(at / pool.width);
      const column = siteColumn * poolStride.width + (at % pool.width);
      visitWindow(row * stride.height - padTop, column * stride.width - padLeft);
    });
  });
  return met;
}

/** What a layer reads: of every sample, values channels first. */
export function mapsInto(
  layer: EngineLayerPlan,
  inputs: readonly Int16Array[],
  values: readonly (readonly Int16Array[])[],
): readonly Int16Array[] {
  const { from } = present(layer.inputs[0], 'a layer has an input');
  return inputs.map((input, sample) =>
    from === -1 ? input : present(values[sample]?.[from], 'every inner layer has values'),
  );
}
