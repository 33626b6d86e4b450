import { copyFile } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { UserError } from '../base/diagnostics.ts';

const prefix = 'failed-';

/** Logs that failures before may have left; a build that works takes them away. */
export const failedLogs: readonly string[] = ['verilator', 'compile', 'run', 'run-with-gaps'].map(
  (name) => `${prefix}${name}.log`,
);

/**
 * A tool that fails leaves its log in staging, which is about to be removed: copies the logs that
 * an error names beside it and gives the error with their new places. Other errors stay as they are.
 */
export async function keepLogs(error: unknown, stagingFolder: string): Promise<unknown> {
  if (!(error instanceof UserError)) return error;
  const diagnostics = await Promise.all(
    error.diagnostics.map(async (diagnostic) => {
      const { place } = diagnostic;
      if (place?.startsWith(stagingFolder + sep) !== true || !place.endsWith('.log')) {
        return diagnostic;
      }
      const kept = join(dirname(stagingFolder), prefix + basename(place));
      const moved = await copyFile(place, kept).then(
        () => true,
        () => false,
      );
      return moved ? { ...diagnostic, place: kept } : diagnostic;
    }),
  );
  return new UserError(diagnostics, error.exitCode, { cause: error });
}
