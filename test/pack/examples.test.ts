import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { verifyPacking } from '../../src/pack/check-packing.ts';
import { packKernels } from '../../src/pack/pack-kernels.ts';
import type { PackingProblem } from '../../src/pack/packing-problem.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { readOnnxModel } from '../../src/read/onnx.ts';

/** The masks of every weighted layer of a bundled model. */
async function exampleMasks(name: string): Promise<readonly PackingProblem[]> {
  const path = fileURLToPath(new URL(`../../examples/${name}/model.onnx`, import.meta.url));
  const { layers } = lowerModel(await readOnnxModel(path));
  return layers.flatMap((layer) => {
    if (layer.kind !== 'window') return [];
    const { name, weights, windowShape } = layer;
    const outputs = windowShape.channels;
    return {
      layer: name,
      outputs,
      indices: weights.length / outputs,
      nonZero: Uint8Array.from(weights, (weight) => (weight === 0 ? 0 : 1)),
    };
  });
}

describe('packing of the bundled networks', () => {
  it.each([
    { name: 'keyword-cnn', setSizes: [2, 16, 20, 4] },
    { name: 'tiny-cnn', setSizes: [1, 4, 4, 2] },
  ])('$name: the sets it was trained with', async ({ name, setSizes }) => {
    const problems = await exampleMasks(name);
    const packings = problems.map((problem) => packKernels(problem));
    expect(packings.map((packing) => packing.setSize)).toEqual(setSizes);
    for (const [layer, packing] of packings.entries()) {
      expect(packing).toMatchObject({ depth: 1, efficiency: 1, complementary: true });
      // Training made the sets of neighbouring channels; with 25 indices or fewer several
      // partitions are as good.
      const size = setSizes[layer] ?? 0;
      if ((problems[layer]?.indices ?? 0) <= 25) continue;
      for (const [set, { channels }] of packing.sets.entries()) {
        expect(channels).toEqual(Array.from({ length: size }, (_, kid) => set * size + kid));
      }
    }
  });

  it('pruned-mlp: fewer slots than dense weights', async () => {
    for (const problem of await exampleMasks('pruned-mlp')) {
      const packing = packKernels(problem);
      verifyPacking(problem, packing);
      expect(packing.sets.length * packing.depth).toBeLessThan(problem.outputs * 0.7);
    }
  });
});
