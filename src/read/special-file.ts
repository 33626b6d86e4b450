import { stat } from 'node:fs/promises';
import { fail } from '../base/diagnostics.ts';

/** Refuses devices and pipes, which may have no end; whatever else is wrong shows when it is read. */
export async function refuseSpecialFile(code: string, path: string): Promise<void> {
  const status = await stat(path).catch(() => null);
  if (status === null || status.isFile() || status.isDirectory()) return;
  fail(code, 'this is a device or a pipe, not a file', {
    place: path,
    remedy: 'write its content into a file and give the path of that',
  });
}
