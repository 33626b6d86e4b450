import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { readStore } from '../../src/explore/store.ts';

/** The built program: workers are threads of it. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'dist', 'cli', 'main.js');

/** Brings dist/ up to date. */
export async function buildProgram(): Promise<void> {
  await execa(process.execPath, [join(root, 'scripts', 'setup.mjs'), '--build']);
}

/** Runs a command to its end. */
export function nzflow(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  return execa(process.execPath, [program, ...parameters], {
    reject: false,
    stdin: 'ignore',
    env: { ...environment },
  });
}

/** A command that runs. */
export interface Running {
  readonly pid: number;
  /** All it has said so far, on both streams. */
  said(): string;
  /** Resolves when it has said something like that; rejects when it ends before. */
  until(pattern: RegExp): Promise<void>;
  /** Sends a signal and waits for the end: exit code, or null for a signal. */
  end(signal: NodeJS.Signals | null): Promise<number | null>;
}

export function startNzflow(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(process.execPath, [program, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  const exit = new Promise<number | null>((resolve) => {
    child.once('close', (code) => resolve(code));
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  void exit.then(() => process.off('exit', kill));
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? 0,
    said: () => text,
    until: async (pattern) => {
      while (!pattern.test(text)) {
        if (isOver()) {
          await exit;
          if (pattern.test(text)) return;
          throw new Error(`it ended without saying ${String(pattern)}:\n${text}`);
        }
        await wait(20);
      }
    },
    end: (signal) => {
      if (signal !== null) child.kill(signal);
      return exit;
    },
  };
}

/** What is to be the same in every run of a search: its jobs in their order, without time and place. */
export async function jobsIn(store: string): Promise<readonly unknown[]> {
  const { jobs } = await readStore(store);
  return [...jobs]
    .sort((a, b) => a.number - b.number)
    .map(({ number, trial, task, point, outcome }) => ({ number, trial, task, point, outcome }));
}

/** Waits until a store has so many jobs. */
export async function untilJobs(store: string, count: number): Promise<void> {
  const jobs = async (): Promise<number> => {
    const content = await readStore(store).catch(() => null);
    return content === null ? 0 : content.jobs.length;
  };
  while ((await jobs()) < count) await wait(20);
}
