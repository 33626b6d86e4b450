import { present } from '../../base/invariant.ts';
import type { Packing } from '../../ir/packing.ts';
import type { QuantizedGraph, QuantizedWindow } from '../../ir/quantized.ts';
import { countNonZeros } from '../../passes/quantize-layers.ts';
import type { VariantName } from '../../ir/variant.ts';
import { packKernels } from '../../pack/pack-kernels.ts';
import { packQueues } from '../../pack/pack-queues.ts';
import type { QueueOptions } from '../../pack/pack-queues.ts';
import type { PackingProblem } from '../../pack/packing-problem.ts';
import { weightPlaces, weightsByIndex } from '../memories/weight-order.ts';

/** Layers that are packed with all the effort there is; more of them share it. */
const layersAtFullEffort = 12;

/** Share of the usual effort for each layer: packing a deep network must not take minutes. */
function packingEffort(graph: QuantizedGraph): number {
  const windows = graph.layers.filter(({ kind }) => kind === 'window').length;
  return Math.min(1, layersAtFullEffort / windows);
}

/** Packings by the masks of trained weights, by layer: the sparse variants have the same. */
export type TrainedPackings = Map<QuantizedWindow, Packing>;

/**
 * The packings of a network for a variant, by layer; null for what has no weights. `trained` keeps
 * what takes long for another variant of the same graph.
 */
export function packNetwork(
  graph: QuantizedGraph,
  variant: VariantName,
  trained: TrainedPackings = new Map<QuantizedWindow, Packing>(),
): readonly (Packing | null)[] {
  const effort = packingEffort(graph);
  return graph.layers.map((layer) => {
    if (layer.kind !== 'window') return null;
    if (variant === 'dense') return packStructure(layer);
    const packing = trained.get(layer) ?? packLayer(layer, effort);
    trained.set(layer, packing);
    return packing;
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
export function packLayer(layer: QuantizedWindow, effort = 1): Packing {
  if (isManyChannelwise(layer)) return channelwisePacking(layer);
  return packKernels({ ...packingProblem(layer), effort });
}

/** The masks of a layer: of its trained weights, or of others that are given. */
export function packingProblem(
  layer: QuantizedWindow,
  values: Float32Array | Int16Array = layer.layer.weights,
): PackingProblem {
  const weights = weightsByIndex(layer.layer, values);
  const outputs = layer.layer.windowShape.channels;
  const nonZero = new Uint8Array(weights.length);
  for (let at = 0; at < weights.length; at += 1) nonZero[at] = weights[at] === 0 ? 0 : 1;
  return { layer: layer.name, outputs, indices: weights.length / outputs, nonZero };
}

/** Packs a layer of the dense variant: by its structure, whatever its weights. */
export function packStructure(layer: QuantizedWindow): Packing {
  return coreOf(layer, 'dense') === 'dense' ? densePacking(layer) : structuralPacking(layer);
}

/** Entries of a mask of all kernels and indices that is still made for a packer to look at. */
const mostMaskEntries = 2 ** 24;

/** Whether every channel has a kernel of its own, of too many to look at each pair. */
function isManyChannelwise({ layer }: QuantizedWindow): boolean {
  const { groups, kernel, inputShape, windowShape } = layer;
  const entries = windowShape.channels * inputShape.channels * kernel.height * kernel.width;
  return (
    groups === inputShape.channels && groups === windowShape.channels && entries > mostMaskEntries
  );
}

/** Kernels of different channels never meet: one set, whatever the weights. */
function channelwisePacking(layer: QuantizedWindow): Packing {
  const { windowShape } = layer.layer;
  return {
    layer: layer.name,
    sets: [{ channels: Array.from({ length: windowShape.channels }, (_, channel) => channel) }],
    setSize: windowShape.channels,
    depth: 1,
    efficiency: nonZeroShare(layer),
    complementary: true,
  };
}

/** What a packing for queues is made for. */
export interface QueueShape extends Omit<QueueOptions, 'laneIndices'> {
  /** Kernel positions of a lane; null where the lanes share the channels. */
  readonly lanePositions: number | null;
}

/** Packs the kernels of a layer for queues, by the masks of its *quantised* weights. */
export function packLayerForQueues(layer: QuantizedWindow, shape: QueueShape): Packing {
  const { lanePositions, ...options } = shape;
  return packQueues(packingProblem(layer, layer.weights), {
    ...options,
    laneIndices: lanePositions === null ? null : lanePositions * layer.layer.inputShape.channels,
  });
}

/** Every weight that the structure of the layer has, zero or not, in the sparse core. */
function structuralPacking(layer: QuantizedWindow): Packing {
  if (isManyChannelwise(layer)) return channelwisePacking(layer);
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
  const nonZeros = countNonZeros(weights);
  return nonZeros / weights.length;
}

/** The packing of a layer that has weights. */
export function packingAt(packings: readonly (Packing | null)[], index: number): Packing {
  return present(packings[index], `packing of layer ${index}`);
}
