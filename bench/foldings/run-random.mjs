// npm run verify:random-foldings [-- <count> [<first seed>]]
// Random networks with random foldings, 30 unless told otherwise, in Icarus: the interval, the latency of an inference
// alone and the cycle in which every inference ends, against the cycle model. Exits 1 when one differs.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(
  fileURLToPath(new URL('random-foldings.ts', import.meta.url)),
);
const [count = '30', seed = '1001'] = process.argv.slice(2);
process.exitCode = module.verifyRandomFoldings(Number(count), Number(seed));
