import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryName } from '../../src/base/atomic-file.ts';
import { makeTemporaryFolder, processMark, removeLeftovers } from '../../src/base/leftovers.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leftovers-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A mark of a process that has ended. */
function endedMark(): string {
  const { pid } = spawnSync(process.execPath, ['--version']);
  return processMark().replace(String(process.pid), String(pid));
}

it('what a process that has ended left in a folder goes, all else stays', async () => {
  const ended = endedMark();
  const otherMachine = ended.replace(/[0-9a-f]{6}$/, (machine) =>
    machine === 'abcdef' ? '123456' : 'abcdef',
  );
  const kept = [
    `report.json.${processMark()}-0123456789ab.tmp`,
    `report.json.${otherMachine}-0123456789ab.tmp`,
    `report.json.${ended}`,
    'p1-notes.tmp',
    'report.json',
  ];
  for (const name of [...kept, `report.json.${ended}-0123456789ab.tmp`])
    await writeFile(join(folder, name), '');
  for (const name of [`.nzflow-${ended}-01234567`, `run-${ended}-aB3xYz`]) {
    await mkdir(join(folder, name, 'inside'), { recursive: true });
  }
  await removeLeftovers(folder);
  expect((await readdir(folder)).sort()).toEqual([...kept].sort());
});

it('names of temporary files and folders tell whose they are', async () => {
  await writeFile(temporaryName(join(folder, 'report.json')), '');
  await makeTemporaryFolder(folder, 'run');
  const names = await readdir(folder);
  const ended = endedMark();
  const [first, second] = names.map((name) => name.replace(processMark(), ended));
  for (const name of [first, second]) await writeFile(join(folder, name ?? ''), '');
  await removeLeftovers(folder);
  expect((await readdir(folder)).sort()).toEqual([...names].sort());
});

it('a folder that is not there has no leftovers', async () => {
  await expect(removeLeftovers(join(folder, 'none'))).resolves.toBeUndefined();
});
