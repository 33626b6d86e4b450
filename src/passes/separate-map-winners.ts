import type { Graph, Layer, WindowLayer, WinnersLayer } from '../ir/graph.ts';

/**
 * k-WTA over a whole feature map becomes a layer of its own behind the window that had it: no
 * winner is known before the last site has come, so it stands behind all engines of the window.
 * The window keeps its name; who read it reads the winners. A map of one site is a vector, whose
 * winners are chosen in the window. Nothing else changes.
 */
export function separateMapWinners(graph: Graph): Graph {
  const taken = new Set([graph.input.name, ...graph.layers.map(({ name }) => name)]);
  const renamed = new Map<string, string>();
  const separated = graph.layers.flatMap((layer): readonly Layer[] => {
    if (!choosesFromMap(layer)) return [layer];
    const { kWinners, ...window } = layer;
    const name = freeName(`${layer.name}/winners`, taken);
    taken.add(name);
    renamed.set(layer.name, name);
    const { origin, outputShape } = layer;
    const winners: WinnersLayer = {
      kind: 'winners',
      name,
      origin,
      input: layer.name,
      outputShape,
      activation: { kind: 'identity' },
      kWinners,
    };
    return [{ ...window, kWinners: null }, winners];
  });
  if (renamed.size === 0) return graph;
  const reads = (name: string): string => renamed.get(name) ?? name;
  const layers = separated.map((layer) => withInputs(layer, reads));
  const outputs = graph.outputs.map((output) => ({ ...output, layer: reads(output.layer) }));
  return { ...graph, layers, outputs };
}

type MapChoosing = WindowLayer & { readonly kWinners: WinnersLayer['kWinners'] };

function choosesFromMap(layer: Layer): layer is MapChoosing {
  const { height, width } = layer.outputShape;
  return layer.kind === 'window' && layer.kWinners?.scope === 'layer' && height * width > 1;
}

function withInputs(layer: Layer, reads: (name: string) => string): Layer {
  switch (layer.kind) {
    case 'winners':
      return layer;
    case 'window':
    case 'max-pool':
      return { ...layer, input: reads(layer.input) };
    case 'add': {
      const [left, right] = layer.inputs;
      return { ...layer, inputs: [reads(left), reads(right)] };
    }
    case 'concat':
      return { ...layer, inputs: layer.inputs.map(reads) };
  }
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}#${number}`;
  return name;
}
