import { describe, expect, it } from 'vitest';
import { dealChannels, laneOfChannel } from '../../src/pack/deal-channels.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';

function laneSums(load: Float64Array, turns: Uint8Array, lanes: number): number[] {
  const sums = Array.from({ length: lanes }, () => 0);
  load.forEach((part, channel) => {
    const lane = laneOfChannel(turns, lanes, channel);
    sums[lane] = (sums[lane] ?? 0) + part;
  });
  return sums;
}

function randomLoad(channels: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: channels }, () => (random(100) / 100) ** 3);
}

describe('dealChannels', () => {
  it.each([
    { channels: 256, lanes: 4, most: 1.02 },
    { channels: 500, lanes: 8, most: 1.02 },
    { channels: 512, lanes: 16, most: 1.08 },
  ])('$channels channels over $lanes lanes: none with more than $most of the mean', (sizes) => {
    const { channels, lanes, most } = sizes;
    const load = randomLoad(channels, channels);
    const turns = dealChannels([load], lanes);
    const sums = laneSums(load, turns, lanes);
    const mean = sums.reduce((sum, part) => sum + part, 0) / lanes;
    expect(Math.max(...sums)).toBeLessThan(most * mean);
    // in order they are not
    const plain = laneSums(load, new Uint8Array(turns.length), lanes);
    expect(Math.max(...plain)).toBeGreaterThan(1.04 * mean);
  });

  it('evens out two kinds of load together', () => {
    const loads = [randomLoad(512, 1), randomLoad(512, 2)];
    const turns = dealChannels(loads, 8);
    for (const load of loads) {
      const sums = laneSums(load, turns, 8);
      const mean = sums.reduce((sum, part) => sum + part, 0) / 8;
      expect(Math.max(...sums)).toBeLessThan(1.05 * mean);
    }
  });

  it('gives every lane one channel of a row', () => {
    const turns = dealChannels([randomLoad(64, 3)], 8);
    for (let row = 0; row < 8; row += 1) {
      const lanes = Array.from({ length: 8 }, (_, place) =>
        laneOfChannel(turns, 8, 8 * row + place),
      );
      expect(new Set(lanes).size).toBe(8);
    }
  });
});
