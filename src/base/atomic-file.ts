import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A name beside `path` that nobody else uses; on the same file system, so it can be renamed. */
export function temporaryName(path: string): string {
  return `${path}.${String(process.pid)}-${randomBytes(6).toString('hex')}.tmp`;
}

/**
 * Writes a file so that a reader sees the old content or the new one, never a part: the content
 * goes to a file beside it that is then renamed. Creates the folder. Nothing is left on failure.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Makes a folder appear whole under `path`: `fill` writes into a new folder beside it, which is
 * then renamed, replacing what was there. When `fill` fails the new folder is removed and the old
 * one stays.
 */
export async function writeFolderAtomic(
  path: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryName(path);
  try {
    await mkdir(temporary);
    await fill(temporary);
    await replaceFolder(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

async function replaceFolder(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
    return;
  } catch (error) {
    if (!isOccupied(error)) throw error;
  }
  const old = temporaryName(to);
  await rename(to, old);
  await rename(from, to);
  await rm(old, { recursive: true, force: true });
}

function isOccupied(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'ENOTEMPTY' || error.code === 'EEXIST' || error.code === 'ENOTDIR';
}
