// npm run bench:resnet50 [-- --board <name>] [--variants a,b] [--compile a,b] [--layer a,b] [--out <folder>]
// ResNet-50 with 85 % of its weights zero, whole on one board:
// 1. writes the model (25.5 million weights) and images;
// 2. compiles it with loadable weights, which may lie in UltraRAM: `--compile` variants (all);
// 3. verifies every layer of `--variants` (sparse-sparse) alone in Verilator on one image, sums,
//    values and cycles, each layer loading its weights (`--layer a,b`: only these);
// 4. reports: throughput by the cycle model of the whole design, energy from the activity counted in
//    the layers (of variants that were only compiled: from the token counts of the reference), and
//    both against dense.
// What is there is not done again: the model, the build of this version and board, layers that were
// verified. Exit code as of `nzflow simulate`.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('../../', import.meta.url));
const cli = join(root, 'dist/cli/main.js');

const { values } = parseArgs({
  options: {
    board: { type: 'string', default: 'alveo-u250' },
    variants: { type: 'string', default: 'sparse-sparse' },
    compile: { type: 'string', default: 'dense,sparse-dense,sparse-sparse' },
    layer: { type: 'string' },
    out: { type: 'string', default: join(root, 'build/resnet50') },
  },
});

const build = join(values.out, values.board);
const started = Date.now();

if (!existsSync(join(values.out, 'model.onnx'))) {
  const writer = fileURLToPath(new URL('write-model.ts', import.meta.url));
  const { module } = await runnerImport(writer);
  await module.writeResnet50(values.out);
}

const wanted = [...new Set([...values.compile.split(','), ...values.variants.split(',')])];
if (!isBuilt(build, wanted)) {
  // 4: no variant fits the board, which is told; the layers are verified all the same
  await nzflow(
    [
      'compile',
      join(values.out, 'model.onnx'),
      ...['--inputs', join(values.out, 'inputs.npy')],
      ...['--calibrate', join(values.out, 'calibrate.npy')],
      ...['--board', values.board, '--variants', wanted.join(','), '--out', build],
      ...['--weights', 'loadable'],
    ],
    [0, 4],
  );
}

for (const variant of values.variants.split(',')) {
  const layers = values.layer === undefined ? ['--layers'] : ['--layer', values.layer];
  const options = ['--variants', variant, ...layers, '--samples', '1', '--resume'];
  await nzflow(['simulate', build, ...options], [0, 1]);
}
await nzflow(['report', build], [0, 1, 4]);
console.log(`${((Date.now() - started) / 60_000).toFixed(1)} minutes in all`);

/** Whether a build has the variants; one of another version of nzflow is made again. */
function isBuilt(folder, variants) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return variants.every((variant) => {
    const file = join(folder, variant, 'plan.json');
    if (!existsSync(file)) return false;
    const { tool, load } = JSON.parse(readFileSync(file, 'utf8'));
    return tool.version === version && load !== undefined;
  });
}

/** Runs the command line; ends this process with its code unless that is one of `accepted`. */
async function nzflow(parameters, accepted) {
  console.log(`> nzflow ${parameters.join(' ')}`);
  const child = spawn(process.execPath, [cli, ...parameters], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
  const code = await new Promise((resolve) => {
    child.on('exit', (exitCode, signal) => resolve(exitCode ?? (signal === 'SIGINT' ? 130 : 143)));
  });
  if (code === 1 && accepted.includes(1)) process.exitCode = 1;
  if (!accepted.includes(code)) process.exit(code);
}
