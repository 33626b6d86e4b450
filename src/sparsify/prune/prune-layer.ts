import { present } from '../../base/invariant.ts';
import type { WindowLayer } from '../../ir/graph.ts';
import { seededRandom } from '../../pack/seeded-random.ts';
import { collectMoments } from '../calibrate/moments.ts';
import type { Moments } from '../calibrate/moments.ts';
import { rowLength, takeRow } from '../calibrate/window-rows.ts';
import { exchangeWeights } from './exchange.ts';
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
  const size = rowLength(layer);
  const outputs = layer.windowShape.channels / layer.groups;
  const weights = new Float32Array(layer.weights.length);
  const bias = layer.bias.slice();
  for (let group = 0; group < layer.groups; group += 1) {
    const start = group * outputs * size;
    const dense = Float64Array.from(layer.weights.subarray(start, start + outputs * size));
    const firstOutput = group * outputs;
    if (options.method === 'magnitude') {
      weights.set(pruneByMagnitude(dense, outputs, size, pattern).weights, start);
      continue;
    }
    const moments = await observe(layer, group, inputs, sums, options);
    const found = await reconstruct(moments, dense, pattern, options.pause);
    weights.set(found.weights, start);
    correctBias(moments, found.weights, bias.subarray(firstOutput, firstOutput + outputs));
  }
  return { ...layer, weights, bias };
}

async function reconstruct(
  moments: Moments,
  dense: Float64Array,
  pattern: Pattern,
  pause: () => Promise<void>,
): Promise<SparseWeights> {
  const problem = prepareReconstruction(moments, dense);
  if (problem === null) return pruneByMagnitude(dense, moments.outputs, moments.inputs, pattern);
  await pause();
  const swept = sweepMask(problem, pattern);
  await pause();
  return exchangeWeights(problem, swept, pattern, pause);
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
  { seed, pause }: PruneLayerOptions,
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
