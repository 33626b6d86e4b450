// npm run bench:packing
// Prints how well random masks of 512 x 1024 weights use the multipliers of a unit, in lockstep and
// with queues, as a table in Markdown.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('table.ts', import.meta.url)));
process.stdout.write(module.packingTable((line) => process.stderr.write(`${line}\n`)));
