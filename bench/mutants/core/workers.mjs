import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { setTimeout, clearTimeout } from 'node:timers';

/**
 * Gives tasks to processes, one for every core, each the next one when it has answered the one before.
 * A process that does not answer in the seconds `limitOf(task)` is ended with all that it started, its
 * answer is null, and another one takes its place. `begin`: the first message of a process.
 */
export async function inWorkers(program, begin, nextTask, limitOf, done) {
  // so that the processes of all groups end as well
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const lives = Array.from({ length: availableParallelism() }, async () => {
    for (;;) {
      const first = nextTask();
      if (first === undefined) return;
      await lifeOf(program, begin, first, nextTask, limitOf, done);
    }
  });
  await Promise.all(lives);
}

/** Until there are no tasks, or one takes too long. */
function lifeOf(program, begin, first, nextTask, limitOf, done) {
  return new Promise((resolve, reject) => {
    // a group of its own: tests start simulators
    const child = fork(program, ['serve'], { detached: true });
    let task = null;
    let timer;
    const end = () => {
      clearTimeout(timer);
      process.off('exit', kill);
      kill();
    };
    const kill = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // it has ended
      }
    };
    process.on('exit', kill);
    child.send(begin);
    child.on('message', (answer) => {
      clearTimeout(timer);
      if (task !== null) done(task, answer);
      task = task === null ? first : nextTask();
      if (task === undefined) {
        end();
        resolve();
        return;
      }
      timer = setTimeout(
        () => {
          end();
          done(task, null);
          resolve();
        },
        1000 * limitOf(task),
      );
      child.send(task);
    });
    child.on('exit', (code) => {
      end();
      if (code !== null && code !== 0) reject(new Error(`a process ended with ${code}`));
      else resolve();
    });
  });
}
