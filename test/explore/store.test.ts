import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store, readStore } from '../../src/explore/store.ts';
import type { StoreHeader } from '../../src/explore/store-format.ts';
import { finishedJob, lineOf, storedJob } from '../../src/explore/store-format.ts';
import type { FinishedJob } from '../../src/explore/trial.ts';
import { diagnosticsOfPromise } from '../support/user-error.ts';

const header: StoreHeader = {
  kind: 'nzflow-search',
  version: 1,
  tool: { name: 'nzflow', version: '0.0.0' },
  parts: { parameters: 'aa', 'model file': 'bb' },
  definition: 'seed: 1\n',
  created: '2026-01-01T00:00:00.000Z',
};

function job(number: number): FinishedJob {
  return {
    number,
    trial: number,
    task: 0,
    point: new Map<string, string | number>([
      ['pattern', 'unstructured'],
      ['density', 0.1 + number / 7],
    ]),
    outcome:
      number % 3 === 2
        ? { kind: 'failed', reason: 'it needs "2x" the LUTs\nof the board' }
        : { kind: 'done', values: new Map([['accuracy', 1 / 3]]) },
  };
}

const circumstances = { began: '2026-01-01T00:00:01.000Z', seconds: 1.5, worker: 'w', log: ['a'] };

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-store-'));
  path = join(folder, 'search.store');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function filled(count: number): Promise<void> {
  const { store } = await Store.open(path, header);
  for (let number = 0; number < count; number += 1)
    await store.add(storedJob(job(number), circumstances));
  await store.close();
}

describe('a store', () => {
  it('gives back what was put in, to the last bit', async () => {
    await filled(5);
    const { jobs, header: read } = await readStore(path);
    expect(read).toEqual(header);
    expect(jobs.map(finishedJob)).toEqual([0, 1, 2, 3, 4].map(job));
  });

  it('leaves out the line that a killed process was writing, and writes over it', async () => {
    await filled(2);
    const line = `${lineOf(storedJob(job(2), circumstances))}\n`;
    for (const length of [1, 8, 9, 40, line.length - 1]) {
      const before = readFileSync(path);
      appendFileSync(path, line.slice(0, length));
      expect((await readStore(path)).jobs).toHaveLength(2);
      const { store, jobs } = await Store.open(path, header);
      expect(jobs).toHaveLength(2);
      await store.add(storedJob(job(2), circumstances));
      await store.close();
      expect((await readStore(path)).jobs.map(finishedJob)).toEqual([0, 1, 2].map(job));
      writeFileSync(path, before);
    }
  });

  it('names a damaged line', async () => {
    await filled(3);
    const text = readFileSync(path, 'utf8');
    const at = text.indexOf('0.333', text.indexOf('\n', text.indexOf('\n') + 1));
    writeFileSync(path, `${text.slice(0, at)}0.334${text.slice(at + 5)}`);
    const [diagnostic] = await diagnosticsOfPromise(readStore(path));
    expect(diagnostic).toMatchObject({ code: 'explore/store-damaged', place: `${path}:3` });
  });

  it('refuses another file, another version, another search', async () => {
    writeFileSync(path, 'hello\n');
    expect(await diagnosticsOfPromise(readStore(path))).toMatchObject([
      { code: 'explore/not-a-store' },
    ]);
    expect(readFileSync(path, 'utf8')).toBe('hello\n');
    writeFileSync(path, `${lineOf({ ...header, version: 2 })}\n`);
    expect(await diagnosticsOfPromise(Store.open(path, header))).toMatchObject([
      { code: 'explore/store-version' },
    ]);
    rmSync(path);
    await filled(1);
    const other = { ...header, parts: { ...header.parts, 'model file': 'cc' } };
    const [diagnostic] = await diagnosticsOfPromise(Store.open(path, other));
    expect(diagnostic).toMatchObject({ code: 'explore/other-search' });
    expect(diagnostic?.message).toContain('another model file');
    // what was refused is not locked either
    await filled(0);
    expect((await readStore(path)).jobs).toHaveLength(1);
  });

  it('belongs to one process at a time, and to the next when that was killed', async () => {
    const { store } = await Store.open(path, header);
    expect(await diagnosticsOfPromise(Store.open(path, header))).toMatchObject([
      { code: 'explore/store-in-use' },
    ]);
    await store.close();
    // a number that no process has, and one that another process has by now
    writeFileSync(`${path}.lock`, `${String(process.pid)} 1`);
    await filled(0);
    writeFileSync(`${path}.lock`, '4194305');
    await filled(1);
    expect((await readStore(path)).jobs).toHaveLength(1);
  });

  it('belongs to one of many that want it at once when its owner was killed', async () => {
    await filled(1);
    writeFileSync(`${path}.lock`, '4194305 77');
    const opened = await Promise.allSettled(
      Array.from({ length: 8 }, () => Store.open(path, header)),
    );
    const owners = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value.store] : []));
    expect(owners).toHaveLength(1);
    await Promise.all(owners.map((store) => store.close()));
    expect(readdirSync(folder)).toEqual(['search.store']);
  });

  it('makes the folder it is to be in', async () => {
    const inside = join(folder, 'build', 'deep', 'search.store');
    const { store } = await Store.open(inside, header);
    await store.close();
    expect((await readStore(inside)).jobs).toEqual([]);
  });

  it('tells a folder that cannot be written', async () => {
    const missing = join(folder, 'file');
    writeFileSync(missing, '');
    expect(
      await diagnosticsOfPromise(Store.open(join(missing, 'search.store'), header)),
    ).toMatchObject([{ code: 'explore/store-unwritable' }]);
  });
});
