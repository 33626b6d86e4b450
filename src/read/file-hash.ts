import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readFailure } from './read-failure.ts';

/** SHA-256 of a file's bytes in hexadecimal. Throws `UserError` when it cannot be read. */
export async function sha256OfFile(path: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  } catch (error) {
    return readFailure('file/unreadable', path, error);
  }
}
