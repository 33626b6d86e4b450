import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * What keeps a folder from being made or written into: the system's error about it or about the
 * nearest folder above that is there. Null where nothing does. Changes nothing.
 */
export async function writeObstacle(folder: string): Promise<Error | null> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    try {
      // with a slash: a file is an error of its own
      await stat(path === '/' ? path : `${path}/`);
      await access(path, constants.W_OK | constants.X_OK);
      return null;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const missing = 'code' in error && error.code === 'ENOENT';
      if (!missing || dirname(path) === path) return error;
    }
  }
}
