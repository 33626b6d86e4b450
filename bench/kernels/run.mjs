// npm run bench:kernels [-- draw]
// Single layers (1x1, 3x3, 5x5 with 64 to 64 channels, linear 1600x1500) over the density of weights
// and activations, dense, sparse-dense and sparse-sparse, on equal multipliers and equal boards: cycles,
// LUT, DSP, BRAM and energy. A few of them are simulated in RTL (needs Verilator); exits 1 when a sum, a value
// or a cycle there is not as predicted. Writes docs/kernels*.md and docs/kernels-*.svg. `draw` writes
// them again from the results of the last run, build/kernels/results.json.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
process.exitCode = await module.kernelStudy(process.argv[2]);
