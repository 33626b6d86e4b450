import { present } from '../base/invariant.ts';
import { activate } from '../evaluate/activate.ts';
import { isNonNegative } from '../ir/graph.ts';
import type { Graph, Layer, WindowLayer } from '../ir/graph.ts';

/** A channel of the feature map that a layer gives. */
export interface Channel {
  readonly layer: Layer;
  readonly channel: number;
}

interface Node extends Channel {
  /** Always 0. */
  silent: boolean;
  /** A weight that is not 0 meets it. */
  read: boolean;
  /** Must not be removed, whatever else holds. */
  fixed: boolean;
  /** Representative of its group, or a step on the way to it. */
  parent: Node | null;
}

/**
 * The channels of all feature maps, in groups that can only be removed together: max-pooling, Add
 * and Concat give a channel on as it is or as the sum of two.
 */
export class ChannelGroups {
  readonly #nodes = new Map<string, readonly Node[]>();

  constructor(graph: Graph) {
    const answers = new Set(graph.outputs.map(({ layer }) => layer));
    for (const layer of graph.layers) {
      const { channels } = layer.outputShape;
      const fixed = answers.has(layer.name) || isGrouped(layer);
      this.#nodes.set(
        layer.name,
        Array.from({ length: channels }, (_, channel) => {
          const silent = isSilent(layer, channel);
          return { layer, channel, silent, read: false, fixed, parent: null };
        }),
      );
      this.#connect(layer);
    }
  }

  /** Groups whose removal changes no answer, in the order of the graph. */
  removable(): readonly (readonly Channel[])[] {
    const groups = new Map<Node, Node[]>();
    for (const node of [...this.#nodes.values()].flat()) {
      const root = rootOf(node);
      const members = groups.get(root) ?? [];
      members.push(node);
      groups.set(root, members);
    }
    return [...groups.values()].filter((members) => {
      if (members.some(({ fixed }) => fixed)) return false;
      if (members.every(({ silent }) => silent)) return true;
      return members.every(({ read, layer }) => !read && layer.kWinners === null);
    });
  }

  /** Ties a layer to the channels it reads. */
  #connect(layer: Layer): void {
    const own = present(this.#nodes.get(layer.name), 'nodes of a layer');
    switch (layer.kind) {
      case 'window':
        this.#read(layer);
        return;
      case 'max-pool':
      case 'winners':
        this.#join(own, [layer.input]);
        return;
      case 'add':
        this.#join(own, layer.inputs);
        return;
      case 'concat': {
        let offset = 0;
        layer.inputs.forEach((input, at) => {
          const end = offset + present(layer.inputShapes[at], 'shape of an input').channels;
          this.#join(own.slice(offset, end), [input]);
          offset = end;
        });
      }
    }
  }

  /** Channel c of `own` belongs to channel c of each input; it is silent where all of them are. */
  #join(own: readonly Node[], inputs: readonly string[]): void {
    const maps = inputs.map((input) => this.#nodes.get(input));
    own.forEach((node, channel) => {
      node.silent = keepsZero(node.layer);
      for (const map of maps) {
        const given = map?.[channel];
        if (given === undefined) {
          // the network's input
          node.silent = false;
          node.fixed = true;
          continue;
        }
        if (!given.silent) node.silent = false;
        unite(node, given);
      }
    });
  }

  /** Marks what the weights of a window meet. */
  #read(layer: WindowLayer): void {
    const given = this.#nodes.get(layer.input);
    if (given === undefined) return;
    if (isGrouped(layer)) {
      for (const node of given) node.fixed = true;
      return;
    }
    const size = layer.kernel.height * layer.kernel.width;
    const rowSize = given.length * size;
    for (let at = 0; at < layer.weights.length; at += 1) {
      if (layer.weights[at] === 0) continue;
      present(given[Math.floor((at % rowSize) / size)], 'a channel').read = true;
    }
  }
}

function rootOf(node: Node): Node {
  let root = node;
  while (root.parent !== null) root = root.parent;
  return root;
}

function unite(one: Node, other: Node): void {
  const [root, added] = [rootOf(one), rootOf(other)];
  if (root !== added) added.parent = root;
}

function isGrouped(layer: Layer): boolean {
  return layer.kind === 'window' && layer.groups > 1;
}

/** Whether a kernel has no weights and its bias ends as 0. */
function isSilent(layer: Layer, channel: number): boolean {
  if (layer.kind !== 'window' || !keepsZero(layer)) return false;
  if (activate(layer.bias[channel] ?? 0, layer.activation) !== 0) return false;
  const size = layer.weights.length / layer.outputShape.channels;
  return layer.weights
    .subarray(channel * size, (channel + 1) * size)
    .every((weight) => weight === 0);
}

/** Whether a value of 0 stays 0 and a channel of zeros changes nothing else in its layer. */
function keepsZero(layer: Layer): boolean {
  const { kWinners, activation } = layer;
  if (activate(0, activation) !== 0) return false;
  // a 0 beside values below 0 could be one of the k largest
  return kWinners === null || (kWinners.groups === 1 && isNonNegative(activation));
}
