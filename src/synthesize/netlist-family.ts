import type { BoardFamily } from '../ir/board.ts';

/**
 * `logic`: no multiplier block and no block memory, on Yosys's own models of all cells that are left.
 * `parts`: as it is counted, where Yosys has black boxes on models of our own (sim/netlist).
 */
export const netlistKinds = ['logic', 'parts'] as const;
export type NetlistKind = (typeof netlistKinds)[number];

/** How designs of a family become a netlist, and what simulates its cells. */
export interface NetlistFamily {
  /** Commands of Yosys that make cells of Verilog that was read. */
  readonly commands: Readonly<Record<NetlistKind, readonly string[]>>;
  /** Yosys's models of the cells, below its share folder. */
  readonly cells: string;
  /** Models of our own, in sim/netlist, of cells that are black boxes there. */
  readonly models: readonly string[];
  /** Vectors of cells of which one bit hangs on another: Verilator takes them apart. */
  readonly chains: readonly { readonly cell: string; readonly vector: string }[];
}

/** Memories that ask for a kind of block get none. */
export const withoutMemoryStyles: readonly string[] = [
  'hierarchy -check -top nzflow_top',
  ...['ram_style', 'rom_style', 'ramstyle'].map((name) => `setattr -unset ${name} */m:*`),
];

// no shift registers: Yosys 0.23 connects the enable of some to 1
const ultrascale = 'synth_xilinx -noiopad -noclkbuf -nosrl -family xcup -top nzflow_top';

const families: Readonly<Partial<Record<BoardFamily, NetlistFamily>>> = {
  'ultrascale-plus': {
    commands: {
      logic: [...withoutMemoryStyles, `${ultrascale} -nodsp -nobram`],
      parts: [ultrascale],
    },
    cells: 'xilinx/cells_sim.v',
    models: ['netlist_block_memory.v', 'DSP48E2.v', 'RAMB18E2.v', 'RAMB36E2.v'],
    chains: [
      { cell: 'CARRY4', vector: 'CO' },
      { cell: 'CARRY8', vector: 'CO' },
    ],
  },
};

/** Null where there are no models of the cells. */
export function netlistFamily(family: BoardFamily): NetlistFamily | null {
  return families[family] ?? null;
}
