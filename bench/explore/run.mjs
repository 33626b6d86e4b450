// npm run bench:explore [-- --seeds 7] [--cost 12]
// Searches designs of the keyword MLP (search.yaml) with the tree-structured Parzen estimator and at random, at the same cost, and prints
// how much of what is feasible each has found. What was evaluated is kept in build/explore/, so that a run that was broken off goes on.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
await module.benchExplore(process.argv.slice(2));
