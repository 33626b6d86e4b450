// The main job on the bundled network: three variants of the keyword-spotting CNN for an Alveo U250,
// verified in Verilator over all samples, with the report in build/demo/.
// Further arguments are handed to `nzflow run` (for example `npm run demo -- --samples 32`).

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const example = 'examples/keyword-cnn';
const parameters = [
  'dist/cli/main.js',
  'run',
  `${example}/model.onnx`,
  '--inputs',
  `${example}/inputs.npy`,
  '--labels',
  `${example}/labels.npy`,
  '--calibrate',
  `${example}/calibrate.npy`,
  '--board',
  'alveo-u250',
  '--out',
  'build/demo',
  ...process.argv.slice(2),
];

const child = spawn(process.execPath, parameters, { cwd: root, stdio: 'inherit' });
// A terminal sends Ctrl-C to both of us: let the child clean up and report its exit code.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
});
