import { fail } from '../base/diagnostics.ts';
import type { Board, Resources } from '../ir/board.ts';
import { markAlone } from './logic-cells.ts';
import type { NetlistModule } from './netlist.ts';
import { countCells } from './xilinx-cells.ts';
import { countEcp5Cells, countIce40Cells, countIntelCells } from './other-cells.ts';

/** How Yosys maps a design to a family, and what the cells are that come out. */
export interface FamilySynthesis {
  /** Macros that tell templates which parts there are (`hdl-templates/ternary_sum.v`). */
  readonly defines: readonly string[];
  /** Commands between reading the Verilog and counting cells; the hierarchy stays. */
  readonly commands: readonly string[];
  readonly count: (cells: Readonly<Record<string, number>>) => Resources;
  /** Tells cells apart that share a logic cell; not there where types alone say what a cell takes. */
  readonly pack?: (
    modules: ReadonlyMap<string, NetlistModule>,
  ) => ReadonlyMap<string, NetlistModule>;
  /** Whether the delays of its cells are known, for the longest path. */
  readonly timed: boolean;
}

/** LUTs of six inputs with two outputs. */
export const amdDefines: readonly string[] = ['NZFLOW_LUT6'];

/** The command that reads a design. */
export function readVerilog(files: readonly string[], defines: readonly string[]): string {
  return ['read_verilog -defer', ...defines.map((name) => `-D ${name}`), ...files].join(' ');
}

/**
 * Attributes by which the templates ask for a memory of a kind; where there is no such kind Yosys would give up. What is
 * read of a word in the cycle in which it is written is not used where the template says so, and gets no logic.
 */
function without(
  top: string,
  attributes: readonly (readonly [name: string, value: string])[],
): readonly string[] {
  return [
    `hierarchy -check -top ${top}`,
    'setattr -set no_rw_check 1 */a:ramstyle=*no_rw_check*',
    'setattr -unset ramstyle */m:*',
    'setattr -unset romstyle */m:*',
    ...attributes.map(([name, value]) => `setattr -unset ${name} */a:${name}=${value}`),
  ];
}

/** Commands that leave memories in LUTs to block memories and registers. Constant ones in logic stay there. */
export function withoutDistributed(top = 'nzflow_top'): readonly string[] {
  return [
    ...without(top, [
      ['ram_style', 'distributed'],
      ['ram_style', 'logic'],
    ]),
    'setattr -set rom_style "logic" */a:rom_style=distributed',
  ];
}

const noLogic = without('nzflow_top', [
  ['ram_style', 'logic'],
  ['rom_style', 'distributed'],
]);

function xilinx(family: string): FamilySynthesis {
  return {
    defines: amdDefines,
    commands: [`synth_xilinx -noiopad -noclkbuf -family ${family} -top nzflow_top`],
    count: countCells,
    timed: true,
  };
}

/**
 * The commands of a board's family. Throws `UserError` where Yosys has none.
 */
export function familySynthesis({
  family,
  title,
}: Pick<Board, 'family' | 'title'>): FamilySynthesis {
  switch (family) {
    case 'ultrascale-plus':
      return xilinx('xcup');
    case 'series7':
      return xilinx('xc7');
    case 'ice40':
      return ice40('-device hx');
    case 'ice40-ultraplus':
      return ice40('-device u -dsp');
    case 'ecp5':
      return {
        defines: [],
        commands: [...noLogic, 'synth_ecp5 -noflatten -top nzflow_top'],
        count: countEcp5Cells,
        timed: false,
      };
    case 'cyclone5':
      return {
        defines: [],
        commands: [
          ...noLogic,
          'synth_intel_alm -family cyclonev -noiopad -noclkbuf -top nzflow_top',
        ],
        count: countIntelCells,
        timed: false,
      };
    case 'stratix10':
      return fail('synthesize/family', `Yosys has no cells of Stratix 10, the part of ${title}`, {
        place: '--tool yosys',
        remedy: 'take the figures of the model, or those of Quartus',
      });
  }
}

/** `-abc9` fits the gates of a conditional addition into the look-up tables of its adder. */
function ice40(device: string): FamilySynthesis {
  return {
    defines: [],
    commands: [...withoutDistributed(), `synth_ice40 ${device} -abc9 -noflatten -top nzflow_top`],
    count: countIce40Cells,
    pack: markAlone,
    timed: false,
  };
}
