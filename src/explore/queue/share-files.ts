import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Redis } from 'ioredis';
import { fail } from '../../base/diagnostics.ts';
import { readFailure } from '../../read/read-failure.ts';
import { filesKey } from './registry.ts';
import type { SharedFile } from './wire-format.ts';

/** Bytes that go through the server at once. */
const pieceBytes = 1 << 20;

/** Puts files on the server, for workers of the search `id`. Throws `UserError` for a file that changed. */
export async function publishFiles(
  redis: Redis,
  id: string,
  files: readonly SharedFile[],
): Promise<void> {
  for (const { path, sha256 } of files) {
    const key = filesKey(id, sha256);
    const hash = createHash('sha256');
    let piece = 0;
    await redis.unlink(key);
    for await (const bytes of piecesOf(path)) {
      hash.update(bytes);
      await redis.hset(key, String(piece), bytes);
      piece += 1;
    }
    if (hash.digest('hex') === sha256) continue;
    await redis.unlink(key);
    fail('explore/file-changed', `${basename(path)} was changed while the search ran`, {
      place: path,
      remedy: 'take back the change, or begin a search of its own with another --store',
    });
  }
}

async function* piecesOf(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: pieceBytes }))
      yield bytes as Buffer;
  } catch (error) {
    readFailure('file/unreadable', path, error);
  }
}
