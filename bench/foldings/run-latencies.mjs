// npm run verify:latencies [-- keyword | mlp | residual ...]
// 256 samples of an example, each alone in an idle design in RTL: the cycles from its first input beat
// to its last output beat against those of the cycle model for this sample. Exits 1 when one differs.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('latencies.ts', import.meta.url)));
process.exitCode = await module.verifyLatencies(process.argv.slice(2));
