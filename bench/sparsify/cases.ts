import type { FinetuneSettings, SparsifyOptions } from '../../src/options.ts';

/** One way to make a network sparse. */
export interface SparsifyCase {
  readonly name: string;
  readonly options: Pick<SparsifyOptions, 'method' | 'pattern'> & Partial<SparsifyOptions>;
  /** What `nzflow.yaml`-like plan it follows, as text; null for one density. */
  readonly plan: string | null;
  readonly isTrained: boolean;
}

/** A dense network of the examples. */
export interface SparsifySubject {
  readonly name: string;
  readonly folder: string;
  readonly cases: readonly SparsifyCase[];
}

const data = 'examples/keyword-data';

/** Training samples that calibrate, and how the rest of the training goes. */
export const calibrationSamples = 1000;
export const training: FinetuneSettings = {
  inputs: `${data}/train-inputs.npy`,
  labels: `${data}/train-labels.npy`,
  epochs: 10,
  shift: 2,
  noise: 0.1,
};
export const test = { inputs: `${data}/test-inputs.npy`, labels: `${data}/test-labels.npy` };

/** Both patterns by magnitude, then by second order and trained. */
const plainCases: readonly SparsifyCase[] = [
  {
    name: 'unstructured',
    options: { method: 'magnitude', pattern: 'unstructured', density: 0.1 },
    plan: null,
    isTrained: false,
  },
  {
    name: 'complementary',
    options: { method: 'magnitude', pattern: 'complementary', density: 0.1 },
    plan: null,
    isTrained: false,
  },
  {
    name: 'unstructured',
    options: { method: 'second-order', pattern: 'unstructured', density: 0.1 },
    plan: null,
    isTrained: true,
  },
  {
    name: 'complementary',
    options: { method: 'second-order', pattern: 'complementary', density: 0.1 },
    plan: null,
    isTrained: true,
  },
];

/** The shape of examples/keyword-cnn. */
const keywordSets = `layers:
  c1: { setSize: 2 }
  c2: { setSize: 16 }
  l1: { setSize: 20 }
  l2: { setSize: 4 }
`;
const keywordSetsAndWinners = `layers:
  c1: { setSize: 2, kwta: 6 }
  c2: { setSize: 16, kwta: 8 }
  l1: { setSize: 20, kwta: 150 }
  l2: { setSize: 4 }
`;

export const subjects: readonly SparsifySubject[] = [
  { name: 'mlp', folder: 'examples/dense-mlp', cases: plainCases },
  {
    name: 'cnn',
    folder: 'examples/dense-cnn',
    cases: [
      ...plainCases,
      {
        name: 'sets of 2, 16, 20, 4',
        options: { method: 'second-order', pattern: 'complementary' },
        plan: keywordSets,
        isTrained: true,
      },
      {
        name: 'the same with k-WTA 6, 8, 150',
        options: { method: 'second-order', pattern: 'complementary' },
        plan: keywordSetsAndWinners,
        isTrained: true,
      },
    ],
  },
];
