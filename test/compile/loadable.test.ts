import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/base/crc32.ts';
import { compileModel, simulateBuild, writeModelWeights } from '../../src/compile.ts';
import type { Outcome, SimulateOptions } from '../../src/options.ts';
import type { Measurement } from '../../src/simulate/measurement.ts';
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
