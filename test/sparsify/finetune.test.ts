import { describe, expect, it } from 'vitest';
import { shapeSize } from '../../src/ir/graph.ts';
import type { Graph } from '../../src/ir/graph.ts';
import type { Samples } from '../../src/ir/tensor.ts';
import { finetune } from '../../src/sparsify/finetune/finetune.ts';
import type { FinetuneOptions } from '../../src/sparsify/finetune/finetune.ts';
import { measureAccuracy } from '../../src/sparsify/measure/measure-accuracy.ts';
import { isPrunable } from '../../src/sparsify/plan/layer-goal.ts';
import { noise } from '../support/onnx-builder.ts';
import { graphOf, linear, positiveConvolution } from '../support/small-graph.ts';

const pause = () => Promise.resolve();
const options: FinetuneOptions = {
  teacher: null,
  epochs: 8,
  seed: 1,
  augmentation: { shift: 1, noise: 0.05 },
  pause,
  tell: () => undefined,
};

/** Half of the weights are 0, k-WTA behind the convolution. */
function sparseNetwork(): Graph {
  const shape = { channels: 1, height: 6, width: 6 };
  const conv = positiveConvolution('conv', 'input', shape, 8, 3);
  const weights = noise(conv.weights.length, 1).map((weight, at) => (at % 2 === 0 ? weight : 0));
  const kWinners = { k: 3, scope: 'site', groups: 1, tiesInModel: true } as const;
  const answer = linear('answer', 'conv', { ...shape, channels: 8 });
  return graphOf(shape, [{ ...conv, weights, kWinners }, answer]);
}

/** A bright stripe in the upper, middle or lower third, among noise. */
function stripes(count: number): { readonly samples: Samples; readonly labels: Uint32Array } {
  const sampleSize = 36;
  const data = noise(count * sampleSize, 4);
  const labels = Uint32Array.from({ length: count }, (_, sample) => sample % 3);
  labels.forEach((label, sample) => {
    for (let at = 0; at < 12; at += 1) {
      const place = sample * sampleSize + label * 12 + at;
      data[place] = (data[place] ?? 0) + 0.5;
    }
  });
  return { samples: { count, sampleSize, data }, labels };
}

describe('training of what is left', () => {
  it('learns, and leaves zeros where they are', async () => {
    const graph = sparseNetwork();
    expect(shapeSize(graph.input.shape)).toBe(36);
    const { samples, labels } = stripes(300);
    const losses: number[] = [];
    const trained = await finetune(graph, samples, labels, {
      ...options,
      epochs: 60,
      tell: (_, epoch, loss) => (losses[epoch] = loss),
    });
    expect(losses[0]).toBeGreaterThan(2 * (losses[59] ?? Infinity));
    expect(await measureAccuracy(graph, samples, labels, pause)).toBeLessThan(0.7);
    expect(await measureAccuracy(trained, samples, labels, pause)).toBeGreaterThan(0.95);
    graph.layers.forEach((layer, index) => {
      const changed = trained.layers[index];
      if (!isPrunable(layer) || changed?.kind !== 'window') throw new Error('windows');
      layer.weights.forEach((weight, at) => {
        if (weight === 0) expect(changed.weights[at]).toBe(0);
      });
    });
  });

  it('gives the same weights every time, and others from another seed', async () => {
    const { samples, labels } = stripes(70);
    const run = (seed: number) =>
      finetune(sparseNetwork(), samples, labels, { ...options, epochs: 2, seed });
    const once = await run(1);
    expect((await run(1)).layers).toEqual(once.layers);
    expect((await run(2)).layers).not.toEqual(once.layers);
  });

  it('takes fewer samples than a batch', async () => {
    const { samples, labels } = stripes(5);
    const trained = await finetune(sparseNetwork(), samples, labels, options);
    const weights = trained.layers.flatMap((layer) => (isPrunable(layer) ? [layer.weights] : []));
    expect(weights.every((each) => each.every(Number.isFinite))).toBe(true);
  });

  it('ends when it is told to', async () => {
    const { samples, labels } = stripes(100);
    const stop = () => Promise.reject(new Error('enough'));
    await expect(
      finetune(sparseNetwork(), samples, labels, { ...options, pause: stop }),
    ).rejects.toThrow('enough');
  });
});
