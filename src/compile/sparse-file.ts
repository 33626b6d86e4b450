import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { fail } from '../base/diagnostics.ts';
import { writeObstacle } from '../base/writable-folder.ts';
import type { Host, SparsifyOptions } from '../options.ts';

/**
 * Throws `UserError` where the result cannot be written, or would take the place of a file that is
 * read: better to know before the long work.
 */
export async function checkOut(options: SparsifyOptions): Promise<void> {
  const { out, model, calibrate, inputs, labels, perLayer, finetune: training } = options;
  const used = [model, calibrate, inputs, labels, perLayer, training?.inputs, training?.labels];
  if (used.some((path) => path !== undefined && resolve(path) === resolve(out))) {
    cannotWrite(out, 'it is one of the files that are read');
  }
  const there = await stat(out).catch(() => null);
  if (there !== null && !there.isFile()) {
    cannotWrite(out, there.isDirectory() ? 'it is a folder' : 'it is a device or a pipe');
  }
  const obstacle = await writeObstacle(dirname(out));
  if (obstacle !== null) cannotWrite(out, obstacle.message, obstacle);
}

/** Writes the model whole or not at all. Throws `UserError` where it cannot, or when aborted. */
export async function writeOut(out: string, bytes: Uint8Array, host: Host): Promise<void> {
  host.signal.throwIfAborted();
  try {
    await writeFileAtomic(out, bytes);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === null) throw error;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    cannotWrite(out, isFull ? 'the disk is full' : `it cannot be written (${code})`, error);
  }
}

function cannotWrite(out: string, reason: string, cause?: unknown): never {
  return fail('output/unwritable', reason, {
    place: out,
    remedy: 'give another file with --out, or make room for it',
    cause,
  });
}
