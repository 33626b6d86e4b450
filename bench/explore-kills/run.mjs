// npm run verify:explore-kills [-- kills [seed]]
// A search of two small layers, killed with SIGKILL at 20 random moments: after each one its store is looked
// at, at the end it has to hold the jobs of the search that was never disturbed, each once. Exits 1 when
// anything differs. Takes some minutes.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
process.exitCode = await module.verifyKills(process.argv.slice(2));
