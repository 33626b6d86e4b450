import { present } from '../base/invariant.ts';
import type { Packing } from '../ir/packing.ts';
import type { QuantizedGraph, QuantizedWindow } from '../ir/quantized.ts';
import type { VariantName } from '../ir/variant.ts';
import { packKernels } from '../pack/pack-kernels.ts';
import { packQueues } from '../pack/pack-queues.ts';
import type { QueueOptions } from '../pack/pack-queues.ts';
import { weightPlaces, weightsByIndex } from './weight-order.ts';

/** The packings of a network for a variant, by layer; null for what has no weights. */
export function packNetwork(
  graph: QuantizedGraph,
  variant: VariantName,
): readonly (Packing | null)[] {
  return graph.layers.map((layer) => {
    if (layer.kind !== 'window') return null;
    if (coreOf(layer, variant) === 'dense') return densePacking(layer);
    return variant === 'dense' ? structuralPacking(layer) : packLayer(layer);
  });
}

/**
 * The core of a window layer. Dense means every weight times every value, not the zeros that
 * groups put between: the dense core has no way around them, the sparse core has.
 */
export function coreOf(layer: QuantizedWindow, variant: VariantName): 'dense' | 'sparse' {
  return variant === 'dense' && layer.layer.groups === 1 ? 'dense' : 'sparse';
}

/** Packs the kernels of a layer by the masks of its *trained* weights. */
export function packLayer(layer: QuantizedWindow): Packing {
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
  /** Kernel positions of a lane; null where the lanes share the channels. */
  readonly lanePositions: number | null;
}

/** Packs the kernels of a layer for queues, by the masks of its *quantised* weights. */
export function packLayerForQueues(layer: QuantizedWindow, shape: QueueShape): Packing {
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
    {
      ...options,
      laneIndices: lanePositions === null ? null : lanePositions * layer.layer.inputShape.channels,
    },
  );
}

/** Every weight that the structure of the layer has, zero or not, in the sparse core. */
function structuralPacking(layer: QuantizedWindow): Packing {
  const nonZero = weightPlaces(layer.layer);
  const outputs = layer.layer.windowShape.channels;
  const packing = packKernels({
    layer: layer.name,
    outputs,
    indices: nonZero.length / outputs,
    nonZero,
  });
  return { ...packing, efficiency: packing.efficiency * nonZeroShare(layer) };
}

/** Every kernel a set of its own, zeros stored: how the dense core sees a layer. */
export function densePacking(layer: QuantizedWindow): Packing {
  const outputs = layer.layer.windowShape.channels;
  return {
    layer: layer.name,
    sets: Array.from({ length: outputs }, (_, channel) => ({ channels: [channel] })),
    setSize: 1,
    depth: 1,
    efficiency: nonZeroShare(layer),
    complementary: true,
  };
}

function nonZeroShare(layer: QuantizedWindow): number {
  const { weights } = layer.layer;
  const nonZeros = weights.reduce((sum, weight) => sum + (weight === 0 ? 0 : 1), 0);
  return nonZeros / weights.length;
}

/** The packing of a layer that has weights. */
export function packingAt(packings: readonly (Packing | null)[], index: number): Packing {
  return present(packings[index], `packing of layer ${index}`);
}
