import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Ends a process group when the process that made the guard is gone without having released it. */
export interface GroupGuard {
  /** Names the group, by the process that leads it. */
  watch(group: number): void;
  /** Nothing is to be ended any more. */
  release(): void;
}

/**
 * Reads the group, then waits. Its input ends without a word when whoever made it was killed: the kernel
 * closes a dead process's pipes.
 */
const script =
  'read -r group || exit 0; [ "$group" != over ] || exit 0; read -r word || kill -s KILL -- "-$group"';

/**
 * A shell in a session of its own, out of reach of Ctrl-C, that ends a process group after a kill -9 of this
 * process, which no handler of ours sees. Where there is no shell nothing is guarded.
 */
export function guardGroup(): GroupGuard {
  const shell = spawn('/bin/sh', ['-c', script], {
    // no folder is kept from being removed
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // it must neither keep this process alive nor end it
  shell.unref();
  shell.on('error', () => undefined);
  // null where the system has no more file descriptors
  const input = shell.stdin as Socket | null;
  input?.on('error', () => undefined);
  input?.unref();
  return {
    watch: (group) => void input?.write(`${String(group)}\n`),
    release: () => void input?.end('over\n'),
  };
}
