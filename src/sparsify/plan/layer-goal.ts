import type { Graph, Layer, WindowLayer } from '../../ir/graph.ts';
import { isNonNegative } from '../../ir/graph.ts';
import type { Pattern } from '../prune/pattern.ts';

/** What is to become of one layer. */
export interface LayerGoal {
  /** Name of the layer in the graph. */
  readonly name: string;
  /** Null for a layer whose weights are not changed (average pooling, a sum). */
  readonly pattern: Pattern | null;
  /** Winners of the k-WTA put behind it; null for none, or for the one it has. */
  readonly kWinners: number | null;
}

/** In the order of `graph.layers`. */
export type SparsityPlan = readonly LayerGoal[];

/** Kernels of a layer, and weights of each. */
export interface WeightShape {
  readonly outputs: number;
  readonly inputs: number;
}

export function weightShape(layer: WindowLayer): WeightShape {
  const outputs = layer.windowShape.channels;
  return { outputs, inputs: layer.weights.length / outputs };
}

/**
 * Whether a layer's weights were learnt and may become zeros: not those of average pooling or of
 * scales, which are depthwise, and not depthwise convolutions, which have hardly any.
 */
export function isPrunable(layer: Layer): layer is WindowLayer {
  if (layer.kind !== 'window') return false;
  const { groups, inputShape, windowShape } = layer;
  return !(groups > 1 && groups === inputShape.channels && groups === windowShape.channels);
}

/** Whether k-WTA can be put behind a layer: a ReLU is there, no k-WTA, and it is not the answer. */
export function takesWinners(graph: Graph, layer: Layer): boolean {
  return (
    layer.kWinners === null &&
    layer.kind !== 'winners' &&
    layer.kind !== 'max-pool' &&
    isNonNegative(layer.activation) &&
    graph.outputs.every((output) => output.layer !== layer.name)
  );
}
