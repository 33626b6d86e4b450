import { describe, expect, it } from 'vitest';
import { lanesOf, packLanes, takeLane } from '../../src/evaluate/lanes.ts';
import { prepareSparseWindow } from '../../src/evaluate/sparse-window.ts';
import type { WindowGeometry } from '../../src/evaluate/window-layout.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';

const one = { height: 1, width: 1 };

function convolution(stride: number): WindowGeometry {
  return {
    inputShape: { channels: 3, height: 9, width: 11 },
    windowShape: { channels: 4, height: stride === 1 ? 9 : 5, width: stride === 1 ? 11 : 6 },
    kernel: { height: 3, width: 3 },
    stride: { height: stride, width: stride },
    dilation: one,
    padding: { top: 1, bottom: 1, left: 1, right: 1 },
    groups: 1,
  };
}

function linear(inputs: number): WindowGeometry {
  return {
    inputShape: { channels: inputs, ...one },
    windowShape: { channels: 5, ...one },
    kernel: one,
    stride: one,
    dilation: one,
    padding: { top: 0, bottom: 0, left: 0, right: 0 },
    groups: 1,
  };
}

describe('lanes', () => {
  it('hold the largest and the least numbers they are made for, all at once', () => {
    for (const largest of [0, 1, 2, 127, 128, 4095, 4096, 2 ** 17 - 1, 2 ** 17, 2 ** 26, 2 ** 40]) {
      const lanes = lanesOf(largest);
      const values = [largest, -largest, 0, Math.min(1, largest), -Math.min(1, largest)];
      const maps = Array.from({ length: lanes.count }, (_, lane) =>
        Float64Array.from({ length: 25 }, (__, at) => {
          return values[(at * (lane + 1) + Math.floor(at / 5)) % 5] ?? 0;
        }),
      );
      const packed = packLanes(maps, lanes);
      for (const map of maps) {
        const lane = new Float64Array(map.length);
        takeLane(packed, lanes, lane);
        expect([...lane].map((value) => value + 0)).toEqual([...map].map((value) => value + 0));
      }
    }
  });

  it('are as many as a double has room for', () => {
    // 3 lanes of 18 bits: the uppermost sign is that of the double
    expect(lanesOf(2 ** 17 - 1)).toEqual({ count: 3, bits: 18 });
    expect(lanesOf(2 ** 17)).toEqual({ count: 2, bits: 19 });
    expect(lanesOf(2 ** 30)).toEqual({ count: 1, bits: 32 });
  });
});

describe('sums of several inputs', () => {
  for (const [name, geometry] of [
    ['a convolution', convolution(1)],
    ['a convolution with strides', convolution(2)],
    ['a linear layer', linear(70)],
  ] as const) {
    it(`are those of one after another: ${name}`, () => {
      const random = seededRandom(5);
      const { inputShape, windowShape, kernel } = geometry;
      const weights = windowShape.channels * inputShape.channels * kernel.height * kernel.width;
      for (const most of [1, 7, 127]) {
        // the first output has the largest weights there are: its sums need every bit
        const drawn = Int16Array.from({ length: weights }, (_, at) =>
          at < weights / windowShape.channels ? most : random(3) * (random(2 * most + 1) - most),
        );
        const window = prepareSparseWindow(
          geometry,
          drawn.map((weight) => Math.max(-most, Math.min(most, weight))),
        );
        const size = inputShape.channels * inputShape.height * inputShape.width;
        for (const [least, greatest] of [
          [0, 31],
          [-128, 127],
          [0, 255],
        ] as const) {
          const inputs = Array.from({ length: 7 }, (_, sample) =>
            Int16Array.from({ length: size }, () =>
              sample < 2
                ? ([greatest, least][sample] ?? 0)
                : random(2) * (least + random(greatest - least + 1)),
            ),
          );
          const alone = inputs.map((input) => {
            const { sums, products } = window.sum(input);
            return { sums: new Int32Array(sums), products };
          });
          expect(window.sumMany(inputs)).toEqual(alone);
        }
      }
    });
  }
});
