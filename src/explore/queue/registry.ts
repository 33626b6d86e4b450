import type { Redis } from 'ioredis';
import type { Announcement } from './wire-format.ts';

/** All keys of nzflow on a server begin with it. */
export const keyPrefix = 'nzflow';
/** Those of BullMQ too. */
export const queuePrefix = `${keyPrefix}:queue`;

/** A search that was not heard of for so long has no coordinator any more. */
const aliveMilliseconds = 15_000;
/** And after so long what it left on the server is removed. */
const abandonedMilliseconds = 600_000;
/** A worker that was not heard of for so long is gone. */
const presentMilliseconds = 10_000;

const searches = `${keyPrefix}:searches`;
const announcementKey = (id: string): string => `${keyPrefix}:search:${id}`;
const workersKey = (id: string): string => `${keyPrefix}:workers:${id}`;
const troublesKey = (id: string): string => `${keyPrefix}:troubles:${id}`;
export const filesKey = (id: string, sha256: string): string =>
  `${keyPrefix}:files:${id}:${sha256}`;
/** Anybody may have written an id: none is a pattern. */
const literal = (id: string): string => id.replace(/[\\*?[\]]/g, '\\$&');
const filesPattern = (id: string): string => filesKey(literal(id), '*');
const jobsPattern = (id: string): string => `${queuePrefix}:${literal(id)}:*`;

/** The searches on a server, and who works for them. All times are those of the server. */
export class Registry {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async announce(announcement: Announcement): Promise<void> {
    await this.#redis.set(announcementKey(announcement.id), JSON.stringify(announcement));
    await this.beat(announcement.id);
  }

  /** A search lives; false when the server does not know it (any more). */
  async beat(id: string): Promise<boolean> {
    if (!(await this.isAnnounced(id))) return false;
    await this.#redis.zadd(searches, await this.#now(), id);
    return true;
  }

  /** Whether a search is announced, by a coordinator that may have been lost since. */
  async isAnnounced(id: string): Promise<boolean> {
    return (await this.#redis.exists(announcementKey(id))) > 0;
  }

  /** Searches with a coordinator, by id, as they were announced: anybody may have written that. */
  async live(): Promise<ReadonlyMap<string, unknown>> {
    const since = (await this.#now()) - aliveMilliseconds;
    const ids = await this.#redis.zrangebyscore(searches, since, '+inf');
    const found = new Map<string, unknown>();
    for (const id of ids) {
      const text = await this.#redis.get(announcementKey(id));
      if (text !== null) found.set(id, parsed(text));
    }
    return found;
  }

  /** Searches whose jobs nobody waits for: of a store that is taken up again, or long abandoned. */
  async leftOver(store: string): Promise<readonly string[]> {
    const since = (await this.#now()) - abandonedMilliseconds;
    const left: string[] = [];
    const scored = await this.#redis.zrange(searches, 0, -1, 'WITHSCORES');
    for (let at = 0; at < scored.length; at += 2) {
      const id = scored[at] ?? '';
      const announced = parsed((await this.#redis.get(announcementKey(id))) ?? '');
      const same =
        typeof announced === 'object' &&
        announced !== null &&
        'store' in announced &&
        announced.store === store;
      if (same || Number(scored[at + 1]) < since) left.push(id);
    }
    return left;
  }

  /** Workers leave a search that is withdrawn. */
  async withdraw(id: string): Promise<void> {
    await this.#redis.del(announcementKey(id));
    await this.#redis.zrem(searches, id);
  }

  /** Removes all of a search and its jobs. Several may do so at once. */
  async remove(id: string): Promise<void> {
    await this.withdraw(id);
    await this.#unlinkLike(filesPattern(id));
    await this.removeWork(id);
  }

  /**
   * Removes what workers write: not the files, which a coordinator may be about to tell a server again that
   * has forgotten them. Jobs that are missed it tells again.
   */
  async removeWork(id: string): Promise<void> {
    await this.#redis.unlink(workersKey(id), troublesKey(id));
    await this.#unlinkLike(jobsPattern(id));
  }

  async #unlinkLike(pattern: string): Promise<void> {
    const keys = await keysLike(this.#redis, pattern);
    if (keys.length > 0) await this.#redis.unlink(...keys);
  }

  /** A worker is there for a search. */
  async attend(id: string, worker: string): Promise<void> {
    await this.#redis.zadd(workersKey(id), await this.#now(), worker);
  }

  async leave(id: string, worker: string): Promise<void> {
    await this.#redis.zrem(workersKey(id), worker);
  }

  async workers(id: string): Promise<ReadonlySet<string>> {
    const since = (await this.#now()) - presentMilliseconds;
    return new Set(await this.#redis.zrangebyscore(workersKey(id), since, '+inf'));
  }

  /** Something a worker has to tell the coordinator. */
  async report(id: string, message: string): Promise<void> {
    await this.#redis.rpush(troublesKey(id), message);
  }

  /** The next of what workers had to tell; null when that was all. */
  async nextReport(id: string): Promise<string | null> {
    return this.#redis.lpop(troublesKey(id));
  }

  async #now(): Promise<number> {
    const [seconds, microseconds] = await this.#redis.time();
    return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
  }
}

async function keysLike(redis: Redis, pattern: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let cursor = '0'; ;) {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
    found.push(...keys);
    if (next === '0') return found;
    cursor = next;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
