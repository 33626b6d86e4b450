import type { Packing } from '../ir/packing.ts';
import type { QuantizedLayer } from '../ir/quantized.ts';
import { packKernels } from '../pack/pack-kernels.ts';
import { packQueues } from '../pack/pack-queues.ts';
import type { QueueOptions } from '../pack/pack-queues.ts';
import { weightsByIndex } from './weight-order.ts';

/** Packs the kernels of a layer by the masks of its *trained* weights. */
export function packLayer(layer: QuantizedLayer): Packing {
  const weights = weightsByIndex(layer.layer, layer.layer.weights);
  const outputs = layer.layer.windowShape.channels;
  return packKernels({
    layer: layer.name,
    outputs,
    indices: weights.length / outputs,
    nonZero: Uint8Array.from(weights, (weight) => (weight === 0 ? 0 : 1)),
  });
}

/** What a packing for queues is made for. */
export interface QueueShape extends Omit<QueueOptions, 'laneIndices'> {
  /** Kernel positions of a lane. */
  readonly lanePositions: number;
}

/** Packs the kernels of a layer for queues, by the masks of its *quantised* weights. */
export function packLayerForQueues(layer: QuantizedLayer, shape: QueueShape): Packing {
  const weights = weightsByIndex(layer.layer, layer.weights);
  const outputs = layer.layer.windowShape.channels;
  const { lanePositions, ...options } = shape;
  return packQueues(
    {
      layer: layer.name,
      outputs,
      indices: weights.length / outputs,
      nonZero: Uint8Array.from(weights, (weight) => (weight === 0 ? 0 : 1)),
    },
    { ...options, laneIndices: lanePositions * layer.layer.inputShape.channels },
  );
}

/** Every kernel a set of its own, zeros stored: how the dense core sees a layer. */
export function densePacking(layer: QuantizedLayer): Packing {
  const outputs = layer.layer.windowShape.channels;
  const nonZeros = layer.layer.weights.reduce((sum, weight) => sum + (weight === 0 ? 0 : 1), 0);
  return {
    layer: layer.name,
    sets: Array.from({ length: outputs }, (_, channel) => ({ channels: [channel] })),
    setSize: 1,
    depth: 1,
    efficiency: nonZeros / layer.layer.weights.length,
    complementary: true,
  };
}
