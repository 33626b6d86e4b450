import { copyFile, readdir, stat, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFolderAtomic } from '../base/atomic-file.ts';
import { dropOldEntries } from './simulator-cache.ts';

/** Versions of the harness that are kept, 120 MB each; the ones used longest ago go first. */
const keptHarnesses = 4;

/** Being compiled by this process: designs that are built side by side share one. */
const underWay = new Map<string, Promise<string>>();

/**
 * Folder in the cache with what all simulators have in common, see sim/harness.mk. `key` stands for
 * the sources, tools and options that go into it; `compile` fills a new folder where there is none
 * yet. Throws what `compile` throws.
 */
export async function harnessFolder(
  cache: string,
  key: string,
  compile: (fresh: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, 'harness', key);
  // who compiles it may give up, for a reason that is not ours
  const shared = await underWay.get(folder)?.catch(() => null);
  if (shared !== undefined && shared !== null) return shared;
  const own = prepare(cache, folder, compile);
  underWay.set(folder, own);
  try {
    return await own;
  } finally {
    if (underWay.get(folder) === own) underWay.delete(folder);
  }
}

async function prepare(
  cache: string,
  folder: string,
  compile: (fresh: string) => Promise<void>,
): Promise<string> {
  const there = await stat(folder).then(
    () => true,
    () => false,
  );
  if (there) {
    const now = new Date();
    await utimes(folder, now, now).catch(() => undefined);
    return folder;
  }
  await writeFolderAtomic(folder, compile);
  await dropOldEntries(join(cache, 'harness'), keptHarnesses);
  return folder;
}

/** Makes a harness known to a build: `prelude` as a link to it, its object files in `objects`. */
export async function useHarness(harness: string, prelude: string, objects: string): Promise<void> {
  await symlink(harness, prelude);
  const now = new Date();
  for (const name of await readdir(harness)) {
    if (!name.endsWith('.o')) continue;
    await copyFile(join(harness, name), join(objects, name));
    // younger than every source: done, for make
    await utimes(join(objects, name), now, now);
  }
}
