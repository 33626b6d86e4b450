// npm run verify:run-kills [-- kills [seed]]
// `nzflow run` of the tiny network, killed with SIGKILL at 200 random moments (the process alone, not its tools): the tools
// have to end, and a later run has to give the report of one that was never disturbed and to leave no temporary
// file. Exits 1 at the first difference.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
process.exitCode = await module.verifyRunKills(process.argv.slice(2));
