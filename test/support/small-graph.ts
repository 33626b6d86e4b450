import { identityActivation, reluActivation } from '../../src/ir/graph.ts';
import type { AddLayer, FeatureShape, Graph, Layer, WindowLayer } from '../../src/ir/graph.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { seededRandom } from '../evaluate/random-graph.ts';

/** A square convolution of positive weights that keeps the size of its map, with ReLU. */
export function positiveConvolution(
  name: string,
  input: string,
  inputShape: FeatureShape,
  channels: number,
  kernel: number,
): WindowLayer {
  const random = seededRandom(name.length);
  const side = Math.floor(kernel / 2);
  const shape = { ...inputShape, channels };
  const count = channels * inputShape.channels * kernel * kernel;
  return {
    kind: 'window',
    name,
    operator: 'conv',
    origin: [name],
    input,
    inputShape,
    groups: 1,
    windowShape: shape,
    outputShape: shape,
    weights: Float32Array.from({ length: count }, () => 0.5 + 0.5 * random()),
    bias: new Float32Array(channels).fill(0.25),
    kernel: { height: kernel, width: kernel },
    dilation: { height: 1, width: 1 },
    stride: { height: 1, width: 1 },
    padding: { top: side, left: side, bottom: side, right: side },
    pooling: null,
    activation: reluActivation,
    kWinners: null,
  };
}

/** The sum of two layers of one shape. */
export function addition(
  name: string,
  inputs: readonly [string, string],
  outputShape: FeatureShape,
): AddLayer {
  return {
    kind: 'add',
    name,
    origin: [name],
    inputs,
    signs: [1, 1],
    outputShape,
    activation: reluActivation,
    kWinners: null,
  };
}

/** A fully connected layer over a whole map. */
export function linear(name: string, input: string, shape: FeatureShape): WindowLayer {
  const { channels, height, width } = shape;
  const convolution = positiveConvolution(name, input, shape, 3, 1);
  const outputShape = { channels: 3, height: 1, width: 1 };
  const random = seededRandom(9);
  return {
    ...convolution,
    operator: 'linear',
    windowShape: outputShape,
    outputShape,
    weights: Float32Array.from({ length: 3 * channels * height * width }, () => random() - 0.5),
    kernel: { height, width },
    padding: { top: 0, left: 0, bottom: 0, right: 0 },
    activation: identityActivation,
  };
}

/** A graph with the result of its last layer as answer. */
export function graphOf(shape: FeatureShape, layers: readonly Layer[]): Graph {
  return {
    name: 'small',
    input: { name: 'input', shape },
    layers,
    outputs: [{ name: 'output', layer: layers.at(-1)?.name ?? '' }],
    given: null,
    hostOperators: [],
    notes: [],
  };
}

/** Quantised on positive samples: with positive weights no value of it is zero. */
export function quantizePositive(graph: Graph): QuantizedGraph {
  const { channels, height, width } = graph.input.shape;
  const sampleSize = channels * height * width;
  const random = seededRandom(5);
  const data = Float32Array.from({ length: 8 * sampleSize }, () => 0.5 + random());
  return quantizeGraph(graph, { count: 8, sampleSize, data }).graph;
}
