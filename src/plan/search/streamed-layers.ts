import { ceilDivide } from '../../base/bits.ts';
import type { Board } from '../../ir/board.ts';
import { usableResources } from '../../ir/board.ts';
import type { QuantizedGraph, QuantizedWindow } from '../../ir/quantized.ts';
import type { VariantName } from '../../ir/variant.ts';
import { coreOf } from '../lower/packing-of-layer.ts';
import type { WeightRate } from '../streams/weight-rate.ts';
import { weightRate } from '../streams/weight-rate.ts';
import type { WeightStreamContext } from '../streams/weight-stream.ts';

/** Layers whose weights come from memory beside the device. */
export interface WeightStreamChoice {
  /** Null where none does. */
  readonly rate: WeightRate | null;
  /** By layer; null where the device holds its weights. */
  readonly layers: readonly (WeightStreamContext | null)[];
}

/** Bits a 36 kbit block memory and a look-up table hold. */
const blockBits = 36_864;
const lutBits = 64;

/**
 * Choices of streamed layers, fewest first, each with words that fill their beats and with any words. Every window reads all weights of its layer, so layers are
 * taken in the order of weights an inference reads them for: those with most weights a window first.
 * Left out are choices that leave more weights on the device than it has memory for. None for sparse
 * variants, weights that are loaded, and boards without memory.
 */
export function weightStreams(
  graph: QuantizedGraph,
  variant: VariantName,
  { board, clockMHz }: { readonly board: Board; readonly clockMHz: number },
): readonly WeightStreamChoice[] {
  const rate = weightRate(board, clockMHz);
  if (rate === null || variant !== 'dense') return [];
  const windows = graph.layers.flatMap((layer, index) =>
    layer.kind === 'window' ? { layer, index } : [],
  );
  const order = windows
    .filter(({ layer }) => canStream(layer))
    .sort((one, other) => weightsPerWindow(other.layer) - weightsPerWindow(one.layer));
  const { bram36, lut } = usableResources(board);
  const room = bram36 * blockBits + lut * lutBits;
  const total = windows.reduce((sum, { layer }) => sum + weightBitsOf(layer), 0);
  const choices: (readonly WeightStreamChoice[])[] = [];
  for (let count = 1; count <= order.length; count += 1) {
    const taken = order.slice(0, count);
    const held = total - taken.reduce((sum, { layer }) => sum + weightBitsOf(layer), 0);
    if (held > room) continue;
    const beatsOf = ({ layer }: { readonly layer: QuantizedWindow }): number =>
      ceilDivide(weightBitsOf(layer), rate.beatBits);
    const beats = taken.reduce((sum, one) => sum + beatsOf(one), 0);
    const choice = (fullBeats: boolean): WeightStreamChoice => ({
      rate,
      layers: graph.layers.map((_, index): WeightStreamContext | null => {
        const own = taken.find((one) => one.index === index);
        return own === undefined ? null : { ...rate, otherBeats: beats - beatsOf(own), fullBeats };
      }),
    });
    choices.push([choice(true), choice(false)]);
  }
  // each is a search of its own: of many, every second, fourth, eighth further one
  return choices.filter((_, at) => (at & (at + 1)) === 0).flat();
}

/** Windows that lie inside the map and are not pooled, in the dense core. */
function canStream(layer: QuantizedWindow): boolean {
  const { padding, pooling } = layer.layer;
  const pads = padding.top + padding.left + padding.bottom + padding.right;
  return (
    pads === 0 && pooling === null && layer.room === undefined && coreOf(layer, 'dense') === 'dense'
  );
}

function weightBitsOf({ weights, weightBits }: QuantizedWindow): number {
  return weights.length * weightBits;
}

function weightsPerWindow(layer: QuantizedWindow): number {
  const { height, width } = layer.layer.windowShape;
  return layer.weights.length / (height * width);
}
