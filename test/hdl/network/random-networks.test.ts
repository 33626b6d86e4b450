import { describe, expect, it } from 'vitest';
import { hasEngines } from '../../../src/ir/plan.ts';
import { variantNames } from '../../../src/ir/variant.ts';
import { readBoard } from '../../../src/read/board.ts';
import { boardOfRandomNetworks } from '../../support/random-network/board.ts';
import { checkNetwork } from '../../support/random-network/check-network.ts';
import { drawNetwork, sizeOfSeed } from '../../support/random-network/draw-network.ts';
import type { DrawnNetwork } from '../../support/random-network/draw-network.ts';
import { checkInVerilator } from '../../support/random-network/verilator.ts';

const count = Number(process.env['NZFLOW_NETWORKS'] ?? 150);
const first = Number(process.env['NZFLOW_SEED'] ?? 10_001);
// larger ones are in the tests of branches, load, wires ... beside this one
const seeds = Array.from({ length: 3 * count }, (_, index) => first + index)
  .filter((seed) => sizeOfSeed(seed) === 'tiny')
  .slice(0, count);
const board = await readBoard(boardOfRandomNetworks);
const seen: DrawnNetwork[] = [];

// `npm run verify:random-networks` draws thousands, makes a failure small and tells how to repeat it
describe('random networks with random plans: float, integers, cycles and Verilog agree', () => {
  it.each(seeds)('seed %i', (seed) => {
    const drawn = drawNetwork(seed, board);
    seen.push(drawn);
    expect(checkNetwork(seed, drawn), drawn.kind).toBeNull();
  });

  it.each(seeds.slice(0, 2))('seed %i in Verilator too', async (seed) => {
    expect(await checkInVerilator(seed, drawNetwork(seed, board))).toBeNull();
  });

  it('of every variant, kind of layer, unit and density', () => {
    const layers = seen.flatMap(({ network }) => network.plan.layers);
    const engines = layers.filter(hasEngines);
    const windows = seen.flatMap(({ graph }) =>
      graph.layers.flatMap((layer) => (layer.kind === 'window' ? [layer] : [])),
    );
    const densities = windows.map(
      ({ weights }) => weights.filter((weight) => weight !== 0).length / weights.length,
    );
    expect(new Set(seen.map(({ variant }) => variant))).toEqual(new Set(variantNames));
    expect(new Set(layers.map(({ kind }) => kind))).toEqual(
      new Set(['window', 'max-pool', 'add', 'concat', 'winners']),
    );
    expect(new Set(engines.map(({ choice }) => choice.core))).toEqual(
      new Set(['sparse', 'dense', 'wired', 'max']),
    );
    expect(new Set(seen.map(({ float }) => float === null))).toEqual(new Set([true, false]));
    expect([Math.min(...densities), Math.max(...densities)]).toEqual([0, 1]);
  });
});
