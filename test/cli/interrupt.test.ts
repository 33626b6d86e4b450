import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import type { Host, Outcome } from '../../src/options.ts';
import { runFake } from './run-fake.ts';

/** A command that only ends when it is told to. */
function untilAborted(host: Host): Promise<Outcome> {
  return new Promise((_, reject) => {
    host.signal.addEventListener('abort', () => reject(new Error('stopped')));
  });
}

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s stops the command and exits %i without a stack', async (signal, exitCode) => {
  const signals = new EventEmitter();
  const run = runFake(['report', 'b'], {
    signals,
    behave: (host) => {
      setTimeout(() => signals.emit(signal), 1);
      return untilAborted(host);
    },
  });
  const { exitCode: actual, errors } = await run;
  expect(actual).toBe(exitCode);
  expect(errors).toBe('interrupted: ending tools and removing what is half written\n');
  expect(signals.listenerCount(signal)).toBe(0);
});

it('a second signal gives up at once', async () => {
  const signals = new EventEmitter();
  const gaveUp: number[] = [];
  await runFake(['report', 'b'], {
    signals,
    giveUp: (exitCode) => gaveUp.push(exitCode),
    behave: () =>
      new Promise((resolve) => {
        setTimeout(() => {
          signals.emit('SIGINT');
          signals.emit('SIGINT');
          resolve({ exitCode: 0, text: '', data: null });
        }, 1);
      }),
  });
  expect(gaveUp).toEqual([130]);
});
