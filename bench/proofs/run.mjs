// npm run docs:proofs
// Runs every proof of the templates and writes docs/proofs.md, if all of them hold. Takes some minutes.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { runnerImport } from 'vite';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const load = async (name) => (await runnerImport(path(name))).module;
const { allProofs } = await load('../../test/support/proofs/all.ts');
const { prove } = await load('../../test/support/prove.ts');
const { proofTable } = await load('proof-table.ts');

let failures = 0;
for (const [index, proof] of allProofs.entries()) {
  const begun = Date.now();
  const said = prove(proof);
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  const name = `${proof.module} ${JSON.stringify(proof.parameters)}`;
  console.log(`${index + 1} of ${allProofs.length}: ${name}, ${seconds} s`);
  if (said === '') continue;
  failures += 1;
  console.log(said);
}
if (failures === 0) {
  const file = path('../../docs/proofs.md');
  const options = { ...(await resolveConfig(file)), parser: 'markdown' };
  writeFileSync(file, await format(proofTable(), options));
} else {
  console.log(`${failures} proofs fail: docs/proofs.md stays as it is`);
  process.exitCode = 1;
}
