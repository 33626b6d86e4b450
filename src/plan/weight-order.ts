import type { WindowLayer } from '../ir/graph.ts';

/**
 * Weights as `[output][position * channels + channel]`, position = kernel row * width + column:
 * the order in which lanes address them.
 */
export function weightsByIndex<Values extends Int16Array | Float32Array>(
  layer: WindowLayer,
  weights: Values,
): Values {
  const channels = layer.inputShape.channels;
  const positions = layer.kernel.height * layer.kernel.width;
  const ordered = weights.slice() as Values;
  const outputs = layer.windowShape.channels;
  for (let output = 0; output < outputs; output += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const from = (output * channels + channel) * positions;
      for (let position = 0; position < positions; position += 1) {
        const to = (output * positions + position) * channels + channel;
        ordered[to] = weights[from + position] ?? 0;
      }
    }
  }
  return ordered;
}
