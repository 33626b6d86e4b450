import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { processMark } from './leftovers.ts';
import { makeFolders } from './make-folders.ts';

/** A name beside `path` that nobody else uses; on the same file system, so it can be renamed. */
export function temporaryName(path: string): string {
  return `${path}.${processMark()}-${randomBytes(6).toString('hex')}.tmp`;
}

/**
 * Writes a file so that a reader sees the old content or the new one, never a part: the content
 * goes to a file beside it that is then renamed. Creates the folder. Nothing is left on failure.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await makeFolders(dirname(path));
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
  await makeFolders(dirname(path));
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
  const move: Move = async (source, target) => {
    await rename(source, target);
    if (source === to) await rm(target, { recursive: true, force: true });
  };
  await moveOver(from, to, () => temporaryName(to), move);
}

export type Move = (from: string, to: string) => Promise<void>;

/**
 * Moves a file or folder to where another may be, which then goes to a new name, `aside`. Others may do
 * the same at the same time: the last one wins, and nobody fails.
 */
export async function moveOver(
  from: string,
  to: string,
  aside: () => string,
  move: Move,
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await move(from, to);
      return;
    } catch (error) {
      if (!hasCode(error, ['ENOTEMPTY', 'EEXIST', 'ENOTDIR']) || tries === 100) throw error;
    }
    await moveIfThere(to, aside(), move);
  }
}

/** Somebody else may just have moved it away. */
export async function moveIfThere(from: string, to: string, move: Move): Promise<void> {
  await move(from, to).catch((error: unknown) => {
    if (!hasCode(error, ['ENOENT'])) throw error;
  });
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
