import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileModel, inspectModel, reportBuild } from '../../src/compile.ts';
import { variantNames } from '../../src/ir/variant.ts';
import { readPlan } from '../../src/read/plan.ts';
import { diagnosticsOfPromise } from '../support/user-error.ts';
import { host, impatientHost, inFolder, tinyOptions } from './tiny.ts';

/** Every file below a folder with its content, by relative path. */
async function contents(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const pairs = await Promise.all(
    files.sort().map(async (path) => {
      return [path.slice(folder.length + 1), (await readFile(path)).toString('latin1')] as const;
    }),
  );
  return new Map(pairs);
}

describe('compile', () => {
  it('tells when a throughput is not reached, and not when it is', async () => {
    const notes = async (targetThroughput: number): Promise<readonly string[]> => {
      const told: string[] = [];
      const progress = { ...host.progress, note: (text: string) => void told.push(text) };
      await inFolder((folder) =>
        compileModel(tinyOptions(join(folder, 'build'), { targetThroughput }), {
          ...host,
          progress,
        }),
      );
      return told.filter((text) => text.startsWith('warning: '));
    };
    expect(await notes(1000)).toEqual([]);
    const [warning, ...others] = await notes(1e9);
    expect(others).toEqual([]);
    expect(warning).toMatch(
      /^warning: sparse-sparse: [\d.]+.M\/s by the cycle model, less than the 1\.00.G\/s asked for/,
    );
  });

  it('writes plan and design of every variant, byte for byte the same each time', async () => {
    await inFolder(async (folder) => {
      const [first, second] = [join(folder, 'first'), join(folder, 'second', 'deeper')];
      const outcome = await compileModel(tinyOptions(first, { variants: variantNames }), host);
      expect(outcome.exitCode).toBe(0);
      await compileModel(tinyOptions(second, { variants: variantNames }), host);
      const [one, other] = [await contents(first), await contents(second)];
      expect([...one.keys()].some((path) => path.startsWith('.'))).toBe(false);
      for (const variant of variantNames) {
        expect(one.has(`${variant}/plan.json`)).toBe(true);
        expect(one.get(`${variant}/hdl/nzflow_top.v`)).toContain('module nzflow_top');
        expect(one.has(`${variant}/hdl/window_engine.v`)).toBe(true);
      }
      expect([...one.keys()]).toEqual([...other.keys()]);
      for (const [path, content] of one) {
        expect(other.get(path) === content, path).toBe(true);
      }
    });
  });

  it('writes no path or date into the design', async () => {
    await inFolder(async (folder) => {
      await compileModel(tinyOptions(join(folder, 'here')), host);
      const files = await contents(join(folder, 'here', 'sparse-sparse'));
      const told = [...files].filter(([, content]) => content.includes(folder));
      expect(told.map(([path]) => path)).toEqual([]);
    });
  });

  it('reads the plan back as it was', async () => {
    await inFolder(async (out) => {
      await compileModel(tinyOptions(out), host);
      const path = join(out, 'sparse-sparse', 'plan.json');
      const plan = await readPlan(path);
      expect(plan).toEqual(JSON.parse(await readFile(path, 'utf8')));
      expect(plan.variant).toBe('sparse-sparse');
    });
  });

  it('refuses a damaged plan by its field', async () => {
    await inFolder(async (out) => {
      await compileModel(tinyOptions(out), host);
      const path = join(out, 'sparse-sparse', 'plan.json');
      const text = await readFile(path, 'utf8');
      await writeFile(path, text.replace(/"copies": \d+/, '"copies": 0'));
      const [diagnostic] = await diagnosticsOfPromise(readPlan(path));
      expect(diagnostic?.place).toContain('copies');
    });
  });

  it('exits with 4 when no variant fits, and still writes what it planned', async () => {
    await inFolder(async (folder) => {
      const board = join(folder, 'small.yaml');
      await writeFile(
        board,
        `name: small
part: none
family: series7
resources: { lut: 900, ff: 1800, bram36: 2, uram: 0, dsp: 4 }
usableShare: 1
clockMHz: 100
maximumBeatBits: 32
staticWatts: { low: 0.1, nominal: 0.1, high: 0.1 }
`,
      );
      const out = join(folder, 'out');
      const outcome = await compileModel(tinyOptions(out, { board }), host);
      expect(outcome.exitCode).toBe(4);
      expect(outcome.text).toMatch(/does not fit: \d/);
      expect((await readPlan(join(out, 'sparse-sparse', 'plan.json'))).board).toBe('small');
    });
  });

  it('says that random inputs stand in for data', async () => {
    const { data, text } = await inspectModel({ model: tinyOptions('').model }, host);
    expect(text).toContain('random numbers');
    expect(data).toMatchObject({ samples: 16, accuracy: null });
  });
});

describe('inspect', () => {
  it('counts layers, densities and products', async () => {
    const { model, inputs, labels, calibrate } = tinyOptions('');
    const options = { model, samples: 20 };
    const data = {
      ...(inputs && { inputs }),
      ...(labels && { labels }),
      ...(calibrate && { calibrate }),
    };
    const outcome = await inspectModel({ ...options, ...data }, host);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.data).toMatchObject({
      samples: 20,
      macs: { dense: 144 * 14 * 14 + 16 * 9 * 32 * 25 + 128 * 64 + 64 * 12 },
      layers: [
        { name: 'c1', kind: 'conv', weights: { total: 144 } },
        { name: 'c2', kind: 'conv', weights: { total: 4608 } },
        { name: 'l1', kind: 'linear', weights: { total: 8192 } },
        { name: 'l2', kind: 'linear', weights: { total: 768 } },
      ],
    });
  });
});

describe('a build folder', () => {
  it('is left alone by a build that is given up', async () => {
    await inFolder(async (out) => {
      await compileModel(tinyOptions(out), host);
      await writeFile(join(out, 'mine.txt'), 'of the user');
      const before = await contents(out);
      for (const phase of ['quantising', 'planning', 'writing reference']) {
        const work = compileModel(tinyOptions(out, { samples: 3 }), impatientHost(phase));
        await expect(work).rejects.toThrow('given up');
        expect(await contents(out)).toEqual(before);
      }
      await compileModel(tinyOptions(out, { samples: 3 }), host);
      const after = await contents(out);
      expect(after.get('mine.txt')).toBe('of the user');
      expect(after.get('reference/network.json')).not.toBe(before.get('reference/network.json'));
    });
  });

  it('is not made by a build that fails', async () => {
    await inFolder(async (folder) => {
      const out = join(folder, 'new', 'folder');
      await expect(compileModel(tinyOptions(out), impatientHost('planning'))).rejects.toThrow();
      expect(await readdir(folder)).toEqual([]);
    });
  });

  it('loses the variants that a new build does not have', async () => {
    await inFolder(async (out) => {
      await compileModel(tinyOptions(out, { variants: variantNames }), host);
      await compileModel(tinyOptions(out), host);
      expect((await readdir(out)).sort()).toEqual(['reference', 'sparse-sparse']);
    });
  });

  it('must be a folder', async () => {
    await inFolder(async (folder) => {
      const out = join(folder, 'file');
      await writeFile(out, '');
      for (const path of [out, join(out, 'below')]) {
        const [diagnostic] = await diagnosticsOfPromise(compileModel(tinyOptions(path), host));
        expect(diagnostic).toMatchObject({ code: 'output/not-a-folder', place: path });
      }
    });
  });

  it.skipIf(process.getuid?.() === 0)('must be writable', async () => {
    await inFolder(async (folder) => {
      const out = join(folder, 'closed');
      await mkdir(out);
      await chmod(out, 0o500);
      const [diagnostic] = await diagnosticsOfPromise(compileModel(tinyOptions(out), host));
      expect(diagnostic).toMatchObject({ code: 'output/unwritable' });
    });
  });

  it('without reference data is no build', async () => {
    await inFolder(async (folder) => {
      const [diagnostic] = await diagnosticsOfPromise(reportBuild({ buildFolder: folder }, host));
      expect(diagnostic).toMatchObject({ code: 'build/not-a-build', place: folder });
    });
  });

  it('that was only compiled has a report of predictions, without measurements', async () => {
    await inFolder(async (out) => {
      await compileModel(tinyOptions(out), host);
      const { exitCode, data } = await reportBuild({ buildFolder: out }, host);
      expect(exitCode).toBe(0);
      expect(data).toMatchObject({
        variants: {
          'sparse-sparse': {
            cycles: { interval: null, latency: null, latencyWorst: null, latencyLoaded: null },
            timing: { cyclesSource: 'predicted' },
            energy: { activitySource: 'predicted' },
            verification: null,
            reason: 'it was not simulated',
          },
        },
        ratios: { throughput: null, reason: 'dense was not requested' },
      });
    });
  });
});
