import { join } from 'node:path';
import type { VendorTool } from '../vendor-run.ts';
import { blockDesignOf, blockDesignScript } from './block-design.ts';
import { kernelScript, linkCommand } from './kernel.ts';
import { buildScript, packageScript, vivadoProject } from './project.ts';
import { readVivadoResults } from './read-results.ts';

export const vivadoTool: VendorTool = {
  name: 'vivado',
  title: 'Vivado',
  program: 'vivado',
  folder: join('synth', 'vivado'),
  arguments: ['-mode', 'batch', '-nojournal', '-log', 'vivado.log', '-source', buildScript],
  log: { name: 'vivado.log', written: 'by-program' },
  errorPrefix: 'ERROR:',
  toType: (plan, board) => [
    `vivado -mode batch -source ${buildScript}`,
    `  an IP core for the catalogue: the same with ${packageScript}`,
    ...(plan.axi?.kernel !== true || board.shell === null
      ? []
      : [`  an XRT kernel: the same with ${kernelScript}, then ${linkCommand(board.shell)}`]),
    ...(blockDesignOf(plan, board) === null
      ? []
      : [`  the whole system to its bitstream: the same with ${blockDesignScript}`]),
  ],
  project: vivadoProject,
  readResults: readVivadoResults,
};
