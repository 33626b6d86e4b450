import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from '../base/child-process.ts';
import { exitCodes, fail } from '../base/diagnostics.ts';
import type { BoardFamily } from '../ir/board.ts';
import type { Plan } from '../ir/plan.ts';
import { familyNames, runYosys } from './yosys.ts';

/**
 * `logic`: no DSP block and no block memory, on Yosys's own models of all cells that are left.
 * `parts`: as it is counted, on models of our own of DSP48E2 and RAMB (sim/netlist).
 */
export const netlistKinds = ['logic', 'parts'] as const;
export type NetlistKind = (typeof netlistKinds)[number];

export interface NetlistCheckOptions {
  readonly plan: Plan;
  readonly kind: NetlistKind;
  readonly family: BoardFamily;
  /** Folder with the design, top `nzflow_top`. */
  readonly hdlFolder: string;
  /** Gets the logs. */
  readonly synthFolder: string;
  /** Paths of the programs. */
  readonly yosys: string;
  readonly iverilog: string;
  readonly vvp: string;
  /** A line of `$readmemh` a beat: {last, data} in, {last, care, data} out. */
  readonly stimulus: readonly string[];
  readonly expected: readonly string[];
  /** Of random gaps on both ports; 0 for none. */
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

export interface NetlistVerdict {
  readonly kind: NetlistKind;
  readonly equal: boolean;
  /** Beats that were compared, and the cycles they took; of a difference its first. */
  readonly text: string;
}

const timeoutMilliseconds = 4 * 3_600_000;
const modelFiles = [
  'netlist_bench.v',
  'netlist_block_memory.v',
  'DSP48E2.v',
  'RAMB18E2.v',
  'RAMB36E2.v',
] as const;
const models = fileURLToPath(new URL('../../sim/netlist/', import.meta.url));

/**
 * Synthesises a design, simulates the netlist in Icarus and compares every beat it gives. A difference is a
 * result. Throws `UserError` with exit code 3 when a tool fails, a cell has no model, or a model does not
 * cover what the netlist wants of it; the reason of the signal when aborted.
 */
export async function checkNetlist(options: NetlistCheckOptions): Promise<NetlistVerdict> {
  await mkdir(options.synthFolder, { recursive: true });
  const work = await mkdtemp(join(resolve(options.synthFolder), 'netlist-'));
  try {
    const netlist = join(work, 'netlist.v');
    await writeNetlist(options, netlist);
    return await simulateNetlist(options, netlist, work);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The second half of `checkNetlist`; leaves the simulation in `work`. */
export async function simulateNetlist(
  options: Omit<NetlistCheckOptions, 'family' | 'hdlFolder'>,
  netlist: string,
  work: string,
): Promise<NetlistVerdict> {
  const { kind, plan, signal, onLine } = options;
  const run = async (command: string, parameters: readonly string[], name: string) => {
    let last = '';
    const log = logOf(options, name);
    const result = await runChild({
      command,
      arguments: parameters,
      folder: work,
      logFile: log,
      timeoutMilliseconds,
      signal,
      onLine: (line) => {
        if (line.trim() !== '') last = line;
        onLine(line);
      },
    });
    return { ...result, last, log };
  };
  await writeFile(join(work, 'stimulus.hex'), `${options.stimulus.join('\n')}\n`);
  await writeFile(join(work, 'expected.hex'), `${options.expected.join('\n')}\n`);
  const parameters = {
    InBits: plan.input.beatBits,
    OutBits: plan.output.beatBits,
    InBeats: options.stimulus.length,
    OutBeats: options.expected.length,
    Seed: options.seed,
  };
  const compiled = await run(
    options.iverilog,
    [
      ...['-g2012', '-s', 'netlist_bench', '-o', 'bench.vvp'],
      ...Object.entries(parameters).map(([name, value]) => `-Pnetlist_bench.${name}=${value}`),
      ...[netlist, await cellModels(options.yosys)],
      ...modelFiles.map((name) => join(models, name)),
    ],
    'iverilog',
  );
  if (compiled.exitCode !== 0) {
    fail('synthesize/netlist-models', `the netlist cannot be simulated: ${compiled.last}`, {
      place: compiled.log,
      remedy: 'cells without a model, as UltraRAM, cannot be checked: plan for a board without it',
      exitCode: exitCodes.toolFailed,
    });
  }
  const { last, log } = await run(options.vvp, ['-n', 'bench.vvp'], 'simulation');
  const text = /^(EQUAL|DIFFERENT) (.*)$/.exec(last);
  if (text === null) {
    fail('synthesize/netlist-run', `the simulation of the netlist ended with: ${last}`, {
      place: log,
      remedy: 'a model of a part covers only what Yosys makes of our templates',
      exitCode: exitCodes.toolFailed,
    });
  }
  return { kind, equal: text[1] === 'EQUAL', text: text[2] ?? '' };
}

function logOf(
  { synthFolder, kind }: Pick<NetlistCheckOptions, 'synthFolder' | 'kind'>,
  name: string,
): string {
  return join(synthFolder, `netlist-${kind}-${name}.log`);
}

/** The first half: the design as Verilog of cells, in a file `netlist`. */
export async function writeNetlist(
  options: Omit<NetlistCheckOptions, 'stimulus' | 'expected'>,
  netlist: string,
): Promise<void> {
  const { kind, hdlFolder, family } = options;
  const logic = [
    'hierarchy -check -top nzflow_top',
    // memories that ask for a kind of block get none
    ...['ram_style', 'rom_style', 'ramstyle', 'romstyle'].map(
      (name) => `setattr -unset ${name} */m:*`,
    ),
  ];
  await runYosys({
    ...options,
    program: options.yosys,
    logFile: logOf(options, 'yosys'),
    commands: [
      ...(kind === 'logic' ? logic : []),
      // no shift registers: Yosys 0.23 connects the enable of some to 1
      `synth_xilinx -noiopad -noclkbuf -nosrl ${kind === 'logic' ? '-nodsp -nobram ' : ''}-family ${familyNames[family]} -top nzflow_top`,
      // parts start with one value or the other, never with an unknown one
      'setundef -params -zero',
      `write_verilog -noattr ${relative(resolve(hdlFolder), netlist)}`,
    ],
  });
}

/** Yosys's models of the cells of AMD parts, where its installation has them. */
async function cellModels(yosys: string): Promise<string> {
  const path = join(dirname(dirname(resolve(yosys))), 'share/yosys/xilinx/cells_sim.v');
  await access(path).catch((cause: unknown) =>
    fail('synthesize/cell-models', 'Yosys has no models of its cells', {
      place: path,
      remedy: 'use the Yosys of a package manager: its files lie beside the program',
      exitCode: exitCodes.toolFailed,
      cause,
    }),
  );
  return path;
}
