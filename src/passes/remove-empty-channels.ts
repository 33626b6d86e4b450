import { present } from '../base/invariant.ts';
import type { FeatureShape, Graph, Layer, WindowLayer } from '../ir/graph.ts';
import { ChannelGroups } from './channel-groups.ts';

/**
 * Removes feature map channels that are always 0 (a kernel without weights whose bias the
 * activation makes 0) or that no weight reads, with the kernels that compute them and the weights
 * that would meet them, through max-pooling, Add and Concat, until nothing more can go. The
 * answers do not change. Stays: the network's input and answers, what a grouped convolution reads
 * or writes, an unread channel that takes part in a k-WTA, and one channel of each map at least.
 */
export function removeEmptyChannels(graph: Graph): Graph {
  let current = graph;
  const removed = new Map<string, number>();
  for (;;) {
    const dropped = droppedChannels(current);
    if (dropped.size === 0) break;
    for (const [name, channels] of dropped) {
      removed.set(name, (removed.get(name) ?? 0) + channels.size);
    }
    current = withoutChannels(current, dropped);
  }
  if (removed.size === 0) return graph;
  const places = [...removed].map(([name, count]) => `${count} of ${name}`).join(', ');
  const note = `left out feature map channels that are always 0 or never read: ${places}`;
  return { ...current, notes: [...current.notes, note] };
}

/** By layer: the channels of its output that go. */
function droppedChannels(graph: Graph): ReadonlyMap<string, ReadonlySet<number>> {
  const groups = new ChannelGroups(graph);
  const dropped = new Map<string, Set<number>>();
  for (const members of groups.removable()) {
    const fits = members.every(({ layer, channel }) => {
      const gone = dropped.get(layer.name);
      const left = layer.outputShape.channels - (gone?.size ?? 0);
      return gone?.has(channel) === true || left > Math.max(1, layer.kWinners?.k ?? 1);
    });
    if (!fits) continue;
    for (const { layer, channel } of members) {
      const gone = dropped.get(layer.name) ?? new Set();
      dropped.set(layer.name, gone.add(channel));
    }
  }
  return dropped;
}

function withoutChannels(graph: Graph, dropped: ReadonlyMap<string, ReadonlySet<number>>): Graph {
  const none: ReadonlySet<number> = new Set();
  const gone = (name: string): ReadonlySet<number> => dropped.get(name) ?? none;
  const layers = graph.layers.map((layer): Layer => {
    const outputShape = narrower(layer.outputShape, gone(layer.name));
    switch (layer.kind) {
      case 'window':
        return narrowWindow(layer, gone(layer.input), gone(layer.name));
      case 'max-pool':
        return { ...layer, outputShape, inputShape: narrower(layer.inputShape, gone(layer.input)) };
      case 'add':
        return { ...layer, outputShape };
      case 'concat': {
        const inputShapes = layer.inputShapes.map((shape, at) =>
          narrower(shape, gone(present(layer.inputs[at], 'an input of a Concat'))),
        );
        return { ...layer, outputShape, inputShapes };
      }
    }
  });
  return { ...graph, layers, given: narrowGiven(graph.given, dropped) };
}

function narrower(shape: FeatureShape, gone: ReadonlySet<number>): FeatureShape {
  return { ...shape, channels: shape.channels - gone.size };
}

function narrowWindow(
  layer: WindowLayer,
  goneInputs: ReadonlySet<number>,
  goneOutputs: ReadonlySet<number>,
): WindowLayer {
  if (goneInputs.size + goneOutputs.size === 0) return layer;
  const size = layer.kernel.height * layer.kernel.width;
  const inputs = layer.inputShape.channels / layer.groups;
  const weights: number[] = [];
  for (let output = 0; output < layer.outputShape.channels; output += 1) {
    if (goneOutputs.has(output)) continue;
    for (let input = 0; input < inputs; input += 1) {
      if (goneInputs.has(input)) continue;
      const at = (output * inputs + input) * size;
      for (let position = at; position < at + size; position += 1) {
        weights.push(layer.weights[position] ?? 0);
      }
    }
  }
  return {
    ...layer,
    inputShape: narrower(layer.inputShape, goneInputs),
    windowShape: narrower(layer.windowShape, goneOutputs),
    outputShape: narrower(layer.outputShape, goneOutputs),
    weights: Float32Array.from(weights),
    bias: layer.bias.filter((_, output) => !goneOutputs.has(output)),
  };
}

function narrowGiven(
  given: Graph['given'],
  dropped: ReadonlyMap<string, ReadonlySet<number>>,
): Graph['given'] {
  if (given === null) return null;
  const weights = [...given.weights].map(([name, { scale, bits }]) => {
    const gone = dropped.get(name);
    const kept = scale.filter((_, channel) => gone?.has(channel) !== true);
    return [name, { scale: kept, bits }] as const;
  });
  return { ...given, weights: new Map(weights) };
}
