import { describe, expect, it } from 'vitest';
import { resourceKinds, usableOfDie, usableResources } from '../../src/ir/board.ts';
import type { Board, Resources } from '../../src/ir/board.ts';
import { variantNames } from '../../src/ir/variant.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { tokenStatistics } from '../../src/compile/token-statistics.ts';
import { layerRate } from '../../src/plan/search/layer-rate.ts';
import { leaveRoom, loadBeatBits } from '../../src/plan/search/leave-room.ts';
import { medianLatency } from '../../src/plan/search/plan-latency.ts';
import { planVariant } from '../../src/plan/planner.ts';
import type { PlannerOptions, VariantPlan } from '../../src/plan/planner.ts';
import { planResources } from '../../src/plan/resources/plan-resources.ts';
import { wiredLayers } from '../../src/plan/wired/wired-graph.ts';
import { readBoard } from '../../src/read/board.ts';
import { engineLayers } from '../support/engine-layers.ts';
import { loadExample, winnersPerSite } from '../support/example.ts';

const tiny = await loadExample('tiny-cnn');

function options(board: Board, more: Partial<PlannerOptions> = {}): PlannerOptions {
  return {
    tool: { name: 'nzflow', version: '0' },
    modelSha256: '0',
    board,
    clockMHz: board.clockMHz,
    tokensPerSite: winnersPerSite(tiny.graph),
    ...more,
  };
}

async function plan(
  variant: VariantName,
  boardName: string,
  more: Partial<PlannerOptions> = {},
): Promise<VariantPlan> {
  return planVariant(tiny.graph, variant, options(await readBoard(boardName), more));
}

/** How many times each resource is there. */
function shares(there: Resources, needed: Resources): readonly number[] {
  return resourceKinds.map((kind) => there[kind] / needed[kind]).filter(Number.isFinite);
}

describe('planner', () => {
  it.each(variantNames)('%s fills the board and stays within its budget', async (variant) => {
    const board = await readBoard('arty-a7-100t');
    const planned = await plan(variant, 'arty-a7-100t');
    const usable = usableResources(board);
    expect(planned.fits).toBe(true);
    expect(planned.resources.lut).toBeLessThanOrEqual(usable.lut);
    expect(planned.resources.dsp).toBeLessThanOrEqual(usable.dsp);
    expect(planned.resources.bram36).toBeLessThanOrEqual(usable.bram36);
    const fullest = Math.max(
      planned.resources.lut / usable.lut,
      planned.resources.dsp / usable.dsp,
      planned.resources.bram36 / usable.bram36,
    );
    expect(fullest).toBeGreaterThan(0.5);
  });

  it.each([1, 3])('no copy lies on two of %i dies', async (dies) => {
    const board = { ...(await readBoard('arty-a7-100t')), dies };
    const { fits, choice, network } = planVariant(tiny.graph, 'sparse-sparse', options(board));
    const { perCopy } = planResources(network.plan, board.family);
    const perDie = Math.floor(Math.min(...shares(usableOfDie(board), perCopy)));
    expect(fits).toBe(true);
    expect(choice.copies).toBeGreaterThan(1);
    expect(choice.copies).toBeLessThanOrEqual(dies * perDie);
  });

  it('more board, more throughput', async () => {
    const small = await plan('sparse-sparse', 'arty-a7-100t', { clockMHz: 100 });
    const large = await plan('sparse-sparse', 'alveo-u250', { clockMHz: 100 });
    const throughput = (planned: VariantPlan): number =>
      planned.choice.copies / planned.plannedInterval;
    expect(throughput(large)).toBeGreaterThan(4 * throughput(small));
  });

  it('meets a target throughput with less than the maximum design', async () => {
    const most = await plan('sparse-sparse', 'alveo-u250');
    const planned = await plan('sparse-sparse', 'alveo-u250', { targetThroughput: 200_000 });
    const reached = (planned.choice.copies * 250e6) / planned.plannedInterval;
    expect(reached).toBeGreaterThanOrEqual(200_000);
    expect(planned.resources.lut).toBeLessThan(most.resources.lut / 4);
  });

  it('wires constant weights where that is cheaper, none that are loaded or multiplied with zeros', async () => {
    const { graph } = await loadExample('keyword-cnn');
    const board = await readBoard('alveo-u250');
    const more = { tokensPerSite: winnersPerSite(graph) };
    const { choice } = planVariant(graph, 'sparse-sparse', options(board, more));
    expect(choice.layers.map(({ core }) => core)).toEqual(['wired', 'sparse', 'sparse', 'sparse']);
    const none = graph.layers.map(() => null);
    expect(wiredLayers(graph, 'dense')).toEqual(none);
    const loadable = leaveRoom(graph, loadBeatBits(board.family));
    expect(wiredLayers(loadable, 'sparse-sparse')).toEqual(none);
  }, 120_000);

  it('plans one copy for a latency, and less hardware for a longer one', async () => {
    const evaluations = tokenStatistics(tiny.graph, tiny.calibration, 6).evaluations;
    const within = async (targetCycles: number | null): Promise<VariantPlan> =>
      plan('sparse-sparse', 'zcu104', { latency: { targetCycles, evaluations } });
    const latencyOf = ({ network }: VariantPlan): number =>
      medianLatency(network.plan, evaluations);
    const least = await within(null);
    const longer = await within(2 * latencyOf(least));
    for (const planned of [least, longer]) {
      expect(planned.choice.copies).toBe(1);
      expect(planned.fits).toBe(true);
      expect(planned.plannedLatency).toBe(latencyOf(planned));
    }
    expect(latencyOf(longer)).toBeLessThanOrEqual(2 * latencyOf(least));
    expect(longer.resources.lut).toBeLessThan(least.resources.lut);
    const impossible = await within(10);
    expect(latencyOf(impossible)).toBeGreaterThan(10);
    const throughput = await plan('sparse-sparse', 'zcu104');
    expect(latencyOf(least)).toBeLessThan(latencyOf(throughput));
  });

  it('a network too big for a board is planned all the same, with what it exceeds', async () => {
    const board = await readBoard('arty-a7-100t');
    const scarce: Board = { ...board, resources: { ...board.resources, lut: 1000 } };
    const planned = planVariant(tiny.graph, 'dense', options(scarce));
    expect(planned.fits).toBe(false);
    expect(planned.exceeded?.resource).toBe('lut');
    expect(planned.exceeded?.factor).toBeCloseTo(planned.resources.lut / 800, 6);
    expect(planned.choice.copies).toBe(1);
  });

  it('is deterministic', async () => {
    const first = await plan('sparse-dense', 'pynq-z2');
    const second = await plan('sparse-dense', 'pynq-z2');
    expect(JSON.stringify(second.network.plan)).toBe(JSON.stringify(first.network.plan));
  });

  it('no layer is slower than the interval it reports', async () => {
    const planned = await plan('sparse-sparse', 'zcu104');
    const tokens = winnersPerSite(tiny.graph);
    for (const layer of engineLayers(planned.network.plan)) {
      const rate = layerRate(layer, tokens[layer.index] ?? 1, tokens[layer.index + 1] ?? 1);
      expect(rate.interval).toBeLessThanOrEqual(planned.plannedInterval);
    }
  });
});
