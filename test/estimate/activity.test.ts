import { describe, expect, it } from 'vitest';
import type { LayerActivityCounts, LayerZeros } from '../../src/estimate/circumstances.ts';
import { countEvents } from '../../src/estimate/activity.ts';
import type { EnergyEvent, EventCount } from '../../src/estimate/energy-event.ts';
import type { Plan } from '../../src/ir/plan.ts';
import { variantNames } from '../../src/ir/variant.ts';
import { readBoard } from '../../src/read/board.ts';
import { registerBits } from '../../src/plan/wired/schedule-graph.ts';
import { graphAdders } from '../../src/plan/wired/offset-form.ts';
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

/** Every factor is as random as can be, unless given. */
function eventsOf(
  plan: Plan,
  counts: readonly LayerActivityCounts[],
  on = board,
  zeros: LayerZeros = { weights: 1, values: 1, usefulProducts: Infinity },
): readonly EventCount[] {
  const all = plan.layers.map(() => zeros);
  return countEvents(plan, { counts, zeros: all, oneCopyCycles, weightBeats: 0 }, on);
}

function total(events: readonly EventCount[], event: EnergyEvent, layer: string | null): number {
  return events
    .filter((count) => count.event === event && count.layer === layer)
    .reduce((sum, count) => sum + count.perInference, 0);
}

describe('events of a design', () => {
  it.each(variantNames)('are counted for every layer of %s, none of them negative', (variant) => {
    const { plan } = randomCase(3, variant).network;
    const events = eventsOf(plan, countsOf(plan, 1), board);
    expect(new Set(events.map(({ layer }) => layer))).toEqual(
      new Set([...plan.layers.map(({ name }) => name), null]),
    );
    for (const event of events) expect(event.perInference).toBeGreaterThan(0);
  });

  it('has a multiply for every set, or every two, of a sparse lane that issues', () => {
    const { plan } = randomCase(3, 'sparse-sparse').network;
    const counts = countsOf(plan, 1);
    const paired = eventsOf(plan, counts, { ...board, int8ProductsPerDsp: 2 });
    const single = eventsOf(plan, counts, { ...board, int8ProductsPerDsp: 1 });
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
    const paired = eventsOf(plan, counts, { ...board, int8ProductsPerDsp: 2 });
    const single = eventsOf(plan, counts, { ...board, int8ProductsPerDsp: 1 });
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
    const events = eventsOf(plan, counts, board);
    const [layer] = wiredLayers(plan);
    if (layer?.wired === undefined) throw new Error('network 1 has a wired layer');
    const steps = 60 + layer.index;
    const charged = events.filter(
      ({ layer: name, category }) => name === layer.name && category === 'multiply',
    );
    expect(charged.map(({ event, perInference }) => [event, perInference])).toEqual([
      ['lut-toggle', 0.5 * steps * graphAdders(layer.wired)],
      ['ff-toggle', 0.5 * steps * registerBits(layer.wired)],
    ]);
    expect(
      events.some(({ category, layer: name }) => {
        return category === 'weights' && name === layer.name;
      }),
    ).toBe(false);
  });

  it('finds less to do where a factor is zero: products, sums of products, operands', () => {
    const { plan } = randomCase(3, 'dense').network;
    const counts = countsOf(plan, 1);
    const single = { ...board, int8ProductsPerDsp: 1 };
    engineLayers(plan).forEach((layer, index) => {
      const { values, setsParallel, lanes } = layer.choice;
      const products = (40 + index) * values * setsParallel;
      const zeros = { weights: 0.5, values: 0.25, usefulProducts: products * 0.2 };
      const random = eventsOf(plan, counts, single);
      const sparse = eventsOf(plan, counts, single, zeros);
      // 2p(1 - p) with p = 0.2 / 2, against 0.5
      const working = total(sparse, 'multiply-dsp', layer.name);
      expect(working).toBeCloseTo(products * 0.36, 9);
      const idle = 'dsp-idle-cycle';
      expect(total(sparse, idle, layer.name) - total(random, idle, layer.name)).toBeCloseTo(
        products * 0.64,
        6,
      );
      const operands = (events: readonly EventCount[]): number =>
        events
          .filter(({ event, category }) => event === 'ff-toggle' && category === 'multiply')
          .filter(({ layer: name }) => name === layer.name)
          .reduce((sum, { perInference }) => sum + perInference, 0);
      const { weightBits, input } = layer;
      expect(operands(sparse) / operands(random)).toBeCloseTo(
        (weightBits * 0.375 + input.valueBits * 0.21875) / (0.5 * (weightBits + input.valueBits)),
        9,
      );
      if (lanes * values > 1) {
        expect(total(sparse, 'lut-toggle', layer.name)).toBeLessThan(
          total(random, 'lut-toggle', layer.name),
        );
      }
      const none = { ...zeros, usefulProducts: 0 };
      if (lanes * values === 4) {
        const bits = weightBits + input.valueBits;
        const sums = ((40 + index) / lanes) * setsParallel;
        const change =
          total(sparse, 'lut-toggle', layer.name) -
          total(eventsOf(plan, counts, single, none), 'lut-toggle', layer.name);
        // two sums of two products, one of four: 0 where all of these are
        const level = (terms: number): number => {
          const density = 1 - 0.8 ** terms;
          return density * (1 - density / 2);
        };
        expect(change).toBeCloseTo(sums * (2 * (bits + 1) * level(2) + (bits + 2) * level(4)), 6);
      }
    });
    expect(engineLayers(plan).some(({ choice }) => choice.lanes * choice.values === 4)).toBe(true);
  });

  it('rests a block of two products only where both are zero', () => {
    const { plan } = randomCase(3, 'dense').network;
    const counts = countsOf(plan, 1);
    const paired = { ...board, int8ProductsPerDsp: 2 };
    const [layer] = engineLayers(plan);
    if (layer === undefined) throw new Error('a layer');
    const { values, setsParallel } = layer.choice;
    const products = 40 * values * setsParallel;
    const zeros = { weights: 1, values: 1, usefulProducts: products / 2 };
    const random = total(eventsOf(plan, counts, paired), 'multiply-dsp-wide', layer.name);
    const half = total(eventsOf(plan, counts, paired, zeros), 'multiply-dsp-wide', layer.name);
    // density 0.75 of pairs: 0.75 * (1 - 0.375) of 0.5
    const pairs = 40 * values * Math.ceil(setsParallel / 2);
    expect(random - half).toBeCloseTo(pairs * (1 - 0.9375), 9);
  });

  it('doubles with the work, but not the clock', () => {
    const { plan } = randomCase(5, 'sparse-sparse').network;
    const [layer] = plan.layers;
    const name = layer?.name ?? '';
    const once = eventsOf(plan, countsOf(plan, 1), board);
    const twice = eventsOf(plan, countsOf(plan, 2), board);
    const multiplies = total(once, 'multiply-dsp-wide', name);
    expect(multiplies).toBeGreaterThan(0);
    expect(total(twice, 'multiply-dsp-wide', name)).toBe(2 * multiplies);
    expect(total(twice, 'clock-ff-cycle', name)).toBe(total(once, 'clock-ff-cycle', name));
  });
});
