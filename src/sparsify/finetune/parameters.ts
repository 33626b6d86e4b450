import { adam } from './adam.ts';
import type { Adam } from './adam.ts';
import type { WeightList } from './sparse-weights.ts';
import type { TrainNetwork } from './train-network.ts';

/** The trained parameters of one layer. */
export interface LayerParameters {
  /** Places in `WindowLayer.weights`. */
  readonly positions: Int32Array;
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** Parameters of a network with their optimiser. */
export interface TrainedParameters {
  /** Hands the weights to the network, rounded to 8 bits an output channel if asked. */
  readonly refresh: (isRounded: boolean) => void;
  /** One step against the gradients; `rate` is the length of it as share of a layer's weights. */
  readonly step: (rate: number) => void;
  /** Null for a layer that is not trained. */
  readonly of: (layer: string) => LayerParameters | null;
}

interface Trained extends LayerParameters {
  readonly list: WeightList;
  readonly weightGradients: Float64Array;
  readonly biasGradients: Float64Array;
  readonly weightAdam: Adam;
  readonly biasAdam: Adam;
  /** Root of the mean square of the weights at the beginning. */
  readonly size: number;
}

export function trainedParameters(network: TrainNetwork): TrainedParameters {
  const byLayer = new Map<string, Trained>();
  for (const { layer, parameters } of network.layers) {
    if (parameters === null) continue;
    const { list, bias } = parameters;
    byLayer.set(layer.name, {
      ...parameters,
      positions: list.positions,
      weights: list.values.slice(),
      bias,
      weightAdam: adam(list.values.length),
      biasAdam: adam(bias.length),
      size: rootMeanSquare(list.values),
    });
  }
  return {
    refresh: (isRounded) => {
      for (const { list, weights } of byLayer.values()) {
        if (isRounded) roundWeights(list, weights);
        else list.values.set(weights);
      }
    },
    step: (rate) => {
      for (const one of byLayer.values()) {
        one.weightAdam.step(one.weights, one.weightGradients, rate * one.size);
        one.biasAdam.step(one.bias, one.biasGradients, rate * one.size);
      }
    },
    of: (layer) => byLayer.get(layer) ?? null,
  };
}

/** To -127 .. 127 steps of a size of its own for every output, into `list.values`. */
function roundWeights({ starts, values }: WeightList, weights: Float64Array): void {
  for (let output = 0; output + 1 < starts.length; output += 1) {
    const first = starts[output] ?? 0;
    const end = starts[output + 1] ?? 0;
    let largest = 0;
    for (let at = first; at < end; at += 1) largest = Math.max(largest, Math.abs(weights[at] ?? 0));
    const scale = largest === 0 ? 1 : largest / 127;
    for (let at = first; at < end; at += 1) {
      values[at] = scale * Math.round((weights[at] ?? 0) / scale);
    }
  }
}

function rootMeanSquare(values: Float64Array): number {
  const squares = values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares / Math.max(1, values.length));
}
