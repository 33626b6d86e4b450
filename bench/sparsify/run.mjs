// npm run bench:sparsify [-- mlp|cnn|cnn:5 ...] [--untrained] [--run]
// Makes the dense keyword networks sparse in several ways (cases.ts; `cnn:5` is one of them, counted from 0) and prints, as tables in Markdown, what is left of
// their weights and products and what it costs in accuracy; with --untrained without training, the longer part of it. With --run each result also goes through
// `nzflow run` (sparse-sparse, a few samples), which fails at the first bit of difference.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
await module.benchSparsify(process.argv.slice(2));
