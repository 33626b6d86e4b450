import type { Metric, MetricValues } from '../../src/explore/metrics.ts';
import type { Problem } from '../../src/explore/optimisers/optimiser.ts';
import type { Parameter, Point } from '../../src/explore/space.ts';
import type { Job, JobOutcome } from '../../src/explore/trial.ts';
import { normal, uniformOf } from '../../src/explore/uniform.ts';

const layers = ['conv1', 'conv2', 'linear1', 'linear2'] as const;
/** Dense products a layer, and how hard pruning it hits the accuracy. */
const products = { conv1: 1.25, conv2: 10.24, linear1: 2.4, linear2: 0.02 };
const tenderness = { conv1: 0.02, conv2: 0.006, linear1: 0.0015, linear2: 0.01 };

/**
 * A network to be pruned as a formula: eleven parameters, one of them conditional, accuracy with the
 * noise of few samples in the cheap tasks, throughput and energy from the products that are left.
 */
export const surrogate: Problem = {
  space: {
    parameters: [
      ...layers.map((layer): Parameter => ({
        name: `density.${layer}`,
        domain: { kind: 'real', low: 0.02, high: 1, log: true },
        when: [],
      })),
      ...(['conv1', 'conv2', 'linear1'] as const).map((layer): Parameter => ({
        name: `kwta.${layer}`,
        domain: { kind: 'real', low: 0.02, high: 1, log: true },
        when: [],
      })),
      {
        name: 'pattern',
        domain: { kind: 'categorical', values: ['unstructured', 'complementary'] },
        when: [],
      },
      {
        name: 'setSize',
        domain: { kind: 'integer', low: 2, high: 24, log: false },
        when: [{ parameter: 'pattern', values: ['complementary'] }],
      },
      { name: 'weightBits', domain: { kind: 'integer', low: 3, high: 8, log: false }, when: [] },
      { name: 'copies', domain: { kind: 'integer', low: 1, high: 32, log: true }, when: [] },
    ],
  },
  metrics: [
    { name: 'accuracy', goal: 'maximise', threshold: { comparison: '>=', value: 0.92 } },
    { name: 'throughput', goal: 'maximise', threshold: null },
    { name: 'energy', goal: 'minimise', threshold: null },
    { name: 'density', goal: 'store', threshold: { comparison: '<=', value: 0.3 } },
  ] satisfies readonly Metric[],
  tasks: [
    { name: 'tenth', cost: 0.1 },
    { name: 'third', cost: 0.3 },
    { name: 'all', cost: 1 },
  ],
};

const samples = [100, 300, 1000];

function numberAt(point: Point, name: string): number {
  const value = point.get(name);
  return typeof value === 'number' ? value : 0;
}

export function surrogateValues(point: Point, noise: number): MetricValues {
  const density = (layer: string): number => numberAt(point, `density.${layer}`);
  const active = (layer: (typeof layers)[number]): number => {
    const before = layers[layers.indexOf(layer) - 1];
    return before === undefined ? 1 : numberAt(point, `kwta.${before}`);
  };
  const bits = numberAt(point, 'weightBits');
  const complementary = point.get('pattern') === 'complementary';
  const setSize = numberAt(point, 'setSize');
  let lost = 0.02 * 2 ** (2 * (4 - bits));
  let left = 0;
  for (const layer of layers) {
    // A set of n kernels has room for a density of 1 / n.
    const kept = complementary ? Math.min(density(layer), 1 / setSize) : density(layer);
    lost += tenderness[layer] * (1 / Math.sqrt(kept) - 1) * (complementary ? 1.25 : 1);
    left += products[layer] * kept * active(layer);
  }
  for (const layer of ['conv1', 'conv2', 'linear1'])
    lost += 0.004 * (1 / Math.sqrt(numberAt(point, `kwta.${layer}`)) - 1);
  const copies = numberAt(point, 'copies');
  const packing = complementary ? 1 : 0.6;
  const area = copies * (4 + 90 * Math.sqrt(left) * (bits / 8)) * (1 / packing);
  const fit = Math.min(1, (1000 / area) ** 2);
  return new Map([
    ['accuracy', 0.96 - lost + noise],
    ['throughput', (copies * fit) / (0.05 + left ** 0.7)],
    ['energy', left * (bits / 8) + 0.02 * copies],
    ['density', (density('conv2') * 0.04 + density('linear1') * 0.96) / 1],
  ]);
}

export function surrogateOutcome({ number, task, point }: Job): JobOutcome {
  const noise = normal(uniformOf(77, number * 3 + task));
  const accuracy = Math.sqrt(0.05 / (samples[task] ?? 1)) * noise;
  return { kind: 'done', values: surrogateValues(point, task === 2 ? 0 : accuracy) };
}
