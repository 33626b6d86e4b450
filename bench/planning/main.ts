import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { variantNames } from '../../src/ir/variant.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { textHead, textRow } from '../text-table.ts';
import type { TextColumn } from '../text-table.ts';

const examples = ['tiny-cnn', 'keyword-cnn', 'pruned-mlp', 'pruned-resnet'];
const board = 'alveo-u250';

/** Milliseconds, of the clock on the wall and of processors. */
const timeSchema = z.object({ clock: z.number(), processor: z.number() });
/** What measure.mjs prints. */
const measuredSchema = z.object({
  phases: z.array(timeSchema.extend({ name: z.string() })),
  total: timeSchema,
  peakBytes: z.number(),
});

interface Row {
  readonly network: string;
  readonly variant: VariantName;
  readonly planning: z.infer<typeof timeSchema>;
  readonly total: z.infer<typeof timeSchema>;
  readonly peakBytes: number;
  /** Processor time of planning over that of the first variant. */
  readonly toFirst: number;
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(2);

const columns: readonly TextColumn<Row>[] = [
  ['network', -16, ({ network }) => network],
  ['variant', -13, ({ variant }) => variant],
  ['planning s', 10, ({ planning }) => seconds(planning.clock)],
  ['CPU s', 8, ({ planning }) => seconds(planning.processor)],
  [`to ${variantNames[0]}`, 9, ({ toFirst }) => toFirst.toFixed(2)],
  ['compile s', 9, ({ total }) => seconds(total.clock)],
  ['CPU s', 8, ({ total }) => seconds(total.processor)],
  [
    'planning',
    8,
    ({ planning, total }) => `${((100 * planning.processor) / total.processor).toFixed(0)} %`,
  ],
  ['peak MiB', 8, ({ peakBytes }) => (peakBytes / 2 ** 20).toFixed(0)],
];

/** Compiles the networks named (all examples when none is) and prints a row a variant. */
export async function measurePlanning(names: readonly string[]): Promise<void> {
  console.log(textHead(columns));
  for (const name of names.length > 0 ? names : examples) {
    let first: number | null = null;
    for (const variant of variantNames) {
      const row = await measure(name, variant);
      first ??= row.planning.processor;
      console.log(textRow(columns, { ...row, toFirst: row.planning.processor / first }));
    }
  }
}

async function measure(name: string, variant: VariantName): Promise<Omit<Row, 'toFirst'>> {
  const folder = examples.includes(name)
    ? fileURLToPath(new URL(`../../examples/${name}`, import.meta.url))
    : name;
  const out = await mkdtemp(join(tmpdir(), 'nzflow-planning-'));
  const labels = join(folder, 'labels.npy');
  const options = {
    model: join(folder, 'model.onnx'),
    inputs: join(folder, 'inputs.npy'),
    calibrate: join(folder, 'calibrate.npy'),
    ...(existsSync(labels) ? { labels } : {}),
    board,
    variants: [variant],
    out,
  };
  try {
    const script = fileURLToPath(new URL('measure.mjs', import.meta.url));
    const child = promisify(execFile);
    const { stdout } = await child(process.execPath, [script, JSON.stringify(options)]);
    const { phases, total, peakBytes } = measuredSchema.parse(JSON.parse(stdout));
    const planning = phases.find((phase) => phase.name === `planning ${variant}`);
    if (planning === undefined) throw new Error(`${name} was not planned`);
    return { network: basename(folder), variant, planning, total, peakBytes };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
