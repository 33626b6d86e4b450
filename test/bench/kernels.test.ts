import { describe, expect, it } from 'vitest';
import { chartMarkup } from '../../bench/kernels/chart.ts';
import {
  headlineChoices,
  headlineKernel,
  headlineSparsity,
  headlineWinners,
} from '../../bench/kernels/headline.ts';
import { kernels } from '../../bench/kernels/kernel.ts';
import { kernelGraph } from '../../bench/kernels/kernel-graph.ts';
import { kernelWeights } from '../../bench/kernels/masks.ts';
import { kernelCycles, planKernel } from '../../bench/kernels/planned-kernel.ts';
import { crossover } from '../../bench/kernels/ratios.ts';
import { verifyKernel } from '../../bench/kernels/verify-kernel.ts';
import { present } from '../../src/base/invariant.ts';
import { hasEngines } from '../../src/ir/plan.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { packLayer, packStructure } from '../../src/plan/lower/packing-of-layer.ts';
import type { PlannedNetwork } from '../../src/plan/plan-network.ts';
import { readBoard } from '../../src/read/board.ts';

describe('the linear layer 1600x1500 with 95 % and 87.5 % zeros', async () => {
  const board = await readBoard('alveo-u250');
  const graph = kernelGraph(headlineKernel, headlineSparsity, { winners: headlineWinners });
  const planned = (variant: VariantName): PlannedNetwork => {
    const packing = variant === 'dense' ? packStructure(graph.layer) : packLayer(graph.layer);
    return planKernel(graph, variant, board, { ...headlineChoices[variant], packing });
  };
  const sparse = planned('sparse-sparse');

  it('is 100 times as fast as dense with 75 multipliers each, drain and k-WTA included', () => {
    expect(graph.products).toBe(15_000);
    const dense = planned('dense');
    const [many, few] = [dense, sparse].map(({ plan }) => kernelCycles(plan, graph).interval);
    for (const { plan } of [dense, sparse]) {
      const layer = present(plan.layers[1], 'the kernel');
      expect(hasEngines(layer) && layer.multipliers).toBe(75);
    }
    expect(present(many, 'dense') / present(few, 'sparse')).toBeGreaterThanOrEqual(100);
    // two hundred tokens, a word of all sets each, and nothing between two inferences
    expect(few).toBe(200);
    expect(many).toBe(32_000);
  });

  it('computes every sum and value in RTL, in the predicted cycles', async () => {
    const result = await verifyKernel(sparse, graph, new AbortController().signal);
    expect(result.differences).toEqual([]);
    expect(result.mismatches).toBe(0);
    expect(result.accumulatorsCompared).toBeGreaterThanOrEqual(3000);
    expect(result.cyclesExact).toBe(true);
    expect(result.measured?.interval).toBe(200);
  }, 1_200_000);
});

describe('weights of a kernel', () => {
  const kernel = present(kernels[1], 'a kernel');
  const indices = 9 * 64;

  it('of complementary masks: one kernel of each set at every index', () => {
    const weights = kernelWeights(kernel, { weights: 8, activations: 1, masks: 'complementary' });
    for (let set = 0; set < 8; set += 1) {
      for (let index = 0; index < indices; index += 1) {
        const used = Array.from(
          { length: 8 },
          (_, kid) => weights[(8 * set + kid) * indices + index],
        );
        expect(used.filter((weight) => weight !== 0)).toHaveLength(1);
      }
    }
  });

  it('of random masks: equally many a kernel', () => {
    const weights = kernelWeights(kernel, { weights: 8, activations: 1, masks: 'random' });
    for (let output = 0; output < 64; output += 1) {
      const own = weights.subarray(output * indices, (output + 1) * indices);
      expect(own.filter((weight) => weight !== 0)).toHaveLength(indices / 8);
    }
  });
});

describe('the crossover', () => {
  it.each([
    [[1, 2, 4], 1],
    [[0.5, 0.9, 0.99], Infinity],
    // half a power of two on either side
    [[0.5, 0.5, 2, 4], 2 ** 1.5],
    [[0.25, 1, 4], 2],
  ])('of %j is %d', (ratios, density) => {
    expect(crossover(ratios)).toBeCloseTo(density, 10);
  });
});

it('a chart has a line a series and every label once', () => {
  const markup = chartMarkup({
    title: 'Title & all',
    subtitle: 'sub',
    description: 'what it shows',
    ticks: ['1/1', '1/2'],
    note: 'a note',
    panels: [
      {
        title: 'panel',
        lines: [
          { label: 'one', colour: '#111111', values: [0.5, 4] },
          { label: 'other', colour: '#222222', dashed: true, values: [1, 4.1] },
        ],
      },
    ],
  });
  expect(markup.match(/<polyline/g)).toHaveLength(2);
  expect(markup.match(/<circle/g)).toHaveLength(2);
  expect(markup).toContain('Title &amp; all');
  expect(markup).not.toMatch(/NaN|undefined|Infinity/);
  // labels of lines that end close together are apart
  const places = [...markup.matchAll(/y="([\d.]+)" font-size="11.5" fill="#(?:111111|222222)"/g)];
  const [one = 0, other = 0] = places.map((match) => Number(match[1]));
  expect(Math.abs(one - other)).toBeGreaterThanOrEqual(14);
});
