import type { ChildResult } from '../base/child-process.ts';
import { exitCodes, fail } from '../base/diagnostics.ts';

/** Runs a build step; a step that fails is reported with its first error line. */
export async function buildStep(
  name: string,
  logFile: string,
  run: (logFile: string, onLine: (line: string) => void) => Promise<ChildResult>,
): Promise<void> {
  let firstError: string | null = null;
  const result = await run(logFile, (line) => {
    if (firstError === null && isErrorLine(line)) firstError = line.trim();
  }).catch((cause: unknown) => {
    if (!isSystemError(cause)) throw cause;
    return fail('simulate/start', `${name} cannot be started: ${messageOf(cause)}`, {
      exitCode: exitCodes.toolFailed,
      cause,
    });
  });
  if (result.exitCode === 0) return;
  const reason = result.timedOut
    ? 'took longer than an hour'
    : (firstError ?? `ended with ${result.endedBySignal ?? `exit code ${result.exitCode ?? '?'}`}`);
  fail('simulate/build', `${name} failed: ${reason}`, {
    place: logFile,
    remedy: /zlib\.h/.test(reason)
      ? 'waves are compressed with zlib: install its headers, for example apt-get install zlib1g-dev'
      : 'the log tells more; nzflow doctor checks the tools',
    exitCode: exitCodes.toolFailed,
  });
}

/** `%Error: ...`, `%Warning-WIDTH: ...`, `file.cpp:1:2: error: ...`, `make: *** ...`. */
function isErrorLine(line: string): boolean {
  return /^%(?:Error|Warning)|\b(?:fatal )?error:|^make.*\*\*\*|undefined reference/.test(line);
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

/** What an error says, for a person. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
