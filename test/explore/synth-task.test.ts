import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/base/diagnostics.ts';
import { present } from '../../src/base/invariant.ts';
import { trialReports } from '../../src/explore/dashboard/trial-reports.ts';
import { readStore } from '../../src/explore/store.ts';
import { decodeNpy, encodeNpy } from '../../src/read/npy.ts';
import { findOnPath } from '../../src/simulate/tools.ts';
import { examplePath } from '../support/example.ts';
import { buildProgram, nzflow } from '../support/explore-run.ts';

const yosys = await findOnPath('yosys');

/** Calibration samples that a trial looks at. */
const calibrationSamples = 64;

let folder = '';
beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'nzflow-synth-task-'));
});
afterAll(() => rm(folder, { recursive: true }));

const example = (file: string): string => examplePath('tiny-cnn', file);

/** A search of one design, the example as it is: random search looks with the last task alone. */
async function searchFile(name: string): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(
    file,
    `model: ${example('model.onnx')}
calibrate: ${example('calibrate.npy')}
inputs: ${example('inputs.npy')}
labels: ${example('labels.npy')}
budget: { trials: 1 }
optimiser: { method: random }
parameters:
  board: arty-a7-35t
  targetThroughput: 1000
  weightBits: { type: categorical, values: [8] }
metrics:
  accuracy: { goal: maximise }
  lut: { goal: minimise }
tasks:
  - { name: few, cost: 0.4, samples: 16 }
  - { name: yosys, cost: 1, samples: 32, synth: true }
`,
  );
  return file;
}

interface SynthOutcome {
  readonly variants: Readonly<
    Record<string, Readonly<Record<'resources' | 'model', Readonly<Record<string, number>>>>>
  >;
}

/** The same design by `nzflow compile` and `nzflow synth`. */
async function synthesized(): Promise<SynthOutcome['variants'][string]> {
  const calibrate = join(folder, 'calibrate.npy');
  const { shape, data } = decodeNpy(await readFile(example('calibrate.npy')), calibrate);
  const [count = 0, ...rest] = shape;
  expect(count).toBeGreaterThan(calibrationSamples);
  const kept = Float32Array.from(data.slice(0, (data.length / count) * calibrationSamples), Number);
  await writeFile(calibrate, encodeNpy({ shape: [calibrationSamples, ...rest], data: kept }));
  const build = join(folder, 'build');
  const samples = ['--inputs', example('inputs.npy'), '--labels', example('labels.npy')];
  const plan = ['--board', 'arty-a7-35t', '--target-throughput', '1000'];
  const variant = ['--variants', 'sparse-sparse'];
  const compiled = await nzflow([
    ...['compile', example('model.onnx'), '--calibrate', calibrate, '--out', build],
    ...[...samples, ...plan, ...variant],
  ]);
  expect(compiled.stderr).not.toContain('error');
  expect(compiled.exitCode).toBe(0);
  const synth = await nzflow(['synth', build, '--tool', 'yosys', ...variant, '--json']);
  expect(synth.exitCode).toBe(0);
  const { variants } = JSON.parse(synth.stdout) as SynthOutcome;
  return present(variants['sparse-sparse'], 'the variant that was synthesised');
}

describe('a task that synthesises', () => {
  it.skipIf(yosys === null)(
    'keeps what Yosys counts, as nzflow synth does, in place of the model',
    async () => {
      const file = await searchFile('counted');
      const run = await nzflow(['explore', file, '--workers', '1']);
      expect(run.exitCode).toBe(0);
      const store = file.replace('.yaml', '.trials');
      const [job] = (await readStore(store)).jobs;
      expect(job?.task).toBe(1);
      const report = await trialReports(store).read(job?.trial ?? -1);
      expect(report?.variants['sparse-sparse']?.resources.source).toMatch(/^Yosys/);
      const values = new Map(
        job !== undefined && 'values' in job.outcome ? job.outcome.values : [],
      );
      const { resources, model } = await synthesized();
      expect(resources['lut']).toBeGreaterThan(0);
      for (const kind of ['lut', 'ff', 'bram36', 'dsp'])
        expect([kind, values.get(kind)]).toEqual([kind, resources[kind]]);
      // or the test could not tell the two apart
      expect(resources['lut']).not.toBe(model['lut']);
    },
    300_000,
  );

  it('ends the search where there is no Yosys: that is no property of a design', async () => {
    const file = await searchFile('missing');
    const empty = await mkdtemp(join(folder, 'no-tools-'));
    const run = await nzflow(['explore', file, '--workers', '1'], { PATH: empty });
    expect(run.exitCode).toBe(exitCodes.toolFailed);
    expect(run.stderr).toContain('yosys');
    expect((await readStore(file.replace('.yaml', '.trials'))).jobs).toEqual([]);
  }, 60_000);
});
