import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mounts a file system with such options (`size=64k`); false where that is not allowed. */
export function mountSmall(path: string, options: string): boolean {
  mkdirSync(path, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]).status === 0;
}

/** Gives a mounted one another size. */
export function resize(path: string, options: string): void {
  execFileSync('mount', ['-o', `remount,${options}`, path]);
}

export function unmount(path: string): void {
  spawnSync('umount', [path]);
}

/** Whether this process may mount file systems. */
export const canMount = ((): boolean => {
  const path = mkdtempSync(join(tmpdir(), 'nzflow-mount-'));
  const mounted = mountSmall(path, 'size=64k');
  if (mounted) unmount(path);
  rmSync(path, { recursive: true });
  return mounted;
})();
