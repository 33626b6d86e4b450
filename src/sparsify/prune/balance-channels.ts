import { invariant } from '../../base/invariant.ts';
import { inputsOf } from '../../ir/graph.ts';
import type { Graph, Layer, WindowLayer } from '../../ir/graph.ts';
import type { SparsityPlan } from '../plan/layer-goal.ts';

/**
 * A graph that computes the same, in which the channels before a k-WTA of the plan are scaled so that
 * the largest values are those that do most in the layer behind: each channel by the norm of the
 * weights that read it. k-WTA chooses by size alone, and would otherwise drop small values that
 * matter for large ones that do not. Only where one window without groups reads the layer, and
 * nothing between depends on scale; other layers stay as they are.
 */
export function balanceChannels(graph: Graph, plan: SparsityPlan): Graph {
  invariant(plan.length === graph.layers.length, 'a goal for every layer');
  const layers: Layer[] = [...graph.layers];
  plan.forEach(({ kWinners }, index) => {
    const layer = layers[index];
    if (kWinners === null || layer?.kind !== 'window' || !isHomogeneous(layer)) return;
    const readers = layers.flatMap((each, at) => (inputsOf(each).includes(layer.name) ? [at] : []));
    const [reader = -1] = readers;
    const next = layers[reader];
    const isAnswer = graph.outputs.some((output) => output.layer === layer.name);
    if (readers.length !== 1 || next?.kind !== 'window' || next.groups !== 1 || isAnswer) return;
    const scales = channelNorms(next);
    layers[index] = scaleOutputs(layer, scales);
    layers[reader] = unscaleInputs(next, scales);
  });
  return { ...graph, layers };
}

/** Whether a scaled sum is a scaled value: ReLU and LeakyReLU, not a clip with an upper bound. */
function isHomogeneous({ activation }: WindowLayer): boolean {
  return activation.kind !== 'clip' || ((activation.lower ?? 0) === 0 && activation.upper === null);
}

/** By input channel the norm of its weights over their mean; 1 for a channel that nothing reads. */
function channelNorms(layer: WindowLayer): Float64Array {
  const norms = new Float64Array(layer.inputShape.channels);
  forEachWeight(layer, (at, channel) => {
    norms[channel] = (norms[channel] ?? 0) + (layer.weights[at] ?? 0) ** 2;
  });
  const read = norms.map(Math.sqrt).filter((norm) => norm > 0);
  const mean = read.reduce((sum, norm) => sum + norm, 0) / Math.max(1, read.length);
  return norms.map((square) => (square > 0 ? Math.sqrt(square) / mean : 1));
}

function scaleOutputs(layer: WindowLayer, scales: Float64Array): WindowLayer {
  const inputs = layer.weights.length / scales.length;
  return {
    ...layer,
    weights: layer.weights.map((weight, at) => weight * (scales[Math.floor(at / inputs)] ?? 1)),
    bias: layer.bias.map((bias, channel) => bias * (scales[channel] ?? 1)),
  };
}

function unscaleInputs(layer: WindowLayer, scales: Float64Array): WindowLayer {
  const weights = layer.weights.slice();
  forEachWeight(layer, (at, channel) => {
    weights[at] = (weights[at] ?? 0) / (scales[channel] ?? 1);
  });
  return { ...layer, weights };
}

function forEachWeight(layer: WindowLayer, visit: (at: number, channel: number) => void): void {
  const { channels } = layer.inputShape;
  const taps = layer.kernel.height * layer.kernel.width;
  for (let at = 0; at < layer.weights.length; at += 1) {
    visit(at, Math.floor(at / taps) % channels);
  }
}
