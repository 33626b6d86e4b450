import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { within } from '../../base/within.ts';
import { UserError } from '../../base/diagnostics.ts';
import { contentKey } from '../../simulate/simulator-cache.ts';
import { ownPaths } from '../relocation.ts';
import type { Relocation } from '../relocation.ts';
import { WorkerPool } from '../worker-pool.ts';
import { fetchFiles } from './fetch-files.ts';
import { mostStalls } from './job-queue.ts';
import type { QueuePackages } from './queue-packages.ts';
import { queuePrefix } from './registry.ts';
import type { Announcement, JobData, ResultData, Trouble } from './wire-format.ts';
import { jobSchema } from './wire-format.ts';

/**
 * A worker holds a job by a lock that it renews: so long after its last sign of life others may take
 * the job over, and so often they look.
 */
const lockMilliseconds = 6000;
const stalledMilliseconds = 2000;
/** How long a server that does not answer may hold up the end. */
const farewellMilliseconds = 5000;

/** What a worker does its work with. */
export interface WorkerContext {
  readonly packages: QueuePackages;
  readonly redis: Redis;
  /** Folder for files and layers of searches. */
  readonly cache: string;
  /** A job was done. */
  done(): void;
  /** A job cannot be done here; the worker is to leave. */
  failed(error: unknown): void;
}

/** Name of this process among the workers of a search. */
export const workerName = `${hostname()}:${String(process.pid)}`;

/** One search that this process works for: its files, its threads, and the jobs they have. */
export class ServedSearch {
  readonly #context: WorkerContext;
  readonly #files: Relocation;
  readonly #pool: WorkerPool;
  readonly #worker: Worker<JobData, ResultData>;
  readonly #leaving = new AbortController();

  private constructor(
    context: WorkerContext,
    announcement: Announcement,
    files: Relocation,
    threads: number,
  ) {
    this.#context = context;
    this.#files = files;
    const { definitionFile, definitionText } = announcement;
    // layers depend on all of this, and on nothing else
    const study = contentKey([
      ['version', announcement.version],
      ['definition', definitionText],
      ...announcement.files.map(({ path, sha256 }) => [path, sha256] as const),
    ]);
    const layerFolder = join(context.cache, 'explore-layers', study);
    this.#pool = new WorkerPool(
      { definitionFile, definitionText, layerFolder, files: [...files] },
      `${workerName} thread`,
    );
    // the third parameter makes BullMQ tell of jobs that were given to somebody else
    this.#worker = new context.packages.bullmq.Worker<JobData, ResultData>(
      announcement.id,
      (job, token, lost) => this.#process(job, token, lost),
      {
        connection: context.redis,
        prefix: queuePrefix,
        concurrency: threads,
        lockDuration: lockMilliseconds,
        stalledInterval: stalledMilliseconds,
        maxStalledCount: mostStalls,
        runRetryDelay: 2000,
        name: workerName,
      },
    );
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.#worker.cancelJob(id);
    });
    // connections come back by themselves, and a job that was taken away needs no result
    this.#worker.on('error', () => undefined);
  }

  /** Gets the files of a search and begins to take its jobs. Throws `UserError`, `SearchGoneError`. */
  static async open(
    context: WorkerContext,
    announcement: Announcement,
    threads: number,
  ): Promise<ServedSearch> {
    const files = await fetchFiles(context.redis, announcement, context.cache);
    return new ServedSearch(context, announcement, files, threads);
  }

  /** Jobs at once, from now on. */
  set threads(count: number) {
    if (this.#worker.concurrency !== count) this.#worker.concurrency = count;
  }

  async #process(
    job: Job<JobData, ResultData>,
    token: string | undefined,
    lost: AbortSignal | undefined,
  ): Promise<ResultData> {
    const given = jobSchema.parse(job.data);
    const signal = AbortSignal.any([this.#leaving.signal, ...(lost === undefined ? [] : [lost])]);
    try {
      const found = await Promise.race([
        this.#pool.run({ ...given, point: new Map(given.point) }, signal),
        aborted(signal),
      ]);
      this.#context.done();
      return { number: given.number, ...found };
    } catch (error) {
      if (signal.aborted) {
        // somebody else begins at once; unless the job is not ours any more
        await job.moveToWait(token).catch(() => undefined);
        throw new this.#context.packages.bullmq.WaitingError();
      }
      const trouble = troubleOf(error, this.#files);
      // takes no other job, this one neither when it is offered again
      void this.#worker.close();
      this.#context.failed(error);
      throw new Error(JSON.stringify(trouble), { cause: error });
    }
  }

  /** Gives unfinished jobs back and ends the threads. */
  async close(): Promise<void> {
    // a server that is not there now finds out by itself that the jobs have nobody
    const closing = this.#worker.close(this.#context.redis.status !== 'ready');
    this.#leaving.abort(new Error('the worker leaves'));
    await Promise.all([within(farewellMilliseconds, closing), this.#pool.close()]);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const give = (): void => reject(signal.reason as Error);
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}

/** In the words of the search: with its own paths. */
function troubleOf(error: unknown, files: Relocation): Trouble {
  if (error instanceof UserError) {
    const diagnostics = error.diagnostics.map((one) => ({
      ...one,
      message: ownPaths(one.message, files),
      place: one.place === null ? null : ownPaths(one.place, files),
    }));
    return { diagnostics, exitCode: error.exitCode };
  }
  return { stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
