import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { guardGroup } from './group-guard.ts';

export interface ChildOptions {
  /** Program, found on PATH or by its path; never a shell line. */
  readonly command: string;
  readonly arguments: readonly string[];
  readonly folder: string;
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Receives the command line and everything the program prints; null for no log. */
  readonly logFile: string | null;
  /** `true` adds to the log of a step before. */
  readonly appendLog?: boolean;
  readonly timeoutMilliseconds: number;
  readonly signal?: AbortSignal;
  /** Every whole line of stdout and stderr, in the order it comes. */
  readonly onLine?: (line: string) => void;
}

export interface ChildResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly endedBySignal: NodeJS.Signals | null;
  readonly timedOut: boolean;
}

/** How long a process group may take to end after SIGTERM. */
const graceMilliseconds = 1500;

/**
 * Runs a program in a process group of its own and waits for its end. On timeout and on abort
 * the whole group is ended, SIGTERM first, SIGKILL after a grace period, so compilers started by
 * `make` go as well; also when this process exits meanwhile, or is killed.
 *
 * Resolves for every end of the program, whatever its exit code. Throws the reason of the signal
 * when aborted, and the system's error (`ENOENT` ...) when the program cannot be started.
 */
export async function runChild(options: ChildOptions): Promise<ChildResult> {
  const { signal } = options;
  signal?.throwIfAborted();
  const log = await openLog(options);
  // before the child: there is no moment in which it runs alone but the one in which it is named
  const guard = guardGroup();
  const child = spawn(options.command, [...options.arguments], {
    cwd: options.folder,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  if (child.pid !== undefined) guard.watch(child.pid);
  const lines = lineSplitter(options.onLine);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log?.write(chunk);
    });
    const split = lines();
    stream.on('data', (chunk: Buffer) => split(chunk.toString('utf8')));
    stream.on('end', () => split(null));
  }

  let timedOut = false;
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    killGroup(child, 'SIGTERM');
    killTimer = setTimeout(() => killGroup(child, 'SIGKILL'), graceMilliseconds);
  };
  const timeout = setTimeout(() => {
    timedOut = true;
    stop();
  }, options.timeoutMilliseconds);
  const killNow = (): void => killGroup(child, 'SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  process.once('exit', killNow);
  try {
    const result = await ended(child);
    signal?.throwIfAborted();
    return { ...result, timedOut };
  } finally {
    clearTimeout(timeout);
    clearTimeout(killTimer);
    signal?.removeEventListener('abort', stop);
    process.off('exit', killNow);
    // what outlived the program it was started by
    killGroup(child, 'SIGKILL');
    guard.release();
    if (log !== null) {
      log.end();
      await finished(log);
    }
  }
}

async function openLog(
  options: ChildOptions,
): Promise<ReturnType<typeof createWriteStream> | null> {
  if (options.logFile === null) return null;
  await mkdir(dirname(options.logFile), { recursive: true });
  const log = createWriteStream(options.logFile, { flags: options.appendLog === true ? 'a' : 'w' });
  // a full disk must not end the program: the tool itself will fail and be reported
  log.on('error', () => undefined);
  log.write(`$ ${[options.command, ...options.arguments].join(' ')}\n`);
  return log;
}

function ended(child: ChildProcess): Promise<Omit<ChildResult, 'timedOut'>> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, endedBySignal) => resolve({ exitCode, endedBySignal }));
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // the group is gone already
  }
}

/** A splitter per stream: text in, whole lines out, `null` for the end of the stream. */
function lineSplitter(
  onLine: ((line: string) => void) | undefined,
): () => (text: string | null) => void {
  return () => {
    let rest = '';
    return (text) => {
      if (onLine === undefined) return;
      const parts = text === null ? [rest] : (rest + text).split('\n');
      rest = text === null ? '' : (parts.pop() ?? '');
      for (const part of parts) if (part !== '' || text !== null) onLine(part);
    };
  };
}
