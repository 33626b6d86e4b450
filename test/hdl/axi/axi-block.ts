import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plan } from '../../../src/ir/plan.ts';
import { registerMap } from '../../../src/plan/interfaces/register-map.ts';
import { sharedModulesConfig } from '../../../src/simulate/shared-modules.ts';

const sources = fileURLToPath(new URL('block/', import.meta.url));
const simulation = fileURLToPath(new URL('../../../sim/', import.meta.url));

/** What the driver saw, see block/run_driver.cpp. */
export interface DriverRun {
  readonly words: readonly number[];
  readonly reals: readonly number[];
  /** Counters of the design, in the order of the register map. */
  readonly design: readonly number[];
  /** Of all layers, as the registers have them and as the probes of the simulation counted. */
  readonly read: readonly number[];
  readonly probed: readonly number[];
  readonly errors: number;
  readonly status: number;
}

/** A verilated `nzflow_axi` with the rules of its buses, the C driver and a server for scripts. */
export interface AxiBlock {
  readonly program: string;
  /** Where the memory images are: the folder to run in. */
  readonly hdl: string;
  readonly plan: Plan;
}

/** Lets a build tool run; what it said is in the error. */
function tool(command: string, options: readonly string[], cwd: string): void {
  const child = spawnSync(command, options, { cwd, encoding: 'utf8', timeout: 280_000 });
  if (child.error !== undefined) throw child.error;
  if (child.status === 0) return;
  throw new Error(`${command}: ${`${child.stdout}${child.stderr}`.slice(-2000)}`);
}

/** Builds the block of a variant that was compiled with `axi`. */
export function buildBlock(variant: string, plan: Plan): AxiBlock {
  const hdl = join(variant, 'hdl');
  const folder = join(variant, 'block');
  mkdirSync(folder, { recursive: true });
  const files = readdirSync(hdl).filter((name) => name.endsWith('.v'));
  const driver = join(variant, 'driver');
  // freestanding: the driver needs nothing of a library
  tool(
    'gcc',
    [
      ...['-std=c99', '-ffreestanding', '-O2', '-Wall', '-Wextra', '-Werror', '-pedantic'],
      ...['-c', join(driver, 'nzflow_driver.c'), '-o', join(folder, 'nzflow_driver.o')],
    ],
    folder,
  );
  const config = join(folder, 'shared.vlt');
  // instances keep their names, by which probes are told apart
  const texts = files.map((name) => readFileSync(join(hdl, name), 'utf8'));
  writeFileSync(config, sharedModulesConfig(texts, { copiesApart: false }));
  const bits = plan.axi?.dataBits ?? 0;
  const flags = ['-std=c++17', '-O1', `-I${simulation}`, `-I${sources}`, `-I${driver}`];
  tool(
    'verilator',
    [
      ...['--cc', '--exe', '--build', '-j', '2', '--assert', '-O3', '--x-initial', 'unique'],
      ...['--top-module', 'axi_test_top', `-GDataBits=${bits}`, '-Wno-fatal', '-Wno-lint'],
      `-GAddressBits=${registerMap(plan).addressBits}`,
      ...['+define+NZFLOW_PROBE', '-Mdir', join(folder, 'obj'), '-o', 'block'],
      ...[
        '-CFLAGS',
        [...flags, `-DDATA_BITS=${bits}`, '-include', `${simulation}prelude.h`].join(' '),
      ],
      config,
      ...files.map((name) => join(hdl, name)),
      ...['engine_probe.sv', 'nzflow_token_probe.sv'].map((name) => join(simulation, name)),
      ...readdirSync(sources)
        .filter((name) => /\.(?:sv|cpp)$/.test(name))
        .map((name) => join(sources, name)),
      join(folder, 'nzflow_driver.o'),
    ],
    folder,
  );
  return { program: join(folder, 'obj', 'block'), hdl, plan };
}

/** The C driver on the block: samples in the order of the model, so many in a packet. */
export function runDriver(
  { program, hdl, plan }: AxiBlock,
  samples: Float32Array,
  options: {
    readonly count: number;
    readonly batch: number;
    readonly seed: number;
    /** Of 256 cycles so many in which a side does not offer, or not take. */
    readonly stalls: number;
  },
): DriverRun {
  const file = join(hdl, '..', 'block', 'samples.f32');
  writeFileSync(file, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
  const { count, batch, seed, stalls } = options;
  const words = [file, ...[count, batch, seed, stalls, plan.copies].map(String)];
  const text = execFileSync(program, words, { cwd: hdl, encoding: 'utf8', timeout: 200_000 });
  return JSON.parse(text) as DriverRun;
}

/** Lets the block answer the commands of block/serve.cpp, a line each. */
export function converse(
  { program, hdl, plan }: AxiBlock,
  commands: readonly string[],
  stalls: number,
): readonly string[] {
  const words = [1, stalls, plan.copies].map(String);
  const input = commands.join('\n');
  const options = { cwd: hdl, encoding: 'utf8', input, timeout: 200_000 } as const;
  return execFileSync(program, words, options).trimEnd().split('\n');
}
