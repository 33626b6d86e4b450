// npm run verify:examples [-- tiny-cnn | keyword-cnn | pruned-mlp | pruned-resnet ...]
// `nzflow run` on the examples, all variants and all samples, filling the board: every value bit for
// bit, accuracy beside float, measured cycles against predicted ones. Prints a table; exits 1 when
// anything is not as it should be.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
process.exitCode = await module.verifyExamples(process.argv.slice(2));
