import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runModel, simulateBuild } from '../../src/compile.ts';
import type { Outcome, SimulateOptions } from '../../src/options.ts';
import { readPlan } from '../../src/read/plan.ts';
import { parseReport } from '../../src/report/schema.ts';
import type { Measurement } from '../../src/simulate/measurement.ts';
import type { LayerVerification } from '../../src/simulate/verify-layer.ts';
import { userErrorOf } from '../support/user-error.ts';
import { host, inFolder, tinyOptions } from './tiny.ts';

/** A device that holds all weights of the tiny network but those of its large linear layer. */
const board = `name: small
part: small
family: series7
resources: { lut: 6000, ff: 40000, bram36: 4, uram: 0, dsp: 60 }
clockMHz: 100
dramGigabytesPerSecond: 0.4
dramShare: 0.85
maximumBeatBits: 64
staticWatts: { low: 0.05, nominal: 0.07, high: 0.12 }
`;

function measured(outcome: Outcome): Measurement {
  const { variants } = outcome.data as { variants: Record<string, Measurement> };
  const found = variants['dense'];
  if (found === undefined) throw new Error('not simulated');
  return found;
}

describe('a dense network that its device does not hold', { timeout: 600_000 }, () => {
  it('streams weights at the rate of the board, exact in values and cycles; damage is found', async () => {
    await inFolder(async (folder) => {
      const out = join(folder, 'build');
      const boardFile = join(folder, 'small.yaml');
      writeFileSync(boardFile, board);
      // as fast as it gets
      const tiny = tinyOptions(out, {
        targetThroughput: 1_000_000_000,
        board: boardFile,
        variants: ['dense'],
      });
      const outcome = await runModel({ ...tiny, trace: false, hashCheck: true }, host);
      expect(outcome.exitCode).toBe(0);

      const plan = await readPlan(join(out, 'dense', 'plan.json'));
      // 0.34 GB/s at 100 MHz: 3.4 of the 4 bytes of a beat a cycle
      expect(plan.weightStream).toMatchObject({ beatBits: 32, rate: { beats: 17, cycles: 20 } });
      const dense = parseReport(outcome.data).variants.dense;
      expect(dense?.resources.fits).toBe(true);
      expect(dense?.verification?.mismatches).toBe(0);
      expect(dense?.cycles?.interval).toBe(dense?.cycles?.modelInterval);
      expect(dense?.cycles?.latency).toBe(dense?.cycles?.modelLatency);
      expect(dense?.energy?.breakdownUj['dram']).toBeGreaterThan(0);
      expect(dense?.roofline?.map(({ resource }) => resource)).toContain(
        'DRAM bandwidth, 1 inference a reading',
      );
      expect(dense?.layers.map(({ weightSource }) => weightSource)).toContain('dram');

      const simulate = (options: Partial<SimulateOptions> = {}): Promise<Outcome> =>
        simulateBuild(
          { buildFolder: out, trace: false, hashCheck: true, samples: 2, ...options },
          host,
        );
      const layers = await simulate({ layers: true });
      expect(layers.exitCode).toBe(0);
      const { variants } = layers.data as {
        variants: Record<string, { layers: readonly LayerVerification[] }>;
      };
      expect(variants['dense']?.layers.every(({ cyclesExact }) => cyclesExact)).toBe(true);

      // a word is lost: the others come a word early, at the end one comes again
      const file = join(out, 'dense', 'hdl', 'weight-stream.bin');
      const good = readFileSync(file);
      const lost = Buffer.concat([good.subarray(0, 400), good.subarray(404), good.subarray(-4)]);
      writeFileSync(file, lost);
      const refused = await userErrorOf(() => simulate());
      expect(refused.exitCode).toBe(1);
      expect(refused.message).toContain('weight-stream.bin');
      const wrong = await simulate({ hashCheck: false });
      expect(wrong.exitCode).toBe(1);
      expect(measured(wrong).differences.join('\n')).toMatch(/l1/);
    });
  });
});
