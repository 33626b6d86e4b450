import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runChild } from '../../src/base/child-process.ts';
import type { ChildOptions } from '../../src/base/child-process.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-child-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function shell(script: string, options: Partial<ChildOptions> = {}): ChildOptions {
  return {
    command: '/bin/sh',
    arguments: ['-c', script],
    folder,
    logFile: null,
    timeoutMilliseconds: 60_000,
    ...options,
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // a killed process stays a zombie until its new parent looks
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function waitUntil(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 400 && !condition(); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return condition();
}

/** A shell with a child of its own that ignores nothing and would run for ten minutes. */
const family = 'sleep 600 & echo $!; wait';

describe('runChild', () => {
  it('tells the exit code and hands over whole lines of both outputs', async () => {
    const lines: string[] = [];
    const result = await runChild(
      shell('printf "a\\nb"; printf "c\\n\\nd\\n" >&2; exit 7', {
        onLine: (line) => lines.push(line),
      }),
    );
    expect(result).toEqual({ exitCode: 7, endedBySignal: null, timedOut: false });
    expect([...lines].sort()).toEqual(['', 'a', 'b', 'c', 'd']);
  });

  it('saves a log that begins with the command, and adds to it when asked', async () => {
    const logFile = join(folder, 'logs', 'x.log');
    await runChild(shell('echo out; echo error >&2', { logFile }));
    await runChild(shell('echo more', { logFile, appendLog: true }));
    const log = readFileSync(logFile, 'utf8');
    expect(log).toMatch(/^\$ \/bin\/sh -c /);
    for (const text of ['out\n', 'error\n', 'more\n']) expect(log).toContain(text);
  });

  it('passes arguments as they are', async () => {
    const lines: string[] = [];
    await runChild(
      shell('', {
        command: '/bin/echo',
        arguments: ['$HOME; rm', '*'],
        onLine: (line) => lines.push(line),
      }),
    );
    expect(lines).toEqual(['$HOME; rm *']);
  });

  it('rejects for a program that is not there', async () => {
    const command = join(folder, 'none');
    await expect(runChild(shell('', { command }))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('ends the whole process group after the timeout', async () => {
    let pid = 0;
    const result = await runChild(
      shell(family, { timeoutMilliseconds: 300, onLine: (line) => (pid = Number(line)) }),
    );
    expect(result.timedOut).toBe(true);
    expect(pid).toBeGreaterThan(0);
    expect(await waitUntil(() => !isAlive(pid))).toBe(true);
  });

  it('ends the whole process group when aborted, and rejects with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let pid = 0;
    const running = runChild(
      shell(family, {
        signal: controller.signal,
        onLine: (line) => {
          pid = Number(line);
          controller.abort(reason);
        },
      }),
    );
    await expect(running).rejects.toBe(reason);
    expect(await waitUntil(() => !isAlive(pid))).toBe(true);
  });

  it('kills a program that does not listen to SIGTERM', async () => {
    const result = await runChild(
      shell('trap "" TERM; while :; do sleep 1; done', { timeoutMilliseconds: 200 }),
    );
    expect(result).toEqual({ exitCode: null, endedBySignal: 'SIGKILL', timedOut: true });
  });

  it('ends the whole process group when the process that runs it is killed', async () => {
    const options = JSON.stringify(shell(family));
    const file = fileURLToPath(new URL('../../src/base/child-process.ts', import.meta.url));
    const script = `import { runnerImport } from 'vite';
      const { module } = await runnerImport(${JSON.stringify(file)});
      await module.runChild({ ...${options}, onLine: (line) => console.log(line) });`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let pid = 0;
    for await (const line of createInterface({ input: parent.stdout })) {
      pid = Number(line);
      parent.kill('SIGKILL');
    }
    expect(pid).toBeGreaterThan(0);
    expect(await waitUntil(() => !isAlive(pid))).toBe(true);
  });

  it('starts nothing when the signal is aborted already', async () => {
    const reason = new Error('before');
    const signal = AbortSignal.abort(reason);
    await expect(runChild(shell('touch started', { signal }))).rejects.toBe(reason);
  });
});
