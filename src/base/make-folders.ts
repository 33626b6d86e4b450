import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing; gives the topmost one it made, null when
 * all were there. One by one: where nothing can be made, as in /proc, the recursive form of Node
 * never ends, and on a read-only file system it does not say so.
 */
export async function makeFolders(path: string): Promise<string | null> {
  if (await isThere(path)) return null;
  const above = dirname(path) === path ? null : await makeFolders(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    // somebody else was quicker
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return above;
    throw error;
  }
  return above ?? path;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
