import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readStore } from '../../../src/explore/store.ts';
import { buildProgram, jobsIn, nzflow, startNzflow, untilJobs } from '../../support/explore-run.ts';
import type { Running } from '../../support/explore-run.ts';
import type { RedisServer } from '../../support/redis-server.ts';
import { freePort, startRedis } from '../../support/redis-server.ts';
import { canMount, mountSmall, unmount } from '../../support/small-disk.ts';
import { writeSmallSearch } from '../../support/small-search.ts';
import type { SmallSearch } from '../../support/small-search.ts';

const password = 'open sesame/#1';
const openssl = spawnSync('openssl', ['version']).status === 0;
let folder = '';
let server: RedisServer;
let address = '';
let embedded: readonly unknown[] = [];
const running: Running[] = [];

beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'nzflow-queue-'));
  server = await startRedis(['--requirepass', password]);
  address = server.url.replace('//', `//:${encodeURIComponent(password)}@`);
  const file = await search('embedded');
  const run = await nzflow(['explore', file, '--workers', '2']);
  expect(run.exitCode, run.stderr).toBe(0);
  embedded = await jobsIn(storeOf(file));
  expect(embedded.length).toBeGreaterThan(8);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.end('SIGKILL')));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** The same search under another name: a store of its own. */
async function search(name: string, more: SmallSearch = {}): Promise<string> {
  return writeSmallSearch(join(folder, 'search'), name, more);
}

const storeOf = (file: string): string => file.replace('.yaml', '.trials');

/** A worker with a cache of its own, as on a machine of its own. */
function worker(name: string): Running {
  const one = startNzflow(['worker', address, '--workers', '1'], {
    NZFLOW_CACHE: join(folder, `cache-${name}`),
  });
  running.push(one);
  return one;
}

function coordinator(file: string): Running {
  const one = startNzflow(['explore', file, '--queue', address]);
  running.push(one);
  return one;
}

/** Keys that are left on the server. */
async function keysLeft(): Promise<readonly string[]> {
  const redis = new Redis({ port: server.port, password });
  try {
    return await redis.keys('*');
  } finally {
    redis.disconnect();
  }
}

/** Waits until a worker has a job of the one search there is, or the job is done. */
async function untilHeldBy(pid: number, number: number, store: string): Promise<void> {
  const redis = new Redis({ port: server.port, password });
  const isDone = async (): Promise<boolean> =>
    (await readStore(store)).jobs.some((job) => job.number === number);
  try {
    const [id = ''] = await redis.zrange('nzflow:searches', 0, -1);
    const job = `nzflow:queue:${id}:job-${String(number)}`;
    while ((await redis.hget(job, 'pb'))?.endsWith(`:${String(pid)}`) !== true && !(await isDone()))
      await wait(20);
  } finally {
    redis.disconnect();
  }
}

/** Stops a worker (SIGSTOP) while it has a job; gives the number of that. */
async function stopInJob(pid: number): Promise<number> {
  const redis = new Redis({ port: server.port, password });
  const held = async (): Promise<number | null> => {
    const [id = ''] = await redis.zrange('nzflow:searches', 0, -1);
    for (const job of await redis.lrange(`nzflow:queue:${id}:active`, 0, -1)) {
      const by = await redis.hget(`nzflow:queue:${id}:${job}`, 'pb');
      if (by?.endsWith(`:${String(pid)}`) === true) return Number(job.replace('job-', ''));
    }
    return null;
  };
  try {
    for (;;) {
      while ((await held()) === null) await wait(10);
      process.kill(pid, 'SIGSTOP');
      // not one that it has just finished
      await wait(100);
      const number = await held();
      if (number !== null) return number;
      process.kill(pid, 'SIGCONT');
    }
  } finally {
    redis.disconnect();
  }
}

async function expectAsEmbedded(file: string): Promise<void> {
  expect(await jobsIn(storeOf(file))).toEqual(embedded);
}

describe('a search over a Redis or Valkey server', { timeout: 300_000 }, () => {
  it('comes to the results of one machine, also when a worker is killed in the middle of a job', async () => {
    const file = await search('killed-worker');
    const explore = coordinator(file);
    const lost = worker('lost');
    const other = worker('other');
    await explore.until(/worker .* joined[^]*worker .* joined/);
    await untilJobs(storeOf(file), 2);
    const interrupted = await stopInJob(lost.pid);
    await lost.end('SIGKILL');
    expect(await explore.end(null), explore.said()).toBe(0);
    await expectAsEmbedded(file);
    const { jobs } = await readStore(storeOf(file));
    const takenOver = jobs.find(({ number }) => number === interrupted);
    expect(takenOver?.worker).toContain(`:${String(other.pid)} `);
    await other.until(/has ended/);
    expect(await keysLeft()).toEqual([]);
    // no password in anything that is kept or said
    for (const text of [explore.said(), other.said(), await readFile(storeOf(file), 'utf8')]) {
      expect(text).not.toContain('sesame');
    }
  });

  it('counts a job once when a worker that was taken for dead comes back to it', async () => {
    const file = await search('twice');
    const explore = coordinator(file);
    const sleeper = worker('sleeper');
    const other = worker('awake');
    await untilJobs(storeOf(file), 1);
    const interrupted = await stopInJob(sleeper.pid);
    // it wakes up while the other one does that job, or has just done it
    await untilHeldBy(other.pid, interrupted, storeOf(file));
    process.kill(sleeper.pid, 'SIGCONT');
    expect(await explore.end(null), explore.said()).toBe(0);
    await expectAsEmbedded(file);
    const { jobs } = await readStore(storeOf(file));
    const byOther = jobs.find(({ number }) => number === interrupted);
    expect(byOther?.worker).toContain(`:${String(other.pid)} `);
    await sleeper.until(/has ended/);
  });

  it('goes on with the same store when the coordinator is killed, and drops the jobs of before', async () => {
    const file = await search('killed-coordinator');
    const one = worker('stays');
    for (const jobs of [2, 5]) {
      const killed = coordinator(file);
      await untilJobs(storeOf(file), jobs);
      await killed.end('SIGKILL');
    }
    const last = coordinator(file);
    expect(await last.end(null), last.said()).toBe(0);
    await expectAsEmbedded(file);
    // a worker that is told to go is gone, and leaves nothing behind
    expect(await one.end('SIGINT')).toBe(130);
    expect(await keysLeft()).toEqual([]);
  });

  it('gives a job back when a worker is interrupted, and leaves no jobs when it is interrupted itself', async () => {
    const file = await search('interrupted');
    const explore = coordinator(file);
    const first = worker('first');
    await untilJobs(storeOf(file), 1);
    // who comes and goes between two looks of the coordinator is not noticed
    await explore.until(/worker .* joined/);
    expect(await first.end('SIGINT'), first.said()).toBe(130);
    await explore.until(/worker .* left/);
    const second = worker('second');
    await untilJobs(storeOf(file), 3);
    expect(await explore.end('SIGINT'), explore.said()).toBe(130);
    await second.until(/has ended/);
    expect(await keysLeft()).toEqual([]);
    const again = coordinator(file);
    expect(await again.end(null), again.said()).toBe(0);
    await expectAsEmbedded(file);
  });

  it('tells a server again what that has forgotten', async () => {
    const file = await search('forgetful');
    const explore = coordinator(file);
    worker('patient');
    await untilJobs(storeOf(file), 2);
    await server.crash();
    expect(await explore.end(null), explore.said()).toBe(0);
    expect(explore.said()).toContain('is lost: trying again');
    await expectAsEmbedded(file);
  });

  it('shares a server with another search', async () => {
    const one = await search('one');
    const two = await search('two', { seed: 2 });
    const both = [coordinator(one), coordinator(two)];
    worker('shared');
    for (const explore of both) expect(await explore.end(null), explore.said()).toBe(0);
    await expectAsEmbedded(one);
    const alone = await search('two-alone', { seed: 2 });
    expect((await nzflow(['explore', alone, '--workers', '2'])).exitCode).toBe(0);
    expect(await jobsIn(storeOf(two))).toEqual(await jobsIn(storeOf(alone)));
  });

  it('brings its files along: external weights and a board of its own', async () => {
    const place = join(folder, 'parts');
    const board = join(place, 'mine.yaml');
    const file = await writeSmallSearch(place, 'parts', { trials: 2, board, external: true });
    const own = await readFile(
      new URL('../../../boards/arty-a7-35t.yaml', import.meta.url),
      'utf8',
    );
    await writeFile(board, own.replace(/^name: .*$/m, 'name: mine'));
    const explore = coordinator(file);
    worker('elsewhere');
    expect(await explore.end(null), explore.said()).toBe(0);
    const alone = await writeSmallSearch(place, 'alone', { trials: 2, board, external: true });
    expect((await nzflow(['explore', alone, '--workers', '1'])).exitCode).toBe(0);
    expect(await jobsIn(storeOf(file))).toEqual(await jobsIn(storeOf(alone)));
  });
});

describe('a worker', { timeout: 300_000 }, () => {
  it('ends when there was no search for as long as it is to wait', async () => {
    const run = await nzflow(['worker', address, '--idle', '0.01', '--json']);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toEqual({ jobs: 0, searches: 0 });
  });

  it('ends so too when its server is away', async () => {
    const lost = await startRedis();
    const idle = startNzflow(['worker', lost.url, '--idle', '0.05']);
    running.push(idle);
    await idle.until(/working for searches/);
    await lost.stop();
    await idle.until(/is lost: trying again/);
    expect(await idle.end(null), idle.said()).toBe(0);
  });

  it('is refused by a search of another version, and by what is no search', async () => {
    const redis = new Redis({ port: server.port, password });
    try {
      const id = '0123456789abcdef';
      const [seconds] = await redis.time();
      await redis.zadd('nzflow:searches', Number(seconds) * 1000 + 60_000, id);
      const announced = { wire: 1, version: '9.8.7', name: 'other.yaml of a machine' };
      await redis.set(`nzflow:search:${id}`, JSON.stringify(announced));
      const refused = await nzflow(['worker', address]);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toMatch(
        /other\.yaml of a machine: .* is of nzflow 9\.8\.7, this worker of .*\n {2}remedy: use nzflow 9\.8\.7/,
      );
      await redis.set(`nzflow:search:${id}`, '{"wire":1,"version":"\\u001b[31m"}');
      const odd = await nzflow(['worker', address, '--idle', '0.01']);
      expect(odd.exitCode, odd.stderr).toBe(0);
      expect(odd.stderr).toContain('is not announced as nzflow does');
    } finally {
      await redis.flushall();
      redis.disconnect();
    }
  });

  it.runIf(canMount)('leaves where its disk is full, and another one does its job', async () => {
    const disk = join(folder, 'disk');
    expect(mountSmall(disk, 'size=8k')).toBe(true);
    try {
      const file = await search('full-worker');
      const explore = coordinator(file);
      const full = startNzflow(['worker', address, '--workers', '1'], { NZFLOW_CACHE: disk });
      running.push(full);
      expect(await full.end(null)).toBe(3);
      expect(full.said()).toMatch(
        /the disk is full \[explore\/[\w-]+\]\n {2}remedy: .*NZFLOW_CACHE/,
      );
      await explore.until(/worker .* leaves: .*the disk is full/);
      worker('roomy');
      expect(await explore.end(null), explore.said()).toBe(0);
      await expectAsEmbedded(file);
    } finally {
      unmount(disk);
    }
  });
});

describe('a server that cannot be used', () => {
  it.each([
    ['is not there', 'redis://127.0.0.1:1', 3, /redis:\/\/127\.0\.0\.1:1\/0: .*ECONNREFUSED/],
    ['has no name', 'redis://nowhere.invalid', 3, /redis:\/\/nowhere\.invalid:6379\/0: .*nowhere/],
    ['is none', 'http://user:sesame@127.0.0.1', 2, /the address: .*not the address of a Redis/],
  ])('%s', async (_, given, code, message) => {
    const { exitCode, stderr } = await nzflow(['worker', given]);
    expect(exitCode, stderr).toBe(code);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/\n {2}remedy: /);
    expect(stderr).not.toContain('sesame');
  });

  it('wants a password: it is asked for, and never told', async () => {
    const file = await search('password');
    for (const given of [server.url, server.url.replace('//', '//:open-sesame@')]) {
      const { exitCode, stderr } = await nzflow(['explore', file, '--queue', given]);
      expect(exitCode, stderr).toBe(3);
      expect(stderr).toMatch(
        /the server cannot be used \((NOAUTH|WRONGPASS).*\n {2}remedy: .*password/,
      );
      expect(stderr).not.toContain('sesame');
    }
    const known = await nzflow(['worker', server.url, '--idle', '0.01'], {
      NZFLOW_QUEUE_PASSWORD: password,
    });
    expect(known.exitCode, known.stderr).toBe(0);
  });

  it('has no room for the search', async () => {
    const full = await startRedis(['--maxmemory', '1']);
    try {
      const file = await search('no-room');
      const { exitCode, stderr } = await nzflow(['explore', file, '--queue', full.url]);
      expect(exitCode, stderr).toBe(3);
      expect(stderr).toMatch(
        /the server refuses \(OOM .*\[explore\/queue-refused\]\n {2}remedy: .*memory/,
      );
    } finally {
      await full.stop();
    }
  });

  it.runIf(openssl)('speaks TLS, with a certificate that is known', async () => {
    const path = (name: string): string => join(folder, name);
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', path('key.pem'), '-out', path('cert.pem')],
    ]);
    expect(made.status).toBe(0);
    const port = await freePort();
    const tls = await startRedis([
      ...['--tls-port', String(port), '--tls-auth-clients', 'no'],
      ...['--tls-cert-file', path('cert.pem'), '--tls-key-file', path('key.pem')],
    ]);
    try {
      const command = ['worker', `rediss://127.0.0.1:${String(port)}`, '--idle', '0.01'];
      const unknown = await nzflow(command);
      expect(unknown.exitCode).toBe(3);
      expect(unknown.stderr).toMatch(/rediss:.* cannot be used \(self.signed certificate\)/);
      const known = await nzflow(command, { NODE_EXTRA_CA_CERTS: path('cert.pem') });
      expect(known.exitCode, known.stderr).toBe(0);
    } finally {
      await tls.stop();
    }
  });

  it('is not given workers of this machine alone', async () => {
    const { exitCode, stderr } = await nzflow([
      ...['explore', await search('both'), '--queue', address, '--workers', '2'],
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/--workers: .*\n {2}remedy: with --queue give it to `nzflow worker`/);
  });
});
