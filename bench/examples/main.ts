import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { silentProgress } from '../../src/base/progress.ts';
import { runModel } from '../../src/compile.ts';
import { variantNames } from '../../src/ir/variant.ts';
import type { Host } from '../../src/options.ts';
import { parseReport } from '../../src/report/schema.ts';
import type { Report } from '../../src/report/schema.ts';
import { tableHead, tableRow, violations } from './rows.ts';

/** Example folder: the board it is planned for. */
const boards: Readonly<Record<string, string>> = {
  'tiny-cnn': 'zcu104',
  'keyword-cnn': 'alveo-u250',
  'pruned-mlp': 'arty-a7-100t',
  'pruned-resnet': 'zcu104',
};

/**
 * Runs the examples named (all of them when none is) and prints a row a variant. The exit code: 0
 * all is as it should be, 1 something is not, 2 a name is unknown, 130 interrupted.
 */
export async function verifyExamples(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(boards, name));
  if (unknown !== undefined) {
    console.error(`unknown example ${unknown}: one of ${Object.keys(boards).join(', ')}`);
    return 2;
  }
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort(new Error('interrupted')));
  const host: Host = { progress: silentProgress, signal: controller.signal };
  console.log(tableHead());
  const found: string[] = [];
  try {
    for (const [name, board] of Object.entries(boards)) {
      if (names.length > 0 && !names.includes(name)) continue;
      const begin = Date.now();
      const report = await runExample(name, board, host);
      for (const variant of variantNames) console.log(tableRow(name, report, variant));
      found.push(...violations(name, report));
      console.log(`${name}: ${((Date.now() - begin) / 1000).toFixed(0)} s`);
    }
  } catch (error) {
    if (controller.signal.aborted) return 130;
    throw error;
  }
  for (const violation of found) console.log(`VIOLATION: ${violation}`);
  if (found.length === 0) console.log('all exact');
  return found.length === 0 ? 0 : 1;
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
