// npm run bench:paths [-- <design> ...]            designs: see main.ts; all of them when none is named
// npm run bench:paths -- --netlist <file> [<top>]  a netlist that `write_json` of Yosys wrote
// Compiles designs, synthesises them with Yosys and prints the longest path of every kind of module, and
// how the copies fit the dies of the board. Exits 1 when a path passes five LUT levels (a carry chain of
// 24 bits between two LUTs counts as five), or copies do not fit whole dies.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
const [first = '', file = '', top = 'nzflow_top'] = process.argv.slice(2);
process.exitCode =
  first === '--netlist'
    ? await module.printNetlist(file, top)
    : await module.checkDesigns(process.argv.slice(2));
