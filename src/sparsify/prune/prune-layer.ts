import { present } from '../../base/invariant.ts';
import type { WindowLayer } from '../../ir/graph.ts';
import { seededRandom } from '../../pack/seeded-random.ts';
import { collectMoments } from '../calibrate/moments.ts';
import type { Moments } from '../calibrate/moments.ts';
import { rowLength, takeRow } from '../calibrate/window-rows.ts';
import { exchangeWeights, fullExchange } from './exchange.ts';
import type { ExchangeEffort } from './exchange.ts';
import { pruneByMagnitude } from './magnitude.ts';
import type { Pattern, SparseWeights } from './pattern.ts';
import { prepareReconstruction } from './problem.ts';
import { sweepMask } from './sweep.ts';

/** How the weights that stay are chosen. */
export const pruneMethods = ['second-order', 'magnitude'] as const;
export type PruneMethod = (typeof pruneMethods)[number];

export interface PruneLayerOptions {
  readonly method: PruneMethod;
  readonly seed: number;
  readonly pause: () => Promise<void>;
  /** The layer sees what the dense network's layer sees. */
  readonly unchangedInput: boolean;
}

/** Rows that calibrate a layer, by value a row has, and at least. */
const rowsPerInput = 8;
const leastRows = 4096;

/**
 * The layer with the zeros its pattern wants. `inputs` are what it reads in the sparse network,
 * `sums` what the dense network's layer made for the same samples ([O][H][W], without bias).
 */
export async function pruneLayer(
  layer: WindowLayer,
  pattern: Pattern,
  inputs: readonly Float32Array[],
  sums: readonly Float64Array[],
  options: PruneLayerOptions,
): Promise<WindowLayer> {
  if (pattern.kind === 'dense' && (options.unchangedInput || options.method === 'magnitude')) {
    return layer;
  }
  if (options.method === 'magnitude') return magnitudeLayer(layer, pattern);
  const prune = await prepareLayer(layer, inputs, sums, { ...options, effort: fullExchange });
  return prune(pattern);
}

function magnitudeLayer(layer: WindowLayer, pattern: Pattern): WindowLayer {
  const size = rowLength(layer);
  const outputs = layer.windowShape.channels / layer.groups;
  const weights = new Float32Array(layer.weights.length);
  for (let start = 0; start < weights.length; start += outputs * size) {
    const dense = Float64Array.from(layer.weights.subarray(start, start + outputs * size));
    weights.set(pruneByMagnitude(dense, outputs, size, pattern).weights, start);
  }
  return { ...layer, weights };
}

/** Makes a layer sparse in any pattern. */
export type LayerPruner = (pattern: Pattern) => Promise<WindowLayer>;

/**
 * What every pattern of a layer begins with, the costly part: moments of its inputs and their
 * factors. Arguments as for `pruneLayer`.
 */
export async function prepareLayer(
  layer: WindowLayer,
  inputs: readonly Float32Array[],
  sums: readonly Float64Array[],
  options: Pick<PruneLayerOptions, 'seed' | 'pause'> & { readonly effort: ExchangeEffort },
): Promise<LayerPruner> {
  const { pause, effort } = options;
  const size = rowLength(layer);
  const outputs = layer.windowShape.channels / layer.groups;
  const groups: { readonly moments: Moments; readonly choose: LayerChoice }[] = [];
  for (let group = 0; group < layer.groups; group += 1) {
    const start = group * outputs * size;
    const dense = Float64Array.from(layer.weights.subarray(start, start + outputs * size));
    const moments = await observe(layer, group, inputs, sums, options);
    groups.push({ moments, choose: chooserOf(moments, dense, effort, pause) });
    await pause();
  }
  return async (pattern) => {
    const weights = new Float32Array(layer.weights.length);
    const bias = layer.bias.slice();
    for (const [group, { moments, choose }] of groups.entries()) {
      const found = await choose(pattern);
      weights.set(found.weights, group * outputs * size);
      const firstOutput = group * outputs;
      correctBias(moments, found.weights, bias.subarray(firstOutput, firstOutput + outputs));
    }
    return { ...layer, weights, bias };
  };
}

type LayerChoice = (pattern: Pattern) => Promise<SparseWeights>;

/** By magnitude where the samples tell nothing about the weights. */
function chooserOf(
  moments: Moments,
  dense: Float64Array,
  effort: ExchangeEffort,
  pause: () => Promise<void>,
): LayerChoice {
  const { outputs, inputs } = moments;
  const problem = prepareReconstruction(moments, dense);
  return async (pattern) => {
    if (problem === null) return pruneByMagnitude(dense, outputs, inputs, pattern);
    const swept = sweepMask(problem, pattern);
    await pause();
    return exchangeWeights(problem, swept, pattern, effort, pause);
  };
}

/** Afterwards every output has the mean it had in the dense network. */
function correctBias(moments: Moments, weights: Float64Array, bias: Float32Array): void {
  const { inputs, inputMean, outputMean } = moments;
  for (let output = 0; output < bias.length; output += 1) {
    let mean = 0;
    for (let n = 0; n < inputs; n += 1) {
      mean += (weights[output * inputs + n] ?? 0) * (inputMean[n] ?? 0);
    }
    bias[output] = (bias[output] ?? 0) + (outputMean[output] ?? 0) - mean;
  }
}

/** Moments over some sites of every sample, drawn from the seed, the same number of each. */
async function observe(
  layer: WindowLayer,
  group: number,
  inputs: readonly Float32Array[],
  sums: readonly Float64Array[],
  { seed, pause }: Pick<PruneLayerOptions, 'seed' | 'pause'>,
): Promise<Moments> {
  const size = rowLength(layer);
  const outputs = layer.windowShape.channels / layer.groups;
  const sites = layer.windowShape.height * layer.windowShape.width;
  const wanted = Math.max(leastRows, rowsPerInput * size);
  const perSample = Math.min(sites, Math.ceil(wanted / inputs.length));
  const collector = collectMoments(size, outputs);
  const row = new Float64Array(size);
  const targets = new Float64Array(outputs);
  const random = seededRandom(seed);
  const order = Int32Array.from({ length: sites }, (_, site) => site);
  for (const [sample, input] of inputs.entries()) {
    const sampleSums = present(sums[sample], 'sums of every sample');
    for (let n = 0; n < perSample; n += 1) {
      const other = n + random(sites - n);
      const site = order[other] ?? 0;
      order[other] = order[n] ?? 0;
      order[n] = site;
      takeRow(layer, input, group, site, row);
      for (let output = 0; output < outputs; output += 1) {
        targets[output] = sampleSums[(group * outputs + output) * sites + site] ?? 0;
      }
      collector.add(row, targets);
    }
    await pause();
  }
  return collector.finish();
}
