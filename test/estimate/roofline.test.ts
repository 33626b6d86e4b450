import { describe, expect, it } from 'vitest';
import { denseRoofline } from '../../src/estimate/roofline.ts';
import type { Plan } from '../../src/ir/plan.ts';
import { layerResources } from '../../src/plan/resources/layer-resources.ts';
import { readBoard } from '../../src/read/board.ts';
import { engineLayers } from '../support/engine-layers.ts';
import { randomCase } from '../support/random-case.ts';

const board = await readBoard('zcu104');
const { plan } = randomCase(4, 'dense').network;
const products = plan.layers.map((_, index) => 1000 * (index + 1));
const total = products.reduce((sum, count) => sum + count, 0);

/** The plan with all or none of its weights in block memory. */
function withWeights(block: boolean): Plan {
  return {
    ...plan,
    layers: plan.layers.map((layer) => ({
      ...layer,
      parameters: { ...layer.parameters, BlockWeights: block ? 1 : 0 },
    })),
    memories: plan.memories.map((image) => ({ ...image, memory: block ? 'block' : 'logic' })),
  };
}

function boundOf(of: Plan, resource: string): number | undefined {
  return denseRoofline(of, board, products).bounds.find((bound) => bound.resource === resource)
    ?.throughputPerSecond;
}

const perSecond = plan.clockMHz * 1e6;

describe('the roofline of a dense design', () => {
  it('counts two products a DSP block and cycle', () => {
    // 1,728 blocks of the device, 80 % of them usable
    expect(boundOf(plan, 'dsp')).toBeCloseTo((Math.floor(1728 * 0.8) * 2 * perSecond) / total, 3);
  });

  it('counts the LUTs of the planned engines, all of them busy', () => {
    const luts = engineLayers(plan).reduce((sum, layer, index) => {
      const { lut } = layerResources(layer, board.family);
      return sum + ((products[index] ?? 0) * lut) / layer.multipliers;
    }, 0);
    expect(boundOf(plan, 'lut')).toBeCloseTo((Math.floor(230_400 * 0.8) * perSecond) / luts, 3);
  });

  it('counts the weights that block memories read, and that they hold', () => {
    const inBlocks = withWeights(true);
    const bits = engineLayers(plan).reduce(
      (sum, layer, index) => sum + (products[index] ?? 0) * layer.weightBits,
      0,
    );
    const blocks = Math.floor(312 * 0.8);
    expect(boundOf(inBlocks, 'weight memory')).toBeCloseTo((blocks * 72 * perSecond) / bits, 3);
    const stored = plan.memories
      .filter(({ purpose }) => purpose === 'weights')
      .reduce((sum, { widthBits, depth }) => sum + widthBits * depth, 0);
    expect(denseRoofline(inBlocks, board, products).copiesInMemory).toBe(
      Math.floor((blocks * 36_864) / stored),
    );
    // loaded weights may lie in UltraRAM too: 96 blocks of the device
    const loaded: Plan = { ...inBlocks, load: { beatBits: 72, beats: 2, structure: '0' } };
    const ultra = Math.floor(96 * 0.8);
    const read = ((blocks + ultra) * 72 * perSecond) / bits;
    expect(boundOf(loaded, 'weight memory')).toBeCloseTo(read, 3);
    expect(denseRoofline(loaded, board, products).copiesInMemory).toBe(
      Math.floor((blocks * 36_864 + ultra * 294_912) / stored),
    );
    expect(boundOf(withWeights(false), 'weight memory')).toBeUndefined();
    expect(denseRoofline(withWeights(false), board, products).copiesInMemory).toBeNull();
  });

  it('counts one beat a cycle at the ports, and tells the lowest bound first', () => {
    const beats = Math.max(plan.input.beatsPerInference, plan.output.beatsPerInference);
    expect(boundOf(plan, 'ports')).toBeCloseTo(perSecond / beats, 3);
    const bounds = denseRoofline(plan, board, products).bounds.map(
      ({ throughputPerSecond }) => throughputPerSecond,
    );
    expect(bounds.length).toBeGreaterThanOrEqual(3);
    expect(bounds).toEqual([...bounds].sort((one, other) => one - other));
  });
});
