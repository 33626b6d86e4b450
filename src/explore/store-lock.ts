import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { diskFailure } from '../base/disk-failure.ts';
import { fail } from '../base/diagnostics.ts';

/**
 * Takes a store for this process by a file beside it that holds the process's number, and makes the folder where
 * there is none; returns how to give it back. A lock whose process is gone (it was killed) is taken over. Throws `UserError` while
 * another one has it.
 */
export async function lockStore(path: string): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  const owner = await mkdir(dirname(path), { recursive: true })
    .then(() => acquire(lock))
    .catch((error: unknown) => refuse(path, error));
  if (owner !== null) {
    fail('explore/store-in-use', `process ${String(owner.split(' ')[0])} is adding to this store`, {
      place: path,
      remedy: `wait until it ends, or name another file with --store; if no search runs, remove ${lock}`,
    });
  }
  return () => rm(lock, { force: true });
}

/** Makes a file ours; null when it is, otherwise who has it. */
async function acquire(lock: string): Promise<string | null> {
  // written first and named then: a lock is never there without its owner
  const own = `${lock}.${String(process.pid)}-${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(own, await identityOf(process.pid));
    for (;;) {
      try {
        await link(own, lock);
        return null;
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
      }
      const owner = await ownerOf(lock);
      if (owner === null) continue;
      if (await isAlive(owner)) return owner;
      await removeDead(lock, owner);
    }
  } finally {
    await rm(own, { force: true }).catch(() => undefined);
  }
}

/** Removes a lock whose owner is gone, and never one that somebody has taken since: under a lock of its own. */
async function removeDead(lock: string, owner: string): Promise<void> {
  const removing = `${lock}.removing`;
  while ((await acquire(removing)) !== null) await wait(5);
  try {
    if ((await ownerOf(lock)) === owner) await rm(lock);
  } finally {
    await rm(removing, { force: true });
  }
}

function ownerOf(lock: string): Promise<string | null> {
  return readFile(lock, 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  });
}

function refuse(path: string, cause: unknown): never {
  if (!isSystemError(cause)) throw cause;
  return fail(
    'explore/store-unwritable',
    `the store cannot be locked: ${diskFailure(cause) ?? cause.code}`,
    {
      place: path,
      remedy: 'check that its folder may be made and written, and has room',
      cause,
    },
  );
}

/**
 * Number of a process and when it began, where the system tells that: numbers are given again, in
 * particular after a restart of the machine.
 */
async function identityOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => null);
  // after the name in brackets, which may hold anything, the 20th field (proc_pid_stat(5))
  const began = status?.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${String(pid)} ${began}`.trim();
}

async function isAlive(owner: string): Promise<boolean> {
  const pid = Number(owner.split(' ')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isCode(error, 'EPERM');
  }
  return !owner.includes(' ') || (await identityOf(pid)) === owner;
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

function isCode(error: unknown, code: string): boolean {
  return isSystemError(error) && error.code === code;
}
