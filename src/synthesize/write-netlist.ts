import { relative, resolve } from 'node:path';
import { runYosys } from './yosys.ts';
import type { YosysRun } from './yosys.ts';

/**
 * A design as Verilog of cells, in a file `netlist`. Flat and every net a bit of its own, so that no vector
 * ties independent bits together; the cells are those that the commands made, without ones that drive nothing.
 */
export async function writeNetlist(run: YosysRun, netlist: string): Promise<void> {
  await runYosys({
    ...run,
    commands: [
      ...run.commands,
      // parts start with one value or the other, never with an unknown one
      'setundef -params -zero',
      'flatten',
      'opt_clean -purge',
      'splitnets',
      // Yosys takes no quotes here; seen from the design the path has nothing that needs them
      `write_verilog -noattr ${relative(resolve(run.hdlFolder), netlist)}`,
    ],
  });
}
