import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { variantNames } from '../../src/ir/variant.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { textHead, textRow } from '../text-table.ts';
import type { TextColumn } from '../text-table.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const example = join(root, 'examples/keyword-cnn');

/** What `nzflow run` leaves of a simulation, as far as it is needed here. */
const resultSchema = z.object({
  seconds: z.number(),
  cyclesSimulated: z.number(),
  cycles: z.object({ interval: z.number() }),
});

interface Simulation extends z.infer<typeof resultSchema> {
  readonly variant: VariantName;
}

const columns: readonly TextColumn<Simulation>[] = [
  ['simulator', -13, ({ variant }) => variant],
  ['cycles', 9, ({ cyclesSimulated }) => cyclesSimulated.toLocaleString('en')],
  ['seconds', 8, ({ seconds }) => seconds.toFixed(1)],
  ['cycles/s', 9, (row) => Math.round(cyclesPerSecond(row)).toLocaleString('en')],
  ['inferences/s', 12, (row) => (cyclesPerSecond(row) / row.cycles.interval).toFixed(1)],
];

const cyclesPerSecond = (row: Simulation): number => row.cyclesSimulated / row.seconds;

/**
 * Prints seconds of a cold and of a warm run, and of each simulator alone: cycles a second, and what
 * they are in inferences at one an interval. Exits with the code of a run that fails.
 */
export function measureTool(): void {
  const work = mkdtempSync(join(tmpdir(), 'nzflow-tool-'));
  const build = join(work, 'build');
  const nzflow = (...parameters: readonly string[]): number => {
    const start = performance.now();
    const { status } = spawnSync(
      process.execPath,
      [join(root, 'dist/cli/main.js'), ...parameters],
      {
        env: { ...process.env, NZFLOW_CACHE: join(work, 'cache') },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    if (status !== 0) process.exitCode = status ?? 1;
    return (performance.now() - start) / 1000;
  };
  const files = ['inputs', 'labels', 'calibrate'].flatMap((name) => [
    `--${name}`,
    join(example, `${name}.npy`),
  ]);
  const run = ['run', join(example, 'model.onnx'), ...files, '--board', 'alveo-u250'];
  const parameters = [...run, '--samples', '256', '--out', build];
  try {
    const cold = nzflow(...parameters);
    const warm = nzflow(...parameters);
    if (process.exitCode !== undefined) return;
    console.log(`nothing in the cache  ${cold.toFixed(1)} s`);
    console.log(`once more             ${warm.toFixed(1)} s  (${(warm / cold).toFixed(2)} of it)`);
    console.log(`\n${textHead(columns)}`);
    for (const variant of variantNames) {
      nzflow('simulate', build, '--variants', variant);
      if (process.exitCode !== undefined) return;
      const text = readFileSync(join(build, variant, 'sim/result.json'), 'utf8');
      console.log(textRow(columns, { variant, ...resultSchema.parse(JSON.parse(text)) }));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
