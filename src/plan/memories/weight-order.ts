import type { WindowLayer } from '../../ir/graph.ts';

/**
 * Weights as `[output][position * channels + channel]` over all input channels, position = kernel
 * row * width + column: the order in which lanes address them. What groups leave out is 0.
 */
export function weightsByIndex<Values extends Int16Array | Float32Array>(
  layer: WindowLayer,
  weights: Values,
): Values {
  const channels = layer.inputShape.channels;
  const outputs = layer.windowShape.channels;
  const positions = layer.kernel.height * layer.kernel.width;
  const ordered = emptyLike(weights, outputs * positions * channels);
  const perGroup = channels / layer.groups;
  // forEachWeight in loops of its own: a call a weight takes longer than all else here
  for (let output = 0; output < outputs; output += 1) {
    const first = Math.floor((output * layer.groups) / outputs) * perGroup;
    const row = output * perGroup * positions;
    for (let position = 0; position < positions; position += 1) {
      const to = (output * positions + position) * channels + first;
      for (let channel = 0, from = row + position; channel < perGroup; channel += 1) {
        ordered[to + channel] = weights[from] ?? 0;
        from += positions;
      }
    }
  }
  return ordered;
}

/** In the same order: 1 where the layer has a weight, 0 where groups leave it out. */
export function weightPlaces(layer: WindowLayer): Uint8Array {
  const channels = layer.inputShape.channels;
  const positions = layer.kernel.height * layer.kernel.width;
  const places = new Uint8Array(layer.windowShape.channels * positions * channels);
  forEachWeight(layer, (_, output, channel, position) => {
    places[(output * positions + position) * channels + channel] = 1;
  });
  return places;
}

/** Every weight: its place in the layer, output channel, input channel and kernel position. */
export function forEachWeight(
  layer: WindowLayer,
  visit: (from: number, output: number, channel: number, position: number) => void,
): void {
  const outputs = layer.windowShape.channels;
  const perGroup = layer.inputShape.channels / layer.groups;
  const positions = layer.kernel.height * layer.kernel.width;
  let from = 0;
  for (let output = 0; output < outputs; output += 1) {
    const first = Math.floor((output * layer.groups) / outputs) * perGroup;
    for (let channel = first; channel < first + perGroup; channel += 1) {
      for (let position = 0; position < positions; position += 1, from += 1) {
        visit(from, output, channel, position);
      }
    }
  }
}

function emptyLike<Values extends Int16Array | Float32Array>(
  values: Values,
  length: number,
): Values {
  const empty = values instanceof Int16Array ? new Int16Array(length) : new Float32Array(length);
  return empty as Values;
}
