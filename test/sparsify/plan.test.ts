import { describe, expect, it } from 'vitest';
import { parsePlanFile } from '../../src/sparsify/plan/plan-file.ts';
import { planFromFile, planNetworkGoals } from '../../src/sparsify/plan/make-plan.ts';
import { shareDensity } from '../../src/sparsify/plan/share-density.ts';
import { weightsLeft } from '../../src/sparsify/prune/pattern.ts';
import { graphOf, linear, positiveConvolution } from '../support/small-graph.ts';
import { diagnosticsOf } from '../support/user-error.ts';

const shape = { channels: 4, height: 6, width: 6 };
const graph = graphOf(shape, [
  positiveConvolution('conv1', 'input', shape, 16, 3),
  positiveConvolution('conv2', 'conv1', { ...shape, channels: 16 }, 32, 3),
  linear('answer', 'conv2', { ...shape, channels: 32 }),
]);

function refusalsOf(text: string) {
  return diagnosticsOf(() => planFromFile(graph, parsePlanFile('plan.yaml', text), 'unstructured'));
}

describe('one density for a network', () => {
  const total = 16 * 36 + 32 * 144 + 3 * 1152;

  it.each([0.05, 0.1, 0.3, 0.9, 1])('is met by all layers together: %f', (density) => {
    const goals = planNetworkGoals(graph, { pattern: 'unstructured', density, winnerShare: null });
    const sizes = [
      [16, 36],
      [32, 144],
      [3, 1152],
    ] as const;
    const left = sizes.reduce((sum, [outputs, inputs], index) => {
      return sum + weightsLeft(goals[index]?.pattern ?? { kind: 'dense' }, outputs, inputs);
    }, 0);
    expect(Math.abs(left / total - density)).toBeLessThan(0.001);
  });

  it('is not exceeded by complementary sets', () => {
    const request = { pattern: 'complementary', density: 0.1, winnerShare: null } as const;
    const left = planNetworkGoals(graph, request).reduce((sum, { pattern }, index) => {
      const [outputs, inputs] = (
        [
          [16, 36],
          [32, 144],
          [3, 1152],
        ] as const
      )[index] ?? [0, 0];
      return sum + weightsLeft(pattern ?? { kind: 'dense' }, outputs, inputs);
    }, 0);
    // Sets of the answer's three kernels cannot leave less than a third of their weights.
    expect(left).toBeLessThan(0.1 * total + 1152);
  });

  it('leaves small layers more', () => {
    const [small, large] = shareDensity(
      [
        { weights: 100, lengths: 30 },
        { weights: 10_000, lengths: 200 },
      ],
      0.1,
    );
    expect(small).toBe(1);
    expect(large).toBeCloseTo(0.091, 3);
  });

  it('puts k-WTA behind every ReLU but not behind the answer', () => {
    const goals = planNetworkGoals(graph, {
      pattern: 'unstructured',
      density: 1,
      winnerShare: 0.1,
    });
    expect(goals.map(({ kWinners }) => kWinners)).toEqual([2, 3, null]);
  });
});

describe('a plan file', () => {
  it('tells the goals of layers', () => {
    const text = 'layers:\n  conv1: { setSize: 2, kwta: 6 }\n  answer: { density: 0.25 }\n';
    expect(planFromFile(graph, parsePlanFile('plan.yaml', text), 'unstructured')).toEqual([
      { name: 'conv1', pattern: { kind: 'complementary', setSize: 2 }, kWinners: 6 },
      { name: 'conv2', pattern: { kind: 'dense' }, kWinners: null },
      { name: 'answer', pattern: { kind: 'unstructured', density: 0.25 }, kWinners: null },
    ]);
  });

  it('is refused with line and column where it is wrong', () => {
    const [wrong] = refusalsOf('layers:\n  conv1: { density: 1.5 }\n');
    expect(wrong).toMatchObject({ code: 'plan/bad-value', place: 'plan.yaml:2:21' });
    const [unknown] = refusalsOf('layers:\n  conv1: { densty: 0.5 }\n');
    expect(unknown).toMatchObject({ code: 'plan/unknown-key', place: 'plan.yaml:2:12' });
    const [broken] = refusalsOf('layers: [1, 2\n');
    expect(broken?.code).toBe('plan/not-yaml');
    const [empty] = refusalsOf('');
    expect(empty?.code).toBe('plan/missing-key');
    const [both] = refusalsOf('layers:\n  conv1: { density: 0.5, setSize: 2 }\n');
    expect(both?.message).toContain('exclude each other');
    const [half] = refusalsOf('layers:\n  conv1: { kwta: 2.5 }\n');
    expect(half?.message).toContain('whole number');
  });

  it('is refused with everything that does not fit the network', () => {
    const text = [
      'layers:',
      '  conv3: { density: 0.1 }',
      '  conv1: { setSize: 17 }',
      '  conv2: { kwta: 33 }',
      '  answer: { kwta: 1 }',
    ].join('\n');
    expect(refusalsOf(text).map(({ code, place }) => [code, place])).toEqual([
      ['plan/unknown-layer', 'plan.yaml: layers."conv3"'],
      ['plan/set-size', 'plan.yaml: layers."conv1"'],
      ['plan/winners', 'plan.yaml: layers."conv2"'],
      ['plan/no-relu', 'plan.yaml: layers."answer"'],
    ]);
    const [unknown] = refusalsOf('layers:\n  conv3: { density: 0.1 }\n');
    expect(unknown?.remedy).toContain('conv');
  });

  it('cannot do anything for a network without weights', () => {
    const conv = positiveConvolution('scale', 'input', shape, 4, 1);
    const depthwise = { ...conv, groups: 4, weights: new Float32Array(4).fill(1) };
    const request = { pattern: 'unstructured', density: 0.1, winnerShare: null } as const;
    const [refusal] = diagnosticsOf(() => planNetworkGoals(graphOf(shape, [depthwise]), request));
    expect(refusal?.code).toBe('sparsify/nothing-to-do');
  });
});
