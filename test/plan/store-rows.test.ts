import { describe, expect, it } from 'vitest';
import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import { intervalOn } from '../../src/plan/cycles/interval-on.ts';
import { planVariant } from '../../src/plan/planner.ts';
import { smoothVariant } from '../../src/plan/smoothing-queues.ts';
import { withDeeperStores } from '../../src/plan/streams/store-rows.ts';
import { readBoard } from '../../src/read/board.ts';
import type { Board } from '../../src/ir/board.ts';
import type { VariantPlan } from '../../src/plan/planner.ts';
import { engineLayers } from '../support/engine-layers.ts';
import { loadExample, winnersPerSite } from '../support/example.ts';

const tiny = await loadExample('tiny-cnn');
const small = await readBoard('zcu104');
/** Four times that board: so many copies that one of them can be given up. */
const board: Board = {
  ...small,
  resources: {
    lut: 4 * small.resources.lut,
    ff: 4 * small.resources.ff,
    bram36: 4 * small.resources.bram36,
    uram: 4 * small.resources.uram,
    dsp: 4 * small.resources.dsp,
  },
};
const evaluate = prepareEvaluator(tiny.graph);
const { channels, height, width } = tiny.graph.input.shape;
const evaluations = [40, 90].map((value) =>
  evaluate(Int16Array.from({ length: channels * height * width }, (_, at) => (at * value) % 100)),
);

function plan(): VariantPlan {
  return planVariant(tiny.graph, 'dense', {
    tool: { name: 'nzflow', version: '0' },
    modelSha256: '0',
    board,
    clockMHz: board.clockMHz,
    tokensPerSite: winnersPerSite(tiny.graph),
  });
}

const planned = plan();
const before = planned.network.plan;
const interval = intervalOn(before, evaluations);

describe('withDeeperStores', () => {
  it('doubles rows where a layer waits for them, by what the exact model says it gains', () => {
    const { plan: deeper, gain } = withDeeperStores(before, evaluations);
    expect(gain).toBeGreaterThan(1.05);
    expect(interval(before) / interval(deeper)).toBeCloseTo(gain, 9);
    const rows = engineLayers(deeper).map(({ rowsInStore }) => rowsInStore);
    const rowsBefore = engineLayers(before).map(({ rowsInStore }) => rowsInStore);
    // one store only: the others are deep enough
    expect(rows.filter((count, at) => count !== rowsBefore[at])).toHaveLength(1);
    for (const layer of engineLayers(deeper)) {
      expect(layer.parameters['RowBits']).toBe(Math.log2(layer.rowsInStore));
    }
  });

  it('leaves a plan alone that gains nothing by it, or whose structure is fixed', () => {
    const { plan: deeper } = withDeeperStores(before, evaluations);
    expect(withDeeperStores(deeper, evaluations)).toEqual({ plan: deeper, gain: 1 });
    expect(withDeeperStores(before, [])).toEqual({ plan: before, gain: 1 });
    const load = { beatBits: 32, beats: 1, structure: '' };
    expect(withDeeperStores({ ...before, load }, evaluations).gain).toBe(1);
  });
});

describe('smoothVariant', () => {
  it('takes deeper stores only where they fit, for fewer copies if these make more together', () => {
    const smooth = smoothVariant(planned, evaluations, board);
    expect(smooth.network.plan.copies).toBe(before.copies);
    expect(interval(smooth.network.plan)).toBeLessThan(interval(before));
    const { bram36 } = planned.resources;
    const without: Board = { ...board, resources: { ...board.resources, bram36: bram36 / 0.8 } };
    const left = smoothVariant(planned, evaluations, without);
    expect(left.network.plan).toBe(before);
    const perCopy = smooth.resources.bram36 / before.copies;
    const oneLess = (perCopy * (before.copies - 1) + 0.5) / 0.8;
    const scarce: Board = { ...board, resources: { ...board.resources, bram36: oneLess } };
    const fewer = smoothVariant(planned, evaluations, scarce);
    expect(fewer.network.plan.copies).toBe(before.copies - 1);
    expect(fewer.choice.copies).toBe(before.copies - 1);
  });
});
