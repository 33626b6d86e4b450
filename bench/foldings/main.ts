import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { silentProgress } from '../../src/base/progress.ts';
import { studies } from './studies.ts';
import { tableHead, tableRow } from './table.ts';
import type { FoldingStudy } from './verify-foldings.ts';
import { foldedDesigns, violations } from './verify-foldings.ts';

/**
 * Runs the studies named (all of them when none is) and prints a table of each. The exit code: 0
 * all is as it should be, 1 something is not, 2 a name is unknown, 130 interrupted.
 */
export async function verifyFoldings(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(studies, name));
  if (unknown !== undefined) {
    console.error(`unknown study ${unknown}: one of ${Object.keys(studies).join(', ')}`);
    return 2;
  }
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort(new Error('interrupted')));
  try {
    let exitCode = 0;
    for (const [name, study] of Object.entries(studies)) {
      if (names.length > 0 && !names.includes(name)) continue;
      if (!(await verifyStudy(name, study, controller.signal))) exitCode = 1;
    }
    return exitCode;
  } catch (error) {
    if (controller.signal.aborted) return 130;
    throw error;
  }
}

/** Whether all designs of a study are as they should be. */
async function verifyStudy(
  name: string,
  study: Omit<FoldingStudy, 'folder'>,
  signal: AbortSignal,
): Promise<boolean> {
  const { board, samples } = study.network;
  const seeds = study.gapSeeds.join(', ');
  console.log(`${name}: ${samples ?? 'all'} samples on ${board}, gap seeds ${seeds}`);
  console.log(tableHead());
  const folder = await mkdtemp(join(tmpdir(), 'nzflow-foldings-'));
  try {
    const whole = { ...study, folder };
    const host = { progress: silentProgress, signal };
    const designs = await foldedDesigns(whole, host, (design) => console.log(tableRow(design)));
    const found = violations(whole, designs);
    for (const violation of found) console.log(`VIOLATION: ${violation}`);
    console.log(found.length === 0 ? `${name}: all equal\n` : '');
    return found.length === 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
