import { describe, expect, it } from 'vitest';
import type { Board, Resources } from '../../src/ir/board.ts';
import type { EngineLayerPlan, LayerChoice } from '../../src/ir/plan.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import { leaveRoom } from '../../src/plan/search/leave-room.ts';
import { memoryKind } from '../../src/plan/memories/memory-kinds.ts';
import { planVariant } from '../../src/plan/planner.ts';
import type { VariantPlan } from '../../src/plan/planner.ts';
import { exchangeMemories, ultraExchanges } from '../../src/plan/search/ultra-memories.ts';
import type { UltraExchange } from '../../src/plan/search/ultra-memories.ts';
import { readBoard } from '../../src/read/board.ts';
import { engineLayers } from '../support/engine-layers.ts';
import { loadExample, winnersPerSite } from '../support/example.ts';

const keyword = await loadExample('keyword-cnn');
const board = await readBoard('alveo-u250');

function planned(graph: QuantizedGraph, resources: Partial<Resources>): VariantPlan {
  const scarce: Board = { ...board, resources: { ...board.resources, ...resources } };
  return planVariant(graph, 'dense', {
    tool: { name: 'nzflow', version: '0' },
    modelSha256: '0',
    board: scarce,
    clockMHz: board.clockMHz,
    tokensPerSite: winnersPerSite(keyword.graph),
  });
}

function kinds(plan: VariantPlan, parameter: string): ReadonlySet<string> {
  return new Set(
    engineLayers(plan.network.plan).map((layer) => memoryKind(layer.parameters[parameter] ?? 0)),
  );
}

describe('a board with hardly any block memory', () => {
  const loadable = leaveRoom(keyword.graph, 72);

  it('takes loaded weights in UltraRAM, and their images say so', () => {
    const without = planned(loadable, { bram36: 12, uram: 0 });
    const plan = planned(loadable, { bram36: 12 });
    expect(without.fits).toBe(false);
    expect(plan.fits).toBe(true);
    expect(plan.resources.uram).toBeGreaterThan(0);
    expect(kinds(plan, 'BlockWeights')).toContain('ultra');
    const images = plan.network.plan.memories.map(({ memory }) => memory);
    expect(images).toContain('ultra');
    expect(without.network.plan.memories.map(({ memory }) => memory)).not.toContain('ultra');
  });

  it('keeps initial contents out of UltraRAM', () => {
    const plan = planned(keyword.graph, { bram36: 12 });
    expect(kinds(plan, 'BlockWeights')).not.toContain('ultra');
  });
});

/** A layer of the keyword network whose weights are loaded into block memory. */
function layerInBlocks(): EngineLayerPlan {
  const { network } = planned(leaveRoom(keyword.graph, 72), { uram: 0 });
  const layer = engineLayers(network.plan).find(
    ({ parameters }) => parameters['BlockWeights'] === 1,
  );
  if (layer === undefined) throw new Error('no weights in block memory');
  return layer;
}

describe('exchangeMemories', () => {
  const layer = layerInBlocks();
  const budget = { lut: 1e6, ff: 1e6, bram36: 100, uram: 100, dsp: 1e6 };
  const change = (memory: UltraExchange['memory'], bram36: number, uram: number): UltraExchange => {
    return { memory, change: { lut: 0, ff: 0, bram36, uram, dsp: 0 } };
  };
  const used = { lut: 1000, ff: 1000, bram36: 60, uram: 0, dsp: 0 };

  it('moves what frees most block memory for a block of UltraRAM first, and no more than helps', () => {
    const layers = [
      { choice: layer.choice, exchanges: [change('ultraStore', -20, 10)] },
      { choice: layer.choice, exchanges: [change('ultraWeights', -30, 5)] },
    ];
    const { choices: moved, resources: total } = exchangeMemories(layers, used, budget);
    const choices = moved as readonly LayerChoice[];
    expect(choices.map(({ ultraStore }) => ultraStore)).toEqual([true, false]);
    expect(choices.map(({ ultraWeights }) => ultraWeights)).toEqual([false, true]);
    expect(total).toMatchObject({ bram36: 10, uram: 15 });
  });

  it('moves nothing while something else is scarcer', () => {
    const layers = [{ choice: layer.choice, exchanges: [change('ultraStore', -20, 10)] }];
    const lutBound = { ...used, lut: 700_000 };
    expect(exchangeMemories(layers, lutBound, budget).resources).toEqual(lutBound);
    // a block that would make UltraRAM scarcer than block memory was
    const poor = { ...budget, uram: 10 };
    expect(exchangeMemories(layers, used, poor).resources).toEqual(used);
  });

  it('offers weights only where they are loaded, and what the model says of both', () => {
    const offers = ultraExchanges(layer, board.family);
    const weights = offers.find(({ memory }) => memory === 'ultraWeights');
    expect(weights?.change.uram).toBeGreaterThan(0);
    expect(weights?.change.bram36).toBeLessThan(0);
    const parameters = Object.entries(layer.parameters).filter(([name]) => name !== 'LoadBits');
    const fixed = { ...layer, parameters: Object.fromEntries(parameters) };
    const stores = ultraExchanges(fixed, board.family);
    expect(stores.every(({ memory }) => memory === 'ultraStore')).toBe(true);
  });
});
