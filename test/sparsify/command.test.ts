import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sparsifyModel } from '../../src/compile/sparsify-model.ts';
import { silentProgress } from '../../src/base/progress.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { readOnnxModel } from '../../src/read/onnx.ts';
import { encodeNpy } from '../../src/read/npy.ts';
import type { Sparsification } from '../../src/report/sparsification.ts';
import { runFake } from '../cli/run-fake.ts';
import { runReal } from '../cli/run-real.ts';
import { examplePath } from '../support/example.ts';
import { encodeOperatorModel } from '../support/operator-models/operator-model.ts';
import { quantisedModels } from '../support/operator-models/quantised.ts';

const model = examplePath('tiny-cnn', 'model.onnx');
const calibrate = examplePath('tiny-cnn', 'calibrate.npy');
const inputs = examplePath('tiny-cnn', 'inputs.npy');
const labels = examplePath('tiny-cnn', 'labels.npy');

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nzflow-sparsify-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function sparsify(...more: readonly string[]) {
  return runReal(['sparsify', model, '--calibrate', calibrate, ...more]);
}

describe('nzflow sparsify', () => {
  it('writes a model with the zeros asked for, and says what they cost', async () => {
    const out = join(folder, 'half', 'sparse.onnx');
    const plan = join(folder, 'plan.yaml');
    await writeFile(plan, 'layers:\n  c2: { setSize: 8 }\n  l1: { density: 0.1 }\n');
    const run = await sparsify(
      ...['--per-layer', plan, '-o', out, '--inputs', inputs, '--labels', labels],
      ...['--samples', '100', '--json'],
    );
    expect(run.errors).not.toContain('nzflow:');
    expect(run.exitCode).toBe(0);
    const result = JSON.parse(run.output) as Sparsification;
    const graph = lowerModel(await readOnnxModel(out), { keepEmptyChannels: true });
    for (const layer of result.layers) {
      const written = graph.layers.find(({ name }) => name === layer.name);
      const weights = written?.kind === 'window' ? written.weights : new Float32Array(0);
      expect(weights.filter((weight) => weight !== 0).length).toBe(layer.weights.nonZero);
    }
    const byName = new Map(result.layers.map((layer) => [layer.name, layer]));
    expect(byName.get('c2')?.pattern).toBe('sets of 8');
    expect(byName.get('l1')?.weights.nonZero).toBe(819);
    expect(result.accuracy?.dense).toBeGreaterThan(0.8);
    expect(result.accuracy?.winnersAlone).toBeNull();
    expect(result.testSamples).toBe(100);
  });

  it('writes the same bytes every time, trained or not', async () => {
    const files = ['one.onnx', 'two.onnx'].map((name) => join(folder, name));
    for (const out of files) {
      const run = await sparsify(
        ...['--density', '0.2', '--epochs', '1', '-o', out, '--finetune', inputs, labels],
      );
      expect(run.exitCode).toBe(0);
    }
    const [one, two] = await Promise.all(files.map((file) => readFile(file)));
    expect(one).toEqual(two);
  });

  it('leaves nothing when it is interrupted', async () => {
    const controller = new AbortController();
    const before = await readdir(folder);
    const stopped = sparsifyModel(
      {
        model,
        calibrate,
        density: 0.1,
        pattern: 'unstructured',
        method: 'second-order',
        finetune: { inputs, labels, epochs: 1000, shift: 0, noise: 0 },
        seed: 1,
        out: join(folder, 'interrupted.onnx'),
      },
      {
        progress: { ...silentProgress, phase: (name) => name === 'training' && controller.abort() },
        signal: controller.signal,
      },
    );
    await expect(stopped).rejects.toThrow();
    expect(await readdir(folder)).toEqual(before);
  });
});

describe('what nzflow sparsify refuses', () => {
  const out = ['-o', 'sparse.onnx'];

  it.each([
    ['no model', ['--calibrate', 'c.npy', '--density', '0.1', ...out], 'no model is given'],
    ['no calibration', ['m.onnx', '--density', '0.1', ...out], 'usage/no-calibration'],
    ['no file to write', ['m.onnx', '--calibrate', 'c.npy', '--density', '0.1'], 'usage/no-out'],
    ['no density', ['m.onnx', '--calibrate', 'c.npy', ...out], 'usage/density'],
    [
      'density and plan',
      ['m.onnx', '--calibrate', 'c.npy', '--density', '0.1', '--per-layer', 'p.yaml', ...out],
      'usage/density',
    ],
    ['density 0', ['m.onnx', '--density', '0'], 'over 0 and up to 1'],
    ['density 1.5', ['m.onnx', '--density', '1.5'], 'over 0 and up to 1'],
    ['a share of winners of 1', ['m.onnx', '--kwta', '1'], 'between 0 and 1'],
    ['an unknown pattern', ['m.onnx', '--pattern', 'complementery'], 'complementary'],
    [
      'one file to train on',
      ['m.onnx', '--calibrate', 'c.npy', '--density', '0.1', ...out, '--finetune', 'x.npy'],
      'usage/finetune',
    ],
    [
      'labels without samples',
      ['m.onnx', '--calibrate', 'c.npy', '--density', '0.1', ...out, '--labels', 'y.npy'],
      'usage/inputs-and-labels',
    ],
  ])('%s', async (_, parameters, message) => {
    const run = await runFake(['sparsify', ...parameters]);
    expect(run.exitCode).toBe(2);
    expect(run.errors).toContain(message);
    expect(run.calls).toEqual([]);
  });

  it('calibration samples of another shape', async () => {
    const other = join(folder, 'other.npy');
    await writeFile(other, encodeNpy({ shape: [4, 7], data: new Float32Array(28) }));
    const run = await runReal([
      ...['sparsify', model, '--calibrate', other, '--density', '0.1'],
      ...['-o', join(folder, 'x.onnx')],
    ]);
    expect(run.exitCode).toBe(2);
    expect(run.errors).toContain('samples/shape');
  });

  it('calibration samples that are all the same', async () => {
    const same = join(folder, 'same.npy');
    const data = new Float32Array(512).fill(1);
    await writeFile(same, encodeNpy({ shape: [2, 1, 16, 16], data }));
    const run = await runReal([
      ...['sparsify', model, '--calibrate', same, '--density', '0.1'],
      ...['-o', join(folder, 'x.onnx')],
    ]);
    expect(run.exitCode).toBe(2);
    expect(run.errors).toContain('sparsify/same-samples');
  });

  it('a plan with mistakes, with their places', async () => {
    const plan = join(folder, 'wrong.yaml');
    await writeFile(plan, 'layers:\n  c9: { density: 0.1 }\n');
    const run = await sparsify('--per-layer', plan, '-o', join(folder, 'x.onnx'));
    expect(run.exitCode).toBe(2);
    expect(run.errors).toContain('layers."c9"');
    expect(run.errors).toContain('plan/unknown-layer');
    const missing = await sparsify('--per-layer', 'no.yaml', '-o', join(folder, 'x.onnx'));
    expect(missing.errors).toContain('there is no such file');
  });

  it('to write over what it reads, or where it cannot', async () => {
    const over = await sparsify('--density', '0.1', '-o', model);
    expect(over.errors).toContain('one of the files that are read');
    const sub = join(folder, 'sub');
    await mkdir(sub);
    const onFolder = await sparsify('--density', '0.1', '-o', sub);
    expect(onFolder.errors).toContain('it is a folder');
    const full = await sparsify('--density', '0.1', '-o', '/dev/full');
    expect(full.errors).toContain('output/unwritable');
    for (const run of [over, onFolder, full]) expect(run.exitCode).toBe(2);
  });

  it('a quantised model', async () => {
    const [quantised] = quantisedModels;
    if (quantised === undefined) throw new Error('there are quantised models');
    const file = join(folder, 'quantised.onnx');
    await writeFile(file, encodeOperatorModel(quantised));
    const run = await runReal([
      ...['sparsify', file, '--calibrate', calibrate, '--density', '0.1'],
      ...['-o', join(folder, 'x.onnx')],
    ]);
    expect(run.exitCode).toBe(2);
    expect(run.errors).toContain('sparsify/quantised');
  });
});
