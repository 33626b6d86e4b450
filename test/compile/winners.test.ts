import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { present } from '../../src/base/invariant.ts';
import { readPlan } from '../../src/read/plan.ts';
import { parseReport } from '../../src/report/schema.ts';
import { runReal } from '../cli/run-real.ts';
import { winnersModel } from '../support/winners-model.ts';
import { inFolder } from './tiny.ts';

/** Writes the model and runs a command on it; the folder of the build is `out`. */
async function onModel(
  command: string,
  folder: string,
  groups: number,
  more: readonly string[],
): Promise<Awaited<ReturnType<typeof runReal>>> {
  const model = join(folder, 'model.onnx');
  await writeFile(model, winnersModel(groups));
  const size = ['--board', 'arty-a7-100t', '--target-throughput', '20000', '--samples', '3'];
  return runReal([command, model, ...size, '--out', join(folder, 'out'), ...more]);
}

describe('k-WTA in groups of channels and over a whole map, from ONNX to RTL', () => {
  it.each([
    ['exact', 0, 'dense'],
    ['ties', 1, 'sparse-sparse'],
  ] as const)(
    '--kwta %s: bit-exact, cycles as predicted',
    async (kwta, keepTies, variant) => {
      await inFolder(async (folder) => {
        const run = await onModel('run', folder, 2, ['--kwta', kwta, '--variants', variant]);
        expect(run.exitCode, run.errors + run.output).toBe(0);
        const text = await readFile(join(folder, 'out', 'report.json'), 'utf8');
        const report = parseReport(JSON.parse(text));
        const { verification, cycles, layers } = present(report.variants[variant], variant);
        // streams of both convolutions, the winners and the answer
        const streamsCompared = 4;
        expect(verification).toMatchObject({ samples: 3, mismatches: 0, streamsCompared });
        expect(verification?.gapSamples).toBeGreaterThan(0);
        expect(cycles?.modelInterval).toBe(cycles?.interval);
        expect(cycles?.modelLatency).toBe(cycles?.latency);
        expect(cycles?.latencyWorst).toBeLessThanOrEqual(cycles?.latencyBound ?? 0);
        expect(layers.map(({ unit }) => unit)).toContain('winners');
        const plan = await readPlan(join(folder, 'out', variant, 'plan.json'));
        const [first, , chosen] = plan.layers;
        expect(first?.parameters['WinnerGroups']).toBe(2);
        expect(chosen).toMatchObject({
          kind: 'winners',
          parameters: { K: 20, KeepTies: keepTies },
        });
      });
    },
    600_000,
  );

  it('weights for a design take its rule for equal values from it', async () => {
    await inFolder(async (folder) => {
      const loadable = ['--weights', 'loadable', '--kwta', 'ties', '--variants', 'sparse-sparse'];
      const build = await onModel('compile', folder, 2, loadable);
      expect(build.exitCode, build.errors).toBe(0);
      const out = join(folder, 'out');
      const model = join(folder, 'model.onnx');
      const weights = async (...more: readonly string[]): Promise<typeof build> =>
        runReal(['weights', out, model, '--samples', '3', '--out', join(folder, 'w'), ...more]);
      const same = await weights();
      expect(same.exitCode, same.errors).toBe(0);
      const other = await weights('--kwta', 'exact');
      expect(other.exitCode).toBe(2);
      expect(other.errors).toMatch(/needs other hardware: parameters\.KeepTies is 0/);
    });
  }, 300_000);

  it('refuses more groups than there is hardware for, with the node and a remedy', async () => {
    await inFolder(async (folder) => {
      const run = await onModel('compile', folder, 9, []);
      expect(run.exitCode).toBe(2);
      expect(run.errors).toMatch(/in each of 9 groups of channels, there is hardware for up to 8/);
      expect(run.errors).toMatch(/remedy: train with 8 groups or fewer/);
    });
  });
});
