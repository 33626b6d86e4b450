import { fail } from '../base/diagnostics.ts';

/** Turns a failed `readFile` into one clear message; errors that are not the system's pass. */
export function readFailure(code: string, path: string, error: unknown): never {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : null;
  if (reason === null) throw error;
  const known: Readonly<Record<string, readonly [string, string]>> = {
    ENOENT: ['there is no such file', 'check the path'],
    EISDIR: ['this is a folder, not a file', 'give the path of a file'],
    ENOTDIR: ['a part of this path is a file, not a folder', 'check the path'],
    EACCES: ['the file may not be read', 'check its permissions'],
  };
  const [message, remedy] = known[reason] ?? [`the file cannot be read (${reason})`, 'check it'];
  fail(code, message, { place: path, remedy, cause: error });
}
