import { copyFile, mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFolderAtomic } from '../base/atomic-file.ts';

/** Of the files that are compiled for every simulator, those that know nothing of the design. */
const shared =
  /^(?:binary_file|engine_checker|input_driver|main|manifest|mismatch|output_checker|probes|reference|result_writer|stream_checker|verilated(?:_dpi|_threads)?)\.o$/;

function harnessFolder(cache: string, key: string): string {
  return join(cache, 'harness', key);
}

/**
 * Puts what an earlier build compiled of the harness and of Verilator's own library into a build
 * folder, where `make` takes it as done: most of the time that a small design takes to build. `key`
 * stands for the sources, tools and options that go into these files. Nothing happens where there
 * are none.
 */
export async function takeHarness(cache: string, key: string, folder: string): Promise<void> {
  const kept = harnessFolder(cache, key);
  const names = await readdir(kept).catch(() => []);
  const now = new Date();
  for (const name of names) {
    await copyFile(join(kept, name), join(folder, name));
    // younger than every source
    await utimes(join(folder, name), now, now);
  }
}

/** Keeps the object files of a build for the next one; a cache that cannot be written is no error. */
export async function keepHarness(cache: string, key: string, folder: string): Promise<void> {
  const kept = harnessFolder(cache, key);
  if ((await readdir(kept).catch(() => [])).length > 0) return;
  const names = (await readdir(folder)).filter((name) => shared.test(name));
  await mkdir(join(cache, 'harness'), { recursive: true })
    .then(() =>
      writeFolderAtomic(kept, async (fresh) => {
        for (const name of names) await copyFile(join(folder, name), join(fresh, name));
      }),
    )
    .catch(() => undefined);
}
