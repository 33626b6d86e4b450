import { tmpdir } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { diskFailure } from '../base/disk-failure.ts';
import { UserError, exitCodes } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import type { Progress } from '../base/progress.ts';
import { parseDefinition } from './definition.ts';
import { evaluateJob } from './evaluate/evaluate-job.ts';
import { openStudy } from './evaluate/study.ts';
import { relocated, relocatedJob, withOwnPaths } from './relocation.ts';
import { storedOutcome } from './store-format.ts';
import type { ToWorker, WorkerMessage, WorkerStart } from './worker-messages.ts';

/** A thread that looks at one job after another. */
const port = present(parentPort, 'a worker is started by a search');
const tell = (message: WorkerMessage): void => port.postMessage(message);
const start = workerData as WorkerStart;

/** Aborted when the user gives up, so that children end with the thread. */
const controller = new AbortController();
const { signal } = controller;

function progressInto(log: string[]): Progress {
  return {
    phase: () => undefined,
    update: () => undefined,
    note: (text) => {
      log.push(text);
    },
    done: () => undefined,
  };
}

function fail(error: unknown): void {
  if (error instanceof UserError) {
    tell({ kind: 'failed', diagnostics: error.diagnostics, exitCode: error.exitCode });
    return;
  }
  const reason = diskFailure(error);
  if (reason !== null) {
    // of temporary files: the others tell by themselves where they were to be
    const place = error instanceof Error && 'path' in error ? String(error.path) : tmpdir();
    const remedy = 'make room (TMPDIR, NZFLOW_CACHE) and start again: what was kept is whole';
    const diagnostic = { code: 'explore/disk', message: reason, place, remedy };
    tell({ kind: 'failed', diagnostics: [diagnostic], exitCode: exitCodes.toolFailed });
  } else {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    tell({ kind: 'broken', stack });
  }
}

port.on('message', (message: ToWorker) => {
  if (message.kind === 'stop') controller.abort(new Error('the search ends'));
});
try {
  const files = new Map(start.files);
  const written = parseDefinition(start.definitionFile, start.definitionText);
  const definition = relocated(written, files);
  const study = await openStudy(definition, start.layerFolder, {
    progress: progressInto([]),
    signal,
  });
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'stop') return;
    const log: string[] = [];
    const { number, trial, task } = message;
    const job = relocatedJob({ number, trial, task, point: new Map(message.point) }, files);
    evaluateJob(study, definition, job, { progress: progressInto(log), signal })
      .then(({ outcome, report }) => {
        const design = task === definition.document.tasks.length - 1 ? report : null;
        const own = withOwnPaths(storedOutcome(outcome), files);
        tell({ kind: 'done', number, outcome: own, log, design });
      })
      .catch(fail);
  });
  tell({ kind: 'ready' });
} catch (error) {
  fail(error);
}
