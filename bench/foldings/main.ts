import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentProgress } from '../../src/base/progress.ts';
import { studies } from './studies.ts';
import { tableHead, tableRow } from './table.ts';
import { foldedDesigns, violations } from './verify-foldings.ts';

/**
 * Runs the studies named (all of them when none is) and prints a table of each. The exit code: 0
 * all is as it should be, 1 something is not, 2 a name is unknown.
 */
export async function verifyFoldings(
  names: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(studies, name));
  if (unknown !== undefined) {
    console.error(`unknown study ${unknown}: one of ${Object.keys(studies).join(', ')}`);
    return 2;
  }
  let exitCode = 0;
  for (const [name, study] of Object.entries(studies)) {
    if (names.length > 0 && !names.includes(name)) continue;
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
      if (found.length > 0) exitCode = 1;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return exitCode;
}
