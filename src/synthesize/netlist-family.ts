import type { BoardFamily } from '../ir/board.ts';
import { amdDefines } from './family-synthesis.ts';
import type { CellFacts } from './netlist-bench.ts';

/**
 * `logic`: no multiplier block and no block memory, on Yosys's own models of all cells that are left.
 * `parts`: as it is counted, where Yosys has black boxes on models of our own (sim/netlist).
 */
export const netlistKinds = ['logic', 'parts'] as const;
/** `placed`: that of a bitstream. */
export type NetlistKind = (typeof netlistKinds)[number] | 'placed';

/** How designs of a family become a netlist, and what simulates its cells. */
export interface NetlistFamily extends CellFacts {
  /** Macros of the design, as in `FamilySynthesis`. */
  readonly designDefines: readonly string[];
  /** Commands of Yosys that make cells of Verilog that was read. */
  readonly commands: Readonly<Record<(typeof netlistKinds)[number], readonly string[]>>;
  /** Yosys's models of the cells, below its share folder. */
  readonly cells: string;
  /** Models of our own, in sim/netlist, of cells that are black boxes there. */
  readonly models: readonly string[];
}

/** Memories that ask for a kind of block get none. */
export const withoutMemoryStyles: readonly string[] = [
  'hierarchy -check -top nzflow_top',
  ...['ram_style', 'rom_style', 'ramstyle', 'romstyle'].map(
    (name) => `setattr -unset ${name} */m:*`,
  ),
];

// no shift registers: Yosys 0.23 connects the enable of some to 1
const ultrascale = 'synth_xilinx -noiopad -noclkbuf -nosrl -family xcup -top nzflow_top';

function ice40(device: string, multipliers: string): NetlistFamily {
  const synth = `synth_ice40 ${device} -abc9 -noflatten -top nzflow_top`;
  return {
    designDefines: [],
    commands: {
      logic: [...withoutMemoryStyles, `${synth} -nobram`],
      // distributed memory is none of its kinds
      parts: [...withoutMemoryStyles, `${synth} ${multipliers}`],
    },
    cells: 'ice40/cells_sim.v',
    models: [],
    chains: [],
    // inputs without a net; Yosys connects all of them
    defines: ['NO_ICE40_DEFAULT_ASSIGNMENTS'],
  };
}

const families: Readonly<Partial<Record<BoardFamily, NetlistFamily>>> = {
  'ultrascale-plus': {
    designDefines: amdDefines,
    commands: {
      // cells that the templates ask for by name are known before the hierarchy is looked at
      logic: [
        'read_verilog -lib +/xilinx/cells_sim.v',
        ...withoutMemoryStyles,
        `${ultrascale} -nodsp -nobram`,
      ],
      parts: [ultrascale],
    },
    cells: 'xilinx/cells_sim.v',
    models: ['netlist_block_memory.v', 'DSP48E2.v', 'RAMB18E2.v', 'RAMB36E2.v'],
    chains: [
      { cell: 'CARRY4', vector: 'CO' },
      { cell: 'CARRY8', vector: 'CO' },
    ],
    defines: [],
  },
  ice40: ice40('-device hx', ''),
  'ice40-ultraplus': ice40('-device u', '-dsp'),
};

/** Null where there are no models of the cells. */
export function netlistFamily(family: BoardFamily): NetlistFamily | null {
  return families[family] ?? null;
}
