import { describe, expect, it } from 'vitest';
import { syntheticLayer } from '../../bench/resources/synthetic-layer.ts';
import { signedBits } from '../../src/base/bits.ts';
import type { QuantizedWindow } from '../../src/ir/quantized.ts';
import { laneSumBits, positionSums } from '../../src/plan/lower/lane-sums.ts';

/** Unstructured weights, so that some kernel positions have many and some few. */
function layerOf(inputSigned: boolean): QuantizedWindow {
  return syntheticLayer(
    {
      input: { channels: 7, height: 9, width: 9 },
      inputSigned,
      kernel: { height: 3, width: 2 },
      pool: 1,
      outputs: 10,
      setSize: 3,
      weightBits: 8,
      winners: null,
      logits: false,
      unstructured: true,
      shifts: 1,
    },
    5,
  ).layer;
}

/** By value: every product of a lane at its largest, all that are not 0 of one sign at once. */
function widestLane({ layer, weights }: QuantizedWindow, lanePositions: number, values: number[]) {
  const positions = layer.kernel.height * layer.kernel.width;
  const perOutput = weights.length / layer.windowShape.channels;
  const sums = new Map<string, { low: number; high: number }>();
  weights.forEach((weight, at) => {
    const lane = Math.floor((at % positions) / lanePositions);
    const key = `${Math.floor(at / perOutput)} ${lane}`;
    const { low, high } = sums.get(key) ?? { low: 0, high: 0 };
    const products = values.map((value) => weight * value);
    sums.set(key, {
      low: low + Math.min(0, ...products),
      high: high + Math.max(0, ...products),
    });
  });
  const all = [...sums.values()];
  return signedBits(
    Math.min(...all.map(({ low }) => low)),
    Math.max(...all.map(({ high }) => high)),
  );
}

describe('bits of the sums of a lane', () => {
  it.each([
    { signed: false, values: [0, 255] },
    { signed: true, values: [-128, 127] },
  ])('hold the largest sums of any lane, signed $signed', ({ signed, values }) => {
    const layer = layerOf(signed);
    const sums = positionSums(layer);
    for (const lanePositions of [1, 2, 3, 4, 5, 6]) {
      const bits = laneSumBits(sums, lanePositions);
      expect(bits, `${lanePositions} positions`).toBe(widestLane(layer, lanePositions, values));
    }
    expect(laneSumBits(sums, 1)).toBeLessThan(laneSumBits(sums, 6));
  });
});
