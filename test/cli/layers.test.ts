import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileModel } from '../../src/compile.ts';
import { host, tinyOptions } from '../compile/tiny.ts';
import { runReal } from './run-real.ts';

let folder: string;
let build: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-layers-'));
  build = join(folder, 'build');
  await compileModel(tinyOptions(build), host);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const image = (): string => join(build, 'sparse-sparse/hdl/layer01_weights000.mem');

/** Changes a bit of the lowest weight in the first word of layer c2 that has one. */
async function flipWeightBit(): Promise<void> {
  const words = (await readFile(image(), 'utf8')).split('\n');
  const at = words.findIndex((word) => (BigInt(`0x${word}`) & 0xffn) !== 0n);
  const word = words[at] ?? '';
  words[at] = (BigInt(`0x${word}`) ^ 4n).toString(16).padStart(word.length, '0');
  await writeFile(image(), words.join('\n'));
}

interface LayerResult {
  readonly name: string;
  readonly mismatches: number;
  readonly differences: readonly string[];
  readonly accumulatorsCompared: number;
  readonly valuesCompared: number;
  readonly measured: { readonly interval: number; readonly latency: number };
  readonly predicted: { readonly interval: number; readonly latency: number };
  readonly cyclesExact: boolean;
}

function layersOf(output: string): readonly LayerResult[] {
  const { variants } = JSON.parse(output) as {
    variants: Record<string, { layers: readonly LayerResult[] }>;
  };
  return variants['sparse-sparse']?.layers ?? [];
}

describe('simulate --layers', () => {
  it('verifies every layer alone: sums, values and cycles', async () => {
    const run = await runReal(['simulate', build, '--layers', '--json']);
    expect(run.exitCode, run.errors).toBe(0);
    const layers = layersOf(run.output);
    expect(layers.map(({ name }) => name)).toEqual(['c1', 'c2', 'l1', 'l2']);
    for (const layer of layers) {
      expect(layer).toMatchObject({ mismatches: 0, differences: [], cyclesExact: true });
      expect(layer.measured).toEqual(layer.predicted);
      expect(layer.accumulatorsCompared).toBeGreaterThan(0);
    }
    // what leaves the last layer are sums
    expect(layers.map(({ valuesCompared }) => valuesCompared > 0)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(run.errors).toMatch(/sparse-sparse c2 \(\d of 4\): bit-exact, [\d.]+ cycles/);
    // four simulators are built
  }, 900_000);

  it('takes a path from where it is called', async () => {
    const path = relative(process.cwd(), build);
    const run = await runReal(['simulate', path, '--layer', 'c1']);
    expect(run.exitCode, run.errors).toBe(0);
    expect(run.output).toMatch(/c1 +bit-exact/);
  });

  it('gives a report that says so', async () => {
    const run = await runReal(['report', build]);
    expect(run.exitCode, run.errors).toBe(0);
    expect(run.output).toContain('by layer, 4/4');
    expect(run.output).toContain('Verified layer by layer on 4 samples, not as a whole');
    const report = JSON.parse(await readFile(join(build, 'report.json'), 'utf8')) as {
      variants: Record<
        string,
        { timing: unknown; energy: unknown; verification: { layerByLayer: readonly unknown[] } }
      >;
    };
    const variant = report.variants['sparse-sparse'];
    expect(variant?.verification.layerByLayer).toHaveLength(4);
    expect(variant?.timing).not.toBeNull();
    expect(variant?.energy).not.toBeNull();
  });

  it('leaves out what is verified, and names the layer of a damaged weight', async () => {
    const again = await runReal(['simulate', build, '--layers', '--resume']);
    expect(again.exitCode, again.errors).toBe(0);
    expect(again.errors.match(/verified before/g)).toHaveLength(4);
    expect(again.output).toMatch(
      /^sparse-sparse: verified layer by layer on 4 samples: 4 of 4 bit-exact, 4 in exactly the predicted cycles; slowest \w+/m,
    );

    await flipWeightBit();
    const hashed = await runReal(['simulate', build, '--layers', '--resume']);
    expect(hashed.exitCode).toBe(1);
    expect(hashed.errors).toMatch(/hash check: .*layer01_weights000\.mem of layer c2/);
    const report = await runReal(['report', build]);
    expect(report.output).not.toContain('by layer');
    const options = ['--layer', 'c1,c2', '--resume', '--no-hash-check'];
    const damaged = await runReal(['simulate', build, ...options]);
    expect(damaged.exitCode, damaged.errors).toBe(1);
    expect(damaged.errors.match(/verified before/g)).toHaveLength(1);
    expect(damaged.output).toMatch(/c1 +bit-exact/);
    expect(damaged.output).toMatch(/c2 +[\d,]+ differences/);
    expect(damaged.output).toMatch(
      /^ {2}accumulator check: layer 1 "c2", sample \d, window row \d+, column \d+, channel \d+: expected -?\d+, got -?\d+ /m,
    );
  });

  it('knows the layers', async () => {
    const run = await runReal(['simulate', build, '--layer', 'c9']);
    expect(run.exitCode).toBe(2);
    expect(run.errors).toContain('no layer is called "c9"');
  });

  it('records no waves and resumes no whole design', async () => {
    const waves = await runReal(['simulate', build, '--layers', '--trace']);
    expect(waves.exitCode).toBe(2);
    expect(waves.errors).toContain('waves are recorded of whole designs only');
    const activity = await runReal(['simulate', build, '--layers', '--activity', '2']);
    expect(activity.exitCode).toBe(2);
    expect(activity.errors).toContain('switching activity is recorded of whole designs only');
    const whole = await runReal(['simulate', build, '--resume']);
    expect(whole.exitCode).toBe(2);
    expect(whole.errors).toContain('only layers alone are resumed');
  });
});
