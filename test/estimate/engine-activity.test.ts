import { describe, expect, it } from 'vitest';
import { countEvents } from '../../src/estimate/activity.ts';
import type { LayerActivityCounts } from '../../src/estimate/circumstances.ts';
import type { EnergyEvent, EventCount } from '../../src/estimate/energy-event.ts';
import { Ledger } from '../../src/estimate/ledger.ts';
import type { EngineLayerPlan, Plan } from '../../src/ir/plan.ts';
import { adderTree, multiplierDsps } from '../../src/plan/resources/datapath.ts';
import { planResources } from '../../src/plan/resources/plan-resources.ts';
import { readBoard } from '../../src/read/board.ts';
import { engineLayers } from '../support/engine-layers.ts';
import { randomCase } from '../support/random-case.ts';

const board = await readBoard('pynq-z2');
const oneCopyCycles = 10_000;
const counts: LayerActivityCounts = { windows: 4, steps: 60, issues: 40, beats: 7 };

function eventsOf(plan: Plan): readonly EventCount[] {
  const zeros = plan.layers.map(() => ({ weights: 1, values: 1, usefulProducts: Infinity }));
  const all = plan.layers.map(() => counts);
  return countEvents(plan, { counts: all, zeros, oneCopyCycles, weightBeats: 0 }, board);
}

function total(
  events: readonly EventCount[],
  event: EnergyEvent,
  layer: EngineLayerPlan,
  category?: EventCount['category'],
): number {
  return events
    .filter((count) => count.event === event && count.layer === layer.name)
    .filter((count) => category === undefined || count.category === category)
    .reduce((sum, count) => sum + count.perInference, 0);
}

/** A plan whose layers have other numbers than they were planned with. */
function altered(plan: Plan, parameters: Readonly<Record<string, number>>): Plan {
  const layers = plan.layers.map((layer) => ({
    ...layer,
    parameters: { ...layer.parameters, ...parameters },
  }));
  return { ...plan, layers };
}

function narrowest(plan: Plan): EngineLayerPlan {
  const several = engineLayers(plan).find(({ choice }) => choice.lanes > 1);
  if (several === undefined) throw new Error('no layer has several lanes');
  return several;
}

const { plan: sparse } = randomCase(3, 'sparse-sparse').network;

describe('sums', () => {
  it('have the bits of a lane, and grow to those of the layer in the tree behind them', () => {
    const layer = narrowest(sparse);
    const laneBits = layer.sumBits - 3;
    const events = eventsOf(altered(sparse, { LaneSumBits: laneBits }));
    const { lanes, setsParallel, queues } = layer.choice;
    const updates = counts.issues * (setsParallel / Math.max(1, queues));
    const slots = counts.windows * layer.slots.length;
    expect(total(events, 'lutram-bit', layer, 'accumulate')).toBe(
      updates * (2 * laneBits + 3) + slots * lanes * (laneBits + 3),
    );
    const tree = adderTree(lanes, laneBits, layer.sumBits);
    expect(total(events, 'lut-toggle', layer, 'accumulate')).toBeCloseTo(
      0.5 * (updates * laneBits + slots * tree.lut),
      6,
    );
  });

  it('are addressed by the kernel ids that were read with the weights', () => {
    const layer = narrowest(sparse);
    const bits = (SumAddressBits: number): number =>
      total(
        eventsOf(altered(sparse, { SumAddressBits })),
        'ff-toggle',
        narrowest(sparse),
        'accumulate',
      );
    const { setsParallel, queues } = layer.choice;
    const updates = counts.issues * (setsParallel / Math.max(1, queues));
    expect(bits(6) - bits(4)).toBeCloseTo(0.5 * updates * 3 * 2, 6);
  });
});

describe('constants of the tail', () => {
  it('are read with every vector: scale, bias and channel', () => {
    for (const layer of engineLayers(sparse)) {
      const memory = sparse.memories.find(
        ({ layer: name, purpose }) => name === layer.name && purpose === 'requantise',
      );
      if (memory === undefined) throw new Error('every layer has constants of its outputs');
      const wider = sparse.memories.map((other) =>
        other === memory ? { ...other, widthBits: other.widthBits + 10 } : other,
      );
      const vectors = counts.windows / (layer.window.pool.height * layer.window.pool.width);
      const more =
        total(eventsOf({ ...sparse, memories: wider }), 'lutram-bit', layer) -
        total(eventsOf(sparse), 'lutram-bit', layer);
      expect(memory.memory).toBe('logic');
      expect(more).toBeCloseTo(vectors * memory.depth * 10, 6);
    }
  });
});

describe('idle cycles', () => {
  it('are those of all multiplier blocks, the ones that requantise among them', () => {
    const events = eventsOf(sparse);
    const { byLayer } = planResources(sparse, board.family);
    engineLayers(sparse).forEach((layer, index) => {
      const all = (byLayer[index]?.resources.dsp ?? 0) * oneCopyCycles;
      const busy = total(events, 'multiply-dsp', layer) + total(events, 'multiply-dsp-wide', layer);
      expect(busy).toBeGreaterThan(0);
      expect(total(events, 'dsp-idle-cycle', layer) + busy).toBe(all);
    });
  });

  it('are those of every block of a memory but the one that is read', () => {
    const ledger = new Ledger('x', 'ultrascale-plus');
    const access = { reads: 30, writes: 5, width: 36, depth: 2048, cycles: 100 };
    ledger.access('weights', { kind: 'block', ...access });
    // 2048 words of 36 bits: two BRAM36, each half of every word
    expect(ledger.events.map(({ event, perInference }) => [event, perInference])).toEqual([
      ['bram-write', 5],
      ['bram-read', 30],
      ['bram-idle-cycle', 70],
    ]);
    expect(ledger.events.every(({ blocks, widthBits }) => blocks === 2 && widthBits === 36)).toBe(
      true,
    );
    const deep = new Ledger('x', 'ultrascale-plus');
    deep.access('weights', { kind: 'ultra', ...access, width: 72, depth: 3 * 4096 });
    expect(deep.total('uram-read')).toBe(30);
    expect(deep.total('uram-idle-cycle')).toBe(270);
    expect(deep.events.every(({ blocks }) => blocks === 1)).toBe(true);
  });

  it('are those of a FIFO in block memory, too', () => {
    const layers = sparse.layers.map((layer) => ({
      ...layer,
      inputs: layer.inputs.map((edge) => ({ ...edge, fifoDepth: 512, blockFifo: true })),
    }));
    const [, second] = engineLayers(sparse);
    if (second === undefined) throw new Error('two layers');
    const without = total(eventsOf(sparse), 'bram-idle-cycle', second);
    const idle = total(eventsOf({ ...sparse, layers }), 'bram-idle-cycle', second);
    expect(idle - without).toBe(oneCopyCycles - counts.beats);
  });
});

describe('products', () => {
  it('that no multiplier block makes are charged as LUTs, by their bits', () => {
    const layers = sparse.layers.map((layer) =>
      layer.kind === 'window'
        ? {
            ...layer,
            weightBits: 2,
            input: { ...layer.input, valueBits: 3, valueSigned: true },
            parameters: { ...layer.parameters, PairWeights: 0 },
          }
        : layer,
    );
    const plan = { ...sparse, layers };
    const [layer] = engineLayers(plan);
    if (layer === undefined) throw new Error('a layer');
    expect(multiplierDsps(board.family, 2, 3)).toBe(0);
    const events = eventsOf(plan);
    const { setsParallel, queues } = layer.choice;
    const products = counts.issues * (setsParallel / Math.max(1, queues));
    expect(total(events, 'multiply-lut', layer)).toBeCloseTo((products * 6) / 64, 9);
    expect(total(events, 'multiply-dsp', layer)).toBe(0);
    expect(total(eventsOf(sparse), 'multiply-lut', layer)).toBe(0);
  });
});
