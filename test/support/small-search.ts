import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { encodeNpy } from '../../src/read/npy.ts';
import { encodeModel, externalTensor, floats, noise, onnxNode } from './onnx-builder.ts';

const features = 12;
const hidden = 16;
const classes = 4;
const samples = 64;

/** What to search and how; the defaults make a search of a dozen jobs, each a fraction of a second. */
export interface SmallSearch {
  readonly seed?: number;
  readonly trials?: number;
  readonly accuracy?: string;
  readonly board?: string;
  /** The weights of the first layer are in a file of their own. */
  readonly external?: boolean;
  /** Added to the file as they are, in place of what it has. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/**
 * Writes a network of two small layers, samples with classes that mean nothing, and a search of its
 * sparsity into a folder. Returns the path of the search.
 */
export async function writeSmallSearch(
  folder: string,
  name: string,
  given: SmallSearch = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const weights = [noise(hidden * features, 1), noise(classes * hidden, 2)] as const;
  await writeFile(
    join(folder, 'model.onnx'),
    encodeModel({
      inputs: { x: [1, features] },
      nodes: [
        onnxNode('Gemm', ['x', 'w1', 'b1'], ['s1'], { transB: 1n }, { name: 'first' }),
        onnxNode('Relu', ['s1'], ['h'], {}, { name: 'relu' }),
        onnxNode('Gemm', ['h', 'w2', 'b2'], ['y'], { transB: 1n }, { name: 'second' }),
      ],
      initializers: [
        given.external === true
          ? externalTensor('w1', [hidden, features], { location: 'w1.bin' })
          : floats('w1', [hidden, features], weights[0]),
        floats('b1', [hidden], noise(hidden, 3)),
        floats('w2', [classes, hidden], weights[1]),
        floats('b2', [classes], noise(classes, 4)),
      ],
    }),
  );
  if (given.external === true) await writeFile(join(folder, 'w1.bin'), weights[0]);
  for (const [file, seed] of [
    ['calibrate', 5],
    ['inputs', 6],
  ] as const) {
    const data = noise(samples * features, seed);
    await writeFile(join(folder, `${file}.npy`), encodeNpy({ shape: [samples, features], data }));
    if (file === 'inputs') {
      const labels = Int32Array.from({ length: samples }, (_, at) => at % classes);
      await writeFile(join(folder, 'labels.npy'), encodeNpy({ shape: [samples], data: labels }));
    }
  }
  const path = join(folder, `${name}.yaml`);
  const search = {
    model: 'model.onnx',
    calibrate: 'calibrate.npy',
    inputs: 'inputs.npy',
    labels: 'labels.npy',
    seed: given.seed ?? 1,
    budget: { trials: given.trials ?? 7 },
    parameters: {
      board: given.board ?? 'arty-a7-35t',
      targetThroughput: 20000,
      'density.first': { type: 'log', low: 0.1, high: 0.9 },
      'density.second': { type: 'log', low: 0.1, high: 0.9 },
      weightBits: { type: 'integer', low: 3, high: 8 },
    },
    metrics: {
      accuracy: { goal: 'maximise', threshold: given.accuracy ?? '>= 5 %' },
      nonZeros: { goal: 'minimise' },
    },
    tasks: [
      { name: 'few', cost: 0.5, samples: 16 },
      { name: 'all', cost: 1 },
    ],
    ...given.more,
  };
  await writeFile(path, stringify(search));
  return path;
}
