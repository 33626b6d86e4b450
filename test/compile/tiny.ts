import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentProgress } from '../../src/base/progress.ts';
import type { CompileOptions, Host } from '../../src/options.ts';

function example(leaf: string): string {
  return fileURLToPath(new URL(`../../examples/tiny-cnn/${leaf}`, import.meta.url));
}

/** The tiny network with its data, sparse-sparse, as small as hardware gets: fast to simulate. */
export function tinyOptions(out: string, options: Partial<CompileOptions> = {}): CompileOptions {
  return {
    model: example('model.onnx'),
    inputs: example('inputs.npy'),
    labels: example('labels.npy'),
    calibrate: example('calibrate.npy'),
    samples: 4,
    board: 'pynq-z2',
    variants: ['sparse-sparse'],
    targetThroughput: 1000,
    out,
    requireFit: false,
    ...options,
  };
}

/** A caller that watches nothing and never gives up. */
export const host: Host = { progress: silentProgress, signal: new AbortController().signal };

/** A caller that gives up when a phase begins whose name starts with `phase`. */
export function impatientHost(phase: string): Host {
  const controller = new AbortController();
  return {
    progress: {
      ...silentProgress,
      phase(name) {
        if (name.startsWith(phase)) controller.abort(new Error('given up'));
      },
    },
    signal: controller.signal,
  };
}

/** Calls `work` with a new folder and removes it afterwards. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-test-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
