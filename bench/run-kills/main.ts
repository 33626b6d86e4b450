import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killRuns } from '../../test/support/kill-run.ts';

/** Runs to the end after so many kills each. */
const runEach = 5;

/** Kills runs at random moments; says what was found and returns the exit code. */
export async function verifyRunKills([given = '200', chosen]: readonly string[]): Promise<number> {
  const kills = Number(given);
  const seed = chosen === undefined ? Math.floor(Math.random() * 1e6) : Number(chosen);
  if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
    console.error('usage: npm run verify:run-kills [-- kills [seed]]');
    return 2;
  }
  console.log(`${String(kills)} kills, seed ${String(seed)}`);
  const folder = await mkdtemp(join(tmpdir(), 'run-kills-'));
  await mkdir(join(folder, 'temporary'));
  const tools = new Map<string, number>();
  let number = 0;
  try {
    const killed = await killRuns({
      folder,
      kills,
      seed,
      runEach,
      onKill: (kill) => {
        number += 1;
        for (const name of new Set(kill.tools)) tools.set(name, (tools.get(name) ?? 0) + 1);
        const at = kill.tools.length === 0 ? 'nzflow alone' : kill.tools.join(' ');
        const then = kill.again ? '; then a whole run: the same report' : '';
        console.log(
          `${String(number)}: killed after ${(kill.after / 1000).toFixed(2)} s (${at}), ${String(kill.left)} temporary files${then}`,
        );
      },
    });
    const busy = [...tools].map(([name, count]) => `${name} ${String(count)}`).join(', ');
    console.log(
      `${String(killed.length)} kills, at work then: ${busy}; no program went on, no file was left, every later report was that of an undisturbed run`,
    );
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
