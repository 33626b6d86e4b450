import { present } from '../../../src/base/invariant.ts';
import { prepareEvaluator } from '../../../src/evaluate/quantized.ts';
import type { Evaluation } from '../../../src/evaluate/quantized.ts';
import type { EngineLayerPlan } from '../../../src/ir/plan.ts';
import type { QuantizedGraph, QuantizedWindow, Requantization } from '../../../src/ir/quantized.ts';
import type { MemoryImage } from '../../../src/plan/memories/memory-images.ts';
import { groupsOf } from '../../../src/plan/lower/lower-tail.ts';
import { vectorSlots } from '../../../src/plan/memories/memory-images.ts';
import { fieldOf, imageFields, wordsOf } from './image-fields.ts';
import type { Field } from './image-fields.ts';
import type { ImageCase } from './image-case.ts';
import { ofSameSums, ofSameWeights } from './same-sums.ts';
import type { ImageMutant } from './mutate-image.ts';

/**
 * Why no comparison of values can notice a change of an image, from the reference alone; null: there is
 * no such reason. Of bias and scale of a channel: the reference, with what the image says, gives the same
 * sums, values and answers for all samples.
 */
export function saysTheSame(
  found: ImageCase,
  image: MemoryImage,
  layer: EngineLayerPlan,
  mutant: ImageMutant,
): string | null {
  if (image.purpose === 'pointers') return ofSameWeights(found, image, layer, mutant);
  if (image.purpose !== 'requantise') return null;
  if (mutant.place === null) return ofSameSums(found, image, layer, mutant);
  const { kind } = mutant.place.field;
  if (kind !== 'exists') return ofSameParameters(found, image, layer, mutant, mutant.place);
  const channel = channelAt(image, layer, mutant.place);
  return layer.tail.kind === 'histogram' && winsAnyway(found, layer, channel)
    ? `channel ${channel} is counted or not: wherever it is not 0, fewer than all winners are`
    : null;
}

/**
 * Whether a change is of numbers of channels alone, and places where their values are, that are 0 in
 * all samples: nothing of them ever leaves the layer.
 */
export function isOfSilentChannels(
  found: ImageCase,
  image: MemoryImage,
  layer: EngineLayerPlan,
  mutant: ImageMutant,
): boolean {
  if (image.purpose === 'permutation') {
    return reordered(image, layer, mutant).every((channel) => isSilent(found, layer, channel));
  }
  const { place } = mutant;
  if (image.purpose !== 'requantise' || place === null) return false;
  const isName = place.field.kind === 'channel' || place.field.kind === 'exists';
  return isName && isSilent(found, layer, channelAt(image, layer, place));
}

type Place = NonNullable<ImageMutant['place']>;

function ofSameParameters(
  { graph, samples, evaluations }: ImageCase,
  image: MemoryImage,
  layer: EngineLayerPlan,
  { words }: ImageMutant,
  { word: at, field }: Place,
): string | null {
  const word = present(words[at], 'a word');
  const changed = withParameters(graph, layer, imageFields(layer, image.purpose), word, field);
  if (changed === null) return null;
  const evaluate = prepareEvaluator(changed);
  if (!samples.every((sample, number) => isEqual(evaluate(sample), evaluations[number])))
    return null;
  const before = fieldOf(present(wordsOf(image.text)[at], 'a word'), field);
  return `${field.kind} ${before} -> ${fieldOf(word, field)}: the reference says the same of all ${samples.length} samples`;
}

/** The channel that a slot should belong to. */
function channelAt(image: MemoryImage, layer: EngineLayerPlan, { word, field }: Place): number {
  const own = imageFields(layer, image.purpose).find(
    ({ kind, slot }) => kind === 'channel' && slot === field.slot,
  );
  const text = present(wordsOf(image.text)[word], 'a word');
  return Number(fieldOf(text, present(own, 'a channel')));
}

/** Whether all values win at every site where a channel has one. */
function winsAnyway(
  { evaluations }: ImageCase,
  { index, tail, output, outputChannels }: EngineLayerPlan,
  channel: number,
): boolean {
  const sites = output.height * output.width;
  const winners = 'winners' in tail ? tail.winners * tail.groups : 0;
  return evaluations.every(({ layers }) => {
    const { values } = present(layers[index], 'a layer');
    for (let site = 0; site < sites; site += 1) {
      if (values[channel * sites + site] === 0) continue;
      let tokens = 0;
      for (let at = 0; at < outputChannels; at += 1) {
        tokens += values[at * sites + site] === 0 ? 0 : 1;
      }
      if (tokens >= winners) return false;
    }
    return true;
  });
}

/** Channels whose place is another one, and those whose values are there. */
function reordered(
  image: MemoryImage,
  layer: EngineLayerPlan,
  { words }: ImageMutant,
): readonly number[] {
  const fields = imageFields(layer, image.purpose);
  const group = present(layer.files['PermFile'], 'orders').indexOf(image.file);
  const perGroup = layer.outputChannels / groupsOf(layer.tail);
  const slots = vectorSlots(layer);
  return wordsOf(image.text).flatMap((word, row) =>
    fields.flatMap((field, lane) => {
      const after = fieldOf(words[row] ?? 0n, field);
      if (after === fieldOf(word, field)) return [];
      return [group * perGroup + row * fields.length + lane, slots[Number(after)] ?? -1];
    }),
  );
}

/** Whether a channel of a layer is 0 in all samples; one that is none is. */
function isSilent({ evaluations }: ImageCase, layer: EngineLayerPlan, channel: number): boolean {
  const sites = layer.output.height * layer.output.width;
  return evaluations.every(({ layers }) => {
    const { values } = present(layers[layer.index], 'a layer');
    return values.slice(channel * sites, (channel + 1) * sites).every((value) => value === 0);
  });
}

/** The network with bias and scales of one channel as a word says. */
function withParameters(
  graph: QuantizedGraph,
  layer: EngineLayerPlan,
  fields: readonly Field[],
  word: bigint,
  { slot }: Field,
): QuantizedGraph | null {
  const own = fields.filter((field) => field.slot === slot);
  const values = (kind: Field['kind']): readonly number[] =>
    own.filter((field) => field.kind === kind).map((field) => Number(fieldOf(word, field)));
  const [channel] = values('channel');
  const index = graph.layers.findIndex(({ name }) => name === layer.name);
  const window = graph.layers[index];
  if (channel === undefined || window?.kind !== 'window') return null;
  const biasBits = own.find(({ kind }) => kind === 'bias')?.bits ?? 0;
  const [bias = 0] = values('bias');
  const shifts = values('shift').map((shift) => shift + (layer.parameters['MinShift'] ?? 0));
  const scaled = (scale: Requantization | null, number: number): Requantization | null =>
    scale === null
      ? null
      : {
          multiplier: scale.multiplier.with(channel, values('multiplier')[number] ?? 0),
          shift: scale.shift.with(channel, shifts[number] ?? 0),
        };
  const changed: QuantizedWindow = {
    ...window,
    bias: window.bias.with(channel, Number(BigInt.asIntN(biasBits, BigInt(bias)))),
    requantization: scaled(window.requantization, 0),
    negativeRequantization: scaled(window.negativeRequantization, 1),
  };
  return { ...graph, layers: graph.layers.with(index, changed) };
}

function isEqual(got: Evaluation, wanted: Evaluation | undefined): boolean {
  const equal = (left: ArrayLike<number>, right: ArrayLike<number> | undefined): boolean =>
    left.length === right?.length && Array.from(left).every((value, at) => value === right[at]);
  return (
    equal(got.logits, wanted?.logits) &&
    got.layers.every((layer, at) => {
      const other = wanted?.layers[at];
      return equal(layer.values, other?.values) && equal(layer.accumulators, other?.accumulators);
    })
  );
}
