import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A Redis or Valkey server of a test: on loopback, with nothing on a disk. */
export interface RedisServer {
  readonly port: number;
  /** Without a password. */
  readonly url: string;
  /** Ends it at once, as a crash would, and starts an empty one at the same place. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server on a free port; further arguments go to it as they are. It ends with this process. */
export async function startRedis(more: readonly string[] = []): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'nzflow-redis-'));
  for (let tries = 0; ; tries += 1) {
    const port = await freePort();
    let child = await started(port, folder, more);
    if (child === null) {
      // somebody else was quicker at this port
      if (tries < 5) continue;
      throw new Error('no server could be started');
    }
    return {
      port,
      url: `redis://127.0.0.1:${String(port)}`,
      crash: async () => {
        if (child !== null) await ended(child, 'SIGKILL');
        child = await started(port, folder, more);
        if (child === null) throw new Error('the server did not come back');
      },
      stop: async () => {
        if (child !== null) await ended(child, 'SIGKILL');
        await rm(folder, { recursive: true, force: true });
      },
    };
  }
}

async function started(
  port: number,
  folder: string,
  more: readonly string[],
): Promise<ChildProcess | null> {
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const child = spawn(
    serverProgram(),
    [...place, '--save', '', '--appendonly', 'no', '--loglevel', 'warning', ...more],
    { stdio: 'ignore' },
  );
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  while (child.exitCode === null && child.signalCode === null) {
    if (await answers(port)) return child;
    await wait(20);
  }
  return null;
}

function serverProgram(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const name of ['valkey-server', 'redis-server']) {
    for (const folder of folders) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not here
      }
    }
  }
  throw new Error('neither valkey-server nor redis-server is there: node scripts/setup.mjs --test');
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

/** A port of loopback that nobody uses now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Whether something takes connections and answers them, if only with a refusal. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(/^[+-]/.test(data.toString()));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
