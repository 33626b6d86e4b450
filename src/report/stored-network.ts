import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../base/diagnostics.ts';
import { writeFileAtomic } from '../base/atomic-file.ts';
import type { Board } from '../ir/board.ts';
import { boardFamilies, energyCoefficients, resourceKinds } from '../ir/board.ts';
import { variantNames } from '../ir/variant.ts';
import type { VariantName } from '../ir/variant.ts';
import type { ReferenceSizes } from '../simulate/reference-store.ts';
import type { ReportBase } from './build-report.ts';
import { refuseSpecialFile } from '../read/special-file.ts';
import { parseReport } from './schema.ts';

/** What a build folder remembers of its network: the content of `reference/network.json`. */
export interface StoredNetwork {
  readonly report: ReportBase;
  readonly board: Board;
  readonly sizes: ReferenceSizes;
  /** One per sample, null when unlabelled. */
  readonly labels: readonly number[] | null;
  /**
   * Of every class the place in the first answer, channels first; null when unlabelled, and in
   * builds of before it was stored, where the place was the class.
   */
  readonly classPlaces: readonly number[] | null;
  /** Variants that were built. */
  readonly variants: readonly VariantName[];
}

/** Folder beside the variants that holds what they are compared with. */
export const referenceFolder = 'reference';
const file = 'network.json';

const remedy = 'give a folder that `nzflow run` or `nzflow compile` wrote, or build it again';

const count = z.int().nonnegative();
const amount = z.number().nonnegative();
const bracket = z.object({ low: amount, nominal: amount, high: amount });

/** Builds of before it was known read nothing from external memory. */
function withDramBit(coefficients: unknown): unknown {
  const none = { low: 1, nominal: 1, high: 1 };
  return typeof coefficients === 'object' ? { 'dram-bit': none, ...coefficients } : coefficients;
}

const boardSchema = z.object({
  name: z.string(),
  title: z.string(),
  part: z.string(),
  family: z.enum(boardFamilies),
  resources: z.record(z.enum(resourceKinds), amount),
  usableShare: z.number().positive(),
  // builds of before it was known are read too
  dies: z.int().positive().default(1),
  clockMHz: z.number().positive(),
  // builds of before it was known are read too
  dramGigabytesPerSecond: z.number().positive().nullable().default(null),
  dramShare: z.number().positive().default(1),
  maximumBeatBits: z.int().positive(),
  // builds of before there were other families are read too
  resourceNames: z
    .record(z.enum(resourceKinds), z.string())
    .default({ lut: 'LUT', ff: 'FF', bram36: 'BRAM36', uram: 'URAM', dsp: 'DSP' }),
  blockMemory: z
    .object({ bits: z.int().positive(), readBits: z.int().positive() })
    .default({ bits: 36_864, readBits: 72 }),
  pins: z
    .object({
      clock: z.string(),
      serialIn: z.string(),
      serialOut: z.string(),
      resetButton: z.string().exactOptional(),
    })
    .nullable()
    .default(null),
  int8ProductsPerDsp: z.number().positive(),
  staticWatts: bracket,
  // builds of before it was known are read too
  floorWatts: bracket.nullable().default(null),
  // builds of before it was known are read too
  shell: z
    .object({ platform: z.string(), resources: z.record(z.enum(resourceKinds), amount) })
    .nullable()
    .default(null),
  blockDesign: z
    .object({
      processor: z.enum(['zynq7', 'zynq_ultra_ps_e']),
      boardPart: z.string(),
      carrier: z.string().nullable(),
      controlPort: z.string(),
      memoryPort: z.string(),
      memoryPortBits: z.int(),
      clock: z.string(),
    })
    .nullable()
    .default(null),
  energyPicojoules: z.preprocess(withDramBit, z.record(z.enum(energyCoefficients), bracket)),
  energyScales: z.object({
    memoryWrite: amount,
    memoryIdle: amount,
    dspIdle: amount,
    glitch: bracket,
  }),
});

const networkSchema = z.object({
  networkVersion: z.literal(1),
  /** A report without variants, checked by the schema of reports. */
  report: z.unknown(),
  board: boardSchema,
  sizes: z.object({
    samples: count,
    accumulatorSamples: count,
    layers: count,
    sampleSize: count,
    classes: count,
    answers: z.array(z.object({ channels: count, height: count, width: count })),
    layerValues: z.array(count),
  }),
  labels: z.array(count).nullable(),
  classPlaces: z.array(count).nullable().default(null),
  variants: z.array(z.enum(variantNames)),
});

/** Writes `reference/network.json` of a build folder. */
export async function writeNetwork(buildFolder: string, network: StoredNetwork): Promise<void> {
  const { report, ...rest } = network;
  const ratios = {
    macLimit: null,
    throughput: null,
    latency: null,
    energy: null,
    energyRange: null,
    shareOfLimit: null,
    source: null,
    reason: null,
    chain: [],
  };
  const content = { networkVersion: 1, report: { ...report, variants: {}, ratios }, ...rest };
  const path = join(buildFolder, referenceFolder, file);
  await writeFileAtomic(path, `${JSON.stringify(content)}\n`);
}

/** Reads it back. Throws `UserError` when the folder is no build or its network is damaged. */
export async function readNetwork(buildFolder: string): Promise<StoredNetwork> {
  const place = join(buildFolder, referenceFolder, file);
  await refuseSpecialFile('build/network', place);
  const text = await readFile(place, 'utf8').catch((cause: unknown) =>
    fail('build/not-a-build', 'this is not a build folder: it has no reference data', {
      place: buildFolder,
      remedy,
      cause,
    }),
  );
  return parseNetwork(text, place);
}

/** As `readNetwork`, from text; `place` is for messages. */
export function parseNetwork(text: string, place: string): StoredNetwork {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return fail('build/network', 'the file is not JSON', { place, remedy, cause });
  }
  const result = networkSchema.safeParse(json);
  if (!result.success) {
    const [first] = result.error.issues;
    const where = first?.path.map(String).join('.') ?? '';
    const message = ['not written by this version:', where, first?.message ?? ''];
    const text = message.filter((part) => part !== '').join(' ');
    return fail('build/network', text, { place, remedy, cause: result.error });
  }
  const { report, board, sizes, labels, classPlaces, variants } = result.data;
  return { report: parseReport(report), board, sizes, labels, classPlaces, variants };
}
