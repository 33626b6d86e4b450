import { setImmediate } from 'node:timers/promises';
import type { Host } from '../options.ts';

/** Milliseconds of work between two looks at whether the user gave up. */
const pauseMilliseconds = 50;

/** Lets timers and signals run now and then; rejects when the user gave up. */
export function pauser({ signal }: Pick<Host, 'signal'>): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < pauseMilliseconds) return;
    await setImmediate();
    signal.throwIfAborted();
    last = performance.now();
  };
}
