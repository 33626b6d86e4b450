// npm run bench:planning [-- <example> ... | <folder> ...]
// How long `nzflow compile` takes, and how much of it is planning, for every variant of the examples
// (or of those named; a folder with model.onnx, inputs.npy and calibrate.npy will do as well, such as
// `npm run bench:resnet50-model` writes), board alveo-u250. Every variant is compiled in a process of
// its own. Seconds are those of this machine; the ratios are of one run: to the dense variant of the
// same network, and of planning to all of it.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
await module.measurePlanning(process.argv.slice(2));
