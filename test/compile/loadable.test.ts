import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/base/crc32.ts';
import { compileModel, reportBuild, simulateBuild, writeModelWeights } from '../../src/compile.ts';
import type { Outcome, SimulateOptions } from '../../src/options.ts';
import { readPlan } from '../../src/read/plan.ts';
import { parseReport } from '../../src/report/schema.ts';
import { readNetwork, referenceFolder } from '../../src/report/stored-network.ts';
import type { Measurement } from '../../src/simulate/measurement.ts';
import { forecast } from '../../src/simulate/predict-run.ts';
import { readReference } from '../../src/simulate/reference-store.ts';
import type { LayerVerification } from '../../src/simulate/verify-layer.ts';
import { writeReversedWeights } from '../support/reversed-weights.ts';
import { userErrorOf } from '../support/user-error.ts';
import { host, inFolder, tinyOptions } from './tiny.ts';

const variant = 'sparse-sparse';
const file = join(variant, 'weights.bin');
/** Of the file, before the beats. */
const headerBytes = 80;
const beatBytes = 9;

function measured(outcome: Outcome): Measurement {
  const { variants } = outcome.data as { variants: Record<string, Measurement> };
  const found = variants[variant];
  if (found === undefined) throw new Error('not simulated');
  return found;
}

function layerwise(
  outcome: Outcome,
): Readonly<Record<string, { readonly layers: readonly LayerVerification[] }>> {
  return (outcome.data as { variants: ReturnType<typeof layerwise> }).variants;
}

describe('a loadable design', { timeout: 240_000 }, () => {
  it('computes one model, then another without being built again; damage is found', async () => {
    await inFolder(async (folder) => {
      const out = join(folder, 'build');
      const second = join(folder, 'second');
      const tiny = tinyOptions(out);
      const simulate = (options: Partial<SimulateOptions> = {}): Promise<Outcome> =>
        simulateBuild(
          { buildFolder: out, trace: false, hashCheck: true, samples: 2, ...options },
          host,
        );

      await compileModel({ ...tiny, weights: 'loadable' }, host);
      expect(existsSync(join(out, variant, 'hdl', 'layer00_weights000.mem'))).toBe(false);
      const first = await simulate();
      expect(first.exitCode).toBe(0);
      const { load } = JSON.parse(readFileSync(join(out, variant, 'plan.json'), 'utf8')) as {
        load: { beats: number };
      };
      const one = measured(first);
      expect(one.mismatches).toBe(0);
      expect(one.accumulatorsCompared).toBeGreaterThan(0);
      expect(one.loadCycles).toBe(1 + load.beats);
      expect(one.prediction?.interval).toBe(one.cycles?.interval);
      expect(one.prediction?.latency).toBe(one.cycles?.latency);

      const model = join(folder, 'second.onnx');
      writeReversedWeights(tiny.model, model);
      const data = { inputs: tiny.inputs, calibrate: tiny.calibrate, samples: 2 };
      const written = await writeModelWeights(
        { ...definedOnly(data), model, buildFolder: out, out: second },
        host,
      );
      expect(written.exitCode).toBe(0);
      expect(readFileSync(join(second, file))).not.toEqual(readFileSync(join(out, file)));
      const other = await simulate({ weightFolder: second });
      expect(other.exitCode).toBe(0);
      expect(measured(other).mismatches).toBe(0);
      expect(measured(other).accumulatorsCompared).toBeGreaterThan(0);
      // the simulator of the first model, as it was
      expect(existsSync(join(second, variant, 'sim', 'result.json'))).toBe(true);
      expect(existsSync(join(second, variant, 'sim', 'verilator.log'))).toBe(false);

      // weights of one model with the reference of the other
      const good = readFileSync(join(second, file));
      writeFileSync(join(second, file), readFileSync(join(out, file)));
      const mixed = await userErrorOf(() => simulate({ weightFolder: second }));
      expect(mixed.exitCode).toBe(1);
      expect(mixed.message).toMatch(
        /weights image layer00_weights000\.mem of layer \w+ is not what the plan says/,
      );

      const damaged = Buffer.from(good);
      damaged.writeUInt8(damaged.readUInt8(headerBytes + beatBytes) ^ 1, headerBytes + beatBytes);
      writeFileSync(join(second, file), damaged);
      const tampered = await userErrorOf(() => simulate({ weightFolder: second }));
      expect(tampered.exitCode).toBe(1);
      expect(tampered.message).toContain('layer00_weights000.mem');
      const refused = await userErrorOf(() => simulate({ weightFolder: second, hashCheck: false }));
      expect(refused.exitCode).toBe(1);
      expect(refused.message).toContain('the design refuses the weights');

      // a check sum that fits: only comparing results is left
      const end = damaged.length - beatBytes;
      damaged.writeUInt32LE(crc32(damaged.subarray(headerBytes + beatBytes, end)), end);
      writeFileSync(join(second, file), damaged);
      const wrong = await simulate({ weightFolder: second, hashCheck: false });
      expect(wrong.exitCode).toBe(1);
      expect(measured(wrong).differences[0]).toMatch(/accumulator/);

      const foreign = Buffer.from(good);
      foreign.writeUInt8(foreign.readUInt8(8) ^ 1, 8);
      writeFileSync(join(second, file), foreign);
      const structure = await userErrorOf(() => simulate({ weightFolder: second }));
      expect(structure.exitCode).toBe(2);
      expect(structure.message).toContain('made for a design of another structure');
    });
  });

  it('is verified layer by layer too, each layer loading its own weights', async () => {
    await inFolder(async (folder) => {
      const out = join(folder, 'build');
      const second = join(folder, 'second');
      const tiny = tinyOptions(out, { variants: ['dense', 'sparse-sparse'], samples: 1 });
      await compileModel({ ...tiny, weights: 'loadable' }, host);
      const simulate = async (options: Partial<SimulateOptions> = {}): Promise<Outcome> =>
        simulateBuild({ buildFolder: out, trace: false, hashCheck: true, ...options }, host);

      const alone = await simulate({ layers: true });
      expect(alone.exitCode, alone.text).toBe(0);
      const network = await readNetwork(out);
      const reference = await readReference(join(out, referenceFolder), network.sizes);
      for (const [name, { layers }] of Object.entries(layerwise(alone))) {
        const plan = await readPlan(join(out, name, 'plan.json'));
        const expected = forecast(plan, reference);
        layers.forEach((layer, index) => {
          expect(layer, layer.name).toMatchObject({ mismatches: 0, cyclesExact: true });
          expect(layer.accumulatorsCompared).toBeGreaterThan(0);
          // without a simulation the same is known, but for the waiting
          const { windows, steps, issues, beats, tokens } = layer.activity;
          expect(expected.layers[index]).toMatchObject({ windows, issues, beats, tokens });
          // windows of a next inference have begun off the map
          const known = expected.layers[index]?.steps ?? NaN;
          expect(steps - known).toBeGreaterThanOrEqual(0);
          expect(steps - known).toBeLessThan(known / 1000 + 2);
        });
      }

      const model = join(folder, 'second.onnx');
      writeReversedWeights(tiny.model, model);
      const data = definedOnly({ inputs: tiny.inputs, calibrate: tiny.calibrate, samples: 1 });
      await writeModelWeights({ ...data, model, buildFolder: out, out: second }, host);
      const options = { weightFolder: second, layers: true, layerNames: ['c2'] };
      const other = await simulate({ ...options, variants: [variant] });
      expect(other.exitCode, other.text).toBe(0);
      expect(layerwise(other)[variant]?.layers[0]?.mismatches).toBe(0);

      // the weights of one model with the values of the other
      writeFileSync(join(second, file), readFileSync(join(out, file)));
      const mixed = await userErrorOf(() => simulate({ ...options, variants: [variant] }));
      expect(mixed.exitCode).toBe(1);
      expect(mixed.message).toContain('is not what the plan says');
      const wrong = await simulate({ ...options, variants: [variant], hashCheck: false });
      expect(wrong.exitCode).toBe(1);
      expect(wrong.text).toMatch(/accumulator check: layer 1 "c2"/);

      // a report of what was verified by layer and of what was not simulated
      const report = await reportBuild({ buildFolder: out }, host);
      expect(report.exitCode).toBe(0);
      const { variants, ratios } = parseReport(report.data);
      expect(ratios).toMatchObject({ source: 'predicted', reason: null });
      expect(ratios.throughput).toBeGreaterThan(0);
      expect(ratios.energy).toBeGreaterThan(0);
      for (const one of Object.values(variants)) {
        expect(one.cycles).toMatchObject({ interval: null, latency: null, latencyLoaded: null });
        expect(one.timing?.cyclesSource).toBe('predicted');
        expect(one.timing?.throughputPerSecond).toBeCloseTo(
          ((one.timing?.clockMHz ?? 0) * 1e6) / (one.cycles?.modelInterval ?? 0),
          6,
        );
        expect(one.energy?.activitySource).toBe('layers');
      }
      expect(report.text).toMatch(/^ {4}cycles +predicted +predicted$/m);
      expect(report.text).toContain('Predicted, not measured: sparse-sparse has');
    });
  }, 900_000);

  it('takes no model of another structure, and a fixed design takes none', async () => {
    await inFolder(async (folder) => {
      const out = join(folder, 'build');
      const tiny = tinyOptions(out);
      await compileModel({ ...tiny, weights: 'loadable' }, host);
      const weights = { buildFolder: out, out: join(folder, 'weights') };
      const model = fileURLToPath(new URL('../../examples/pruned-mlp/model.onnx', import.meta.url));
      const error = await userErrorOf(() => writeModelWeights({ ...weights, model }, host));
      expect(error.exitCode).toBe(2);
      expect(error.message).toMatch(/the model has \d+ layers .* the design was made for \d+/);
      expect(existsSync(join(folder, 'weights'))).toBe(false);

      await compileModel(tiny, host);
      const fixed = await userErrorOf(() =>
        writeModelWeights({ ...weights, model: tiny.model }, host),
      );
      expect(fixed.exitCode).toBe(2);
      expect(fixed.message).toContain('the design sparse-sparse has fixed weights');
    });
  });
});

/** Without fields that are not given. */
function definedOnly(fields: {
  readonly inputs: string | undefined;
  readonly calibrate: string | undefined;
  readonly samples: number;
}): { readonly inputs: string; readonly calibrate: string; readonly samples: number } {
  const { inputs, calibrate, samples } = fields;
  if (inputs === undefined || calibrate === undefined) throw new Error('the example has data');
  return { inputs, calibrate, samples };
}
