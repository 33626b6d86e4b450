import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStore } from '../../src/explore/store.ts';
import type { Job } from '../../src/explore/trial.ts';
import type { WorkerPool as Pool } from '../../src/explore/worker-pool.ts';
import { buildProgram, nzflow } from '../support/explore-run.ts';
import { writeSmallSearch } from '../support/small-search.ts';

let folder = '';
let pool: Pool;
let job: Job;

beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'nzflow-pool-'));
  const definitionFile = await writeSmallSearch(folder, 'small', { trials: 1 });
  expect((await nzflow(['explore', definitionFile, '--workers', '1'])).exitCode).toBe(0);
  const store = definitionFile.replace('.yaml', '.trials');
  const [first] = (await readStore(store)).jobs;
  if (first === undefined) throw new Error('no job in the store');
  job = { ...first, point: new Map(first.point) };
  // a thread runs the built program
  const built = new URL('../../dist/explore/worker-pool.js', import.meta.url).href;
  const { WorkerPool } = (await import(built)) as { WorkerPool: typeof Pool };
  pool = new WorkerPool(
    {
      definitionFile,
      definitionText: await readFile(definitionFile, 'utf8'),
      layerFolder: `${store}.layers`,
      files: [],
    },
    'thread',
  );
}, 300_000);
afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

const never = new AbortController().signal;

/** Does nothing at all, so that whatever a thread says meanwhile is not heard. */
function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

describe('threads that look at jobs', { timeout: 300_000 }, () => {
  it('give no more jobs to a thread that is told to end just as it has finished one', async () => {
    const { outcome, circumstances } = await pool.run(job, never);
    const stop = new AbortController();
    const late = pool.run(job, stop.signal);
    const said = late.then(
      () => 'a result',
      (error: unknown) => error,
    );
    // the job is on its way to the thread
    await new Promise((resolve) => void setImmediate(resolve));
    // longer than the first one took, which also read its files
    standStill(2000 * circumstances.seconds);
    const reason = new Error('nobody wants it');
    stop.abort(reason);
    expect(await said).toBe(reason);
    expect((await pool.run(job, never)).outcome).toEqual(outcome);
  });

  it('take no job whose signal has gone off, and end what they do when it does', async () => {
    await expect(pool.run(job, AbortSignal.abort(new Error('too late')))).rejects.toThrow(
      'too late',
    );
    const stop = new AbortController();
    const cut = pool.run(job, stop.signal);
    stop.abort(new Error('cut off'));
    await expect(cut).rejects.toThrow('cut off');
  });
});
