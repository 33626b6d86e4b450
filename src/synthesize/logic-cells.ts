import type { Bit, NetlistCell, NetlistModule } from './netlist.ts';

/** In front of the type of a register or carry that no look-up table shares its logic cell with. */
export const alone = 'ALONE_';

/** A constant input of a cell is none of its neighbours'. */
function netOf(cell: NetlistCell, port: string): Bit | undefined {
  return cell.connections[port]?.[0];
}

/**
 * Modules of iCE40 cells in which registers and carries with a logic cell of their own are marked by their type. As
 * nextpnr packs them, a cell holds a look-up table, the register behind it where nothing else reads the table, and the
 * carry of the same two inputs. Cells of other modules share none.
 */
export function markAlone(
  modules: ReadonlyMap<string, NetlistModule>,
): ReadonlyMap<string, NetlistModule> {
  return new Map([...modules].map(([name, module]) => [name, markModule(module)]));
}

function markModule(module: NetlistModule): NetlistModule {
  const cells = Object.entries(module.cells);
  const tables = cells.filter(([, { type }]) => type === 'SB_LUT4').map(([, cell]) => cell);
  const readers = readersOf(module);
  const behind = new Set<Bit>(
    tables.flatMap((table) => {
      const net = netOf(table, 'O');
      return net !== undefined && readers.get(net) === 1 ? [net] : [];
    }),
  );
  const sums = new Map<string, number>();
  for (const table of tables) {
    const pair = `${netOf(table, 'I1')} ${netOf(table, 'I2')}`;
    sums.set(pair, (sums.get(pair) ?? 0) + 1);
  }
  const isAlone = (cell: NetlistCell): boolean => {
    if (cell.type.startsWith('SB_DFF')) return !behind.has(netOf(cell, 'D') ?? '');
    if (cell.type !== 'SB_CARRY') return false;
    const pair = `${netOf(cell, 'I0')} ${netOf(cell, 'I1')}`;
    const left = sums.get(pair) ?? 0;
    sums.set(pair, left - 1);
    return left <= 0;
  };
  return {
    ...module,
    cells: Object.fromEntries(
      cells.map(([name, cell]) => [
        name,
        isAlone(cell) ? { ...cell, type: `${alone}${cell.type}` } : cell,
      ]),
    ),
  };
}

/** How many inputs of cells and outputs of the module read each net. */
function readersOf({ cells, ports }: NetlistModule): ReadonlyMap<Bit, number> {
  const readers = new Map<Bit, number>();
  const read = (bits: readonly Bit[]): void => {
    for (const bit of bits) readers.set(bit, (readers.get(bit) ?? 0) + 1);
  };
  for (const { connections, port_directions: directions } of Object.values(cells)) {
    for (const [port, bits] of Object.entries(connections)) {
      if (directions[port] !== 'output') read(bits);
    }
  }
  for (const { direction, bits } of Object.values(ports)) if (direction !== 'input') read(bits);
  return readers;
}
