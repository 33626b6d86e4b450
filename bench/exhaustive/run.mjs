// npm run bench:exhaustive [-- <case> ...]    cases: see cases.ts; all of them when none is named
// Plans small networks and looks at every other plan there is: all foldings that the hardware admits of
// every layer, at all widths of the streams, times the number of copies. Prints the throughput of the
// planner's choice and of the best there is; exits 1 where the planner's is below 95 % of it.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
process.exitCode = await module.compareCases(process.argv.slice(2));
