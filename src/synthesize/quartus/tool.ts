import { join } from 'node:path';
import type { VendorTool } from '../vendor-run.ts';
import { buildScript, componentScript, projectName, quartusProject } from './project.ts';
import { readQuartusResults } from './read-results.ts';

/** Quartus Prime, Standard, Lite or Pro. */
export const quartusTool: VendorTool = {
  name: 'quartus',
  title: 'Quartus',
  program: 'quartus_sh',
  folder: join('synth', 'quartus'),
  arguments: ['-t', buildScript],
  log: { name: 'quartus.log', written: 'here' },
  errorPrefix: 'Error',
  toType: () => [
    `quartus_sh -t ${buildScript}`,
    `  to look at it: quartus ${projectName}.qpf; a component for Platform Designer: ${componentScript}`,
  ],
  project: quartusProject,
  readResults: readQuartusResults,
};
