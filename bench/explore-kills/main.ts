import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobsIn, nzflow } from '../../test/support/explore-run.ts';
import { killSearch } from '../../test/support/kill-search.ts';
import { writeSmallSearch } from '../../test/support/small-search.ts';

/** Jobs that a kill lets through, on average. */
const jobsPerKill = 3;

/** Kills a search at random moments; says what was found and returns the exit code. */
export async function verifyKills([given = '20', chosen]: readonly string[]): Promise<number> {
  const kills = Number(given);
  const seed = chosen === undefined ? Math.floor(Math.random() * 1e6) : Number(chosen);
  if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
    console.error('usage: npm run verify:explore-kills [-- kills [seed]]');
    return 2;
  }
  console.log(`${String(kills)} kills, seed ${String(seed)}`);
  const folder = await mkdtemp(join(tmpdir(), 'nzflow-kills-'));
  try {
    const trials = kills * jobsPerKill;
    const undisturbed = await writeSmallSearch(folder, 'undisturbed', { trials });
    const run = await nzflow(['explore', undisturbed, '--workers', '2']);
    if (run.exitCode !== 0) throw new Error(run.stderr);
    const whole = await jobsIn(undisturbed.replace('.yaml', '.trials'));
    const file = await writeSmallSearch(folder, 'killed', { trials });
    for (const { after, jobs, torn } of await killSearch({ file, whole, kills, seed }))
      console.log(
        `killed after ${(after / 1000).toFixed(2)} s: ${String(jobs)} jobs kept, ${String(torn)} bytes of another`,
      );
    console.log(
      `then to the end: ${String(whole.length)} jobs, those of the undisturbed search, each once`,
    );
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
