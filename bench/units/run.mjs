// npm run bench:units -- <build folder> [variant [netlist.json]]
// What one copy of a design (as `nzflow compile` and `nzflow report` wrote it) takes by Yosys, hierarchy
// kept: a tree of its units, then LUTs a multiplier of every layer, all included, and LUTs a non-zero
// weight of those that are wired. `netlist.json`: what an earlier run left in the synth folder.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
await module.measureUnits(process.argv.slice(2));
