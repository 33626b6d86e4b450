import { describe, expect, it } from 'vitest';
import { boards, cases } from '../../bench/exhaustive/cases.ts';
import { compare, leastRatio } from '../../bench/exhaustive/compare.ts';
import { present } from '../../src/base/invariant.ts';
import { planVariant } from '../../src/plan/planner.ts';

const smallBoards = (await boards()).filter(({ name }) => name.startsWith('1/'));
const network = (name: string) => present(cases[name], name).network();

describe('planner against every plan there is', () => {
  it.each([
    ['mlp', 'dense'],
    ['mlp', 'sparse-sparse'],
    ['convolution', 'dense'],
    ['winners', 'sparse-dense'],
    ['pointwise', 'sparse-dense'],
    ['three-layers', 'sparse-sparse'],
  ] as const)('%s %s: at least 0.95 of the best', (name, variant) => {
    for (const { board, ratio, best, combinations } of compare(
      network(name),
      variant,
      smallBoards,
    )) {
      expect(combinations).toBeGreaterThan(1e5);
      expect(best, board).not.toBeNull();
      expect(ratio, board).toBeGreaterThanOrEqual(leastRatio);
      // nothing is faster than the best of all
      expect(ratio, board).toBeLessThanOrEqual(1);
    }
  });

  it('a planner that uses half the copies is found out', () => {
    const halved: typeof planVariant = (graph, variant, options) => {
      const planned = planVariant(graph, variant, options);
      const { network } = planned;
      const plan = { ...network.plan, copies: Math.ceil(network.plan.copies / 2) };
      return { ...planned, network: { ...network, plan } };
    };
    const half = smallBoards.filter(({ name }) => name === '1/2 of arty');
    const [found] = compare(network('convolution'), 'dense', half, halved);
    expect(found?.ratio).toBeLessThan(leastRatio);
  });
});
