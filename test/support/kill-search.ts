import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { readStore } from '../../src/explore/store.ts';
import { uniformOf } from '../../src/explore/uniform.ts';
import { jobsIn, nzflow, startNzflow, untilJobs } from './explore-run.ts';

/** A search that was ended by kill -9, as its store was then. */
export interface Kill {
  /** Milliseconds after its start. */
  readonly after: number;
  /** Jobs in the store. */
  readonly jobs: number;
  /** Bytes of a line that was being written. */
  readonly torn: number;
}

export interface KillOptions {
  /** Path of the search; its store is not there yet. */
  readonly file: string;
  /** The jobs of the same search undisturbed, in order. */
  readonly whole: readonly unknown[];
  readonly kills: number;
  /** Of the moments. */
  readonly seed: number;
}

/**
 * Starts a search, kills it at a random moment, and again, `kills` times, then lets it end. Throws at the
 * first sign of a trial that is lost, doubled or another one than in the undisturbed search.
 */
export async function killSearch(options: KillOptions): Promise<readonly Kill[]> {
  const { file, whole, kills, seed } = options;
  const store = file.replace(/\.yaml$/, '.trials');
  const command = ['explore', file, '--workers', '2'];
  const done: Kill[] = [];
  for (let index = 0; index < kills; index += 1) {
    const uniform = uniformOf(seed, index);
    const before = done.at(-1)?.jobs ?? 0;
    const began = performance.now();
    const search = startNzflow(command);
    // while it starts, or while it works: some time after so many further jobs
    const early = uniform() < 0.3;
    const moment = early
      ? wait(uniform() * 1500)
      : untilJobs(store, before + 1 + Math.floor(uniform() * 2)).then(() => wait(uniform() * 400));
    const ended = search.end(null);
    const natural = await Promise.race([moment.then(() => null), ended.then((code) => ({ code }))]);
    if (natural !== null)
      throw new Error(
        `exit code ${String(natural.code)} after ${String(index)} kills:\n${search.said()}`,
      );
    await search.end('SIGKILL');
    const after = performance.now() - began;
    done.push({ after, ...(await stateOf(store, whole, before)) });
  }
  const last = await nzflow(command);
  if (last.exitCode !== 0) throw new Error(`it does not go on:\n${last.stderr}`);
  const jobs = await jobsIn(store);
  if (JSON.stringify(jobs) !== JSON.stringify(whole))
    throw new Error(
      `${String(jobs.length)} jobs, not the ${String(whole.length)} of the undisturbed search`,
    );
  return done;
}

async function stateOf(
  store: string,
  whole: readonly unknown[],
  before: number,
): Promise<Omit<Kill, 'after'>> {
  const size = await stat(store).then(
    (status) => status.size,
    () => 0,
  );
  // killed before there was one
  if (size === 0 && before === 0) return { jobs: 0, torn: 0 };
  const { jobs, wholeBytes } = await readStore(store);
  const numbers = jobs.map(({ number }) => number);
  if (new Set(numbers).size < numbers.length) throw new Error('a job is there twice');
  if (jobs.length < before) throw new Error('jobs are lost that were there before');
  const found = await jobsIn(store);
  for (const job of found) {
    const { number } = job as { readonly number: number };
    if (JSON.stringify(job) !== JSON.stringify(whole[number]))
      throw new Error(`job ${String(number)} is not that of the undisturbed search`);
  }
  return { jobs: jobs.length, torn: size - wholeBytes };
}
