import { randomUUID } from 'node:crypto';
import {
  access,
  constants,
  lstat,
  mkdir,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { moveIfThere, moveOver, temporaryName } from '../base/atomic-file.ts';
import { UserError, fail } from '../base/diagnostics.ts';
import { isTemporary, leftoversIn, processMark, removeLeftovers } from '../base/leftovers.ts';
import { makeFolders } from '../base/make-folders.ts';

/** A folder in which a result is put together before it takes the place of the one before. */
export interface Staging {
  /** Where to write; inside the build folder, so that renaming moves no data. */
  readonly folder: string;
  /**
   * Moves `names` (files or folders) from staging into the build folder. What had these names, or
   * one of `obsolete`, goes. Names that were not staged are left out. A failure in the middle
   * puts everything back.
   */
  commit(names: readonly string[], obsolete?: readonly string[]): Promise<void>;
  /** Removes what was not committed, and the build folder if it is ours and empty. */
  discard(): Promise<void>;
}

/** Opens a staging folder, making `buildFolder` if it is not there. Throws `UserError`. */
export async function openStaging(buildFolder: string): Promise<Staging> {
  const root = resolve(buildFolder);
  const made = await makeBuildFolder(root);
  await putBack(root);
  await removeLeftovers(root);
  const folder = join(root, `.nzflow-${processMark()}-${randomUUID().slice(0, 8)}`);
  await mkdir(folder).catch((cause: unknown) => cannotWrite(root, cause));
  return {
    folder,
    async commit(names, obsolete = []) {
      const old = join(folder, '.old');
      await mkdir(old);
      const undo: (() => Promise<void>)[] = [];
      const move = async (from: string, to: string): Promise<void> => {
        await rename(from, to);
        undo.unshift(() => rename(to, from));
      };
      try {
        const staged = await existing(folder, names);
        const replaced = new Set([...staged, ...obsolete]);
        for (const name of replaced) await moveIfThere(join(root, name), join(old, name), move);
        for (const name of staged) {
          const aside = (): string => temporaryName(join(old, name));
          await moveOver(join(folder, name), join(root, name), aside, move);
        }
      } catch (cause) {
        for (const step of undo) await step();
        cannotWrite(root, cause);
      }
    },
    async discard() {
      await rm(folder, { recursive: true, force: true });
      if (made === null) return;
      // Only folders that we made, and only while nobody has put anything into them.
      for (let path = root; path.length >= made.length; path = dirname(path)) {
        try {
          await rmdir(path);
        } catch {
          return;
        }
      }
    },
  };
}

/**
 * What a run that was killed in the middle of `commit` had put aside goes back to where nothing is now: it may be the
 * only whole result there is.
 */
async function putBack(root: string): Promise<void> {
  for (const left of await leftoversIn(root)) {
    const old = join(left, '.old');
    const names = await readdir(old).catch((): string[] => []);
    const missing = await Promise.all(
      names.map(async (name) => {
        const there = await lstat(join(root, name)).catch(() => null);
        return there === null && !isTemporary(name) ? [name] : [];
      }),
    );
    for (const name of missing.flat())
      await rename(join(old, name), join(root, name)).catch(() => undefined);
  }
}

/** The topmost folder that had to be made, null when all were there. */
async function makeBuildFolder(root: string): Promise<string | null> {
  try {
    const made = await makeFolders(root);
    if (!(await stat(root)).isDirectory()) return notFolder(root);
    await access(root, constants.W_OK | constants.X_OK);
    return made;
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const code = errorCode(cause);
    if (code === 'EEXIST' || code === 'ENOTDIR') return notFolder(root);
    return cannotWrite(root, cause);
  }
}

async function existing(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of names) {
    try {
      await lstat(join(folder, name));
      found.push(name);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
  return found;
}

function notFolder(path: string): never {
  fail('output/not-a-folder', 'there is a file where the build folder should be', {
    place: path,
    remedy: 'give another folder with --out',
  });
}

/**
 * Throws `UserError` where a system error says that a build folder cannot be written, a full disk
 * above all; gives every other error back.
 */
export function unlessUnwritable(folder: string, error: unknown): unknown {
  const code = errorCode(error);
  const unwritable =
    code !== null && ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'].includes(code);
  return unwritable ? cannotWrite(folder, error) : error;
}

function cannotWrite(path: string, cause: unknown): never {
  const reason = errorCode(cause);
  if (reason === null) throw cause;
  const known: Readonly<Record<string, string>> = {
    EACCES: 'the build folder may not be written to',
    EPERM: 'the build folder may not be written to',
    EROFS: 'the build folder is on a read-only file system',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    ENAMETOOLONG: 'the path of the build folder is too long',
  };
  fail('output/unwritable', known[reason] ?? `the build folder cannot be written (${reason})`, {
    place: path,
    remedy: 'give another folder with --out, or change its permissions',
    cause,
  });
}

function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}
