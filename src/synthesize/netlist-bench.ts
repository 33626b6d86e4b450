import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from '../base/child-process.ts';
import type { ChildResult } from '../base/child-process.ts';
import { exitCodes, fail } from '../base/diagnostics.ts';

/** Where the bench is, and our models of cells. */
export const benchFolder = fileURLToPath(new URL('../../sim/netlist/', import.meta.url));

/** Paths of programs. */
export interface BenchTools {
  readonly verilator: string;
  readonly iverilog: string;
  readonly vvp: string;
}

/** Verilator is fast and knows 0 and 1; Icarus is slow and knows unknown values too. */
export type BenchSimulator = 'verilator' | 'icarus';

/** What simulators have to be told of models of cells. */
export interface CellFacts {
  /** Vectors of cells of which one bit hangs on another: Verilator takes them apart. */
  readonly chains: readonly { readonly cell: string; readonly vector: string }[];
  /** Macros that keep out what they do not read. */
  readonly defines: readonly string[];
}

/** A design of cells or of templates, with the top `nzflow_top`. */
export interface BenchDesign extends CellFacts {
  /** Paths of all Verilog. */
  readonly sources: readonly string[];
  /** Bits of a beat. */
  readonly inBits: number;
  readonly outBits: number;
  /** At most so many beats go in and come out. */
  readonly inBeats: number;
  readonly outBeats: number;
  /** Cycles without a beat in or out after which the design hangs; 20,000 unless given. */
  readonly patience?: number;
  /** Gets all files; memory images of the design lie there. */
  readonly work: string;
  /** Logs are `<logs>-<step>.log`. */
  readonly logs: string;
  readonly tools: BenchTools;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** Beats, a line of `$readmemh` each: {last, data} in, {last, care, data} out. */
export interface BenchRun {
  readonly stimulus: readonly string[];
  readonly expected: readonly string[];
  /** Of random gaps on both ports; 0 for none. */
  readonly seed: number;
}

export interface BenchResult {
  readonly equal: boolean;
  /** Beats that were compared, and the cycles they took; of a difference its first. */
  readonly text: string;
  /** The cycle of every beat that was right. */
  readonly beatCycles: readonly number[];
}

const top = 'netlist_bench';
const timeoutMilliseconds = 4 * 3_600_000;

/**
 * Builds the bench of a design in a simulator. Throws `UserError` with exit code 3 when a tool fails, a cell
 * has no model, or (in a run) a model does not cover what the netlist wants of it; the reason of the signal
 * when aborted. A difference is a result.
 */
export async function buildBench(
  simulator: BenchSimulator,
  design: BenchDesign,
): Promise<(run: BenchRun) => Promise<BenchResult>> {
  const build = simulator === 'verilator' ? buildWithVerilator : buildWithIcarus;
  await mkdir(design.work, { recursive: true });
  const program = await build(design);
  return (run) => runBench(design, simulator, program, run);
}

function parametersOf(design: BenchDesign): readonly (readonly [string, number])[] {
  const { inBits, outBits, inBeats, outBeats, patience } = design;
  return Object.entries({
    InBits: inBits,
    OutBits: outBits,
    InBeats: inBeats,
    OutBeats: outBeats,
    ...(patience === undefined ? {} : { Patience: patience }),
  });
}

async function buildWithIcarus(design: BenchDesign): Promise<readonly string[]> {
  await step(design, 'iverilog', design.tools.iverilog, [
    ...['-g2012', '-s', top, '-o', 'bench.vvp'],
    ...design.defines.map((name) => `-D${name}`),
    ...parametersOf(design).map(([name, value]) => `-P${top}.${name}=${value}`),
    ...[join(benchFolder, `${top}.v`), ...design.sources],
  ]);
  return [design.tools.vvp, '-n', 'bench.vvp'];
}

const verilatorFlags = [
  ...['--cc', '--exe', '--main', '--timing', '--build', '-j', '2'],
  ...['--top-module', top, '--prefix', `V${top}`, '--timescale', '1ns/1ps'],
  ...['--output-split', '20000'],
  // a run takes a second, a build a minute: nothing is gained by optimising
  ...['OPT_FAST', 'OPT_SLOW', 'OPT_GLOBAL'].flatMap((kind) => ['-MAKEFLAGS', `${kind}=-O0`]),
  // style of netlists and of Yosys's models; any other warning ends the build
  ...['-Wno-lint', '-Wno-style', '-Wno-INITIALDLY', '-Wno-UNOPTFLAT'],
] as const;

async function buildWithVerilator(design: BenchDesign): Promise<readonly string[]> {
  const config = join(design.work, 'bench.vlt');
  const split = design.chains.map(
    ({ cell, vector }) => `split_var -module "${cell}" -var "${vector}"`,
  );
  await writeFile(config, ['`verilator_config', ...split, ''].join('\n'));
  await step(design, 'verilator', design.tools.verilator, [
    ...verilatorFlags,
    ...parametersOf(design).map(([name, value]) => `-G${name}=${value}`),
    ...design.defines.map((name) => `+define+${name}`),
    ...['--Mdir', 'obj', config, join(benchFolder, `${top}.v`), ...design.sources],
  ]);
  return [join(design.work, 'obj', `V${top}`)];
}

async function step(
  design: BenchDesign,
  name: string,
  command: string,
  parameters: readonly string[],
): Promise<void> {
  let error: string | null = null;
  const { log, exitCode } = await start(design, name, command, parameters, (line) => {
    if (error === null && isError(line)) error = line.trim();
  });
  if (exitCode === 0 && error === null) return;
  fail('synthesize/netlist-models', `the netlist cannot be simulated: ${error ?? 'see the log'}`, {
    place: log,
    remedy: 'cells without a model, as UltraRAM, cannot be checked: plan for a board without it',
    exitCode: exitCodes.toolFailed,
  });
}

/** Icarus only warns of a parameter that a model does not have. */
function isError(line: string): boolean {
  return /^%(?:Error|Warning)|\berror:|warning: parameter \S+ not found/.test(line);
}

async function runBench(
  design: BenchDesign,
  simulator: BenchSimulator,
  [command = '', ...parameters]: readonly string[],
  { stimulus, expected, seed }: BenchRun,
): Promise<BenchResult> {
  await writeFile(join(design.work, 'stimulus.hex'), `${stimulus.join('\n')}\n`);
  await writeFile(join(design.work, 'expected.hex'), `${expected.join('\n')}\n`);
  const beatCycles: number[] = [];
  let verdict: string | null = null;
  const { log } = await start(
    design,
    `${simulator}-run`,
    command,
    [...parameters, ...[`+seed=${seed}`, `+in=${stimulus.length}`, `+out=${expected.length}`]],
    (line) => {
      if (line.startsWith('BEAT ')) beatCycles.push(Number(line.slice('BEAT '.length)));
      else if (verdict === null && /^(?:EQUAL|DIFFERENT|UNSUPPORTED) /.test(line)) verdict = line;
    },
  );
  const [word, text] = split(verdict ?? 'nothing');
  if (word !== 'EQUAL' && word !== 'DIFFERENT') {
    fail('synthesize/netlist-run', `the simulation of the netlist ended with: ${word} ${text}`, {
      place: log,
      remedy: 'a model of a part covers only what Yosys makes of our templates',
      exitCode: exitCodes.toolFailed,
    });
  }
  return { equal: word === 'EQUAL', text, beatCycles };
}

function split(line: string): readonly [word: string, rest: string] {
  const at = line.indexOf(' ');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

async function start(
  design: BenchDesign,
  name: string,
  command: string,
  parameters: readonly string[],
  onLine: (line: string) => void,
): Promise<ChildResult & { readonly log: string }> {
  const log = `${design.logs}-${name}.log`;
  const result = await runChild({
    command,
    arguments: parameters,
    folder: design.work,
    // a make around us must not lend its job slots
    environment: { MAKEFLAGS: '', MAKELEVEL: '' },
    logFile: log,
    timeoutMilliseconds,
    signal: design.signal,
    onLine: (line) => {
      onLine(line);
      if (!line.startsWith('BEAT ')) design.onLine(line);
    },
  });
  return { ...result, log };
}
