import { mkdtempSync, rmSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { present } from '../../src/base/invariant.ts';
import { readPlan } from '../../src/read/plan.ts';
import { inFolder } from '../compile/tiny.ts';
import { engineLayers } from '../support/engine-layers.ts';
import { runReal } from './run-real.ts';
import type { RealRun } from './run-real.ts';

/** One build for all; every test damages a copy, and the simulator comes from the cache. */
let folder: string;
let build: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-tampered-'));
  build = join(folder, 'build');
  const example = 'examples/tiny-cnn';
  const data = ['inputs', 'labels', 'calibrate'].flatMap((name) => [
    `--${name}`,
    `${example}/${name}.npy`,
  ]);
  // sets in parallel in the second layer: words with two kids
  const folding = ['--variants', 'sparse-sparse', '--target-throughput', '30000'];
  const options = ['--board', 'pynq-z2', '--samples', '4', '--out', build];
  const compile = ['compile', `${example}/model.onnx`, ...data, ...folding, ...options];
  const compiled = await runReal(compile);
  expect(compiled.exitCode, compiled.errors).toBe(0);
  const simulated = await runReal(['simulate', build]);
  expect(simulated, simulated.errors).toMatchObject({ exitCode: 0 });
  expect(simulated.output).toMatch(/^sparse-sparse: bit-exact on 4 samples/);
}, 1_200_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `nzflow simulate` on a copy of the build that `damage` has changed. */
async function simulateDamaged(
  damage: (copy: string) => Promise<void>,
  ...options: readonly string[]
): Promise<RealRun> {
  return inFolder(async (copy) => {
    await cp(build, copy, { recursive: true });
    await damage(copy);
    return runReal(['simulate', copy, ...options]);
  });
}

const image = (layer: number): string =>
  join('sparse-sparse', 'hdl', `layer0${layer}_weights000.mem`);

/** Changes the first word of an image that `change` gives another value for. */
async function changeWord(path: string, change: (word: bigint) => bigint): Promise<void> {
  const words = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const at = words.findIndex((word) => change(BigInt(`0x${word}`)) !== BigInt(`0x${word}`));
  const word = present(words[at], 'a word to change');
  words[at] = change(BigInt(`0x${word}`))
    .toString(16)
    .padStart(word.length, '0');
  await writeFile(path, `${words.join('\n')}\n`);
}

/** A bit of the weight in the lowest slot of the first word that holds one. */
async function flipWeightBit(copy: string): Promise<void> {
  await changeWord(join(copy, image(0)), (word) => ((word & 0xffn) === 0n ? word : word ^ 4n));
}

/** Two kids of a word of the second layer exchanged, one of which has a weight at least. */
async function swapKids(copy: string): Promise<void> {
  const plan = await readPlan(join(copy, 'sparse-sparse', 'plan.json'));
  const layer = present(engineLayers(plan)[1], 'a plan has two layers');
  const kidBits = BigInt(present(layer.parameters['SumAddressBits'], 'SumAddressBits'));
  const weightBits = BigInt(layer.weightBits);
  const slotBits = kidBits + weightBits;
  const weight = (word: bigint, slot: bigint): bigint =>
    (word >> (slot * slotBits)) & ((1n << weightBits) - 1n);
  const kid = (word: bigint, slot: bigint): bigint =>
    (word >> (slot * slotBits + weightBits)) & ((1n << kidBits) - 1n);
  expect(layer.choice.setsParallel).toBeGreaterThan(1);
  await changeWord(join(copy, image(1)), (word) => {
    if (weight(word, 0n) === 0n && weight(word, 1n) === 0n) return word;
    const difference = kid(word, 0n) ^ kid(word, 1n);
    return word ^ (difference << weightBits) ^ (difference << (slotBits + weightBits));
  });
}

/** Expected output 5 of sample 2, one more. */
async function wrongAnswer(copy: string): Promise<void> {
  const path = join(copy, 'reference', 'logits.bin');
  const bytes = await readFile(path);
  const at = 4 * (2 * 12 + 5);
  bytes.writeInt32LE(bytes.readInt32LE(at) + 1, at);
  await writeFile(path, bytes);
}

/** Check, layer, sample, position and both values. */
const sumLine = (layer: string, sample: number): RegExp =>
  new RegExp(
    `^ {2}accumulator check: layer ${layer}, sample ${sample}, window row \\d+, column \\d+, channel \\d+: expected -?\\d+, got -?\\d+ `,
    'm',
  );

describe('simulate on a build with', () => {
  it('a flipped weight bit: the hash check names file and layer', async () => {
    const run = await simulateDamaged(flipWeightBit);
    expect(run.exitCode).toBe(1);
    expect(run.errors).toMatch(
      /layer00_weights000\.mem: hash check: weights image layer00_weights000\.mem of layer c1 is not what the plan says/,
    );
    expect(run.output).toBe('');
  });

  it('a flipped weight bit: no report says any more that the design is verified', async () => {
    await inFolder(async (copy) => {
      await cp(build, copy, { recursive: true });
      await flipWeightBit(copy);
      expect((await runReal(['simulate', copy])).exitCode).toBe(1);
      const report = await runReal(['report', copy]);
      expect(report.output).not.toMatch(/exact/);
      expect(report.output).toMatch(/not simulated/);
    });
  });

  it('no design: synth says so', async () => {
    await inFolder(async (copy) => {
      await cp(build, copy, { recursive: true });
      await rm(join(copy, 'sparse-sparse', 'hdl'), { recursive: true });
      const run = await runReal(['synth', copy, '--tool', 'yosys']);
      expect(run.exitCode, run.errors).toBe(2);
      expect(run.errors).toMatch(/hdl: there is no nzflow_top\.v \[synthesize\/no-design\]/);
    });
  });

  it('a flipped weight bit and no hash check: the first wrong sum', async () => {
    const run = await simulateDamaged(flipWeightBit, '--no-hash-check');
    expect(run.exitCode).toBe(1);
    expect(run.output).toMatch(/^sparse-sparse: [\d,]+ differences on 4 samples/);
    expect(run.output).toMatch(sumLine('0 "c1"', 0));
  });

  it('a swapped kid: the hash check', async () => {
    const run = await simulateDamaged(swapKids);
    expect(run.exitCode).toBe(1);
    expect(run.errors).toMatch(/hash check: .*layer01_weights000\.mem of layer c2/);
  });

  it('a swapped kid and no hash check: the first wrong sum', async () => {
    const run = await simulateDamaged(swapKids, '--no-hash-check');
    expect(run.exitCode).toBe(1);
    // the first sample with a token at the word's index
    expect(run.output).toMatch(sumLine('1 "c2"', 1));
  });

  it('a wrong expected output: the logit check, at its sample and class', async () => {
    const run = await simulateDamaged(wrongAnswer);
    expect(run.exitCode).toBe(1);
    expect(run.output).toMatch(
      /^ {2}logit check: layer 3 "l2", sample 2, channel 5: expected (-?\d+), got (-?\d+) /m,
    );
    expect(run.output).not.toMatch(/accumulator check|stream check/);
  });

  it('a wrong expected output: also with --json', async () => {
    const run = await simulateDamaged(wrongAnswer, '--json');
    expect(run.exitCode).toBe(1);
    const { variants } = JSON.parse(run.output) as {
      variants: Record<string, { mismatches: number; differences: string[] }>;
    };
    expect(variants['sparse-sparse']?.mismatches).toBeGreaterThan(0);
    expect(variants['sparse-sparse']?.differences[0]).toMatch(
      /^logit check: layer 3 "l2", sample 2/,
    );
  });
});
