import { describe, expect, it } from 'vitest';
import { layersOfNetlist } from '../../src/synthesize/layer-synthesis.ts';
import type { NetlistModule } from '../../src/synthesize/netlist.ts';
import { countCells } from '../../src/synthesize/xilinx-cells.ts';

/** A module of cells with one input and one output net. */
function moduleOf(
  cells: Readonly<Record<string, readonly [type: string, from: number, to: number]>>,
): NetlistModule {
  const pins = (type: string): readonly [string, string] =>
    type === 'FDRE' ? ['D', 'Q'] : type === 'LUT1' ? ['I0', 'O'] : ['i', 'o'];
  const entries = Object.entries(cells).map(([name, [type, from, to]]) => {
    const [input, output] = pins(type);
    return [
      name,
      {
        type,
        parameters: {},
        port_directions: { [input]: 'input', [output]: 'output' },
        connections: { [input]: [from], [output]: [to] },
      },
    ] satisfies [string, NetlistModule['cells'][string]];
  });
  return {
    attributes: {},
    ports: {
      i: { direction: 'input', bits: [1] },
      o: { direction: 'output', bits: [2] },
    },
    cells: Object.fromEntries(entries),
    netnames: {},
  };
}

const lane = '$paramod$0a1b\\sparse_lane';
const wideLane = "$paramod\\sparse_lane\\Width=s32'1";
const tail = '$paramod$77\\engine_tail';

/** Two kinds of lane, one of them twice, and a tail; behind the second lane a LUT of the layer itself. */
const modules = new Map<string, NetlistModule>([
  ['nzflow_top', moduleOf({ u_1: ['nzflow_layer01', 1, 3], u_0: ['nzflow_layer00', 3, 2] })],
  ['nzflow_layer00', moduleOf({ q: ['FDRE', 1, 3], a: ['LUT1', 3, 4], r: ['FDRE', 4, 2] })],
  [
    'nzflow_layer01',
    moduleOf({
      u_a: [lane, 1, 3],
      u_b: [lane, 3, 4],
      u_c: [wideLane, 4, 5],
      step: ['LUT1', 5, 6],
      u_tail: [tail, 6, 2],
    }),
  ],
  [lane, moduleOf({ q: ['FDRE', 1, 3], a: ['LUT1', 3, 4], r: ['FDRE', 4, 2] })],
  [
    wideLane,
    moduleOf({
      q: ['FDRE', 1, 3],
      a: ['LUT1', 3, 4],
      b: ['LUT1', 4, 5],
      c: ['LUT1', 5, 6],
      r: ['FDRE', 6, 2],
    }),
  ],
  [tail, moduleOf({ q: ['FDRE', 1, 2] })],
]);

describe('layers of a netlist', () => {
  const layers = layersOfNetlist(modules, countCells, true);

  it('come in the order of the plan, with the cells of all their units', () => {
    expect(layers.map(({ layer, resources: { lut, ff } }) => [layer, lut, ff])).toEqual([
      [0, 1, 2],
      [1, 6, 7],
    ]);
  });

  it('have units by template, longest path first, each with its own cells', () => {
    const rows = layers[1]?.units.map(({ unit, instances, resources: { lut, ff }, path }) => [
      unit,
      instances,
      lut,
      ff,
      path?.levels ?? null,
    ]);
    expect(rows).toEqual([
      ['sparse_lane', 3, 5, 6, 3],
      ['nzflow_layer01', 1, 1, 0, 1],
      ['engine_tail', 1, 0, 1, null],
    ]);
  });

  it('have no paths in a family whose delays are not known', () => {
    const untimed = layersOfNetlist(modules, countCells, false);
    expect(untimed[1]?.units.map(({ path }) => path)).toEqual([null, null, null]);
    expect(untimed[1]?.resources).toEqual(layers[1]?.resources);
  });
});
