import { invariant, present } from '../base/invariant.ts';
import { sourcePlaces } from '../ir/axis-order.ts';
import { shapeSize, type FeatureShape, type GraphOutput } from '../ir/graph.ts';
import { windowOf, type QuantizedGraph, type QuantizedLayer } from '../ir/quantized.ts';

/** Where the answers of a graph stand when they follow one another in one array. */
export interface OutputSlots {
  /** Words of all answers together. */
  readonly words: number;
  /** By layer: where its values go, once for every output it is. */
  readonly slots: readonly (readonly number[])[];
}

interface NamedMap {
  readonly name: string;
  readonly outputShape: FeatureShape;
}

export function outputSlots(
  outputs: readonly GraphOutput[],
  layers: readonly NamedMap[],
): OutputSlots {
  invariant(outputs.length > 0, 'a graph has an output');
  const indexOf = new Map(layers.map(({ name }, index) => [name, index]));
  const slots = layers.map((): number[] => []);
  let words = 0;
  for (const { name, layer } of outputs) {
    const index = present(indexOf.get(layer), `output ${name} is the result of a layer`);
    const { outputShape } = present(layers[index], 'an index of a layer');
    slots[index]?.push(words);
    words += shapeSize(outputShape);
  }
  return { words, slots };
}

/**
 * Of every value of the first output, in the model's own order, the place in the answers: what a
 * class number of a label means.
 */
export function classPlaces({
  outputs,
  layers,
}: {
  readonly outputs: readonly GraphOutput[];
  readonly layers: readonly NamedMap[];
}): readonly number[] {
  const output = present(outputs[0], 'a graph has an output');
  if (output.answerOrder !== undefined) return Array.from(sourcePlaces(output.answerOrder));
  const layer = layers.find(({ name }) => name === output.layer);
  const { outputShape } = present(layer, `output ${output.name} is the result of a layer`);
  return Array.from({ length: shapeSize(outputShape) }, (_, place) => place);
}

/** What a graph answers under one of its output names. */
export interface Answer {
  readonly name: string;
  readonly shape: FeatureShape;
  /** As the hardware gives them; a view into the array of all answers. */
  readonly integers: Int32Array;
  readonly real: Float64Array;
}

/** The answers of all outputs apart, as integers and as real numbers. */
export function splitAnswers(graph: QuantizedGraph, logits: Int32Array): readonly Answer[] {
  const real = dequantizeLogits(graph, logits);
  let start = 0;
  return graph.outputs.map(({ name, layer }): Answer => {
    const shape = layerOf(graph, layer).layer.outputShape;
    const end = start + shapeSize(shape);
    const answer = {
      name,
      shape,
      integers: logits.subarray(start, end),
      real: real.subarray(start, end),
    };
    start = end;
    return answer;
  });
}

/** All answers as real numbers, one after another: integer * `logitScales`. */
export function dequantizeLogits(graph: QuantizedGraph, logits: Int32Array): Float64Array {
  const scales = logitScales(graph);
  invariant(logits.length === scales.length, 'answers of this graph');
  return scales.map((scale, word) => scale * (logits[word] ?? 0));
}

/** What one step of each word of the answers is worth. */
export function logitScales(graph: QuantizedGraph): Float64Array {
  const parts = graph.outputs.map(({ layer }) => scalesOf(layerOf(graph, layer)));
  const scales = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let start = 0;
  for (const part of parts) {
    scales.set(part, start);
    start += part.length;
  }
  return scales;
}

/**
 * The scale of the format where the layer requantises, else that of the accumulators: input
 * scale * weight scale of the channel.
 */
function scalesOf(quantized: QuantizedLayer): Float64Array {
  const size = shapeSize(quantized.layer.outputShape);
  if (quantized.outputFormat !== null) {
    return new Float64Array(size).fill(quantized.outputFormat.scale);
  }
  const { inputFormat, weightScale } = windowOf(quantized);
  const sites = size / weightScale.length;
  return Float64Array.from({ length: size }, (_, word) => {
    return inputFormat.scale * (weightScale[Math.floor(word / sites)] ?? 0);
  });
}

function layerOf(graph: QuantizedGraph, name: string): QuantizedLayer {
  return present(
    graph.layers.find((layer) => layer.name === name),
    'an output is the result of a layer',
  );
}
