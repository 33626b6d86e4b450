// npm run verify:foldings [-- tiny | keyword | mlp | residual ...]
// The example networks in all variants, folded in three ways each: every sample bit for bit, with
// and without random gaps and back-pressure, and measured cycles against predicted ones. Prints a
// table; exits 1 when anything differs.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
process.exitCode = await module.verifyFoldings(process.argv.slice(2));
