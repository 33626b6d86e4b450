import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/**
 * Of this machine, and of what sees its processes: folders may be shared with other machines and with
 * containers, whose process numbers say nothing here.
 */
const machine = createHash('sha256')
  .update(
    JSON.stringify([
      hostname(),
      whereThere(() => readFileSync('/etc/machine-id', 'utf8')),
      whereThere(() => readlinkSync('/proc/self/ns/pid')),
    ]),
  )
  .digest('hex')
  .slice(0, 6);

function whereThere(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

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
  const left = await leftoversIn(folder);
  await Promise.all(
    left.map((path) => rm(path, { recursive: true, force: true }).catch(() => undefined)),
  );
}

/** Paths of what `removeLeftovers` removes. */
export async function leftoversIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter(isLeftover).map((name) => join(folder, name));
}

/** Whether a name has a process in it. */
export function isTemporary(name: string): boolean {
  return pattern.test(name);
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
