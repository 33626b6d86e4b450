import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, jobsIn, nzflow } from '../support/explore-run.ts';
import { killSearch } from '../support/kill-search.ts';
import { writeSmallSearch } from '../support/small-search.ts';

let folder = '';
beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'nzflow-kills-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a search that is killed at random moments', () => {
  // `npm run verify:explore-kills` does this 20 times and more
  it('loses and doubles no trial', async () => {
    const whole = await writeSmallSearch(folder, 'whole', { trials: 8 });
    expect((await nzflow(['explore', whole, '--workers', '2'])).exitCode).toBe(0);
    const file = await writeSmallSearch(folder, 'killed', { trials: 8 });
    const jobs = await jobsIn(whole.replace('.yaml', '.trials'));
    const kills = await killSearch({ file, whole: jobs, kills: 4, seed: 1 });
    expect(kills).toHaveLength(4);
  }, 300_000);
});
