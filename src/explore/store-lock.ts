import { readFile, rm, writeFile } from 'node:fs/promises';
import { fail } from '../base/diagnostics.ts';

/**
 * Takes a store for this process by a file beside it that holds the process's number; returns how to
 * give it back. A lock whose process is gone (it was killed) is taken over. Throws `UserError` while
 * another one has it.
 */
export async function lockStore(path: string): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  for (let tries = 0; ; tries += 1) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      return () => rm(lock, { force: true });
    } catch (error) {
      if (!isCode(error, 'EEXIST') || tries === 2) return refuse(path, error);
    }
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (isAlive(owner)) {
      fail('explore/store-in-use', `process ${String(owner)} is adding to this store`, {
        place: path,
        remedy: `wait until it ends, or name another file with --store; if no search runs, remove ${lock}`,
      });
    }
    await rm(lock, { force: true });
  }
}

function refuse(path: string, cause: unknown): never {
  return fail('explore/store-unwritable', 'the store cannot be locked', {
    place: path,
    remedy: 'check that its folder exists and may be written',
    cause,
  });
}

function isAlive(owner: number): boolean {
  if (!Number.isInteger(owner) || owner <= 0) return false;
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
