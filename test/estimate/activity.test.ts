import { describe, expect, it } from 'vitest';
import type { LayerActivityCounts } from '../../src/estimate/circumstances.ts';
import { countEvents } from '../../src/estimate/activity.ts';
import type { EnergyEvent, EventCount } from '../../src/estimate/energy-event.ts';
import type { Plan } from '../../src/ir/plan.ts';
import { variantNames } from '../../src/ir/variant.ts';
import { readBoard } from '../../src/read/board.ts';
import { registerBits } from '../../src/plan/wired/schedule-graph.ts';
import { graphBits } from '../../src/plan/wired/wire-matrix.ts';
import { engineLayers, wiredLayers } from '../support/engine-layers.ts';
import { randomCase, randomWiredCase } from '../support/random-case.ts';

const board = await readBoard('pynq-z2');
const oneCopyCycles = 10_000;

function countsOf(plan: Plan, scale: number): readonly LayerActivityCounts[] {
  return plan.layers.map((_, index) => ({
    windows: 4 * scale,
    steps: (60 + index) * scale,
    issues: (40 + index) * scale,
    beats: 7 * scale,
  }));
}

function total(events: readonly EventCount[], event: EnergyEvent, layer: string | null): number {
  return events
    .filter((count) => count.event === event && count.layer === layer)
    .reduce((sum, count) => sum + count.perInference, 0);
}

describe('events of a design', () => {
  it.each(variantNames)('are counted for every layer of %s, none of them negative', (variant) => {
    const { plan } = randomCase(3, variant).network;
    const events = countEvents(plan, countsOf(plan, 1), oneCopyCycles, board);
    expect(new Set(events.map(({ layer }) => layer))).toEqual(
      new Set([...plan.layers.map(({ name }) => name), null]),
    );
    for (const event of events) expect(event.perInference).toBeGreaterThan(0);
  });

  it('has a multiply for every set, or every two, of a sparse lane that issues', () => {
    const { plan } = randomCase(3, 'sparse-sparse').network;
    const counts = countsOf(plan, 1);
    const paired = countEvents(plan, counts, oneCopyCycles, { ...board, int8ProductsPerDsp: 2 });
    const single = countEvents(plan, counts, oneCopyCycles, { ...board, int8ProductsPerDsp: 1 });
    engineLayers(plan).forEach((layer, index) => {
      const issues = 40 + index;
      const { setsParallel } = layer.choice;
      const requantised = total(single, 'multiply-dsp-wide', layer.name);
      expect(total(single, 'multiply-dsp', layer.name)).toBe(issues * setsParallel);
      expect(layer.parameters['PairWeights']).toBe(1);
      expect(total(paired, 'multiply-dsp', layer.name)).toBe(0);
      expect(total(paired, 'multiply-dsp-wide', layer.name) - requantised).toBe(
        issues * Math.ceil(setsParallel / 2),
      );
    });
  });

  it('shares a multiply between two outputs of the dense core where the block can', () => {
    const { plan } = randomCase(3, 'dense').network;
    const counts = countsOf(plan, 1);
    const paired = countEvents(plan, counts, oneCopyCycles, { ...board, int8ProductsPerDsp: 2 });
    const single = countEvents(plan, counts, oneCopyCycles, { ...board, int8ProductsPerDsp: 1 });
    engineLayers(plan).forEach((layer, index) => {
      const { values, setsParallel } = layer.choice;
      const products = (40 + index) * values * setsParallel;
      const pairs = (40 + index) * values * Math.ceil(setsParallel / 2);
      const requantised = total(single, 'multiply-dsp-wide', layer.name);
      expect(total(single, 'multiply-dsp', layer.name)).toBe(products);
      expect(total(paired, 'multiply-dsp', layer.name)).toBe(0);
      expect(total(paired, 'multiply-dsp-wide', layer.name) - requantised).toBe(pairs);
    });
  });

  it('charges a wired layer with the additions of every step', () => {
    const { plan } = randomWiredCase(1, 'sparse-sparse', 1).network;
    const counts = countsOf(plan, 1);
    const events = countEvents(plan, counts, oneCopyCycles, board);
    const [layer] = wiredLayers(plan);
    if (layer?.wired === undefined) throw new Error('network 1 has a wired layer');
    const steps = 60 + layer.index;
    const charged = events.filter(
      ({ layer: name, category }) => name === layer.name && category === 'multiply',
    );
    expect(charged.map(({ event, perInference }) => [event, perInference])).toEqual([
      ['lut-toggle', 0.5 * steps * graphBits(layer.wired)],
      ['ff-toggle', 0.5 * steps * registerBits(layer.wired)],
    ]);
    expect(
      events.some(({ category, layer: name }) => {
        return category === 'weights' && name === layer.name;
      }),
    ).toBe(false);
  });

  it('doubles with the work, but not the clock', () => {
    const { plan } = randomCase(5, 'sparse-sparse').network;
    const [layer] = plan.layers;
    const name = layer?.name ?? '';
    const once = countEvents(plan, countsOf(plan, 1), oneCopyCycles, board);
    const twice = countEvents(plan, countsOf(plan, 2), oneCopyCycles, board);
    const multiplies = total(once, 'multiply-dsp-wide', name);
    expect(multiplies).toBeGreaterThan(0);
    expect(total(twice, 'multiply-dsp-wide', name)).toBe(2 * multiplies);
    expect(total(twice, 'clock-ff-cycle', name)).toBe(total(once, 'clock-ff-cycle', name));
  });
});
