import { prepareEvaluator } from '../../../src/evaluate/quantized.ts';
import type { Evaluation } from '../../../src/evaluate/quantized.ts';
import type { EngineLayerPlan } from '../../../src/ir/plan.ts';
import type { QuantizedGraph, QuantizedWindow, Requantization } from '../../../src/ir/quantized.ts';
import type { MemoryImage } from '../../../src/plan/memories/memory-images.ts';
import { fieldOf, imageFields, wordsOf } from './image-fields.ts';
import type { Field } from './image-fields.ts';
import type { ImageCase } from './image-case.ts';
import type { ImageMutant } from './mutate-image.ts';

/**
 * Whether the reference gives the same values and answers for all samples with what an image says
 * where it was changed: then no comparison of values can notice. Of bias, multiplier and shift of
 * one output channel; null where it differs, or for other changes. Else what was compared.
 */
export function saysTheSame(
  { graph, network, samples, evaluations }: ImageCase,
  image: MemoryImage,
  layer: EngineLayerPlan,
  { words, place }: ImageMutant,
): string | null {
  if (image.purpose !== 'requantise' || place === null) return null;
  const word = words[place.word] ?? 0n;
  const changed = withParameters(
    graph,
    layer,
    imageFields(layer, image.purpose),
    word,
    place.field,
  );
  if (changed === null) return null;
  const evaluate = prepareEvaluator(changed);
  const same = samples.every((sample, at) => isEqual(evaluate(sample), evaluations[at]));
  const { kind, bits } = place.field;
  const value = fieldOf(wordsOf(image.text)[place.word] ?? 0n, place.field);
  const after = fieldOf(word, place.field);
  return same
    ? `${kind} ${value} -> ${after} of ${bits} bits: the reference says the same of ${samples.length} samples (${network.plan.layers.length} layers)`
    : null;
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
