import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Of this machine; folders may be shared with others, whose process numbers say nothing here. */
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 6);

const pattern = /(?:^|[.-])p(\d+)-([0-9a-f]{6})-[0-9A-Za-z]{6,12}(?:\.tmp)?$/;

/**
 * What the name of a temporary file or folder has in it, in front of six to twelve letters and digits that
 * make it unique, so that `removeLeftovers` knows whose it is: `p1234-0a1b2c`.
 */
export function processMark(): string {
  return `p${String(process.pid)}-${machine}`;
}

/** Makes a folder that nobody else uses, after those that ended processes left there are removed. */
export async function makeTemporaryFolder(parent: string, name: string): Promise<string> {
  await removeLeftovers(parent);
  return mkdtemp(join(parent, `${name}-${processMark()}-`));
}

/**
 * Removes what processes of this machine that are no more (kill -9, a power failure) left in a folder: files
 * and folders with `processMark` in their names. Never throws; what cannot be removed stays.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  const left = names.filter(isLeftover).map((name) => join(folder, name));
  await Promise.all(
    left.map((path) => rm(path, { recursive: true, force: true }).catch(() => undefined)),
  );
}

function isLeftover(name: string): boolean {
  const [, pid, where] = pattern.exec(name) ?? [];
  return pid !== undefined && where === machine && !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // another user's process may not be signalled, but is there
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
