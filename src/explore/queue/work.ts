import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { availableParallelism } from 'node:os';
import { within } from '../../base/within.ts';
import { exitCodes, fail, printable } from '../../base/diagnostics.ts';
import type { ExploreWorkerOptions, Host, Outcome } from '../../options.ts';
import { toolIdentity } from '../../read/tool-identity.ts';
import { plural } from '../../report/format.ts';
import { cacheFolder } from '../../simulate/simulator-cache.ts';
import { parseQueueAddress } from './queue-address.ts';
import { connect, messageOf, refusal } from './queue-connection.ts';
import { loadQueuePackages } from './queue-packages.ts';
import { Registry } from './registry.ts';
import { SearchGoneError } from './fetch-files.ts';
import { ServedSearch, workerName } from './served-search.ts';
import type { WorkerContext } from './served-search.ts';
import type { Announcement } from './wire-format.ts';
import { announcementSchema, searchHeadSchema, wireVersion } from './wire-format.ts';

/** How long a server that does not answer may hold up the end. */
const farewellMilliseconds = 8000;
/** Between two looks at which searches there are. */
const lookMilliseconds = 1000;

/**
 * `nzflow worker`: does jobs of the searches on a server until it is interrupted, or has had none to work
 * for as long as `idleMinutes` says. Jobs that are not finished then go back to the server. Throws
 * `UserError`: also where a job cannot be done on this machine, which another worker then tries.
 */
export async function exploreWorker(options: ExploreWorkerOptions, host: Host): Promise<Outcome> {
  const address = parseQueueAddress(options.queue, 'the address');
  const packages = await loadQueuePackages();
  const tell = (message: string): void => host.progress.note(printable(message));
  const redis = await connect(packages, address, tell);
  let jobs = 0;
  const trouble = new AbortController();
  const bench = new Bench(
    new Registry(redis),
    {
      packages,
      redis,
      cache: cacheFolder(),
      done: () => {
        jobs += 1;
      },
      failed: (error) => trouble.abort(error),
    },
    options.workers ?? availableParallelism(),
    tell,
  );
  const signal = AbortSignal.any([host.signal, trouble.signal]);
  try {
    host.progress.phase(`working for searches on ${address.text}`);
    const idle = new IdleTime(options.idleMinutes ?? Infinity);
    while (!signal.aborted) {
      // a server that is away lets every look wait until it is back
      const over = new AbortController();
      const end = (): void => over.abort();
      signal.addEventListener('abort', end, { once: true });
      try {
        const ends = [idle.withoutServer(redis, over.signal), aborted(over.signal)];
        if ((await Promise.race([bench.look(), ...ends])) !== undefined) break;
      } finally {
        signal.removeEventListener('abort', end);
        over.abort();
      }
      const names = bench.names();
      if (names.length > 0) idle.restart();
      host.progress.update(
        null,
        `${plural(jobs, 'job')} done; ${names.length === 0 ? 'no search' : names.join(', ')}`,
      );
      if (idle.isOver()) break;
      await wait(lookMilliseconds, undefined, { signal }).catch(() => undefined);
    }
    if (trouble.signal.aborted) throw trouble.signal.reason;
    host.signal.throwIfAborted();
    const text = `${plural(jobs, 'job')} done for ${plural(bench.served, 'search', 'searches')}\n`;
    return { exitCode: exitCodes.done, text, data: { jobs, searches: bench.served } };
  } catch (error) {
    throw refusal(error, address.text);
  } finally {
    await bench.close();
    redis.disconnect();
  }
}

/** How long there was no search to work for, and how long that may last. */
class IdleTime {
  readonly #most: number;
  #since = performance.now();

  constructor(minutes: number) {
    this.#most = minutes * 60_000;
  }

  restart(): void {
    this.#since = performance.now();
  }

  isOver(): boolean {
    return performance.now() - this.#since >= this.#most;
  }

  /** When it is over and the server does not answer; never after `signal`. */
  async withoutServer(redis: Redis, signal: AbortSignal): Promise<'idle'> {
    for (;;) {
      await wait(lookMilliseconds, undefined, { signal }).catch(() => new Promise(() => undefined));
      if (this.isOver() && !(await answers(redis))) return 'idle';
    }
  }
}

/** Whether a server says something, soon. */
async function answers(redis: Redis): Promise<boolean> {
  if (redis.status !== 'ready') return false;
  let answered = false;
  const ping = redis.ping().then(() => {
    answered = true;
  });
  await within(farewellMilliseconds, ping).catch(() => undefined);
  return answered;
}

/** When a signal goes off. */
function aborted(signal: AbortSignal): Promise<'ended'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('ended');
    else signal.addEventListener('abort', () => resolve('ended'), { once: true });
  });
}

/** The searches that a process works for. */
class Bench {
  readonly #registry: Registry;
  readonly #context: WorkerContext;
  readonly #threads: number;
  readonly #tell: (message: string) => void;
  readonly #searches = new Map<string, { readonly name: string; readonly served: ServedSearch }>();
  /** Searches that something was said about. */
  readonly #told = new Set<string>();
  #looks = 0;
  #closed = false;
  served = 0;

  constructor(
    registry: Registry,
    context: WorkerContext,
    threads: number,
    tell: (message: string) => void,
  ) {
    this.#registry = registry;
    this.#context = context;
    this.#threads = threads;
    this.#tell = tell;
  }

  names(): readonly string[] {
    return [...this.#searches.values()].map(({ name }) => name);
  }

  /** Takes up new searches and leaves those that are gone. */
  async look(): Promise<void> {
    const live = await this.#registry.live();
    for (const id of this.#searches.keys()) if (!live.has(id)) await this.#leave(id);
    const fit = [...live].flatMap(([id, announced]) => {
      const search = this.#fitting(id, announced);
      return search === null ? [] : [search];
    });
    // a search of another version among others is none of our business; alone it is a mistake
    if (this.#looks === 0 && fit.length === 0) for (const one of live.values()) refuse(one);
    this.#looks += 1;
    const threads = Math.max(1, Math.floor(this.#threads / Math.max(1, fit.length)));
    for (const search of fit) await this.#attend(search, threads);
  }

  async #attend(search: Announcement, threads: number): Promise<void> {
    const { id, name } = search;
    const known = this.#searches.get(id);
    if (known !== undefined) {
      known.served.threads = threads;
      await this.#registry.attend(id, workerName);
      return;
    }
    try {
      const served = await ServedSearch.open(this.#context, search, threads);
      if (this.#closed) return await served.close();
      this.#searches.set(id, { name, served });
      this.served += 1;
      this.#tell(`working for ${name}`);
      await this.#registry.attend(id, workerName);
    } catch (error) {
      if (!(error instanceof SearchGoneError)) {
        await this.#registry.report(id, `worker ${workerName} leaves: ${messageOf(error)}`);
        throw error;
      }
      this.#once(id, `the files of ${name} are not on the server yet`);
    }
  }

  /** The announcement of a search that this version can work for; null for others. */
  #fitting(id: string, announced: unknown): Announcement | null {
    const head = searchHeadSchema.safeParse(announced);
    if (!head.success) {
      this.#once(id, `the search ${id} is not announced as nzflow does`);
      return null;
    }
    const { version, name } = head.data;
    const own = toolIdentity().version;
    if (version !== own || head.data.wire !== wireVersion) {
      this.#once(id, `not working for ${name}: it is of nzflow ${version}, this is ${own}`);
      return null;
    }
    const search = announcementSchema.safeParse(announced);
    if (!search.success || search.data.id !== id) {
      this.#once(id, `the search ${name} is not announced as nzflow does`);
      return null;
    }
    if (majorOf(search.data.node) !== majorOf(process.versions.node)) {
      this.#once(
        id,
        `${name} runs on Node ${search.data.node}, this is ${process.versions.node}: the last digits of results may differ`,
      );
    }
    return search.data;
  }

  #once(id: string, message: string): void {
    if (this.#told.has(id)) return;
    this.#told.add(id);
    this.#tell(message);
  }

  async #leave(id: string): Promise<void> {
    const known = this.#searches.get(id);
    this.#searches.delete(id);
    await known?.served.close();
    if (this.#context.redis.status === 'ready') await this.#signOff(id);
    if (known !== undefined) this.#tell(`${known.name} has ended`);
  }

  async #signOff(id: string): Promise<void> {
    await this.#registry.leave(id, workerName);
    if (await this.#registry.isAnnounced(id)) return;
    // its coordinator has removed it, or does so: what we wrote behind that is ours to remove
    await this.#registry.removeWork(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const farewell = Promise.all([...this.#searches.keys()].map((id) => this.#leave(id)));
    await within(farewellMilliseconds, farewell).catch(() => undefined);
  }
}

function majorOf(version: string): string | undefined {
  return version.split('.')[0];
}

/** For a worker that was started for a search which it is of no use to. */
function refuse(announced: unknown): void {
  const head = searchHeadSchema.safeParse(announced);
  const own = toolIdentity().version;
  if (!head.success || head.data.version === own) return;
  const { name, version } = head.data;
  fail(
    'explore/other-version',
    `the search ${name} is of nzflow ${version}, this worker of ${own}`,
    {
      place: name,
      remedy: `use nzflow ${version} here: another version may come to other results`,
    },
  );
}
