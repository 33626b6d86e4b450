import { present } from '../../../src/base/invariant.ts';
import type { EngineLayerPlan } from '../../../src/ir/plan.ts';
import type { MemoryImage } from '../../../src/plan/memories/memory-images.ts';
import { fieldOf, imageFields, wordsOf } from './image-fields.ts';
import type { Field } from './image-fields.ts';
import type { ImageCase } from './image-case.ts';
import type { ImageMutant } from './mutate-image.ts';

/**
 * Why rows of bias and scale in other places change nothing; null: there is no such reason. Each channel
 * still has its own parameters, and where it now gets the sums of another one, those are the same in all
 * samples (of a layer whose weights are 0, all are).
 */
export function ofSameSums(
  { graph, evaluations }: ImageCase,
  image: MemoryImage,
  layer: EngineLayerPlan,
  { words }: ImageMutant,
): string | null {
  const fields = imageFields(layer, image.purpose);
  const before = placesOf(wordsOf(image.text), fields);
  const after = placesOf(words, fields);
  const parameters = (places: readonly Place[]): string =>
    places
      .map(({ parameters: own }) => own)
      .sort()
      .join('; ');
  if (parameters(before) !== parameters(after)) return null;
  const index = graph.layers.findIndex(({ name }) => name === layer.name);
  const sumsOf = (channel: number): string =>
    evaluations
      .map(({ layers }) => {
        const { accumulators } = present(layers[index], 'a layer');
        const size = accumulators.length / layer.outputChannels;
        return accumulators.slice(channel * size, (channel + 1) * size).join(' ');
      })
      .join(', ');
  const moved = before.flatMap(({ channel }, at) => {
    const now = present(after[at], 'as many places').channel;
    return now === channel ? [] : [[channel, now] as const];
  });
  if (moved.some(([from, to]) => from < 0 || to < 0 || sumsOf(from) !== sumsOf(to))) return null;
  const pairs = moved.map(([from, to]) => `${from} and ${to}`).join(', ');
  return `channels ${pairs} have the same sums in all samples, each keeps its parameters`;
}

/** A place of a vector: its channel, -1 for none, and all that its slot says. */
interface Place {
  readonly channel: number;
  readonly parameters: string;
}

function placesOf(words: readonly bigint[], fields: readonly Field[]): readonly Place[] {
  const slots = [...new Set(fields.map(({ slot }) => slot))];
  return words.flatMap((word) =>
    slots.map((slot): Place => {
      const own = fields.filter((field) => field.slot === slot);
      const values = own.map((field) => fieldOf(word, field));
      const value = (kind: Field['kind']): bigint =>
        values[own.findIndex((field) => field.kind === kind)] ?? 0n;
      const channel = value('exists') === 1n ? Number(value('channel')) : -1;
      return { channel, parameters: values.join(' ') };
    }),
  );
}

/**
 * Why other pointers or words of queues change nothing; null: there is no such reason. For every index
 * they lead to words with the same weights that are not 0, which are added to the same sums.
 */
export function ofSameWeights(
  { network }: ImageCase,
  image: MemoryImage,
  layer: EngineLayerPlan,
  { words }: ImageMutant,
): string | null {
  const { queues, lanes } = layer.choice;
  const fields = {
    pointers: imageFields(layer, 'pointers'),
    weights: imageFields(layer, 'weights'),
  };
  const wordsIn = (file: string | undefined, isChanged: boolean): readonly bigint[] => {
    const memory = present(
      network.images.find((one) => one.file === file),
      'an image',
    );
    return isChanged && memory.file === image.file ? words : wordsOf(memory.text);
  };
  /** Of every lane, pointer and queue: weights that are not 0 with set and kid. */
  const weightsOf = (isChanged: boolean): string => {
    const found: string[] = [];
    for (let lane = 0; lane < lanes; lane += 1) {
      for (let queue = 0; queue < queues; queue += 1) {
        const memory = wordsIn(layer.files['WeightFile']?.[lane * queues + queue], isChanged);
        for (const row of wordsIn(layer.files['PointerFile']?.[lane], isChanged)) {
          const value = (kind: Field['kind']): number => {
            const field = fields.pointers.find((one) => one.kind === kind && one.slot === queue);
            return Number(fieldOf(row, present(field, kind)));
          };
          const read = memory.slice(value('start'), value('start') + value('count'));
          found.push(
            read
              .flatMap((word) => nonZero(word, fields.weights))
              .sort()
              .join(' '),
          );
        }
      }
    }
    return found.join('; ');
  };
  return weightsOf(true) === weightsOf(false)
    ? 'the words that are read have the same weights other than 0'
    : null;
}

function nonZero(word: bigint, fields: readonly Field[]): readonly string[] {
  return fields
    .filter(({ kind }) => kind === 'weight')
    .filter((field) => fieldOf(word, field) !== 0n)
    .map((field) => {
      const kid = fields.find(({ kind, slot }) => kind === 'kid' && slot === field.slot);
      return `${field.slot}:${fieldOf(word, field)}:${fieldOf(word, present(kid, 'a kid'))}`;
    });
}
