// Runs the designs of a build folder again and again with random input gaps and output
// back-pressure, a seed each: `npm run soak -- <build-dir> [seeds] [samples]`. Whatever differs from
// the reference or hangs is told, and ends in exit code 1.

import { join } from 'node:path';
import process from 'node:process';
import { readPlan } from '../dist/read/plan.js';
import { readNetwork, referenceFolder } from '../dist/report/stored-network.js';
import { buildSimulator } from '../dist/simulate/build-simulator.js';
import { describeMismatch } from '../dist/simulate/describe-mismatch.js';
import { readReference } from '../dist/simulate/reference-store.js';
import { runSimulator } from '../dist/simulate/run-simulator.js';

const [folder, seeds = '50', samples = '2'] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: npm run soak -- <build-dir> [seeds] [samples]');
  process.exit(2);
}
const network = await readNetwork(folder);
const count = Math.min(Number(samples), network.sizes.samples);
const reference = await readReference(join(folder, referenceFolder), network.sizes, count);
let failed = 0;
for (const name of network.variants) {
  const plan = await readPlan(join(folder, name, 'plan.json'));
  const hdlFolder = join(folder, name, 'hdl');
  const simFolder = join(folder, name, 'sim');
  const simulator = await buildSimulator({ hdlFolder, simFolder, waves: false });
  let cycles = 0;
  for (let seed = 1; seed <= Number(seeds); seed += 1) {
    const result = await runSimulator({
      simulator,
      plan,
      hdlFolder,
      simFolder,
      reference: reference.files,
      samples: reference.inputs,
      streamInferences: count * plan.copies,
      isolatedSamples: [],
      gapSeed: seed,
      pipelineInferences: 0,
      waves: null,
      logName: 'soak',
    });
    cycles += result.cycles;
    const [first] = result.mismatches;
    if (result.ending === 'complete' && first === undefined) continue;
    failed += 1;
    const what = first === undefined ? result.stuck.join('; ') : describeMismatch(plan, first);
    console.log(`${name}, seed ${seed}: ${result.ending}, ${what}`);
  }
  console.log(`${name}: ${seeds} seeds, ${count} samples a copy, ${cycles} cycles`);
}
process.exitCode = failed === 0 ? 0 : 1;
