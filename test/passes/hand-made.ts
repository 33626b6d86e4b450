import {
  identityActivation,
  shapeSize,
  type FeatureShape,
  type Graph,
  type Layer,
  type WindowLayer,
} from '../../src/ir/graph.ts';
import type { Samples } from '../../src/ir/tensor.ts';
import type { Random } from '../evaluate/random-graph.ts';

/** A linear layer input -> outputs with the given weights, [output][input]. */
export function linear(
  name: string,
  input: string,
  weights: readonly (readonly number[])[],
  bias: readonly number[],
): WindowLayer {
  const inputs = weights[0]?.length ?? 0;
  return {
    kind: 'window',
    name,
    operator: 'linear',
    origin: [name],
    input,
    inputShape: { channels: inputs, height: 1, width: 1 },
    windowShape: { channels: weights.length, height: 1, width: 1 },
    outputShape: { channels: weights.length, height: 1, width: 1 },
    groups: 1,
    weights: Float32Array.from(weights.flat()),
    bias: Float32Array.from(bias),
    kernel: { height: 1, width: 1 },
    dilation: { height: 1, width: 1 },
    stride: { height: 1, width: 1 },
    padding: { top: 0, left: 0, bottom: 0, right: 0 },
    pooling: null,
    activation: identityActivation,
    kWinners: null,
  };
}

/** A depthwise 1 x 1 window of weights 1, on a vector. */
export function identityWindow(name: string, input: string, channels: number): WindowLayer {
  return {
    ...linear(name, input, [new Array<number>(channels).fill(1)], []),
    operator: 'conv',
    windowShape: { channels, height: 1, width: 1 },
    outputShape: { channels, height: 1, width: 1 },
    groups: channels,
    bias: new Float32Array(channels),
  };
}

/** Sum of two edges of `channels` values. */
export function add(
  name: string,
  inputs: readonly [string, string],
  channels: number,
  signs: readonly [1 | -1, 1 | -1] = [1, 1],
): Layer {
  return {
    kind: 'add',
    name,
    origin: [name],
    inputs,
    signs,
    outputShape: { channels, height: 1, width: 1 },
    activation: identityActivation,
    kWinners: null,
  };
}

/** Edges of the given numbers of channels side by side. */
export function concat(
  name: string,
  inputs: readonly string[],
  channels: readonly number[],
): Layer {
  const shape = (count: number): FeatureShape => ({ channels: count, height: 1, width: 1 });
  return {
    kind: 'concat',
    name,
    origin: [name],
    inputs,
    inputShapes: channels.map(shape),
    outputShape: shape(channels.reduce((sum, count) => sum + count, 0)),
    activation: identityActivation,
    kWinners: null,
  };
}

/** A graph on a vector; its last layer is its output unless told. */
export function graphOf(
  channels: number,
  layers: readonly Layer[],
  outputs: readonly string[] = [layers.at(-1)?.name ?? ''],
): Graph {
  return {
    name: 'hand-made',
    input: { name: 'input', shape: { channels, height: 1, width: 1 } },
    layers,
    outputs: outputs.map((layer) => ({ name: `answer of ${layer}`, layer })),
    given: null,
    hostOperators: [],
    notes: [],
  };
}

/** Samples of values between `least` and 1. */
export function randomSamples(graph: Graph, random: Random, count: number, least = -1): Samples {
  const sampleSize = shapeSize(graph.input.shape);
  const data = Float32Array.from(
    { length: count * sampleSize },
    () => least + random() * (1 - least),
  );
  return { count, sampleSize, data };
}

/** Sample `index` of float samples, a view. */
export function sampleOf({ data, sampleSize }: Samples, index: number): Float32Array {
  return data.subarray(index * sampleSize, (index + 1) * sampleSize);
}
