import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Redis } from 'ioredis';
import { fail } from '../../base/diagnostics.ts';
import { isBoardFile } from '../../read/board.ts';
import { sha256OfFiles } from '../../read/file-hash.ts';
import { readOnnxModel } from '../../read/onnx.ts';
import { readFailure } from '../../read/read-failure.ts';
import type { Definition } from '../definition.ts';
import { dataFiles } from '../definition.ts';
import { filesKey } from './registry.ts';
import type { SharedFile } from './wire-format.ts';

/** Bytes that go through the server at once. */
const pieceBytes = 1 << 20;

/** All files that a trial of the search reads, once each. Throws `UserError` for what cannot be read. */
export async function filesOf({ document, problem, constants }: Definition): Promise<SharedFile[]> {
  const { externalFiles } = await readOnnxModel(document.model);
  const boards = [
    constants.get('board'),
    ...problem.space.parameters.flatMap(({ name, domain }) =>
      name === 'board' && domain.kind === 'categorical' ? domain.values : [],
    ),
  ].filter((board): board is string => typeof board === 'string' && isBoardFile(board));
  const paths = new Set([...dataFiles(document).map(([, path]) => path), ...boards]);
  const plain = [...paths].map((path) => ({ path, besideModel: null }));
  const external = externalFiles.map((name) => ({
    path: join(dirname(document.model), name),
    besideModel: name,
  }));
  return Promise.all(
    [...plain, ...external].map(async (file): Promise<SharedFile> => ({
      ...file,
      sha256: await sha256OfFiles([file.path]),
    })),
  );
}

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
