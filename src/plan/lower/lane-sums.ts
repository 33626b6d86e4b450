import { ceilDivide, signedBits } from '../../base/bits.ts';
import { formatRange } from '../../evaluate/integer.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import { forEachWeight } from '../memories/weight-order.ts';

/** By output and kernel position: what the products of one position add to a sum at most. */
export interface PositionSums {
  readonly positions: number;
  /** `[output * positions + position]`, at most 0. */
  readonly least: Float64Array;
  /** In the same order, at least 0. */
  readonly greatest: Float64Array;
}

/** For all values of the input's format. */
export function positionSums({ layer, weights, inputFormat }: QuantizedWindow): PositionSums {
  const { minimum: lowest, maximum: highest } = formatRange(inputFormat);
  const positions = layer.kernel.height * layer.kernel.width;
  const sums = layer.windowShape.channels * positions;
  const least = new Float64Array(sums);
  const greatest = new Float64Array(sums);
  forEachWeight(layer, (from, output, _channel, position) => {
    const weight = weights[from] ?? 0;
    if (weight === 0) return;
    const at = output * positions + position;
    least[at] = (least[at] ?? 0) + weight * (weight > 0 ? lowest : highest);
    greatest[at] = (greatest[at] ?? 0) + weight * (weight > 0 ? highest : lowest);
  });
  return { positions, least, greatest };
}

/**
 * Two's complement bits that hold the sum of every lane, of any of its products: the lanes take
 * `lanePositions` kernel positions each, one after another.
 */
export function laneSumBits(
  { positions, least, greatest }: PositionSums,
  lanePositions: number,
): number {
  const lanes = ceilDivide(positions, lanePositions);
  let minimum = 0;
  let maximum = 0;
  for (let first = 0; first < least.length; first += positions) {
    for (let lane = 0; lane < lanes; lane += 1) {
      const begin = first + lane * lanePositions;
      const end = Math.min(begin + lanePositions, first + positions);
      let low = 0;
      let high = 0;
      for (let at = begin; at < end; at += 1) {
        low += least[at] ?? 0;
        high += greatest[at] ?? 0;
      }
      minimum = Math.min(minimum, low);
      maximum = Math.max(maximum, high);
    }
  }
  return signedBits(minimum, maximum);
}
