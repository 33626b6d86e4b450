// npm run bench:tool
// How long `nzflow run` takes for the keyword CNN, three variants, 256 samples: with nothing in the cache and
// again with its simulators there, and how fast the simulators are. Seconds are those of this machine,
// best idle; ratios are of one run.
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
await module.measureTool();
