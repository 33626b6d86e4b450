import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * Gives tasks to processes, one for every core, each the next one when it has answered the one before:
 * `program serve` answers every message with one. `done` gets a task and its answer. Exit codes.
 */
export async function inProcesses(program, tasks, done) {
  let next = 0;
  const ends = Array.from({ length: Math.min(tasks.length, availableParallelism()) }, () => {
    const child = fork(program, ['serve']);
    let task;
    const give = () => {
      task = tasks[next];
      next += 1;
      if (task === undefined) child.disconnect();
      else child.send(task);
    };
    child.on('message', (answer) => {
      done(task, answer);
      give();
    });
    give();
    return new Promise((resolve) => child.on('exit', resolve));
  });
  return Promise.all(ends);
}
