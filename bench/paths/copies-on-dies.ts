import type { Board, Resources } from '../../src/ir/board.ts';
import { resourceKinds, usableOfDie } from '../../src/ir/board.ts';
import type { NetlistModule } from '../../src/synthesize/netlist.ts';
import { countCells } from '../../src/synthesize/xilinx-cells.ts';
import { templateOf } from '../../src/synthesize/layer-synthesis.ts';

export interface CopiesOnDies {
  readonly copies: number;
  /** Copies that fit whole into one die. */
  readonly perDie: number;
  readonly dies: number;
  readonly perCopy: Resources;
  readonly fits: boolean;
}

type Netlist = ReadonlyMap<string, NetlistModule>;

/** Primitives of a module with all that it instantiates. */
function primitivesOf(netlist: Netlist, module: string): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (type: string, number: number): void => {
    counts.set(type, (counts.get(type) ?? 0) + number);
  };
  for (const cell of Object.values(netlist.get(module)?.cells ?? {})) {
    if (!netlist.has(cell.type)) add(cell.type, 1);
    else for (const [type, number] of primitivesOf(netlist, cell.type)) add(type, number);
  }
  return counts;
}

/** How the copies of a synthesised design fit the dies of a board, a copy never on two of them. */
export function copiesOnDies(netlist: Netlist, top: string, board: Board): CopiesOnDies {
  const cells = Object.values(netlist.get(top)?.cells ?? {});
  const instances = cells.filter(({ type }) => templateOf(type) === 'nzflow_copy');
  const copy = instances[0]?.type ?? top;
  const perCopy = countCells(Object.fromEntries(primitivesOf(netlist, copy)));
  const die = usableOfDie(board);
  const perDie = Math.min(
    ...resourceKinds
      .filter((kind) => perCopy[kind] > 0)
      .map((kind) => Math.floor(die[kind] / perCopy[kind])),
  );
  const copies = Math.max(1, instances.length);
  return { copies, perDie, dies: board.dies, perCopy, fits: copies <= perDie * board.dies };
}

/** In one line. */
export function describeCopies({ copies, perDie, dies, perCopy }: CopiesOnDies): string {
  const { lut, ff, bram36, dsp } = perCopy;
  const amounts = `${String(lut)} LUT, ${String(ff)} FF, ${String(bram36)} BRAM36, ${String(dsp)} DSP`;
  return `copies: ${String(copies)} of ${amounts}; ${String(perDie)} fit whole into each of ${String(dies)} dies`;
}
