import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail } from '../base/diagnostics.ts';
import type { Evaluation } from '../evaluate/quantized.ts';
import { sampleAt } from '../evaluate/quantized.ts';
import type { FeatureShape } from '../ir/graph.ts';
import type { ReferenceFiles } from './reference-files.ts';
import { writeArrays, writeReference } from './reference-files.ts';

/** Sizes of the data in a reference folder; the data themselves are in files beside. */
export interface ReferenceSizes {
  readonly samples: number;
  readonly accumulatorSamples: number;
  readonly layers: number;
  /** Values of one input sample. */
  readonly sampleSize: number;
  /** Words of all answers of one sample. */
  readonly classes: number;
  /** The answers, in the order of the output. */
  readonly answers: readonly FeatureShape[];
  /** Values on the output edge of each layer; 0 where its sums are an answer. */
  readonly layerValues: readonly number[];
}

const inputsFile = 'inputs.bin';
const logitsFile = 'logits.bin';

/**
 * Stores everything a design is compared with in `folder`: quantised inputs, the values on every
 * edge, accumulators of the first samples, logits. All variants of a network share it.
 */
export async function storeReference(
  folder: string,
  sizes: ReferenceSizes,
  inputs: Int16Array,
  evaluations: readonly Evaluation[],
): Promise<void> {
  const { accumulatorSamples, answers } = sizes;
  const inOrder = evaluations.map((evaluation) => ({
    ...evaluation,
    logits: siteBySite(answers, evaluation.logits),
  }));
  await writeReference(folder, sizes.layers, inOrder, { accumulatorSamples });
  await writeArrays(join(folder, inputsFile), [inputs]);
}

/** Answers, each channels first, as the hardware gives them: each site with all its channels. */
export function siteBySite(answers: readonly FeatureShape[], words: Int32Array): Int32Array {
  const ordered = new Int32Array(words.length);
  let start = 0;
  for (const { channels, height, width } of answers) {
    const sites = height * width;
    for (let channel = 0; channel < channels; channel += 1) {
      for (let site = 0; site < sites; site += 1) {
        ordered[start + site * channels + channel] = words[start + channel * sites + site] ?? 0;
      }
    }
    start += channels * sites;
  }
  return ordered;
}

/** The first `samples` of a stored reference. */
export interface StoredReference {
  readonly files: ReferenceFiles;
  readonly inputs: readonly Int16Array[];
  /** Values on the output edge of every layer, by sample. */
  readonly values: readonly (readonly Int16Array[])[];
  readonly logits: readonly Int32Array[];
}

/** Reads a reference folder. Throws `UserError` when files are missing or of another size. */
export async function readReference(
  folder: string,
  sizes: ReferenceSizes,
  samples = sizes.samples,
): Promise<StoredReference> {
  const root = resolve(folder);
  const inputs = await readIntegers(root, inputsFile, sizes.samples * sizes.sampleSize);
  const logits = await readBytes(root, logitsFile, sizes.samples * sizes.classes * 4);
  const words = new Int32Array(logits.buffer, logits.byteOffset, logits.byteLength / 4);
  const layerFiles = sizes.layerValues.map((size, index) => ({
    size,
    accumulators: join(root, `layer${index}-accumulators.bin`),
    values: size === 0 ? null : `layer${index}-values.bin`,
  }));
  const values = await Promise.all(
    layerFiles.map(async (file) =>
      file.values === null
        ? new Int16Array(0)
        : readIntegers(root, file.values, sizes.samples * file.size),
    ),
  );
  const each = <Item>(item: (sample: number) => Item): readonly Item[] =>
    Array.from({ length: samples }, (_, sample) => item(sample));
  return {
    files: {
      samples,
      accumulatorSamples: Math.min(samples, sizes.accumulatorSamples),
      logits: join(root, logitsFile),
      layers: layerFiles.map((file) => ({
        accumulators: file.accumulators,
        values: file.values === null ? null : join(root, file.values),
      })),
    },
    inputs: each((sample) => sampleAt(inputs, sizes.sampleSize, sample)),
    values: each((sample) =>
      values.map((layer, index) => sampleAt(layer, sizes.layerValues[index] ?? 0, sample)),
    ),
    logits: each((sample) => words.subarray(sample * sizes.classes, (sample + 1) * sizes.classes)),
  };
}

async function readIntegers(folder: string, name: string, count: number): Promise<Int16Array> {
  const bytes = await readBytes(folder, name, count * 2);
  return new Int16Array(bytes.buffer, bytes.byteOffset, count);
}

/** The bytes of a file in a buffer of their own, so that typed arrays can lie over them. */
async function readBytes(folder: string, name: string, size: number): Promise<Uint8Array> {
  const place = join(folder, name);
  const remedy = 'build again with `nzflow run` or `nzflow compile`';
  const bytes = await readFile(place).catch((cause: unknown) =>
    fail('build/reference', 'the reference data cannot be read', { place, remedy, cause }),
  );
  if (bytes.byteLength !== size) {
    const message = `the reference data has ${bytes.byteLength} bytes instead of ${size}`;
    fail('build/reference', message, { place, remedy });
  }
  return Uint8Array.from(bytes);
}
