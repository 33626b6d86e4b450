import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processMark } from '../../src/base/leftovers.ts';
import { openStaging } from '../../src/simulate/staging.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'staging-'));
});
afterEach(() => rm(root, { recursive: true }));

/** What a run that has been killed in the middle of putting its results in place leaves. */
async function killedCommit(files: Readonly<Record<string, string>>): Promise<void> {
  const { pid } = spawnSync(process.execPath, ['--version']);
  const mark = processMark().replace(String(process.pid), String(pid));
  const old = join(root, `.nzflow-${mark}-01234567`, '.old');
  await mkdir(old, { recursive: true });
  for (const [name, text] of Object.entries(files))
    await writeFile(join(old, name.replace('MARK', mark)), text);
}

describe('results that a killed run had put aside', () => {
  it('are back where nothing is, once somebody works in the folder again', async () => {
    await killedCommit({
      'report.json': 'before',
      'plan.json': 'before',
      'x.MARK-0123456789ab.tmp': '',
    });
    await writeFile(join(root, 'plan.json'), 'new');
    const staging = await openStaging(root);
    await staging.discard();
    expect((await readdir(root)).sort()).toEqual(['plan.json', 'report.json']);
    expect(await readFile(join(root, 'report.json'), 'utf8')).toBe('before');
    expect(await readFile(join(root, 'plan.json'), 'utf8')).toBe('new');
  });

  it('are replaced by those of the next run', async () => {
    await killedCommit({ 'report.json': 'before' });
    const staging = await openStaging(root);
    await writeFile(join(staging.folder, 'report.json'), 'after');
    await staging.commit(['report.json']);
    await staging.discard();
    expect(await readdir(root)).toEqual(['report.json']);
    expect(await readFile(join(root, 'report.json'), 'utf8')).toBe('after');
  });
});
