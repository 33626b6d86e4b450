import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { compileModel, runModel } from '../../../src/compile.ts';
import { present } from '../../../src/base/invariant.ts';
import { quantizeSamples, sampleAt } from '../../../src/evaluate/quantized.ts';
import type { Plan } from '../../../src/ir/plan.ts';
import { axiBytes } from '../../../src/plan/interfaces/plan-axi.ts';
import { registerMagic, registerMap } from '../../../src/plan/interfaces/register-map.ts';
import type { Register } from '../../../src/plan/interfaces/register-map.ts';
import { packInputBeats } from '../../../src/simulate/input-beats.ts';
import { emitDesign } from '../../../src/emit/emit-design.ts';
import type { VariantName } from '../../../src/ir/variant.ts';
import { withAxi } from '../../../src/plan/interfaces/plan-axi.ts';
import { readNpy } from '../../../src/read/npy.ts';
import { readPlan } from '../../../src/read/plan.ts';
import { inferencesToStream } from '../../../src/simulate/interval.ts';
import { host, tinyOptions } from '../../compile/tiny.ts';
import { buildBlock, converse, runDriver } from './axi-block.ts';
import type { AxiBlock, DriverRun } from './axi-block.ts';

const folder = mkdtempSync(join(tmpdir(), 'nzflow-axi-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const samples = 8;
const layerCounters = 8;

/** Samples of the example as the model takes them. */
async function inputs(count: number): Promise<Float32Array> {
  const path = fileURLToPath(new URL('../../../examples/tiny-cnn/inputs.npy', import.meta.url));
  const { data } = await readNpy(path);
  const size = 16 * 16;
  const result = new Float32Array(count * size);
  for (let at = 0; at < count; at += 1) {
    const first = (at % samples) * size;
    result.set(
      Float32Array.from({ length: size }, (_, place) => Number(data[first + place])),
      at * size,
    );
  }
  return result;
}

/** The words the evaluator gives for the samples, again and again. */
function expectedWords(build: string, count: number): readonly number[] {
  const bytes = readFileSync(join(build, 'reference', 'logits.bin'));
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const each = words.length / samples;
  return Array.from(
    { length: count * each },
    (_, at) => words[(Math.floor(at / each) % samples) * each + (at % each)] ?? 0,
  );
}

interface Case {
  readonly dataBits: number;
  readonly variant: VariantName;
  readonly targetThroughput: number;
  /** More of them than the planner takes for so small a network. */
  readonly copies?: number;
}

const cases: readonly Case[] = [
  // a byte at a time, and a design beat in several bus beats each way
  { dataBits: 8, variant: 'dense', targetThroughput: 1000 },
  // a wired layer, several lanes, two copies; an answer is part of a bus beat, the rest not kept
  { dataBits: 512, variant: 'sparse-sparse', targetThroughput: 300_000, copies: 2 },
];

async function build({ dataBits, variant, targetThroughput, copies = 1 }: Case): Promise<AxiBlock> {
  const out = join(folder, `${variant}-${dataBits}`);
  const options = { samples, variants: [variant], targetThroughput, axi: { dataBits } };
  await compileModel(tinyOptions(out, options), host);
  const planned = await readPlan(join(out, variant, 'plan.json'));
  if (copies === 1) return buildBlock(join(out, variant), planned);
  const plan = withAxi({ ...planned, copies }, dataBits);
  for (const { name, content } of emitDesign(plan)) {
    writeFileSync(join(out, variant, 'hdl', name), content);
  }
  return buildBlock(join(out, variant), plan);
}

let small: Promise<AxiBlock> | null = null;

/** One block for tests that do not care which. */
function smallBlock(): Promise<AxiBlock> {
  small ??= build({ dataBits: 128, variant: 'sparse-sparse', targetThroughput: 1000 });
  return small;
}

/** Samples as integers of the input format. */
function quantizeInputs(data: Float32Array, { input }: Plan): readonly Int16Array[] {
  const { valueBits, valueSigned } = input.stream;
  const size = data.length / samples;
  const format = { bits: valueBits, signed: valueSigned, scale: input.scale };
  const all = quantizeSamples(format, { count: samples, sampleSize: size, data });
  return Array.from({ length: samples }, (_, at) => sampleAt(all, size, at));
}

/** What has to hold of every run: answers of the evaluator, counters of the probes. */
function expectRun(run: DriverRun, block: AxiBlock, count: number): void {
  const words = expectedWords(join(block.hdl, '..', '..'), count);
  expect(run.words).toEqual(words);
  const scale = block.plan.output.answers.flatMap((answer) => answer.scale);
  expect(run.reals.map(Math.fround)).toEqual(
    words.map((word, at) => Math.fround(word * (scale[at % scale.length] ?? 0))),
  );
  expect(run.read).toEqual(run.probed);
  const [cycles = 0, active = 0, begun, answered] = run.design;
  expect([begun, answered]).toEqual([count, count]);
  expect(active).toBeGreaterThan(0);
  expect(active).toBeLessThan(cycles);
  expect(run.errors).toBe(0);
  // running, idle, loaded
  expect(run.status).toBe(0b11001);
}

describe('the C driver on the verilated block', () => {
  it.each(cases)(
    '$variant over $dataBits bits: answers and counters are right under any stalls',
    async (one) => {
      const block = await build(one);
      const values = await inputs(2 * samples);
      const seen = new Set<number>();
      for (const [seed, batch, stalls] of [
        [1, 1, 0],
        [2, 8, 128],
        [3, 4, 224],
      ] as const) {
        const run = runDriver(block, values, { count: 2 * samples, batch, seed, stalls });
        expectRun(run, block, 2 * samples);
        run.read.forEach((count, at) => {
          if (count > 0) seen.add(at % layerCounters);
        });
      }
      // engines of the wired layer wait for their tails: no counter is compared at 0 alone
      if (one.copies === 2) expect(seen.size).toBe(layerCounters);
    },
    400_000,
  );

  it('counts what the simulator counts', async () => {
    const out = join(folder, 'run');
    const variant = 'sparse-sparse';
    const options = tinyOptions(out, { samples, variants: [variant], axi: { dataBits: 64 } });
    const outcome = await runModel({ ...options, trace: false, hashCheck: true }, host);
    expect(outcome.exitCode).toBe(0);
    const plan = await readPlan(join(out, variant, 'plan.json'));
    const block = buildBlock(join(out, variant), plan);
    const count = inferencesToStream(samples, plan.copies);
    const run = runDriver(block, await inputs(count), { count, batch: 1, seed: 4, stalls: 0 });
    expectRun(run, block, count);

    const result = JSON.parse(readFileSync(join(out, variant, 'sim', 'result.json'), 'utf8')) as {
      readonly layers: readonly Readonly<Record<string, number>>[];
    };
    const names = ['windows', 'busyCycles', 'blockedCycles', 'steps', 'issues', 'beats', 'tokens'];
    const places = [0, 1, 3, 4, 5, 6, 7];
    result.layers.forEach((layer, index) => {
      const read = places.map((place) => run.read[index * layerCounters + place] ?? 0);
      const counted = names.map((name) => Math.round((layer[name] ?? 0) * count));
      if (index > 0) {
        expect(read, JSON.stringify(layer['name'])).toEqual(counted);
        return;
      }
      // the first layer runs ahead into rows of padding, for which it needs no input: the simulator
      // looks at the last answer, the driver later
      expect(read[0]).toBeGreaterThanOrEqual(counted[0] ?? 0);
      expect(read[0]).toBeLessThan((counted[0] ?? 0) + (counted[0] ?? 0) / count);
    });
  }, 400_000);
});

/** Bytes as the server of the block takes and gives them. */
function hexadecimal(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('registers and errors', () => {
  /** Register offsets by name, counters and masks of the map. */
  function names(block: AxiBlock): {
    readonly offset: (name: string) => number;
    readonly mask: (register: string, field: string) => number;
    readonly counter: (name: string) => number;
  } {
    const map = registerMap(block.plan);
    const register = (name: string): Register =>
      present(
        map.registers.find((one) => one.name === name),
        name,
      );
    return {
      offset: (name) => register(name).offset,
      mask: (name, field) =>
        2 **
        present(
          register(name).fields.find((one) => one.name === field),
          field,
        ).bit,
      counter: (name) =>
        map.counterBase + 8 * map.designCounters.findIndex((one) => one.name === name),
    };
  }

  it('everything in the map is there, and what goes wrong is told and overcome', async () => {
    const block = await smallBlock();
    const { plan } = block;
    const axi = present(plan.axi, 'axi');
    const { offset, mask, counter } = names(block);
    const values = quantizeInputs(await inputs(samples), plan);
    const beats = values.map((sample) => packInputBeats(plan.input, sample));
    const packets = beats.map((words) => hexadecimal(new Uint8Array(words.buffer)));
    const answerBytes = axiBytes(axi.output, axi.dataBits).used;
    const expected = expectedWords(join(block.hdl, '..', '..'), samples);
    const answers = Array.from({ length: samples }, (_, at) =>
      hexadecimal(new Uint8Array(Int32Array.from(expected.slice(12 * at, 12 * at + 12)).buffer)),
    );
    const [packet = '', second = '', third = ''] = packets;
    const run = mask('control', 'run');
    const busBytes = axi.dataBits / 8;

    const commands: string[] = [];
    const expectations: (string | RegExp)[] = [];
    const say = (command: string, answer: string | RegExp = 'ok'): void => {
      commands.push(command);
      expectations.push(answer);
    };
    const read = (name: string, answer: number): void => {
      say(`r ${offset(name)}`, String(answer));
    };
    const infer = (sent: string, answer: string | RegExp): void => {
      say(`t ${answerBytes}`);
      say(`s ${sent}`);
      say('g', answer);
    };

    // what is always the same, what is kept, single bytes of it, and what is not there
    for (const { name, constant } of registerMap(plan).registers) {
      if (constant !== undefined) read(name, constant);
    }
    say(`w ${offset('magic')} 1`);
    read('magic', registerMagic);
    say(`w ${offset('scratch')} ${0x12345678}`);
    say(`w ${offset('scratch')} ${0xaabbccdd} 6`);
    read('scratch', 0x12bbcc78);
    say('r 252', '0');
    read('batch', 1);
    read('control', 0);

    // stopped: it takes what the register slice holds, and begins nothing
    say(`b ${packet.slice(0, 2 * busBytes)}`);
    say('n 500');
    read('status', mask('status', 'idle') + mask('status', 'loaded'));
    say(`w ${offset('control')} ${run}`);
    say(`t ${answerBytes}`);
    say(`s ${packet.slice(2 * busBytes)}`);
    say('g', answers[0]);

    // TLAST too early: filled up, told until it is cleared, and the next inference is right
    infer(packet.slice(0, 4 * busBytes), /^[0-9a-f]+$/);
    read('error', mask('error', 'input_last_early'));
    say(`w ${offset('error')} 0`);
    read('error', mask('error', 'input_last_early'));
    say(`w ${offset('error')} ${mask('error', 'input_last_early')}`);
    read('error', 0);
    infer(second, answers[1] ?? '');

    // none where it is due: the rest is discarded
    infer(`${third}${packet}`, answers[2] ?? '');
    read('error', mask('error', 'input_last_missing'));
    say(`w ${offset('error')} 255`);
    infer(packet, answers[0] ?? '');
    read('error', 0);

    // bytes that are missing at the end
    infer(packet.slice(0, -2), /^[0-9a-f]+$/);
    read('error', mask('error', 'input_keep'));
    say(`w ${offset('error')} 255`);

    // a reset in the middle of a packet at the input
    say(`b ${packet.slice(0, 6 * busBytes)}`);
    say(`w ${offset('control')} ${run + mask('control', 'soft_reset')}`);
    say('n 2000');
    say(
      `r ${offset('status')}`,
      String(
        ['running', 'idle', 'loaded', 'discarding'].reduce(
          (sum, name) => sum + mask('status', name),
          0,
        ),
      ),
    );
    say(`s ${packet.slice(6 * busBytes)}`);
    infer(second, answers[1] ?? '');

    // and of one at the output, which is finished with zeros
    say(`w ${offset('batch')} 2`);
    const stride = axiBytes(axi.output, axi.dataBits).stride;
    say(`t ${stride + answerBytes}`);
    say(`b ${packet}`);
    say('n 40000');
    say(`w ${offset('control')} ${run + mask('control', 'soft_reset')}`);
    say('g', `${(answers[0] ?? '').padEnd(2 * stride, '0')}${''.padEnd(2 * answerBytes, '0')}`);
    say(`s ${packet.slice(0, 2 * busBytes)}`);
    say(`t ${stride + answerBytes}`);
    say(`s ${second}${third}`);
    say('g', `${(answers[1] ?? '').padEnd(2 * stride, '0')}${answers[2] ?? ''}`);
    read('error', 0);

    // counters stand still where they were copied, and are cleared
    say(`w ${offset('control')} ${run + mask('control', 'snapshot')}`);
    say('n 200');
    // begun: one more than answered for each of the two resets, whose batch had one inference
    say(`r ${counter('inferences_out')}`, '10');
    say(`r ${counter('inferences_in')}`, '11');
    say(`r ${counter('inferences_in') + 4}`, '0');
    say(`r ${counter('discarded_beats')}`, /^[1-9]\d*$/);
    say(
      `w ${offset('control')} ${run + mask('control', 'clear_counters') + mask('control', 'snapshot')}`,
    );
    say('n 200');
    say(`r ${counter('inferences_out')}`, '0');

    const told = converse(block, commands, 100);
    commands.forEach((command, at) => {
      const wanted = expectations[at] ?? 'ok';
      const message = `${at}: ${command.slice(0, 40)}`;
      if (typeof wanted === 'string') expect(told[at], message).toBe(wanted);
      else expect(told[at], message).toMatch(wanted);
    });
  }, 400_000);
});

const python = spawnSync('python3', ['-c', 'import numpy'], { encoding: 'utf8' });
const noPython = python.status === 0 ? '' : ' (skipped: python3 with numpy is not there)';

describe.skipIf(noPython !== '')(`the Python driver on the verilated block${noPython}`, () => {
  it('quantises, streams and de-quantises as the evaluator; finds registers and counters', async () => {
    const block = await smallBlock();
    const file = join(folder, 'python.f32');
    const values = await inputs(samples);
    writeFileSync(file, Buffer.from(values.buffer));
    const script = fileURLToPath(new URL('block/run_pynq.py', import.meta.url));
    const run = spawnSync(
      'python3',
      [script, block.program, join(block.hdl, '..', 'driver'), file],
      {
        cwd: block.hdl,
        encoding: 'utf8',
        timeout: 200_000,
        env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
      },
    );
    expect(run.stderr.slice(-1500)).toBe('');
    const result = JSON.parse(run.stdout) as {
      readonly words: readonly number[];
      readonly reals: readonly number[];
      readonly counters: {
        readonly design: Readonly<Record<string, number>>;
        readonly layers: readonly Readonly<Record<string, number | string>>[];
      };
      readonly errors: readonly string[];
      readonly refused: string;
    };
    const words = expectedWords(join(block.hdl, '..', '..'), samples);
    expect(result.words).toEqual(words);
    const scale = block.plan.output.answers.flatMap((answer) => answer.scale);
    expect(result.reals.map(Math.fround)).toEqual(
      words.map((word, at) => Math.fround(word * (scale[at % scale.length] ?? 0))),
    );
    // eight in batches of three: the last one is filled up
    expect(result.counters.design['inferences_out']).toBe(9);
    expect(result.counters.layers.map(({ name }) => name)).toEqual(['c1', 'c2', 'l1', 'l2']);
    expect(result.counters.layers[2]?.['windows']).toBe(9);
    expect(result.errors).toEqual([]);
    expect(result.refused).toContain('model_hash_0');
  }, 400_000);
});
