import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { UserError } from '../base/diagnostics.ts';
import type { ExitCode } from '../base/diagnostics.ts';
import { InvariantError, present } from '../base/invariant.ts';
import type { Job } from './trial.ts';
import type { ToWorker, WorkerMessage, WorkerStart } from './worker-messages.ts';
import type { WorkerResult, Workforce } from './workforce.ts';

/** Threads that look at jobs, a job at a time each; started when they are first needed. */
export class WorkerPool implements Workforce {
  readonly #start: WorkerStart;
  readonly #name: string;
  readonly #idle: Thread[] = [];
  readonly #all: Thread[] = [];

  /** Threads are called by `name` and their number. */
  constructor(start: WorkerStart, name: string) {
    this.#start = start;
    this.#name = name;
  }

  /** Rejects with the thread's `UserError`, and when the thread breaks or is ended. */
  async run(job: Job, signal: AbortSignal): Promise<WorkerResult> {
    signal.throwIfAborted();
    const thread = this.#idle.pop() ?? this.#started();
    const end = (): void => void thread.end();
    signal.addEventListener('abort', end, { once: true });
    try {
      const result = await thread.run(job);
      // a thread that was told to end as it finished is of no use for another job
      signal.throwIfAborted();
      this.#idle.push(thread);
      return result;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  #started(): Thread {
    const thread = new Thread(this.#start, `${this.#name} ${String(this.#all.length + 1)}`);
    this.#all.push(thread);
    return thread;
  }

  /** Ends all threads, whatever they are doing. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((thread) => thread.end()));
  }
}

/** How long a thread may take to end its children. */
const graceMilliseconds = 3000;

interface Waiting {
  /** When the job began: for people, and on a clock that only goes forward, in milliseconds. */
  readonly began: string;
  readonly start: number;
  readonly resolve: (result: WorkerResult) => void;
  readonly reject: (error: unknown) => void;
}

class Thread {
  readonly #name: string;
  readonly #worker: Worker;
  readonly #ready: Promise<void>;
  #waiting: Waiting | null = null;
  /** Why it takes no more jobs. */
  #over: { readonly error: unknown } | null = null;

  constructor(start: WorkerStart, name: string) {
    this.#name = name;
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: start });
    this.#ready = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: WorkerMessage) => {
        switch (message.kind) {
          case 'ready':
            resolve();
            return;
          case 'done': {
            const { outcome, log, design } = message;
            const job = present(this.#take(), 'a job');
            const seconds = (performance.now() - job.start) / 1000;
            const { began } = job;
            const circumstances = { began, seconds, worker: this.#name, log: [...log] };
            job.resolve({ outcome, circumstances, design });
            return;
          }
          case 'failed':
            give(new UserError(message.diagnostics, message.exitCode as ExitCode));
            return;
          case 'broken':
            give(new Error(message.stack));
        }
      });
      const give = (error: unknown): void => {
        this.#over ??= { error };
        reject(error as Error);
        this.#take()?.reject(error);
      };
      this.#worker.on('error', give);
      this.#worker.on('exit', () => give(new InvariantError('a worker ended')));
    });
    // told to whoever waits for a job
    this.#ready.catch(() => undefined);
  }

  async run({ number, trial, task, point }: Job): Promise<WorkerResult> {
    await this.#ready;
    return new Promise((resolve, reject) => {
      if (this.#over !== null) {
        reject(this.#over.error as Error);
        return;
      }
      const began = new Date().toISOString();
      this.#waiting = { began, start: performance.now(), resolve, reject };
      const message = { kind: 'job', number, trial, task, point: [...point] } as const;
      this.#worker.postMessage(message satisfies ToWorker);
    });
  }

  /** Ends the thread, and before that what it has started; by force when it does not listen. */
  async end(): Promise<void> {
    this.#worker.postMessage({ kind: 'stop' } satisfies ToWorker);
    if (this.#waiting !== null) await Promise.race([this.#idle(), setTimeout(graceMilliseconds)]);
    await this.#worker.terminate();
  }

  /** When the job that is under way has ended, in whatever way. */
  async #idle(): Promise<void> {
    while (this.#waiting !== null) await setTimeout(20);
  }

  #take(): Waiting | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }
}
