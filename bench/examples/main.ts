import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentProgress } from '../../src/base/progress.ts';
import { runModel } from '../../src/compile.ts';
import { variantNames } from '../../src/ir/variant.ts';
import type { Host } from '../../src/options.ts';
import { parseReport } from '../../src/report/schema.ts';
import type { Report } from '../../src/report/schema.ts';
import { forChosen } from '../for-chosen.ts';
import { tableHead, tableRow, violations } from './rows.ts';

/** Example folder: the board it is planned for. */
const boards: Readonly<Record<string, string>> = {
  'tiny-cnn': 'zcu104',
  'keyword-cnn': 'alveo-u250',
  'pruned-mlp': 'arty-a7-100t',
  'pruned-resnet': 'zcu104',
};

/** Runs the examples named (all of them when none is) and prints a row a variant: `forChosen`. */
export async function verifyExamples(names: readonly string[]): Promise<number> {
  console.log(tableHead());
  return forChosen('example', boards, names, verifyExample);
}

/** Whether an example is as it should be. */
async function verifyExample(name: string, board: string, signal: AbortSignal): Promise<boolean> {
  const begin = Date.now();
  const report = await runExample(name, board, { progress: silentProgress, signal });
  for (const variant of variantNames) console.log(tableRow(name, report, variant));
  const found = violations(name, report);
  for (const violation of found) console.log(`VIOLATION: ${violation}`);
  const verdict = found.length === 0 ? 'all exact' : `${found.length} violations`;
  console.log(`${name}: ${verdict}, ${((Date.now() - begin) / 1000).toFixed(0)} s`);
  return found.length === 0;
}

async function runExample(name: string, board: string, host: Host): Promise<Report> {
  const path = (leaf: string): string =>
    fileURLToPath(new URL(`../../examples/${name}/${leaf}`, import.meta.url));
  const out = await mkdtemp(join(tmpdir(), 'nzflow-example-'));
  try {
    await runModel(
      {
        model: path('model.onnx'),
        inputs: path('inputs.npy'),
        labels: path('labels.npy'),
        calibrate: path('calibrate.npy'),
        board,
        variants: variantNames,
        out,
        requireFit: false,
        trace: false,
        hashCheck: true,
      },
      host,
    );
    return parseReport(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
