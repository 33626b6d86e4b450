import { invariant, present } from '../base/invariant.ts';
import { inputsOf, isNonNegative, shapeSize, type Graph, type Layer } from '../ir/graph.ts';
import { keepWinners } from './k-winners.ts';
import { maxPool, prepareSparseWindow } from './sparse-window.ts';

/** What a layer computes for one sample in float; maps are CHW of `outputShape`. */
export interface FloatLayerEvaluation {
  /** Window sums [O][H][W] of `windowShape`, without bias, before pooling. */
  readonly sums: Float64Array;
  /** After pooling, bias and ReLU, before k-WTA. */
  readonly beforeWinners: Float32Array;
  /** After k-WTA; the same array where the layer has none. */
  readonly values: Float32Array;
}

export interface FloatEvaluation {
  /** In the order of `graph.layers`. */
  readonly layers: readonly FloatLayerEvaluation[];
  /** Values of the last layer. */
  readonly logits: Float32Array;
}

/** Evaluates one sample, channels first. */
export type FloatEvaluator = (input: Float32Array) => FloatEvaluation;

/**
 * The network as trained. Sums are doubles, every layer's output is rounded to float32
 * once. k-WTA keeps ties at the k-th value where the model does (`tiesInModel`).
 */
export function prepareFloatEvaluator(graph: Graph): FloatEvaluator {
  const steps = graph.layers.map((layer) => ({ layer, evaluate: prepareLayer(layer) }));
  const inputSize = shapeSize(graph.input.shape);
  return (input) => {
    invariant(input.length === inputSize, `a sample has ${inputSize} values`);
    const edges = new Map<string, Float32Array>([[graph.input.name, input]]);
    const layers: FloatLayerEvaluation[] = [];
    for (const { layer, evaluate } of steps) {
      const [input = ''] = inputsOf(layer);
      const result = evaluate(present(edges.get(input), `${layer.name} reads an unknown edge`));
      edges.set(layer.name, result.values);
      layers.push(result);
    }
    return { layers, logits: present(layers.at(-1), 'a graph has a layer').values };
  };
}

function prepareLayer(layer: Layer): (input: Float32Array) => FloatLayerEvaluation {
  invariant(layer.kind === 'window', `${layer.name} is a window`);
  const window = prepareSparseWindow(layer, layer.weights);
  return (input) => {
    const { sums } = window.sum(input);
    const pooled = maxPool(sums, layer.windowShape, layer.pooling, layer.outputShape);
    const beforeWinners = addBias(pooled, layer.bias, isNonNegative(layer.activation));
    if (layer.kWinners === null) return { sums, beforeWinners, values: beforeWinners };
    const values = beforeWinners.slice();
    keepWinners(values, layer.outputShape, layer.kWinners, layer.kWinners.tiesInModel);
    return { sums, beforeWinners, values };
  };
}

function addBias(sums: Int32Array | Float64Array, bias: Float32Array, relu: boolean): Float32Array {
  const sites = sums.length / bias.length;
  const result = new Float32Array(sums.length);
  for (let at = 0, channel = 0; channel < bias.length; channel += 1) {
    for (let site = 0; site < sites; site += 1, at += 1) {
      const value = (sums[at] ?? 0) + (bias[channel] ?? 0);
      result[at] = relu && value < 0 ? 0 : value;
    }
  }
  return result;
}
