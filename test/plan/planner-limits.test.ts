import { describe, expect, it } from 'vitest';
import { LayerMemory } from '../../src/explore/evaluate/layer-memory.ts';
import { planVariant } from '../../src/plan/planner.ts';
import type { PlannerOptions, VariantPlan } from '../../src/plan/planner.ts';
import { readBoard } from '../../src/read/board.ts';
import { loadExample, winnersPerSite } from '../support/example.ts';
import { diagnosticsOf } from '../support/user-error.ts';

const tiny = await loadExample('tiny-cnn');
const board = await readBoard('arty-a7-100t');

function plan(more: Partial<PlannerOptions> = {}): VariantPlan {
  return planVariant(tiny.graph, 'sparse-sparse', {
    tool: { name: 'nzflow', version: '0' },
    modelSha256: '0',
    board,
    clockMHz: board.clockMHz,
    tokensPerSite: winnersPerSite(tiny.graph),
    ...more,
  });
}

function coreOf({ choice }: VariantPlan, index: number): string {
  const layer = choice.layers[index];
  return layer !== undefined && 'core' in layer ? layer.core : '';
}

const free = plan();

const [first = '', second = ''] = tiny.graph.layers.map(({ name }) => name);

describe('what a planner is told', () => {
  it('makes no more copies than it may, and these faster', () => {
    const limited = plan({ mostCopies: 1 });
    expect(free.choice.copies).toBeGreaterThan(1);
    expect(limited.choice.copies).toBe(1);
    expect(limited.plannedInterval).toBeLessThanOrEqual(free.plannedInterval);
  });

  it.each(['wired', 'lockstep'] as const)('gives a layer a unit that is %s', (unit) => {
    const planned = plan({ units: new Map([[first, unit]]) });
    expect(coreOf(planned, 0)).toBe(unit === 'wired' ? 'wired' : 'sparse');
  });

  it('refuses units that a layer cannot have', () => {
    const units = new Map([
      [first, 'queues'],
      [second, 'wired'],
    ] as const);
    const found = diagnosticsOf(() => plan({ units }));
    expect(found.map(({ code }) => code)).toEqual(['plan/no-such-unit', 'plan/no-such-unit']);
    expect(found.map(({ place }) => place)).toEqual([first, second]);
  });

  it('looks at fewer foldings for a first look, which fits as well', () => {
    const quick = plan({ isQuick: true });
    const rate = ({ choice, plannedInterval }: VariantPlan): number =>
      choice.copies / plannedInterval;
    expect(quick.fits).toBe(true);
    expect(rate(quick)).toBeGreaterThan(0.5 * rate(free));
  });

  it('makes fewer copies where its layers are larger than the search thinks', async () => {
    const { graph } = await loadExample('pruned-mlp');
    const zcu104 = await readBoard('zcu104');
    const planned = planVariant(graph, 'sparse-sparse', {
      tool: { name: 'nzflow', version: '0' },
      modelSha256: '0',
      board: { ...zcu104, usableShare: 0.75 },
      clockMHz: zcu104.clockMHz,
      tokensPerSite: winnersPerSite(graph),
    });
    expect(planned.exceeded).toBeNull();
    expect(planned.choice.copies).toBe(1);
  });

  it('plans the same with what it found out before', () => {
    const memory = new LayerMemory();
    const before = memory.recall(tiny.graph);
    expect([before.trainedPackings.size, before.knownWires.size]).toEqual([0, 0]);
    const planned = plan({ ...before, isQuick: true });
    memory.keep(before);
    const after = memory.recall(tiny.graph);
    expect([after.trainedPackings.size, after.knownWires.size]).toEqual([4, 1]);
    expect(plan({ ...after, isQuick: true }).network).toEqual(planned.network);
    expect(plan({ isQuick: true }).network).toEqual(planned.network);
  });
});
