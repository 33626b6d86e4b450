import { appendFile, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { UserError, exitCodes, fail } from '../base/diagnostics.ts';
import { writeObstacle } from '../base/writable-folder.ts';
import type { GateOptions } from '../options.ts';
import { junitOfFailure, junitOfReport } from '../report/junit.ts';
import { summaryOfReport } from '../report/job-summary.ts';
import type { Report } from '../report/schema.ts';
import { messageOf } from '../simulate/build-step.ts';
import { fitExitCode } from './outcomes.ts';

/** Where the runner of GitHub Actions wants a step's Markdown: text is added, never replaced. */
const appendedTo = 'GITHUB_STEP_SUMMARY';

/**
 * Throws `UserError` where one of the files cannot be written, or would take the place of the other or of a
 * file in `used`: a run takes long, better to know before.
 */
export async function checkGateFiles(
  { junit, summary }: GateOptions,
  used: readonly (string | undefined)[],
): Promise<void> {
  const taken = new Set(used.flatMap((path) => (path === undefined ? [] : [resolve(path)])));
  for (const path of [junit, summary]) {
    if (path === undefined) continue;
    const there = await stat(path).catch(() => null);
    if (there !== null && !there.isFile()) {
      unwritable(path, there.isDirectory() ? 'it is a folder' : 'it is a device or a pipe');
    }
    const obstacle = await writeObstacle(dirname(path));
    if (obstacle !== null) unwritable(path, obstacle.message, obstacle);
    if (taken.has(resolve(path))) unwritable(path, 'it is another file of the run');
    taken.add(resolve(path));
  }
}

/** Writes the files for a CI server that were asked for. Throws `UserError` where they cannot be. */
export async function writeGateFiles(
  report: Report,
  { junit, summary }: GateOptions,
  requireFit: boolean,
): Promise<void> {
  const resources = Object.values(report.variants).map((variant) => variant.resources);
  const misfitFails = fitExitCode(resources, requireFit) !== exitCodes.done;
  if (junit !== undefined) await write(junit, junitOfReport(report, { misfitFails }));
  if (summary !== undefined) await writeSummary(summary, summaryOfReport(report));
}

/**
 * Does the work; when it throws, a CI server finds that in the same files.
 * `name`: what the work is about.
 */
export async function tellFailure<Result>(
  { junit, summary }: GateOptions,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    // whatever it was: results of a run before may not pass for those of this one
    const message = error instanceof UserError ? error.message : 'nzflow ended without a result';
    // that it could not be told as well must not hide why
    const quietly = (written: Promise<void>): Promise<void> => written.catch(() => undefined);
    if (junit !== undefined) await quietly(write(junit, junitOfFailure(name, message)));
    if (summary !== undefined) await quietly(writeSummary(summary, failureSummary(message)));
    throw error;
  }
}

/** Indented text is code in Markdown: nothing in it is interpreted. */
function failureSummary(message: string): string {
  const lines = message.split('\n').map((line) => `    ${line}`);
  return `### nzflow\n\n❌ No result.\n\n${lines.join('\n')}\n`;
}

async function writeSummary(path: string, text: string): Promise<void> {
  if (!(await isStepSummary(path))) return write(path, text);
  const before = await readFile(path, 'utf8').catch(() => '');
  const gap = before === '' ? '' : before.endsWith('\n') ? '\n' : '\n\n';
  await appendFile(path, `${gap}${text}`).catch((cause: unknown) => {
    unwritable(path, messageOf(cause), cause);
  });
}

/** Whether it is the file of the step, by whatever path. */
async function isStepSummary(path: string): Promise<boolean> {
  const wanted = process.env[appendedTo] ?? '';
  if (wanted === '') return false;
  const real = (one: string): Promise<string> => realpath(one).catch(() => resolve(one));
  return (await real(path)) === (await real(wanted));
}

async function write(path: string, text: string): Promise<void> {
  await writeFileAtomic(path, text).catch((cause: unknown) => {
    unwritable(path, messageOf(cause), cause);
  });
}

function unwritable(path: string, reason: string, cause?: unknown): never {
  fail('output/unwritable', `the file cannot be written: ${reason}`, {
    place: path,
    remedy: 'give --junit and --summary another file, or change the permissions',
    cause,
  });
}
