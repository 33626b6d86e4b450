import { writeFile } from 'node:fs/promises';
import { parseDefinition } from '../../src/explore/definition.ts';
import type { StoreHeader, StoredJob } from '../../src/explore/store-format.ts';
import { lineOf, storeVersion } from '../../src/explore/store-format.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';

/** A name that would be a program if any part of the page took it for markup. */
export const hostile = '</script><img src=x onerror="document.title=\'taken\'">';

/** A search as its file has it: conditional and categorical parameters, two tasks, thresholds. */
export const searchText = `model: network.onnx
calibrate: c.npy
inputs: x.npy
labels: y.npy
seed: 3
budget: { trials: 500 }
parameters:
  board: zcu104
  pattern: { type: categorical, values: [unstructured, complementary] }
  density: { type: log, low: 0.02, high: 0.5, when: { pattern: unstructured } }
  setSize: { type: integer, low: 2, high: 16, when: { pattern: complementary } }
  weightBits: { type: integer, low: 3, high: 8 }
  ${JSON.stringify(hostile)}: { type: real, low: 0, high: 1 }
metrics:
  accuracy: { goal: maximise, threshold: '>= 80 %' }
  throughput: { goal: maximise }
  nonZeros: {}
tasks:
  - { name: few, cost: 0.2 }
  - { name: ${JSON.stringify(hostile)}, cost: 1 }
`;

export const searchHeader: StoreHeader = {
  kind: 'nzflow-search',
  version: storeVersion,
  tool: { name: 'nzflow', version: '0.0.0' },
  parts: { parameters: 'aa', 'model file': 'bb' },
  definition: searchText,
  created: '2026-01-01T00:00:00.000Z',
};

export const searchDefinition = parseDefinition('search.yaml', searchText);

/**
 * One trial after the other, through the last task where its number is a multiple of three, failed where
 * it ends in 7. Accuracy is decided by the density or the set size, and a little by the bits.
 */
export function jobsOf(trials: number): readonly StoredJob[] {
  const jobs: StoredJob[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    const random = seededRandom(trial + 1);
    const share = (): number => random(1 << 20) / (1 << 20);
    const isDense = random(2) === 0;
    const density = 0.02 * 25 ** share();
    const setSize = 2 + random(15);
    const weightBits = 3 + random(6);
    const kept = isDense ? density : 1 / setSize;
    const values: readonly (readonly [string, number])[] = [
      ['accuracy', 0.98 - 0.01 / kept - 0.02 / (weightBits - 2)],
      ['throughput', (1e6 * (1 + share() / 10)) / kept],
      ['nonZeros', Math.round(1e5 * kept)],
    ];
    const point: StoredJob['point'] = [
      ['pattern', isDense ? 'unstructured' : 'complementary'],
      isDense ? ['density', density] : ['setSize', setSize],
      ['weightBits', weightBits],
      [hostile, share()],
    ];
    for (const task of trial % 3 === 0 ? [0, 1] : [0]) {
      const figures = [...values, ...(task === 1 ? [['accuracyHeldOut', 0.85] as const] : [])];
      jobs.push({
        number: jobs.length,
        trial,
        task,
        point,
        outcome:
          trial % 10 === 7
            ? { failed: `the design needs ${hostile}` }
            : { values: figures.map(([name, value]) => [name, value]) },
        began: '2026-01-01T00:00:01.000Z',
        seconds: 1.5,
        worker: hostile,
        log: trial === 0 ? [`warning: ${hostile}`] : [],
      });
    }
  }
  return jobs;
}

export async function writeSearch(path: string, jobs: readonly StoredJob[]): Promise<void> {
  await writeFile(path, [searchHeader, ...jobs].map((line) => `${lineOf(line)}\n`).join(''));
}
