import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, link, writeFile } from 'node:fs/promises';
import { diskFailure } from '../base/disk-failure.ts';
import { fail } from '../base/diagnostics.ts';

/**
 * Takes a store for this process by a file beside it that holds the process's number; returns how to
 * give it back. A lock whose process is gone (it was killed) is taken over. Throws `UserError` while
 * another one has it.
 */
export async function lockStore(path: string): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  // written first and named then: a lock is never there without its owner
  const own = asideName(lock);
  try {
    await writeFile(own, await identityOf(process.pid));
    for (;;) {
      try {
        await link(own, lock);
        return () => rm(lock, { force: true });
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
      }
      const found = await readFile(lock, 'utf8').catch(() => null);
      if (found !== null) await takeAway(path, lock, found);
    }
  } catch (error) {
    return refuse(path, error);
  } finally {
    await rm(own, { force: true });
  }
}

/** Removes a lock whose owner is gone; another one that has come in its place stays. */
async function takeAway(path: string, lock: string, found: string): Promise<void> {
  if (await isAlive(found)) {
    const [owner] = found.split(' ');
    fail('explore/store-in-use', `process ${String(owner)} is adding to this store`, {
      place: path,
      remedy: `wait until it ends, or name another file with --store; if no search runs, remove ${lock}`,
    });
  }
  const aside = asideName(lock);
  try {
    await rename(lock, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== found) await link(aside, lock).catch(() => undefined);
  await rm(aside, { force: true });
}

function asideName(lock: string): string {
  return `${lock}.${String(process.pid)}-${randomBytes(4).toString('hex')}`;
}

function refuse(path: string, cause: unknown): never {
  if (!isSystemError(cause)) throw cause;
  return fail(
    'explore/store-unwritable',
    `the store cannot be locked: ${diskFailure(cause) ?? cause.code}`,
    {
      place: path,
      remedy: 'check that its folder exists, may be written and has room',
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
