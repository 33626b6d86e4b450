import { invariant, present } from '../../base/invariant.ts';
import { prepareFloatLayer } from '../../evaluate/float.ts';
import type { FloatLayerEvaluation } from '../../evaluate/float.ts';
import { inputsOf } from '../../ir/graph.ts';
import type { Graph, KWinners, Layer, WindowLayer } from '../../ir/graph.ts';
import type { Samples } from '../../ir/tensor.ts';
import { measureDifference } from '../measure/difference.ts';
import type { Difference } from '../measure/difference.ts';
import type { LayerGoal, SparsityPlan } from '../plan/layer-goal.ts';
import { pruneLayer } from './prune-layer.ts';
import type { PruneMethod } from './prune-layer.ts';

export interface PruneOptions {
  readonly method: PruneMethod;
  /** Of the choice of sites that calibrate. */
  readonly seed: number;
  /** Called often: lets others run, and throws when the user gives up. */
  readonly pause: () => Promise<void>;
  /** A layer begins: share done so far, and its name. */
  readonly tell: (fraction: number, name: string) => void;
}

export interface PrunedNetwork {
  readonly graph: Graph;
  /** By layer: how far its sums are from the dense network's; null for layers without weights. */
  readonly differences: readonly (Difference | null)[];
}

/** Values of one edge for all samples, in the dense network and in the sparse one. */
interface Edge {
  readonly dense: readonly Float32Array[];
  /** The same array where nothing before it has changed. */
  readonly sparse: readonly Float32Array[];
}

/**
 * Layer by layer in order: chooses which weights of it stay and what they become, from what the
 * layers made sparse before it hand over and what the dense layer makes of the dense network's values.
 * Every weight of the result is 0 where the plan's pattern says so. Throws `UserError` when a layer
 * cannot be calibrated.
 */
export async function pruneNetwork(
  graph: Graph,
  samples: Samples,
  plan: SparsityPlan,
  options: PruneOptions,
): Promise<PrunedNetwork> {
  invariant(plan.length === graph.layers.length, 'a goal for every layer');
  const edges = new Map<string, Edge>();
  const input = splitSamples(samples);
  edges.set(graph.input.name, { dense: input, sparse: input });
  const lastReader = lastReaders(graph);
  const layers: Layer[] = [];
  const differences: (Difference | null)[] = [];
  for (const [index, layer] of graph.layers.entries()) {
    options.tell(index / graph.layers.length, layer.name);
    const goal = present(plan[index], 'a goal for every layer');
    const inputs = inputsOf(layer).map((name) => present(edges.get(name), 'an edge read'));
    const dense = await evaluateAll(layer, inputs, 'dense', options.pause);
    const changed = await changeLayer(layer, goal, inputs, dense, options);
    const same = changed === layer && inputs.every((edge) => edge.dense === edge.sparse);
    const sparse = same ? dense : await evaluateAll(changed, inputs, 'sparse', options.pause);
    const isWindow = layer.kind === 'window' && changed.kind === 'window';
    differences.push(isWindow ? measureDifference(layer, dense, changed, sparse) : null);
    const denseValues = dense.map(({ values }) => values);
    edges.set(layer.name, {
      dense: denseValues,
      sparse: same ? denseValues : sparse.map(({ values }) => values),
    });
    layers.push(changed);
    for (const name of inputsOf(layer)) if (lastReader.get(name) === index) edges.delete(name);
  }
  return { graph: { ...graph, layers }, differences };
}

async function changeLayer(
  layer: Layer,
  goal: LayerGoal,
  inputs: readonly Edge[],
  dense: readonly FloatLayerEvaluation[],
  options: PruneOptions,
): Promise<Layer> {
  const kWinners = goal.kWinners === null ? layer.kWinners : winnersBehind(layer, goal.kWinners);
  if (goal.pattern === null || layer.kind !== 'window') {
    return kWinners === layer.kWinners ? layer : ({ ...layer, kWinners } as Layer);
  }
  const edge = present(inputs[0], 'a window has an input');
  const sums = dense.map((each) => each.sums);
  const pruned: WindowLayer = await pruneLayer(layer, goal.pattern, edge.sparse, sums, {
    ...options,
    unchangedInput: edge.dense === edge.sparse,
  });
  return { ...pruned, kWinners };
}

/** k-WTA as it is put behind a layer: over the channels of every site, or over a vector. */
export function winnersBehind(layer: Layer, k: number): KWinners {
  const { height, width } = layer.outputShape;
  const scope = height === 1 && width === 1 ? 'layer' : 'site';
  return { k, scope, groups: 1, tiesInModel: true };
}

async function evaluateAll(
  layer: Layer,
  inputs: readonly Edge[],
  network: 'dense' | 'sparse',
  pause: () => Promise<void>,
): Promise<readonly FloatLayerEvaluation[]> {
  const evaluate = prepareFloatLayer(layer);
  const count = inputs[0]?.dense.length ?? 0;
  const results: FloatLayerEvaluation[] = [];
  for (let sample = 0; sample < count; sample += 1) {
    results.push(evaluate(inputs.map((edge) => present(edge[network][sample], 'every sample'))));
    await pause();
  }
  return results;
}

function splitSamples({ count, sampleSize, data }: Samples): readonly Float32Array[] {
  return Array.from({ length: count }, (_, sample) =>
    data.subarray(sample * sampleSize, (sample + 1) * sampleSize),
  );
}

function lastReaders(graph: Graph): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  graph.layers.forEach((layer, index) => {
    for (const name of inputsOf(layer)) last.set(name, index);
  });
  return last;
}
