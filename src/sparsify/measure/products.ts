import { present } from '../../base/invariant.ts';
import { prepareFloatLayer } from '../../evaluate/float.ts';
import { prepareSparseWindow } from '../../evaluate/sparse-window.ts';
import { inputsOf } from '../../ir/graph.ts';
import type { Graph } from '../../ir/graph.ts';
import type { Samples } from '../../ir/tensor.ts';

/** Multiplications of one inference. */
export interface ProductsPerInference {
  /** Every weight at every window. */
  readonly dense: number;
  /** Those without a factor 0, mean over the samples. */
  readonly left: number;
}

/** Counts the products of each layer in float; 0 for layers without weights. */
export async function countProducts(
  graph: Graph,
  samples: Samples,
  pause: () => Promise<void>,
): Promise<readonly ProductsPerInference[]> {
  const left = graph.layers.map(() => 0);
  const layers = graph.layers.map((layer) => ({
    layer,
    evaluate: prepareFloatLayer(layer),
    window: layer.kind === 'window' ? prepareSparseWindow(layer, layer.weights) : null,
  }));
  for (let sample = 0; sample < samples.count; sample += 1) {
    const start = sample * samples.sampleSize;
    const values = new Map<string, Float32Array>();
    values.set(graph.input.name, samples.data.subarray(start, start + samples.sampleSize));
    for (const [index, { layer, evaluate, window }] of layers.entries()) {
      const inputs = inputsOf(layer).map((name) => present(values.get(name), 'in order'));
      const first = present(inputs[0], 'a layer has an input');
      left[index] = (left[index] ?? 0) + (window?.sum(first).products ?? 0);
      values.set(layer.name, evaluate(inputs).values);
      await pause();
    }
  }
  return graph.layers.map((layer, index) => ({
    dense:
      layer.kind === 'window'
        ? layer.weights.length * layer.windowShape.height * layer.windowShape.width
        : 0,
    left: (left[index] ?? 0) / samples.count,
  }));
}
