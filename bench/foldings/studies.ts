import { fileURLToPath } from 'node:url';
import type { FoldingStudy } from './verify-foldings.ts';

function example(folder: string, board: string, samples: number): FoldingStudy['network'] {
  const path = (leaf: string): string =>
    fileURLToPath(new URL(`../../examples/${folder}/${leaf}`, import.meta.url));
  return {
    model: path('model.onnx'),
    inputs: path('inputs.npy'),
    labels: path('labels.npy'),
    calibrate: path('calibrate.npy'),
    board,
    samples,
    requireFit: false,
  };
}

const gapSeeds = [1, 2, 3, 4, 5];

/** From one small engine a layer to several copies of several engines. */
export const studies: Readonly<
  Record<'tiny' | 'keyword' | 'mlp' | 'residual', Omit<FoldingStudy, 'folder'>>
> = {
  tiny: {
    network: example('tiny-cnn', 'zcu104', 300),
    targets: {
      dense: [20_000, 100_000, 500_000],
      'sparse-dense': [20_000, 100_000, 500_000],
      'sparse-sparse': [40_000, 200_000, 1_000_000],
    },
    gapSeeds,
  },
  keyword: {
    network: example('keyword-cnn', 'alveo-u250', 32),
    targets: {
      dense: [20_000, 80_000, 200_000],
      'sparse-sparse': [30_000, 200_000, 800_000],
      'sparse-dense': [20_000, 80_000, 400_000],
    },
    gapSeeds,
  },
  mlp: {
    network: example('pruned-mlp', 'zcu104', 60),
    targets: {
      dense: [10_000, 40_000, 100_000],
      'sparse-dense': [20_000, 80_000, 200_000],
      'sparse-sparse': [20_000, 100_000, 250_000],
    },
    gapSeeds,
  },
  residual: {
    network: example('pruned-resnet', 'zcu104', 10),
    targets: {
      dense: [500, 2_000, 8_000],
      'sparse-dense': [500, 2_000, 8_000],
      'sparse-sparse': [2_000, 10_000, 40_000],
    },
    gapSeeds: Array.from({ length: 10 }, (_, seed) => seed + 1),
  },
};
