import { createHash } from 'node:crypto';
import { chmod, copyFile, readFile, readdir, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { writeFolderAtomic } from '../base/atomic-file.ts';

/**
 * Where built simulators are kept: `NZFLOW_CACHE`, else `nzflow` in the user's cache folder
 * (`XDG_CACHE_HOME` or `~/.cache`).
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment['NZFLOW_CACHE'];
  if (own !== undefined && own !== '') return own;
  const shared = environment['XDG_CACHE_HOME'];
  // the XDG rules say that a relative path is to be ignored
  const base = shared !== undefined && isAbsolute(shared) ? shared : join(homedir(), '.cache');
  return join(base, 'nzflow');
}

/** Simulators that are kept; the ones used longest ago go first. */
const keptEntries = 120;

function entryFolder(folder: string, key: string): string {
  return join(folder, 'simulators', key);
}

/** Path of a built simulator, or null when there is none or it is not what was stored. */
export async function findSimulator(folder: string, key: string): Promise<string | null> {
  const entry = entryFolder(folder, key);
  const program = join(entry, 'simulator');
  try {
    const expected = (await readFile(join(entry, 'sha256'), 'utf8')).trim();
    if ((await hashFile(program)) !== expected) return null;
    const now = new Date();
    await utimes(entry, now, now).catch(() => undefined);
    return program;
  } catch {
    return null;
  }
}

/** Stores a program under a key, replacing a damaged one, and tells where it is now. */
export async function storeSimulator(folder: string, key: string, built: string): Promise<string> {
  const entry = entryFolder(folder, key);
  await writeFolderAtomic(entry, async (fresh) => {
    const program = join(fresh, 'simulator');
    await copyFile(built, program);
    await chmod(program, 0o755);
    await writeFile(join(fresh, 'sha256'), `${await hashFile(program)}\n`);
  });
  await dropOldEntries(join(folder, 'simulators'), keptEntries);
  return join(entry, 'simulator');
}

/** Removes all but the `kept` folders in a folder that were used last, by their time stamps. */
export async function dropOldEntries(folder: string, kept: number): Promise<void> {
  const names = await readdir(folder);
  const entries = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const used = await stat(path).then(
        (status) => status.mtimeMs,
        () => 0,
      );
      return { path, used };
    }),
  );
  const old = entries.sort((left, right) => right.used - left.used).slice(kept);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}

async function hashFile(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** One key for all parts, in order; a part is a label and its content. */
export function contentKey(parts: Iterable<readonly [string, string | Uint8Array]>): string {
  const hash = createHash('sha256');
  for (const [label, content] of parts) {
    hash.update(`${label.length} ${label} ${content.length} `);
    hash.update(content);
  }
  return hash.digest('hex').slice(0, 40);
}
