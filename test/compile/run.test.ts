import { mkdtempSync, rmSync } from 'node:fs';
import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportBuild, runModel, simulateBuild } from '../../src/compile.ts';
import type { Outcome } from '../../src/options.ts';
import { parseReport } from '../../src/report/schema.ts';
import { diagnosticsOfPromise } from '../support/user-error.ts';
import { host, impatientHost, inFolder, tinyOptions } from './tiny.ts';

const plain = { trace: false, hashCheck: true };

/** A build made once; tests that change it work on a copy. The simulator comes from the cache then. */
let folder: string;
let out: string;
let outcome: Outcome;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-run-'));
  out = join(folder, 'build');
  outcome = await runModel({ ...tinyOptions(out), ...plain, gapSeeds: [5] }, host);
}, 1_200_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function withCopy(work: (buildFolder: string) => Promise<void>): Promise<void> {
  await inFolder(async (copy) => {
    await cp(out, copy, { recursive: true });
    await work(copy);
  });
}

/** Changes the last digit of a line of a memory image that `choose` accepts. */
async function corrupt(path: string, choose: (word: string) => boolean): Promise<void> {
  const words = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const line = words.findIndex(choose);
  const word = words[line] ?? '';
  const digit = (Number.parseInt(word.slice(-1), 16) ^ 1).toString(16);
  words[line] = word.slice(0, -1) + digit;
  await writeFile(path, `${words.join('\n')}\n`);
}

describe('run', () => {
  it('ends verified, with a report that follows its schema', async () => {
    expect(outcome.exitCode, outcome.text).toBe(0);
    const report = parseReport(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
    expect(outcome.data).toEqual(report);
    const variant = report.variants['sparse-sparse'];
    expect(variant?.verification).toMatchObject({
      samples: 4,
      mismatches: 0,
      gapSeeds: [5],
      gapSamples: 4,
    });
    expect(variant?.verification?.accuracy).toBe(report.accuracy?.quantized);
    expect(variant?.verification?.accumulatorsCompared).toBeGreaterThan(0);
    expect((await readdir(out)).sort()).toEqual([
      'reference',
      'report.html',
      'report.json',
      'sparse-sparse',
    ]);
  });

  it('measures what the cycle model predicts', () => {
    const { cycles } = parseReport(outcome.data).variants['sparse-sparse'] ?? {};
    expect(cycles?.interval).toBeGreaterThan(0);
    expect(cycles?.modelInterval).toBe(cycles?.interval);
    expect(cycles?.latency).toBeGreaterThan(0);
    expect(cycles?.modelLatency).toBe(cycles?.latency);
  });

  it('accounts for energy and time layer by layer', () => {
    const report = parseReport(outcome.data);
    const { energy, layers, timing } = report.variants['sparse-sparse'] ?? {};
    const total = energy?.perInferenceUj.nominal ?? NaN;
    const sum = (breakdown: Readonly<Record<string, number>>): number =>
      Object.values(breakdown).reduce((all, part) => all + part, 0);
    expect(sum(energy?.breakdownUj ?? {})).toBeCloseTo(total, 9);
    const byLayer = (energy?.energyByLayerUj ?? []).map(({ breakdownUj }) => sum(breakdownUj));
    expect(byLayer.reduce((all, part) => all + part, 0)).toBeCloseTo(total, 9);
    const interval = ((timing?.clockMHz ?? 0) * 1e6) / (timing?.throughputPerSecondOneCopy ?? 1);
    for (const layer of layers ?? []) {
      expect(layer.busyCycles + layer.stallCycles).toBeLessThanOrEqual(interval + 1e-6);
      expect(layer.busyCycles).toBeGreaterThan(0);
    }
  });

  it('given up while it simulates leaves the build before it', async () => {
    await withCopy(async (buildFolder) => {
      const before = await readFile(join(buildFolder, 'report.json'), 'utf8');
      const options = { ...tinyOptions(buildFolder, { samples: 2 }), ...plain };
      await expect(runModel(options, impatientHost('simulating'))).rejects.toThrow('given up');
      expect(await readFile(join(buildFolder, 'report.json'), 'utf8')).toBe(before);
      expect((await readdir(buildFolder)).filter((name) => name.startsWith('.'))).toEqual([]);
    });
  });
});

describe('simulate', () => {
  it('verifies a build that was moved, with fewer samples', async () => {
    await withCopy(async (buildFolder) => {
      const again = await simulateBuild({ buildFolder, ...plain, samples: 2 }, host);
      expect(again.exitCode).toBe(0);
      expect(again.data).toMatchObject({
        variants: { 'sparse-sparse': { samples: 2, mismatches: 0 } },
      });
    });
  });

  it('names file and layer of a memory image that is not what the plan says', async () => {
    await withCopy(async (buildFolder) => {
      const image = join(buildFolder, 'sparse-sparse', 'hdl', 'layer01_weights000.mem');
      await corrupt(image, () => true);
      const diagnostics = await diagnosticsOfPromise(
        simulateBuild({ buildFolder, ...plain }, host),
      );
      expect(diagnostics).toHaveLength(1);
      expect(diagnostics[0]?.message).toContain('layer01_weights000.mem of layer c2');
    });
  });

  it('finds a wrong weight without the hash check, and where', async () => {
    await withCopy(async (buildFolder) => {
      const image = join(buildFolder, 'sparse-sparse', 'hdl', 'layer00_weights000.mem');
      await corrupt(image, (word) => /[1-9a-f]/.test(word));
      const wrong = await simulateBuild({ buildFolder, ...plain, hashCheck: false }, host);
      expect(wrong.exitCode).toBe(1);
      expect(wrong.text).toMatch(/accumulator check: layer 0 "c1", sample 0, window row \d+/);
      const report = await reportBuild({ buildFolder }, host);
      expect(report.exitCode).toBe(1);
      expect(parseReport(report.data).warnings.join()).toContain('layer 0 "c1"');
    });
  });

  it('finds a wrong expectation', async () => {
    await withCopy(async (buildFolder) => {
      const path = join(buildFolder, 'reference', 'logits.bin');
      const bytes = await readFile(path);
      bytes.writeInt32LE(bytes.readInt32LE(0) + 1, 0);
      await writeFile(path, bytes);
      const wrong = await simulateBuild({ buildFolder, ...plain }, host);
      expect(wrong.exitCode).toBe(1);
      expect(wrong.text).toMatch(/logit check: layer 3 "l2", sample 0/);
    });
  });

  it('refuses a variant that the build does not have', async () => {
    const options = { buildFolder: out, ...plain, variants: ['dense'] as const };
    const [diagnostic] = await diagnosticsOfPromise(simulateBuild(options, host));
    expect(diagnostic).toMatchObject({ code: 'build/no-variant' });
  });
});

describe('report', () => {
  it('is the same again from what is stored', async () => {
    await withCopy(async (buildFolder) => {
      const path = join(buildFolder, 'report.json');
      const before = await readFile(path, 'utf8');
      await writeFile(path, '{}');
      await reportBuild({ buildFolder }, host);
      expect(await readFile(path, 'utf8')).toBe(before);
    });
  });
});
