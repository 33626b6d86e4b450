import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { invariant, present } from '../base/invariant.ts';
import type { Evaluation } from '../evaluate/quantized.ts';

/** What every variant of a network must compute, as files the simulators map into memory. */
export interface ReferenceFiles {
  readonly samples: number;
  /** Accumulators are kept of the first so many samples only. */
  readonly accumulatorSamples: number;
  /** int32 [sample][word], words as they leave the hardware. */
  readonly logits: string;
  readonly layers: readonly {
    /** int32 [sample][channel][window row][window column]; of windows only. */
    readonly accumulators: string;
    /** int16 [sample][channel][row][column]; null where sums are an answer. */
    readonly values: string | null;
  }[];
}

/**
 * Writes evaluations, in sample order, into `folder`. They are taken one at a time, so an
 * evaluator can be run over a test set that does not fit in memory.
 */
export async function writeReference(
  folder: string,
  layerCount: number,
  evaluations: Iterable<Evaluation>,
  options: { readonly accumulatorSamples?: number } = {},
): Promise<ReferenceFiles> {
  invariant(endianness() === 'LE', 'reference files are little-endian');
  await mkdir(folder, { recursive: true });
  const limit = options.accumulatorSamples ?? Infinity;
  const logits = openOutput(join(folder, 'logits.bin'));
  const layers = Array.from({ length: layerCount }, (_, index) => ({
    accumulators: openOutput(join(folder, `layer${index}-accumulators.bin`)),
    values: openOutput(join(folder, `layer${index}-values.bin`)),
  }));
  let samples = 0;
  try {
    for (const evaluation of evaluations) {
      await write(logits, evaluation.logits);
      for (const [index, files] of layers.entries()) {
        const layer = present(evaluation.layers[index], 'an evaluation has every layer');
        if (samples < limit) await write(files.accumulators, layer.accumulators);
        await write(files.values, layer.values);
      }
      samples += 1;
    }
  } finally {
    await Promise.all(
      [logits, ...layers.flatMap((files) => [files.accumulators, files.values])].map(close),
    );
  }
  return {
    samples,
    accumulatorSamples: Math.min(samples, limit),
    logits: String(logits.path),
    layers: layers.map((files) => ({
      accumulators: String(files.accumulators.path),
      values: files.values.bytesWritten === 0 ? null : String(files.values.path),
    })),
  };
}

/** Writes typed arrays one after another; resolves when they are on their way to the disk. */
export async function writeArrays(path: string, arrays: Iterable<ArrayBufferView>): Promise<void> {
  const file = openOutput(path);
  try {
    for (const array of arrays) await write(file, array);
  } finally {
    await close(file);
  }
}

function openOutput(path: string): WriteStream {
  const stream = createWriteStream(path, { highWaterMark: 1 << 20 });
  // an error surfaces in `close`; without a listener it would end the process first
  stream.on('error', () => undefined);
  return stream;
}

async function write(stream: WriteStream, array: ArrayBufferView): Promise<void> {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  if (stream.write(bytes) || stream.errored !== null) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      stream.off('drain', go);
      stream.off('close', go);
      resolve();
    };
    stream.once('drain', go);
    stream.once('close', go);
  });
}

async function close(stream: WriteStream): Promise<void> {
  stream.end();
  await finished(stream);
}
