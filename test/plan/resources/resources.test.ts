import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sweepCases } from '../../../bench/resources/cases.ts';
import { planCase } from '../../../bench/resources/plan-case.ts';
import { sweepUnits } from '../../../bench/resources/units.ts';
import { countResources } from '../../../bench/resources/yosys.ts';
import type { CellCounts } from '../../../bench/resources/yosys.ts';
import { layerResources } from '../../../src/plan/resources/layer-resources.ts';
import { mapWinners } from '../../../src/plan/resources/map-winners.ts';
import { blockMemories, blockRom, ultraMemory } from '../../../src/plan/resources/memories.ts';
import { planResources } from '../../../src/plan/resources/plan-resources.ts';
import { randomCase } from '../../support/random-case.ts';

interface Measured {
  readonly results: readonly { readonly name: string; readonly cells: CellCounts }[];
}

const file = new URL('../../../bench/resources/results.json', import.meta.url);
const measured = JSON.parse(readFileSync(file, 'utf8')) as Measured;
const byName = new Map(sweepCases.map((entry) => [entry.name, entry]));
const units = new Map(sweepUnits.map((unit) => [unit.name, unit]));

describe('resource model against Yosys', () => {
  it.each(measured.results)('$name', ({ name, cells }) => {
    const unit = units.get(name);
    if (unit === undefined) throw new Error(`no unit ${name}`);
    const truth = countResources(cells);
    const model = unit.model();
    expect({ bram36: model.bram36, uram: model.uram, dsp: model.dsp }).toEqual({
      bram36: truth.bram36,
      uram: truth.uram,
      dsp: truth.dsp,
    });
    expect(Math.abs(model.lut / truth.lut - 1)).toBeLessThan(0.1);
    expect(Math.abs(model.ff / truth.ff - 1)).toBeLessThan(0.1);
  });
});

describe('memories in UltraRAM', () => {
  // what Yosys 0.23 makes of simple_memory: URAM288; LUTs less those that only pass a signal
  it.each([
    { width: 72, depth: 4096, uram: 1, lut: 0, ff: 0 },
    { width: 64, depth: 5000, uram: 2, lut: 66, ff: 1 },
    { width: 100, depth: 2001, uram: 2, lut: 0, ff: 0 },
    { width: 72, depth: 9000, uram: 3, lut: 75, ff: 2 },
    { width: 72, depth: 16_384, uram: 4, lut: 76, ff: 2 },
    { width: 72, depth: 28_000, uram: 7, lut: 227, ff: 3 },
    { width: 72, depth: 32_768, uram: 8, lut: 230, ff: 3 },
    { width: 72, depth: 65_536, uram: 16, lut: 432, ff: 4 },
  ])('$depth words of $width bits', ({ width, depth, uram, lut, ff }) => {
    const model = ultraMemory(width, depth);
    expect(model).toMatchObject({ uram, ff, bram36: 0, dsp: 0 });
    expect(Math.abs(model.lut - lut)).toBeLessThanOrEqual(0.1 * lut);
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

describe('k-WTA over a map', () => {
  const base = { KeepTies: 0, ValueBits: 8, Signed: 0, BlockMemory: 1 };
  // what Yosys 0.23 makes of map_winners for UltraScale+: LUT, FF, BRAM36
  it.each([
    [{ Channels: 16, Sites: 64, K: 100, T: 1, SiteBeats: 16, MapBeats: 1024 }, 454, 298, 1],
    [{ Channels: 64, Sites: 196, K: 1000, T: 4, SiteBeats: 16, MapBeats: 3136 }, 1543, 679, 14],
    [
      {
        ...{ Channels: 16, Sites: 16, K: 30, KeepTies: 1, Signed: 1, T: 2, SiteBeats: 8 },
        ...{ MapBeats: 128, BlockMemory: 0 },
      },
      669,
      383,
      0,
    ],
    [
      { Channels: 32, Sites: 100, K: 300, Signed: 1, T: 8, SiteBeats: 4, MapBeats: 400 },
      2406,
      1061,
      3.5,
    ],
    [
      {
        ...{ Channels: 8, Sites: 25, K: 30, ValueBits: 6, T: 2, SiteBeats: 4 },
        ...{ MapBeats: 100, BlockMemory: 0 },
      },
      519,
      331,
      0,
    ],
  ])('%o', (changes, lut, ff, bram36) => {
    const { plan } = randomCase(14, 'sparse-sparse', 1).network;
    const layer = plan.layers.find((one) => one.kind === 'winners');
    if (layer === undefined) throw new Error('network 14 has a k-WTA over a map');
    const parameters = { ...base, ChannelBits: Math.log2(changes.Channels), ...changes };
    const model = mapWinners({ ...layer, parameters }, 'ultrascale-plus');
    expect(model.bram36).toBe(bram36);
    expect(Math.abs(model.lut / lut - 1)).toBeLessThan(0.1);
    expect(Math.abs(model.ff / ff - 1)).toBeLessThan(0.1);
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
    expect(blockMemories('ultrascale-plus', width, depth)).toBe(expected);
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
    // fewer blocks would need more choices
    [128, 6400, 25],
    [183, 11200, 56],
    [555, 3200, 54],
    [12, 4500, 1.5],
  ])('%i bits by %i constant words', (width, depth, expected) => {
    expect(blockRom('ultrascale-plus', width, depth).bram36).toBe(expected);
  });
});
