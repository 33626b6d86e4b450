import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sweepCases } from '../../../bench/resources/cases.ts';
import { planCase } from '../../../bench/resources/plan-case.ts';
import { countResources } from '../../../bench/resources/yosys.ts';
import type { CellCounts } from '../../../bench/resources/yosys.ts';
import { layerResources } from '../../../src/plan/resources/layer-resources.ts';
import { blockMemories, blockRom } from '../../../src/plan/resources/memories.ts';
import { planResources } from '../../../src/plan/resources/plan-resources.ts';
import { randomCase } from '../../support/random-case.ts';

interface Measured {
  readonly results: readonly { readonly name: string; readonly cells: CellCounts }[];
}

const file = new URL('../../../bench/resources/results.json', import.meta.url);
const measured = JSON.parse(readFileSync(file, 'utf8')) as Measured;
const byName = new Map(sweepCases.map((entry) => [entry.name, entry]));

describe('resource model against Yosys', () => {
  it.each(measured.results)('$name', ({ name, cells }) => {
    const entry = byName.get(name);
    if (entry === undefined) throw new Error(`no case ${name}`);
    const truth = countResources(cells);
    const model = layerResources(planCase(entry).plan, 'ultrascale-plus');
    expect({ bram36: model.bram36, uram: model.uram, dsp: model.dsp }).toEqual({
      bram36: truth.bram36,
      uram: truth.uram,
      dsp: truth.dsp,
    });
    expect(Math.abs(model.lut / truth.lut - 1)).toBeLessThan(0.1);
    expect(Math.abs(model.ff / truth.ff - 1)).toBeLessThan(0.1);
  });
});

describe('resources of a plan', () => {
  it('adds up: copies of all layers, and what they share', () => {
    const { plan } = randomCase(3, 'sparse-sparse', 1).network;
    const resources = planResources(plan, 'ultrascale-plus');
    for (const kind of ['lut', 'ff', 'bram36', 'dsp'] as const) {
      const layers = resources.byLayer.reduce((sum, layer) => sum + layer.resources[kind], 0);
      expect(resources.perCopy[kind]).toBeGreaterThanOrEqual(layers);
      expect(resources.total[kind]).toBe(
        plan.copies * resources.perCopy[kind] + resources.shared[kind],
      );
    }
    const more = planResources({ ...plan, copies: plan.copies + 1 }, 'ultrascale-plus');
    expect(more.total.dsp - resources.total.dsp).toBe(resources.perCopy.dsp);
  });

  it('takes more multiplier blocks where they are narrower', () => {
    const entry = byName.get('conv1');
    if (entry === undefined) throw new Error('no case conv1');
    const { plan } = planCase(entry);
    const wide = { ...plan, parameters: { ...plan.parameters, SumBits: 26 } };
    expect(layerResources(wide, 'ultrascale-plus').dsp).toBe(17);
    expect(layerResources(wide, 'series7').dsp).toBe(18);
  });
});

describe('block memories', () => {
  it.each([
    [72, 512, 1],
    [36, 512, 0.5],
    [36, 1024, 1],
    [37, 1024, 1.5],
    [18, 2048, 1],
    [28, 512, 0.5],
  ])('%i bits by %i words', (width, depth, expected) => {
    expect(blockMemories(width, depth)).toBe(expected);
  });

  // what Yosys 0.23 makes of weight_memory
  it.each([
    [300, 4800, 42],
    [375, 4800, 52.5],
    [11, 1500, 0.5],
    [8, 4096, 1],
    [52, 1500, 2.5],
    [30, 3000, 2.5],
    [14, 600, 0.5],
    [10, 9000, 2.5],
  ])('%i bits by %i constant words', (width, depth, expected) => {
    expect(blockRom(width, depth).bram36).toBe(expected);
  });
});
