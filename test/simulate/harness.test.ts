import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evaluation } from '../../src/evaluate/quantized.ts';
import { buildSimulator } from '../../src/simulate/build-simulator.ts';
import type { Simulator, WaveFormat } from '../../src/simulate/build-simulator.ts';
import { describeMismatch } from '../../src/simulate/describe-mismatch.ts';
import { writeReference } from '../../src/simulate/reference-files.ts';
import type { CheckName, SimulationResult } from '../../src/simulate/run-result.ts';
import { recordActivity } from '../../src/simulate/activity/record-activity.ts';
import { runSimulator } from '../../src/simulate/run-simulator.ts';
import type { RunSimulatorOptions } from '../../src/simulate/run-simulator.ts';
import { runIcarus, writeDesign } from '../support/icarus.ts';
import { engineLayers } from '../support/engine-layers.ts';
import { randomCase } from '../support/random-case.ts';

/** Two copies of a convolution (two engines) and a linear layer, token streams in between. */
const { network, samples, evaluations, logits } = randomCase(79, 'sparse-sparse', 6);
const { plan } = network;
const words = plan.output.words;

let folder = '';
let hdl = '';
let simulator: Simulator;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-harness-'));
  hdl = writeDesign(network);
  simulator = await build(null);
}, 600_000);

afterAll(() => {
  for (const path of [folder, hdl]) rmSync(path, { recursive: true, force: true });
});

function build(waves: WaveFormat | null): Promise<Simulator> {
  const simFolder = join(folder, waves === null ? 'sim' : `sim-${waves}`);
  return buildSimulator({ hdlFolder: hdl, simFolder, waves, cache: join(folder, 'cache') });
}

interface Run {
  readonly hdlFolder?: string;
  readonly evaluations?: readonly Evaluation[];
  readonly more?: Partial<RunSimulatorOptions>;
}

async function run(name: string, options: Run = {}): Promise<SimulationResult> {
  const simFolder = join(folder, name);
  const reference = await writeReference(
    join(folder, `${name}-reference`),
    plan.layers.length,
    options.evaluations ?? evaluations,
  );
  const result = await runSimulator({
    simulator,
    plan,
    hdlFolder: options.hdlFolder ?? hdl,
    simFolder,
    reference,
    samples,
    streamInferences: 20 * plan.copies,
    isolatedSamples: [],
    gapSeed: null,
    pipelineInferences: 4,
    waves: null,
    ...options.more,
  });
  expect(readdirSync(simFolder).filter((file) => !/^(?:run\.log|waves\.fst)$/.test(file))).toEqual(
    [],
  );
  return result;
}

/** The design with one memory image changed. */
function damagedDesign(name: string, file: string, change: (lines: string[]) => void): string {
  const copy = join(folder, `${name}-hdl`);
  mkdirSync(copy);
  for (const entry of readdirSync(hdl)) {
    if (entry.endsWith('.mem')) copyFileSync(join(hdl, entry), join(copy, entry));
  }
  const lines = readFileSync(join(copy, file), 'utf8').trimEnd().split('\n');
  change(lines);
  writeFileSync(join(copy, file), `${lines.join('\n')}\n`);
  return copy;
}

/** One value of one evaluation changed. */
function changed(
  sample: number,
  change: (evaluation: Evaluation) => Partial<Evaluation>,
): readonly Evaluation[] {
  return evaluations.map((evaluation, index) =>
    index === sample ? { ...evaluation, ...change(evaluation) } : evaluation,
  );
}

function incremented<Values extends Int16Array | Int32Array>(values: Values, at: number): Values {
  const copy = values.slice() as Values;
  copy[at] = (copy[at] ?? 0) + 1;
  return copy;
}

/** The first sum of the sample that the second copy has. */
function wrongSum(): readonly Evaluation[] {
  return changed(1, ({ layers }) => ({
    layers: layers.map((layer, index) =>
      index === 0 ? { ...layer, accumulators: incremented(layer.accumulators, 0) } : layer,
    ),
  }));
}

function checks(result: SimulationResult): readonly (readonly [CheckName, number])[] {
  return result.mismatches.map(({ check, layer }) => [check, layer]);
}

describe('a right design', () => {
  it('agrees in every logit, sum and stream, and counts what it compared', async () => {
    const result = await run('right', { more: { isolatedSamples: [3, 0] } });
    expect(result.mismatches).toEqual([]);
    expect(result).toMatchObject({ ending: 'complete', mismatchTotal: 0, wrongSamples: 0 });
    expect(result.samples).toBe(samples.length);
    samples.forEach((_, sample) => {
      const expected = logits.slice(sample * words, (sample + 1) * words);
      expect(Array.from(result.logitsOf(sample) ?? [])).toEqual(expected);
    });
    expect(result.logitsOf(samples.length)).toBeNull();
    const inferences = 20 * plan.copies + 2;
    const sums = engineLayers(plan).map(({ window, outputChannels }) => {
      const { output, pool } = window;
      return outputChannels * output.height * output.width * pool.height * pool.width;
    });
    expect(result.accumulatorsCompared).toBe(
      inferences * sums.reduce((total, value) => total + value, 0),
    );
    const sites = engineLayers(plan)[0]?.window.output ?? { height: 0, width: 0 };
    expect(result.sitesCompared).toBe(inferences * sites.height * sites.width);
  });

  it('takes the cycles that Icarus counts', async () => {
    const result = await run('cycles', { more: { streamInferences: samples.length } });
    const first = result.startCycles[0] ?? 0;
    expect(result.completionCycles.map((cycle) => cycle - first)).toEqual(
      runIcarus(network, samples).lastCycles,
    );
  });

  it('measures latencies alone and under load, and when layers work', async () => {
    // every sample, so that the fastest one alone is among them
    const isolatedSamples = [4, 4, 1, 0, 2, 3];
    const result = await run('latency', { more: { isolatedSamples } });
    expect(result.isolatedLatencies.length).toBe(6);
    expect(result.isolatedLatencies[0]).toBe(result.isolatedLatencies[1]);
    expect(Math.min(...result.loadedLatencies)).toBeGreaterThanOrEqual(
      Math.min(...result.isolatedLatencies),
    );
    expect(result.loadedLatencies.length).toBe(20 * plan.copies);
    for (const { layer, inference, startCycle, endCycle } of result.spans) {
      expect(startCycle).toBeLessThan(endCycle);
      expect(endCycle).toBeLessThanOrEqual(result.completionCycles[inference] ?? 0);
      expect(layer).toBeLessThan(plan.layers.length);
    }
    expect(result.spans.length).toBe(4 * plan.layers.length);
    for (const layer of result.layers) expect(layer.issues).toBeLessThanOrEqual(layer.steps);
  });

  it.each([0, 1, 2, 3, 4])('agrees with random gaps and back-pressure, seed %i', async (seed) => {
    const still = await run(`still${String(seed)}`);
    const result = await run(`gaps${String(seed)}`, { more: { gapSeed: seed } });
    expect(result).toMatchObject({ ending: 'complete', mismatchTotal: 0 });
    expect(result.completionCycles).not.toEqual(still.completionCycles);
    const again = await run(`again${String(seed)}`, { more: { gapSeed: seed } });
    expect(again.completionCycles).toEqual(result.completionCycles);
  });

  it.each([
    ['all at once', { isolatedSamples: [4, 1] }],
    ['with gaps', { gapSeed: 3 }],
    ['and a wrong sum of one copy', { evaluations: wrongSum() }],
  ] as const)('finds the same with any number of threads, %s', async (_, { ...options }) => {
    const { evaluations: expected, ...more } = { evaluations, ...options };
    const results = await Promise.all(
      [1, 2, 3].map(async (threads) => {
        const result = await run(`threads${randomUUID()}`, {
          evaluations: expected,
          more: { streamInferences: 100 * plan.copies, ...more, threads },
        });
        const { seconds, logitsOf, ...same } = result;
        expect(seconds).toBeGreaterThan(0);
        expect(logitsOf(0)).not.toBeNull();
        return same;
      }),
    );
    expect(results[0]?.mismatchTotal === 0).toBe(expected === evaluations);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('tells how far it is', async () => {
    const seen: [number, number][] = [];
    await run('progress', { more: { onProgress: (done, total) => seen.push([done, total]) } });
    expect(seen.at(-1)).toEqual([20 * plan.copies, 20 * plan.copies]);
  });

  it('is taken from the cache the second time', async () => {
    const again = await build(null);
    expect(again).toEqual({ ...simulator, cached: true });
  });
});

describe('a wrong design is found, by the first check the difference passes', () => {
  it.each([0, 1])('a weight bit of layer %i: its sums', async (layer) => {
    const file = engineLayers(plan)[layer]?.files['WeightFile']?.[0] ?? '';
    const hdlFolder = damagedDesign(`weight${String(layer)}`, file, (lines) => {
      // every word: which of them the samples read is not known here
      lines.forEach((line, at) => {
        lines[at] = line.slice(0, -1) + (Number.parseInt(line.slice(-1), 16) ^ 1).toString(16);
      });
    });
    const result = await run(`weights${String(layer)}`, { hdlFolder });
    const first = result.mismatches[0];
    expect(first).toMatchObject({ check: 'accumulator', layer });
    if (first === undefined) return;
    const line = describeMismatch(plan, first);
    expect(line).toMatch(
      new RegExp(`^accumulator check: layer ${String(layer)} ".+", sample \\d, window row \\d+, `),
    );
    expect(line).toMatch(/column \d+, channel \d+: expected -?\d+, got -?\d+ \(/);
  });

  it('a requantiser constant: the stream, the sums before it are right', async () => {
    const file = engineLayers(plan)[0]?.files['ParamFile']?.[0] ?? '';
    const hdlFolder = damagedDesign('parameters', file, (lines) => {
      lines.forEach((line, at) => {
        lines[at] = '0'.repeat(line.length);
      });
    });
    const result = await run('parameter', { hdlFolder });
    expect(checks(result)[0]).toEqual(['stream', 0]);
  });

  it('a memory image that is not there: the simulator says so', async () => {
    const file = engineLayers(plan)[0]?.files['WeightFile']?.[0] ?? '';
    const hdlFolder = damagedDesign('missing', file, () => undefined);
    rmSync(join(hdlFolder, file));
    await expect(run('missing-image', { hdlFolder })).rejects.toMatchObject({ exitCode: 3 });
  });

  it('a stream that never ends an inference: a hang, with the place of every layer', async () => {
    const output = { ...plan.output, beatsPerInference: plan.output.beatsPerInference + 7 };
    const result = await run('hang', {
      more: { streamInferences: plan.copies, plan: { ...plan, output } },
    });
    expect(result.ending).toBe('hang');
    expect(result.stuck.length).toBe(plan.copies * plan.layers.length);
    expect(result.stuck[0]).toMatch(/^copy 0, layer 0 ".+": inference \d+, \d+ of \d+ windows/);
  });
});

describe('a wrong expectation is found', () => {
  it('a logit: only the logit check, at its sample and word', async () => {
    const wrong = changed(4, ({ logits: right }) => ({ logits: incremented(right, words - 1) }));
    const result = await run('logit', { evaluations: wrong });
    expect(checks(result)).toEqual([['logit', plan.layers.length - 1]]);
    expect(result.wrongSamples).toBe(1);
    const right = evaluations[4]?.logits[words - 1] ?? 0;
    expect(result.mismatches[0]).toMatchObject({
      sample: 4,
      channel: words - 1,
      expected: right + 1,
      got: right,
    });
  });

  it('every sum of a sample, each at its own place', async () => {
    const { outputChannels, window } = engineLayers(plan)[0] ?? { outputChannels: 0, window: null };
    const { height, width } = window?.windows ?? { height: 0, width: 0 };
    // first and last channel and window, and something in between
    for (const [channel, row, column] of [
      [0, 0, 0],
      [outputChannels - 1, 0, 1],
      [0, (window?.output.height ?? 0) * (window?.pool.height ?? 0) - 1, 0],
    ] as const) {
      const at = (channel * height + row) * width + column;
      const wrong = changed(2, ({ layers }) => ({
        layers: layers.map((layer, index) =>
          index === 0 ? { ...layer, accumulators: incremented(layer.accumulators, at) } : layer,
        ),
      }));
      const result = await run(`sum${String(at)}`, { evaluations: wrong });
      expect(checks(result)).toEqual([['accumulator', 0]]);
      expect(result.mismatches[0]).toMatchObject({ sample: 2, channel, row, column });
    }
  });

  it('a value of a stream, present or absent', async () => {
    const values = evaluations[1]?.layers[0]?.values ?? new Int16Array(0);
    for (const at of [values.findIndex((value) => value !== 0), values.indexOf(0)]) {
      if (at < 0) continue;
      const wrong = changed(1, ({ layers }) => ({
        layers: layers.map((layer, index) =>
          index === 0 ? { ...layer, values: incremented(layer.values, at) } : layer,
        ),
      }));
      const result = await run(`stream${String(at)}`, { evaluations: wrong });
      expect(checks(result)).toEqual([['stream', 0]]);
      const sites = values.length / (plan.layers[0]?.outputChannels ?? 1);
      expect(result.mismatches[0]).toMatchObject({ sample: 1, channel: Math.floor(at / sites) });
    }
  });
});

it('an aborted run ends and leaves only its log', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const running = run('aborted', {
    more: {
      streamInferences: 2_000_000 * plan.copies,
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    },
  });
  await expect(running).rejects.toBe(reason);
  expect(readdirSync(join(folder, 'aborted'))).toEqual(['run.log']);
});

/** Waves are compressed with zlib, whose headers not every machine has. */
const hasZlib =
  spawnSync('g++', ['-E', '-include', 'zlib.h', '-x', 'c++', '/dev/null']).status === 0;

it.runIf(hasZlib)(
  'writes waves when it is built for them',
  async () => {
    const withWaves = await build('fst');
    const waves = join(folder, 'waves', 'waves.fst');
    const result = await run('waves', {
      more: { simulator: withWaves, waves, streamInferences: 2 * plan.copies },
    });
    expect(result.mismatchTotal).toBe(0);
    expect(existsSync(waves)).toBe(true);
  },
  600_000,
);

it('records switching activity for power tools: every bit of the design over the time at full load', async () => {
  const reference = await writeReference(
    join(folder, 'activity-reference'),
    plan.layers.length,
    evaluations,
  );
  const powerFolder = join(folder, 'power');
  await recordActivity({
    hdlFolder: hdl,
    simFolder: join(folder, 'activity'),
    powerFolder,
    plan,
    reference: { files: reference, inputs: samples },
    weights: null,
    inferences: 2,
    loaded: { oneCopyInterval: 100, latency: 250 },
    cache: join(folder, 'cache'),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  const saif = readFileSync(join(powerFolder, 'activity.saif'), 'utf8');
  const [, duration] = /\(DURATION (\d+)\)/.exec(saif) ?? [];
  const [, at0, at1, toggles] =
    /\(clk_i \(T0 (\d+)\) \(T1 (\d+)\) .*\(TC (\d+)\)\)/.exec(saif) ?? [];
  const period = 1e6 / plan.clockMHz;
  // half of the time each, two edges a cycle, at the clock of the plan
  expect(Number(at0)).toBe(Number(duration) / 2);
  expect(Number(at1)).toBe(Number(duration) / 2);
  expect(Number(toggles)).toBe((2 * Number(duration)) / period);
  expect(Number(duration) / period).toBeGreaterThan(10);
  expect(saif).toMatch(/\(INSTANCE gen_copy\\\[0\\\]\.u_copy\n/);
  const vcd = readFileSync(join(powerFolder, 'activity.vcd'), 'utf8');
  expect(vcd).toContain('$timescale 1ps $end');
  expect(vcd).toContain(`\n#${period}\n`);
  expect(readdirSync(join(folder, 'activity'))).not.toContain('waves.vcd');
}, 600_000);
