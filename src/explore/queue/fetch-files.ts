import { createHash } from 'node:crypto';
import { copyFile, mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Redis } from 'ioredis';
import { temporaryName, writeFolderAtomic } from '../../base/atomic-file.ts';
import { diskFailure } from '../../base/disk-failure.ts';
import { exitCodes, fail } from '../../base/diagnostics.ts';
import { makeFolders } from '../../base/make-folders.ts';
import { contentKey, dropOldEntries } from '../../simulate/simulator-cache.ts';
import { sha256OfFiles } from '../../read/file-hash.ts';
import type { Relocation } from '../relocation.ts';
import { filesKey } from './registry.ts';
import type { Announcement, SharedFile } from './wire-format.ts';

/** Files of other searches that are kept, those used last. */
const keptFiles = 64;
const keptModels = 16;

/**
 * Brings the files of a search into the cache, by their content, from the server where they are not
 * there; every hash is checked. Throws `UserError` for a cache that cannot be written, and
 * `SearchGoneError` when the search ends meanwhile.
 */
export async function fetchFiles(
  redis: Redis,
  { id, model, files }: Announcement,
  cache: string,
): Promise<Relocation> {
  const folder = join(cache, 'explore-files');
  try {
    await makeFolders(folder);
    const here = new Map<string, string>();
    for (const file of files) here.set(file.path, await fetchFile(redis, id, file, folder));
    await dropOldEntries(folder, Math.max(keptFiles, files.length));
    const external = files.filter(({ besideModel }) => besideModel !== null);
    if (external.length > 0)
      here.set(model, await placeModel(model, files, here, join(cache, 'explore-models')));
    return here;
  } catch (error) {
    return cacheFailure(folder, error);
  }
}

/** The search was taken off the server. */
export class SearchGoneError extends Error {}

async function fetchFile(
  redis: Redis,
  id: string,
  { sha256 }: SharedFile,
  folder: string,
): Promise<string> {
  const path = join(folder, sha256);
  const known = await sha256OfFiles([path]).catch(() => null);
  if (known === sha256) {
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    return path;
  }
  const temporary = temporaryName(path);
  const file = await open(temporary, 'wx');
  try {
    const hash = createHash('sha256');
    for (let piece = 0; ; piece += 1) {
      const bytes = await redis.hgetBuffer(filesKey(id, sha256), String(piece));
      if (bytes === null) break;
      hash.update(bytes);
      await file.writeFile(bytes);
    }
    await file.close();
    if (hash.digest('hex') !== sha256) throw new SearchGoneError('a file is not whole');
    await rename(temporary, path);
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  return path;
}

/** A model with external weights needs them under their names beside it. */
async function placeModel(
  model: string,
  files: readonly SharedFile[],
  here: Relocation,
  folder: string,
): Promise<string> {
  const parts = files.flatMap(({ path, besideModel, sha256 }) => {
    const name = path === model ? basename(model) : besideModel;
    return name === null ? [] : [{ from: here.get(path) ?? path, name, sha256 }];
  });
  const place = join(folder, contentKey(parts.map(({ name, sha256 }) => [name, sha256])));
  const isWhole = async ({ name, sha256 }: (typeof parts)[number]): Promise<boolean> =>
    (await sha256OfFiles([join(place, name)]).catch(() => null)) === sha256;
  if (!(await Promise.all(parts.map(isWhole))).every(Boolean)) {
    await writeFolderAtomic(place, async (fresh) => {
      for (const { from, name } of parts) {
        await mkdir(dirname(join(fresh, name)), { recursive: true });
        await copyFile(from, join(fresh, name));
      }
    });
  }
  await dropOldEntries(folder, keptModels);
  return join(place, basename(model));
}

function cacheFailure(folder: string, error: unknown): never {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) throw error;
  const reason = diskFailure(error) ?? String(error.code);
  return fail('explore/cache-unwritable', `files of the search cannot be kept: ${reason}`, {
    place: folder,
    remedy: 'make room there, or name another folder with NZFLOW_CACHE',
    exitCode: exitCodes.toolFailed,
    cause: error,
  });
}
