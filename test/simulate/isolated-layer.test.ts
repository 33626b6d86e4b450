import { describe, expect, it } from 'vitest';
import { emitIsolated, renumberLayer } from '../../src/emit/emit-isolated.ts';
import { emitLayer } from '../../src/emit/emit-layer.ts';
import type { EngineLayerPlan, LayerPlan, Plan } from '../../src/ir/plan.ts';
import { fileNameParameters } from '../../src/plan/memories/memory-files.ts';
import { isolateLayer, partBits } from '../../src/plan/isolate-layer.ts';
import { tokenStream } from '../../src/plan/streams/streams.ts';
import { inputBeatCount, isolatedBeats, mapBeats } from '../../src/simulate/isolated-beats.ts';
import { randomQueueCase } from '../support/random-case.ts';

const isWindow = (layer: LayerPlan): layer is EngineLayerPlan => layer.kind === 'window';

const numbered = (layer: EngineLayerPlan, index: number): EngineLayerPlan => {
  const number = String(index).padStart(2, '0');
  const rename = (name: string): string => name.replace(/^layer\d+_/, `layer${number}_`);
  const files = Object.fromEntries(
    Object.entries(layer.files).map(([key, names]) => [key, names.map(rename)]),
  );
  return {
    ...layer,
    index,
    files,
    name: `number ${index}`,
    origin: [`/node${index}`],
    parameters: { ...layer.parameters, ...fileNameParameters(files) },
  };
};

/** The first such layer of random networks. */
function firstWith(wanted: (layer: EngineLayerPlan) => boolean): {
  readonly plan: Plan;
  readonly layer: EngineLayerPlan;
} {
  for (let seed = 1; seed < 400; seed += 1) {
    const { plan } = randomQueueCase(seed, 'sparse-sparse', 1).network;
    const layer = plan.layers.filter(isWindow).find(wanted);
    if (layer !== undefined) return { plan, layer };
  }
  throw new Error('no such layer');
}

describe('a layer alone', () => {
  it.each([
    ['a convolution', (layer: EngineLayerPlan) => layer.window.kernel.height > 1],
    // its order has a file as well
    ['a k-WTA by histogram', (layer: EngineLayerPlan) => layer.tail.kind === 'histogram'],
    ['queues', (layer: EngineLayerPlan) => layer.choice.queues > 0],
  ])('has the same Verilog wherever it stood in its network: %s', (_, wanted) => {
    const { plan, layer } = firstWith(wanted);
    const texts = [3, 104].map((index) => {
      const moved = numbered(layer, index);
      const layers = Array.from({ length: index + 1 }, () => moved);
      const isolated = isolateLayer({ ...plan, layers } satisfies Plan, index, 7);
      expect([...isolated.images.values()]).toContain('layer00_weights000.mem');
      return [
        ...emitIsolated(isolated).map(({ content }) => content),
        renumberLayer(emitLayer(moved, [`of ${index}`]).content, isolated).content,
      ];
    });
    expect(texts[0]).toEqual(texts[1]);
    expect(texts[0]?.[2]).toContain('module nzflow_layer00 (');
    expect(texts[0]?.[2]).toContain('"layer00_weights"');
  });

  it('is fed site by site: an input with fewer beats has none at the end of a site', () => {
    const shape = { channels: 4, height: 1, width: 2 };
    const stream = tokenStream(shape, { bits: 8, signed: false, scale: 1 }, 2, 4);
    // channels first: site 0 has 3 tokens and 1, site 1 has none and 2
    const left = mapBeats(stream, Int16Array.from([1, 0, 2, 0, 0, 0, 3, 0]));
    const right = mapBeats(stream, Int16Array.from([0, 4, 9, 5, 0, 0, 0, 0]));
    expect([left.counts, right.counts].map((counts) => [...counts])).toEqual([
      [2, 1],
      [1, 1],
    ]);
    const beats = inputBeatCount([left, right]);
    expect(beats).toBe(3);
    const words = isolatedBeats([stream, stream], [left, right], beats + 1);
    const bits = BigInt(partBits(stream));
    const parts = Array.from({ length: beats + 1 }, (_, beat) => {
      const [low = 0, high = 0] = words.subarray(2 * beat, 2 * beat + 2);
      const all = (BigInt(high) << 32n) | BigInt(low);
      return [all & ((1n << bits) - 1n), all >> bits];
    });
    // token = {channel of 2 bits, value of 8}; above two of them count of 2 bits, last, there
    const part = (last: number, count: number, first = 0, second = 0): bigint =>
      BigInt(first) | (BigInt(second) << 10n) | (BigInt(count + 4 * last + 8) << 20n);
    const token = (channel: number, value: number): number => channel * 256 + value;
    expect(parts).toEqual([
      [part(0, 2, token(0, 1), token(1, 2)), part(1, 1, token(1, 9))],
      [part(1, 1, token(3, 3)), 0n],
      [part(1, 0), part(1, 2, token(0, 4), token(1, 5))],
      [0n, 0n],
    ]);
  });
});
