import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFailure } from './read-failure.ts';

/**
 * SHA-256 in hexadecimal of the bytes of all files, one after another. Throws `UserError` when
 * one cannot be read.
 */
export async function sha256OfFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    try {
      for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    } catch (error) {
      readFailure('file/unreadable', path, error);
    }
  }
  return hash.digest('hex');
}
