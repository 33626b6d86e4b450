import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../support/explore-run.ts';
import { killRuns } from '../support/kill-run.ts';

let folder = '';
beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'run-kills-'));
  await mkdir(join(folder, 'temporary'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.runIf(process.platform === 'linux')('a run that is killed at random moments', () => {
  // `npm run verify:run-kills` does this 200 times
  it('takes its tools with it, and the next one ends as if nothing had been', async () => {
    const kills = await killRuns({ folder, kills: 4, seed: 1, runEach: 4 });
    expect(kills).toHaveLength(4);
    // there was something to be removed
    expect(kills.some(({ left }) => left > 0)).toBe(true);
  }, 600_000);
});
