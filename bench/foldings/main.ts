import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentProgress } from '../../src/base/progress.ts';
import { forChosen } from '../for-chosen.ts';
import { studies } from './studies.ts';
import { tableHead, tableRow } from './table.ts';
import type { FoldingStudy } from './verify-foldings.ts';
import { foldedDesigns, violations } from './verify-foldings.ts';

/** Runs the studies named (all of them when none is) and prints a table of each: `forChosen`. */
export async function verifyFoldings(names: readonly string[]): Promise<number> {
  return forChosen('study', studies, names, verifyStudy);
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
