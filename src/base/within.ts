import { setTimeout as wait } from 'node:timers/promises';

/** Waits for a promise, but no longer than so long; what it rejects with is rejected with. */
export async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  try {
    await Promise.race([work, wait(milliseconds, undefined, { signal })]);
  } finally {
    controller.abort();
  }
}
