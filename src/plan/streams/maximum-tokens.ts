import { present } from '../../base/invariant.ts';
import type { QuantizedGraph, QuantizedLayer } from '../../ir/quantized.ts';

/** By layer: most non-zero values that a site of its output can have, whatever the input. */
export function maximumTokens(graph: QuantizedGraph): readonly number[] {
  const most = new Map([[graph.input.name, graph.input.shape.channels]]);
  return graph.layers.map((layer) => {
    const tokens = ofLayer(layer, graph.keepTies, (name) =>
      present(most.get(name), `${name} comes before ${layer.name}`),
    );
    most.set(layer.name, tokens);
    return tokens;
  });
}

function ofLayer(
  quantized: QuantizedLayer,
  keepTies: boolean,
  ofInput: (name: string) => number,
): number {
  const { layer } = quantized;
  const { channels } = layer.outputShape;
  switch (layer.kind) {
    case 'window': {
      const { kWinners } = layer;
      // where ties stay, all values may be equal
      if (kWinners === null || keepTies) return channels;
      return Math.min(channels, kWinners.k * kWinners.groups);
    }
    case 'winners':
      return keepTies ? channels : Math.min(channels, layer.kWinners.k);
    case 'max-pool':
      return Math.min(channels, ofInput(layer.input) * layer.kernel.height * layer.kernel.width);
    case 'add':
      return Math.min(channels, ofInput(layer.inputs[0]) + ofInput(layer.inputs[1]));
    case 'concat':
      return layer.inputs.reduce((sum, name) => sum + ofInput(name), 0);
  }
}
