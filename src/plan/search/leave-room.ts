import { signedBits } from '../../base/bits.ts';
import type { BoardFamily } from '../../ir/board.ts';
import type { QuantizedGraph, QuantizedWindow, WeightRoom } from '../../ir/quantized.ts';
import { shiftRange } from '../lower/lower-tail.ts';

/**
 * Bits of a load beat: a row of a block memory of the family, or of a few side by side, so that a memory written in parts of
 * a beat takes no more blocks than one written in whole words.
 */
export function loadBeatBits(family: BoardFamily): number {
  switch (family) {
    case 'ultrascale-plus':
    case 'series7':
      return 72;
    case 'ice40':
    case 'ice40-ultraplus':
      return 64;
    case 'ecp5':
      return 72;
    case 'cyclone5':
    case 'stratix10':
      return 40;
  }
}

/** Bits that sums may grow by with other weights: four times the interval. */
const sumGrowth = 2;
const largestSumBits = 32;
/** 16 shifts, factors of 2^15 apart: two steps of the requantiser, as most layers have anyway. */
const shiftBits = 4;
const widestShiftBits = 6;
const largestShift = 47;

/**
 * The same network with `room` in every weighted layer: hardware planned from it holds other
 * weights of the same structure. Sums get two bits more, but not more than all weights at their
 * largest could need; a bias may be as wide as a sum; shifts get a window of 16 around those of
 * these weights (64 where they are further apart). Nothing that is computed changes.
 */
export function leaveRoom(graph: QuantizedGraph, loadBits: number): QuantizedGraph {
  return {
    ...graph,
    layers: graph.layers.map((layer) =>
      layer.kind === 'window' ? { ...layer, room: roomOf(layer, loadBits) } : layer,
    ),
  };
}

function roomOf(layer: QuantizedWindow, loadBits: number): WeightRoom {
  const sumBits = Math.max(
    layer.accumulatorBits,
    Math.min(layer.accumulatorBits + sumGrowth, worstSumBits(layer), largestSumBits),
  );
  return { loadBits, sumBits, biasBits: sumBits, ...shiftRoom(layer) };
}

/** Every weight and every input at its largest, and a bias as large as that sum. */
function worstSumBits(layer: QuantizedWindow): number {
  const { bits, signed } = layer.inputFormat;
  const largestInput = signed ? 2 ** (bits - 1) : 2 ** bits - 1;
  const largestWeight = 2 ** (layer.weightBits - 1);
  const terms = layer.weights.length / layer.bias.length;
  const largest = 2 * terms * largestWeight * largestInput;
  return signedBits(-largest, largest);
}

function shiftRoom(layer: QuantizedWindow): Pick<WeightRoom, 'minimumShift' | 'shiftBits'> {
  if (layer.requantization === null) return { minimumShift: 0, shiftBits: 1 };
  const { low, high } = shiftRange(layer);
  const window = 2 ** shiftBits;
  if (high - low >= window) return { minimumShift: 0, shiftBits: widestShiftBits };
  const below = Math.floor((window - 1 - (high - low)) / 2);
  const minimumShift = Math.min(Math.max(0, low - below), largestShift + 1 - window);
  return { minimumShift, shiftBits };
}
