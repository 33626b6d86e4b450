import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { within } from '../../base/within.ts';
import { UserError, exitCodes } from '../../base/diagnostics.ts';
import type { Job } from '../trial.ts';
import type { WorkerResult, Workforce } from '../workforce.ts';
import type { JobQueue } from './job-queue.ts';
import { mostStalls, openJobQueue } from './job-queue.ts';
import type { QueueAddress } from './queue-address.ts';
import { connect, refusal } from './queue-connection.ts';
import type { QueuePackages } from './queue-packages.ts';
import { loadQueuePackages } from './queue-packages.ts';
import { Registry, queuePrefix } from './registry.ts';
import { publishFiles } from './share-files.ts';
import type { Announcement, JobData } from './wire-format.ts';
import { parseTrouble, resultSchema } from './wire-format.ts';

/** Between two looks at what the server knows. */
const beatMilliseconds = 2000;
/** How long workers may take to leave when the search ends. */
const leaveMilliseconds = 3000;
/** How long a server that does not answer may hold up the end. */
const farewellMilliseconds = 3000;

/** A search as it is announced; the rest is told at the start. */
export type SearchOffer = Omit<Announcement, 'id'>;

interface Waiting {
  readonly data: JobData;
  /** It was put on the server. */
  added: boolean;
  readonly resolve: (result: WorkerResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Workers elsewhere, over a Redis or Valkey server. The server keeps nothing that matters: what it
 * forgets is told it again, and what an earlier start of the same search left there is removed. A job
 * has one result, the first that comes.
 */
export class RemoteWorkers implements Workforce {
  readonly #redis: Redis;
  readonly #registry: Registry;
  readonly #queue: JobQueue;
  readonly #events: QueueEvents;
  readonly #eventConnection: Redis;
  readonly #announcement: Announcement;
  readonly #tell: (message: string) => void;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended = new AbortController();
  #workers: ReadonlySet<string> = new Set();
  /** Searches that were removed at the start, when workers may still have been at their jobs. */
  #leftOver: readonly string[] = [];
  #failure: { readonly error: unknown } | null = null;
  #beating: Promise<void> = Promise.resolve();

  private constructor(
    packages: QueuePackages,
    redis: Redis,
    announcement: Announcement,
    tell: (message: string) => void,
  ) {
    this.#redis = redis;
    this.#registry = new Registry(redis);
    this.#announcement = announcement;
    this.#tell = tell;
    this.#queue = openJobQueue(packages, redis, announcement.id);
    this.#eventConnection = redis.duplicate();
    this.#events = new packages.bullmq.QueueEvents(announcement.id, {
      connection: this.#eventConnection,
      prefix: queuePrefix,
    });
    const settle = ({ jobId }: { readonly jobId: string }): void =>
      this.#watch(this.#settle(jobId));
    this.#events.on('completed', settle);
    this.#events.on('failed', settle);
    // connections come back by themselves; commands that fail reject where they were given
    this.#events.on('error', () => undefined);
    this.#queue.on('error', () => undefined);
  }

  /** Announces a search to workers. Throws `UserError` where the server cannot be used. */
  static async open(
    address: QueueAddress,
    offer: SearchOffer,
    tell: (message: string) => void,
  ): Promise<RemoteWorkers> {
    const packages = await loadQueuePackages();
    const redis = await connect(packages, address, tell);
    const announcement = { ...offer, id: randomBytes(8).toString('hex') };
    const workers = new RemoteWorkers(packages, redis, announcement, tell);
    try {
      workers.#leftOver = await workers.#registry.leftOver(offer.store);
      for (const id of workers.#leftOver) await workers.#registry.remove(id);
      await workers.#publish();
    } catch (error) {
      await workers.close();
      throw refusal(error, address.text);
    }
    workers.#beating = workers.#beat(address.text);
    return workers;
  }

  async #publish(): Promise<void> {
    await publishFiles(this.#redis, this.#announcement.id, this.#announcement.files);
    await this.#registry.announce(this.#announcement);
  }

  run({ number, trial, task, point }: Job, signal: AbortSignal): Promise<WorkerResult> {
    const data: JobData = { number, trial, task, point: [...point] };
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#failure !== null) {
        reject(this.#failure.error as Error);
        return;
      }
      const onAbort = (): void => {
        this.#waiting.delete(number);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const done = (): void => signal.removeEventListener('abort', onAbort);
      const waiting: Waiting = {
        data,
        added: false,
        resolve: (result) => {
          done();
          resolve(result);
        },
        reject: (error) => {
          done();
          reject(error as Error);
        },
      };
      this.#waiting.set(number, waiting);
      this.#watch(this.#add(waiting));
    });
  }

  async #add(waiting: Waiting): Promise<void> {
    await this.#queue.add('job', waiting.data, { jobId: jobId(waiting.data.number) });
    waiting.added = true;
  }

  /** Takes the result of a job, once, when it is there. Tells it to the server again if that forgot it. */
  async #settle(id: string): Promise<void> {
    const number = Number(id.slice(jobId('').length));
    const waiting = this.#waiting.get(number);
    if (waiting?.added !== true) return;
    // the state first: what is read behind it has the result
    const state = await this.#queue.getJobState(id);
    if (this.#waiting.get(number) !== waiting) return;
    if (state === 'unknown') return this.#add(waiting);
    if (state !== 'completed' && state !== 'failed') return;
    const job = await this.#queue.getJob(id);
    if (this.#waiting.get(number) !== waiting) return;
    if (job === undefined) return this.#add(waiting);
    this.#waiting.delete(number);
    const result = state === 'completed' ? resultSchema.safeParse(job.returnvalue) : null;
    if (result?.success === true && result.data.number === number) {
      const { outcome, circumstances, design } = result.data;
      waiting.resolve({ outcome, circumstances, design });
    } else {
      waiting.reject(jobFailure(number, result === null ? job.failedReason : 'a foreign result'));
    }
    await job.remove();
  }

  /** Looks after the search on the server until it ends. */
  async #beat(place: string): Promise<void> {
    let alone = 0;
    while (!this.#ended.signal.aborted) {
      try {
        if (!(await this.#registry.beat(this.#announcement.id))) {
          this.#tell('the server forgot the search: telling it again');
          await this.#publish();
        }
        await Promise.all([...this.#waiting.keys()].map((number) => this.#settle(jobId(number))));
        await this.#hearReports();
        await this.#countWorkers();
      } catch (error) {
        this.#giveUp(refusal(error, place));
      }
      alone = this.#workers.size === 0 ? alone + 1 : 0;
      if (alone === 2) this.#tell(`no worker is there: start some with \`nzflow worker ${place}\``);
      await wait(beatMilliseconds, undefined, { signal: this.#ended.signal }).catch(
        () => undefined,
      );
    }
  }

  async #hearReports(): Promise<void> {
    for (;;) {
      const report = await this.#registry.nextReport(this.#announcement.id);
      if (report === null) return;
      this.#tell(report);
    }
  }

  async #countWorkers(): Promise<void> {
    const before = this.#workers;
    this.#workers = await this.#registry.workers(this.#announcement.id);
    for (const name of this.#workers) if (!before.has(name)) this.#tell(`worker ${name} joined`);
    for (const name of before) if (!this.#workers.has(name)) this.#tell(`worker ${name} left`);
  }

  #watch(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#ended.signal.aborted) this.#giveUp(refusal(error, 'the queue'));
    });
  }

  #giveUp(error: unknown): void {
    this.#failure ??= { error };
    for (const [number, waiting] of this.#waiting) {
      this.#waiting.delete(number);
      waiting.reject(error);
    }
  }

  /** Takes the search off the server. */
  async close(): Promise<void> {
    this.#ended.abort();
    // a server that is not there now is not waited for
    if (this.#redis.status === 'ready')
      await within(farewellMilliseconds + leaveMilliseconds, this.#farewell());
    await within(farewellMilliseconds, this.#events.close()).catch(() => undefined);
    this.#eventConnection.disconnect();
    this.#redis.disconnect();
  }

  async #farewell(): Promise<void> {
    try {
      const { id } = this.#announcement;
      await this.#beating;
      await this.#registry.withdraw(id);
      const until = performance.now() + leaveMilliseconds;
      while (performance.now() < until && (await this.#registry.workers(id)).size > 0)
        await wait(50);
      await this.#queue.close();
      // what their workers had in hand ended behind their removal
      for (const one of [...this.#leftOver, id]) await this.#registry.remove(one);
    } catch {
      // what is left goes when another search starts on this server
    }
  }
}

function jobId(number: number | ''): string {
  return `job-${String(number)}`;
}

/** Why the search cannot go on when a job has failed. */
function jobFailure(number: number, reason: string): unknown {
  const trouble = parseTrouble(reason);
  if (trouble === null) {
    const lost = reason.includes('stalled');
    return new UserError(
      [
        {
          code: lost ? 'explore/workers-lost' : 'explore/job-failed',
          message: lost
            ? `${String(mostStalls + 1)} workers in turn were lost while they did job ${String(number)}`
            : `job ${String(number)} cannot be done (${reason})`,
          place: null,
          remedy:
            'see why workers end (memory?) and start the search again: what was kept is whole',
        },
      ],
      exitCodes.toolFailed,
    );
  }
  if ('stack' in trouble) return new Error(trouble.stack);
  return new UserError(trouble.diagnostics, trouble.exitCode);
}
