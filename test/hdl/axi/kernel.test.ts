import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/compile.ts';
import { axiBytes } from '../../../src/plan/interfaces/plan-axi.ts';
import { present } from '../../../src/base/invariant.ts';
import { readNpy } from '../../../src/read/npy.ts';
import { readPlan } from '../../../src/read/plan.ts';
import { host, tinyOptions } from '../../compile/tiny.ts';

const sources = fileURLToPath(new URL('kernel/', import.meta.url));
const rules = fileURLToPath(new URL('block/axi_lite_rules.sv', import.meta.url));
const samples = 16;

const folder = mkdtempSync(join(tmpdir(), 'nzflow-kernel-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The verilated kernel, and what goes in and comes out of it. */
interface Kernel {
  readonly program: string;
  readonly hdl: string;
  readonly driver: string;
  /** Real numbers that come in, and go out. */
  readonly floats: Float32Array;
  readonly scales: readonly number[];
  readonly input: string;
  readonly stride: number;
  /** Words the evaluator gives, sample by sample, in the order of the model. */
  readonly expected: Int32Array;
  /** Place of every word in an answer. */
  readonly words: number;
}

interface Run {
  readonly cycles: number;
  readonly reads: number;
  readonly writes: number;
  readonly errors: number;
  readonly outside: boolean;
  readonly interrupted: boolean;
  readonly output: Buffer;
}

const packer = `#include <stdio.h>
#include "nzflow_driver.h"
int main(int count, char **words) {
  static float values[NZFLOW_INPUT_VALUES];
  static uint8_t bytes[NZFLOW_INPUT_STRIDE_VALUE];
  static uint8_t answer[NZFLOW_OUTPUT_STRIDE_VALUE];
  static int32_t logits[NZFLOW_OUTPUT_WORDS_VALUE];
  if (count == 2) {
    while (fread(values, 4, NZFLOW_INPUT_VALUES, stdin) == NZFLOW_INPUT_VALUES) {
      nzflow_quantise(values, bytes);
      fwrite(bytes, 1, sizeof bytes, stdout);
    }
  } else {
    while (fread(answer, 1, sizeof answer, stdin) == sizeof answer) {
      nzflow_dequantise(answer, logits, NULL);
      fwrite(logits, 4, NZFLOW_OUTPUT_WORDS_VALUE, stdout);
    }
  }
  (void)words;
  return 0;
}
`;

let kernel: Kernel;
let pack = '';
beforeAll(async () => {
  const out = join(folder, 'build');
  await compileModel(
    tinyOptions(out, {
      board: 'alveo-u250',
      samples,
      targetThroughput: 100_000,
      axi: { dataBits: 512 },
      shell: true,
    }),
    host,
  );
  const variant = join(out, 'sparse-sparse');
  const [hdl, driver, objects] = [
    join(variant, 'hdl'),
    join(variant, 'driver'),
    join(variant, 'k'),
  ];
  mkdirSync(objects);
  const files = readdirSync(hdl).filter((name) => name.endsWith('.v'));
  const checkers = ['axi_memory_rules.sv', 'kernel_test_top.sv', 'kernel_main.cpp'];
  execFileSync(
    'verilator',
    [
      ...['--cc', '--exe', '--build', '-j', '2', '--assert', '-O3', '--x-initial', 'unique'],
      ...['--top-module', 'kernel_test_top', '-GDataBits=512', '-Wno-fatal', '-Wno-lint'],
      ...['-Mdir', objects, '-o', 'kernel', '-CFLAGS', '-std=c++17 -O1 -DDATA_BITS=512'],
      ...files,
      ...checkers.map((name) => join(sources, name)),
      rules,
    ],
    { cwd: hdl, stdio: 'pipe', timeout: 280_000 },
  );
  pack = join(folder, 'pack');
  writeFileSync(`${pack}.c`, packer);
  const c = [`${pack}.c`, join(driver, 'nzflow_driver.c')];
  execFileSync('gcc', ['-std=c99', '-O1', `-I${driver}`, ...c, '-o', pack]);

  const path = fileURLToPath(new URL('../../../examples/tiny-cnn/inputs.npy', import.meta.url));
  const { data } = await readNpy(path);
  const floats = Float32Array.from({ length: samples * 256 }, (_, at) => Number(data[at]));
  const input = join(folder, 'input.bin');
  writeFileSync(input, execFileSync(pack, ['in'], { input: Buffer.from(floats.buffer) }));
  const plan = await readPlan(join(variant, 'plan.json'));
  const axi = present(plan.axi, 'a kernel has bus interfaces');
  const reference = readFileSync(join(out, 'reference', 'logits.bin'));
  kernel = {
    program: join(objects, 'kernel'),
    hdl,
    driver,
    floats,
    scales: plan.output.answers.flatMap(({ scale }) => scale),
    input,
    stride: axiBytes(axi.output, axi.dataBits).stride,
    expected: new Int32Array(reference.buffer, reference.byteOffset, reference.length / 4),
    words: plan.output.words,
  };
}, 300_000);

function run(
  count: number,
  options: {
    readonly seed: number;
    readonly stalls: number;
    readonly faulty?: boolean;
    readonly from?: number;
    readonly to?: number;
  },
): Run {
  const output = join(folder, 'output.bin');
  const { seed, stalls, faulty = false, from = 0x100_0000_0fc0, to = 0x200_0000_0f80 } = options;
  const words = [kernel.input, output, count, from, to, count * kernel.stride, seed, stalls];
  const text = execFileSync(kernel.program, [...words.map(String), faulty ? '1' : '0'], {
    cwd: kernel.hdl,
    encoding: 'utf8',
    timeout: 100_000,
  });
  return { ...(JSON.parse(text) as Omit<Run, 'output'>), output: readFileSync(output) };
}

function logits(output: Buffer): readonly number[] {
  const bytes = execFileSync(pack, [], { input: output });
  return [...new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)];
}

describe('an XRT kernel from memory to memory', { timeout: 120_000 }, () => {
  it.each([
    { seed: 1, stalls: 0 },
    { seed: 2, stalls: 100 },
    { seed: 3, stalls: 220 },
  ])('gives the answers of the evaluator, memory stalling $stalls of 256 cycles', (options) => {
    const result = run(samples, options);
    expect(logits(result.output)).toEqual([...kernel.expected]);
    // 64 beats in, 16 out, both across a page: two bursts each
    expect(result).toMatchObject({
      reads: 2,
      writes: 2,
      errors: 0,
      outside: false,
      interrupted: true,
    });
  });

  it('takes whole pages in a burst, and any multiple of a beat as the beginning', () => {
    const whole = run(samples, { seed: 4, stalls: 50, from: 0x1000, to: 0x8_0000_0000 });
    expect(whole).toMatchObject({ reads: 1, writes: 1, errors: 0, outside: false });
    expect(logits(whole.output)).toEqual([...kernel.expected]);
  });

  it('does nothing for no inference, and fewer than there are', () => {
    expect(run(0, { seed: 5, stalls: 0 })).toMatchObject({ reads: 0, writes: 0, errors: 0 });
    const three = run(3, { seed: 6, stalls: 90 });
    expect(logits(three.output)).toEqual([...kernel.expected].slice(0, 3 * kernel.words));
    expect(three.outside).toBe(false);
  });

  it('tells responses of memory that are not OKAY', () => {
    expect(run(2, { seed: 7, stalls: 30, faulty: true }).errors).toBe(3);
  });
});

/** How the stubs of XRT start the verilated kernel. */
function card(name: string, faulty: boolean): string {
  const script = join(folder, `${name}.sh`);
  const places = `4096 34359738368 $(($3 * ${kernel.stride})) 9 120 ${faulty ? 1 : 0}`;
  writeFileSync(
    script,
    `cd '${kernel.hdl}' && exec '${kernel.program}' "$1" "$2" "$3" ${places}\n`,
  );
  return `sh ${script}`;
}

/** The answers in real numbers, as a host gives them. */
function reals(): readonly number[] {
  const { expected, scales } = kernel;
  return [...expected].map((word, at) => Math.fround(word * (scales[at % scales.length] ?? 0)));
}

function floatsOf(path: string): readonly number[] {
  const bytes = readFileSync(path);
  return [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)];
}

describe('the host program in C++, with stubs of XRT around the verilated kernel', () => {
  const host = join(folder, 'host');
  const input = join(folder, 'inputs.f32');
  const output = join(folder, 'answers.f32');
  const start = (command: string, ...words: readonly string[]) =>
    spawnSync(host, [join(folder, 'nzflow.xclbin'), input, output, ...words], {
      encoding: 'utf8',
      timeout: 100_000,
      env: { ...process.env, NZFLOW_TEST_CARD: command, NZFLOW_TEST_FOLDER: folder },
    });
  beforeAll(() => {
    const { driver, floats } = kernel;
    writeFileSync(input, Buffer.from(floats.buffer));
    const object = join(folder, 'nzflow_driver.o');
    const warnings = ['-Wall', '-Wextra', '-Werror'];
    execFileSync('gcc', [
      ...['-std=c99', '-O1', '-c', ...warnings],
      ...[join(driver, 'nzflow_driver.c'), '-o', object],
    ]);
    execFileSync('g++', [
      ...['-std=c++17', '-O1', ...warnings, '-I', sources],
      ...[join(driver, 'nzflow_xrt_host.cpp'), object, '-o', host],
    ]);
  }, 60_000);

  it('gives the answers of the evaluator, in batches of which the last is not full', () => {
    const run = start(card('card', false), '5');
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/^16 inferences in /);
    expect(floatsOf(output)).toEqual(reals());
  });

  it('says what is wrong: memory of the card, a kernel that does not end, files', () => {
    const faulty = start(card('faulty', true));
    expect([faulty.status, faulty.stderr]).toEqual([
      1,
      expect.stringContaining('could not read inputs from the memory of the card'),
    ]);
    const stuck = start('false');
    expect([stuck.status, stuck.stderr]).toEqual([
      1,
      expect.stringContaining('did not finish in 10000 ms'),
    ]);
    expect(start(card('card', false), '0').stderr).toContain('a batch has 1 inference or more');
    writeFileSync(input, Buffer.from(kernel.floats.buffer, 0, 4 * 300));
    expect(start(card('card', false)).stderr).toContain('not whole samples of 256 values');
    rmSync(input);
    expect(start(card('card', false)).stderr).toContain(`cannot read ${input}`);
  });
});

const python = spawnSync('python3', ['-c', 'import numpy'], { encoding: 'utf8' });
const noPython = python.status === 0 ? '' : ' (skipped: python3 with numpy is not there)';

describe.skipIf(noPython !== '')(`the host in Python, with a stub of pyxrt${noPython}`, () => {
  it('gives the answers of the evaluator', { timeout: 120_000 }, () => {
    const { driver, floats } = kernel;
    const program = `
import sys, numpy as np
sys.path[:0] = sys.argv[1:3]
from nzflow_xrt import Kernel, NzflowError
kernel = Kernel("nzflow.xclbin", batch=7)
kernel.infer(np.fromfile(sys.argv[3], np.float32).reshape(${samples}, -1)).tofile(sys.argv[4])
import os
os.environ["NZFLOW_TEST_CARD"] = "false"
try:
    kernel.infer(np.zeros(256, np.float32))
except NzflowError as error:
    print(error)
`;
    const input = join(folder, 'python.f32');
    const output = join(folder, 'python-answers.f32');
    writeFileSync(input, Buffer.from(floats.buffer));
    const run = spawnSync(
      'python3',
      ['-c', program, driver, join(sources, 'python'), input, output],
      {
        encoding: 'utf8',
        timeout: 100_000,
        env: {
          ...process.env,
          PYTHONDONTWRITEBYTECODE: '1',
          NZFLOW_TEST_CARD: card('card', false),
          NZFLOW_TEST_FOLDER: folder,
        },
      },
    );
    expect([run.stderr.slice(-1500), run.stdout]).toEqual([
      '',
      'the kernel did not finish in 10000 ms\n',
    ]);
    expect(floatsOf(output)).toEqual(reals());
  });
});
