import { present } from '../../base/invariant.ts';
import { prepareFloatLayer } from '../../evaluate/float.ts';
import { inputsOf } from '../../ir/graph.ts';
import type { Graph, WindowLayer } from '../../ir/graph.ts';
import type { Samples } from '../../ir/tensor.ts';
import { isPrunable } from '../../sparsify/plan/layer-goal.ts';
import { shortExchange } from '../../sparsify/prune/exchange.ts';
import type { Pattern } from '../../sparsify/prune/pattern.ts';
import type { LayerPruner } from '../../sparsify/prune/prune-layer.ts';
import { prepareLayer } from '../../sparsify/prune/prune-layer.ts';

/** A layer made sparse alone, all before it as trained. */
export type PrunedLayers = (layer: string, pattern: Pattern) => Promise<WindowLayer>;

/**
 * Layers in every pattern that trials ask for, each made once and kept (the database of Optimal Brain
 * Compression, Frantar and Alistarh 2022): a trial puts its network together from them, which costs next
 * to nothing beside making one. `calibration` runs through the network once, when the first layer is made. `store` keeps what was
 * made for other processes and later runs.
 */
export function prunedLayers(
  graph: Graph,
  calibration: Samples,
  seed: number,
  store: LayerStore,
  pause: () => Promise<void>,
): PrunedLayers {
  let preparing: ReturnType<typeof preparePruners> | null = null;
  const made = new Map<string, Promise<WindowLayer>>();
  const make = async (name: string, pattern: Pattern): Promise<WindowLayer> => {
    const layer = present(
      graph.layers.find(
        (each): each is WindowLayer => each.kind === 'window' && each.name === name,
      ),
      name,
    );
    const key = `${name} ${patternKey(pattern)}`;
    const kept = await store.read(key, layer);
    if (kept !== null) return kept;
    preparing ??= preparePruners(graph, calibration, seed, pause);
    const prepare = present((await preparing).get(name), name);
    const pruned = await (await prepare())(pattern);
    await store.write(key, pruned);
    return pruned;
  };
  return (name, pattern) => {
    const key = `${name} ${patternKey(pattern)}`;
    const known = made.get(key) ?? make(name, pattern);
    made.set(key, known);
    return known;
  };
}

/** Keeps layers; null for one that is not there. */
export interface LayerStore {
  read(key: string, layer: WindowLayer): Promise<WindowLayer | null>;
  write(key: string, layer: WindowLayer): Promise<void>;
}

export function patternKey(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'dense':
      return 'dense';
    case 'unstructured':
      return `unstructured ${String(pattern.density)}`;
    case 'complementary':
      return `complementary ${String(pattern.setSize)}`;
  }
}

/** Made when it is first needed: it is the costly half. */
type Preparation = () => Promise<LayerPruner>;

async function preparePruners(
  graph: Graph,
  calibration: Samples,
  seed: number,
  pause: () => Promise<void>,
): Promise<ReadonlyMap<string, Preparation>> {
  const { count, sampleSize, data } = calibration;
  const edges = new Map<string, readonly Float32Array[]>();
  edges.set(
    graph.input.name,
    Array.from({ length: count }, (_, at) => data.subarray(at * sampleSize, (at + 1) * sampleSize)),
  );
  const prepared = new Map<string, Preparation>();
  for (const layer of graph.layers) {
    const inputs = inputsOf(layer).map((name) => present(edges.get(name), name));
    const evaluate = prepareFloatLayer(layer);
    const sums: Float64Array[] = [];
    const values: Float32Array[] = [];
    for (let sample = 0; sample < count; sample += 1) {
      const result = evaluate(inputs.map((edge) => present(edge[sample], 'a sample')));
      if (isPrunable(layer)) sums.push(result.sums);
      values.push(result.values);
      await pause();
    }
    edges.set(layer.name, values);
    if (!isPrunable(layer)) continue;
    const first = present(inputs[0], 'an input');
    let pruner: Promise<LayerPruner> | null = null;
    const options = { seed, pause, effort: shortExchange };
    prepared.set(layer.name, () => (pruner ??= prepareLayer(layer, first, sums, options)));
  }
  return prepared;
}
