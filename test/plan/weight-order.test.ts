import { describe, expect, it } from 'vitest';
import type { WindowLayer } from '../../src/ir/graph.ts';
import {
  forEachWeight,
  weightPlaces,
  weightsByIndex,
} from '../../src/plan/memories/weight-order.ts';

/** The shapes alone; nothing else of a layer decides where its weights go. */
function layerOf(
  inputs: number,
  outputs: number,
  kernel: WindowLayer['kernel'],
  groups: number,
): WindowLayer {
  const shape = { height: 4, width: 4 };
  return {
    kernel,
    groups,
    inputShape: { ...shape, channels: inputs },
    windowShape: { ...shape, channels: outputs },
  } as WindowLayer;
}

describe('the order of weights in the lanes', () => {
  it.each([
    ['one group', 3, 4, { height: 2, width: 3 }, 1],
    ['two groups', 4, 6, { height: 3, width: 2 }, 2],
    ['a group a channel', 5, 10, { height: 2, width: 2 }, 5],
    ['a linear layer', 7, 3, { height: 1, width: 1 }, 1],
  ])('puts every weight of %s where its kernel, position and channel say', (...given) => {
    const [, inputs, outputs, kernel, groups] = given;
    const layer = layerOf(inputs, outputs, kernel, groups);
    const positions = kernel.height * kernel.width;
    const count = (outputs * inputs * positions) / groups;
    const weights = Int16Array.from({ length: count }, (_, at) => at + 1);
    const ordered = weightsByIndex(layer, weights);
    expect(ordered).toHaveLength(outputs * positions * inputs);
    let seen = 0;
    forEachWeight(layer, (from, output, channel, position) => {
      expect(ordered[(output * positions + position) * inputs + channel]).toBe(weights[from]);
      seen += 1;
    });
    expect(seen).toBe(count);
    // and nothing where groups leave weights out
    const places = weightPlaces(layer);
    expect(ordered.every((weight, at) => (weight !== 0) === (places[at] === 1))).toBe(true);
  });
});
