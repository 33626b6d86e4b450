import { access, copyFile, mkdir, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { makeTemporaryFolder } from '../base/leftovers.ts';
import { exitCodes, fail } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import { designSources } from './design-sources.ts';
import { benchFolder, buildBench } from './netlist-bench.ts';
import type { BenchDesign, BenchRun, BenchSimulator, BenchTools } from './netlist-bench.ts';
import type { NetlistFamily, NetlistKind } from './netlist-family.ts';
import { writeNetlist } from './write-netlist.ts';

export interface NetlistCheckOptions {
  /** Bits of a beat. */
  readonly inBits: number;
  readonly outBits: number;
  /** Cycles without a beat in or out after which the design hangs. */
  readonly patience?: number;
  readonly kinds: readonly NetlistKind[];
  /** Path of the netlist of a bitstream (JSON of Yosys, `nzflow_top` in it), for `placed`. */
  readonly placed?: string;
  readonly family: NetlistFamily;
  /** Folder with the design, top `nzflow_top`. */
  readonly hdlFolder: string;
  /** Gets the logs. */
  readonly synthFolder: string;
  /** Path of the program; its models lie beside it. */
  readonly yosys: string;
  readonly tools: BenchTools;
  /** Beats of every sample: see `BenchRun`. */
  readonly stimulus: readonly (readonly string[])[];
  readonly expected: readonly (readonly string[])[];
  readonly signal: AbortSignal;
  readonly onStep: (what: string) => void;
  readonly onLine: (line: string) => void;
}

export interface NetlistVerdict {
  /** `verilog`: the design itself differs, so its netlists were not looked at. */
  readonly kind: NetlistKind | 'verilog';
  readonly equal: boolean;
  /** What was compared; of a difference its first. */
  readonly text: string;
}

/** Seed of the random gaps. */
const gapSeed = 1;

/** What a netlist has to go through: all samples in Verilator, the first again in Icarus. */
interface Trial extends BenchRun {
  readonly simulator: BenchSimulator;
  readonly name: string;
}

/**
 * Synthesises a design and simulates its netlists: every beat has to be the reference's, and to come in the
 * cycle in which it comes from the Verilog. Throws as `buildBench` and `runYosys` do.
 */
export async function checkNetlists(
  options: NetlistCheckOptions,
): Promise<readonly NetlistVerdict[]> {
  const { kinds, family, synthFolder, onStep } = options;
  await mkdir(synthFolder, { recursive: true });
  const work = await makeTemporaryFolder(resolve(synthFolder), 'netlist');
  try {
    onStep('the Verilog');
    const trials = trialsOf(options);
    const design = await verilogTimes(options, trials, join(work, 'verilog'));
    if (typeof design === 'string') return [{ kind: 'verilog', equal: false, text: design }];
    const verdicts: NetlistVerdict[] = [];
    for (const kind of kinds) {
      onStep(`netlist of ${kind}`);
      const netlist = join(work, `${kind}.v`);
      const log = join(synthFolder, `netlist-${kind}-yosys.log`);
      const run = {
        ...options,
        defines: family.designDefines,
        commands: commandsOf(options, kind),
      };
      await writeNetlist({ ...run, program: options.yosys, logFile: log }, netlist);
      const sources = await withModels(options, netlist);
      verdicts.push(await netlistVerdict(options, kind, trials, design, sources, work));
    }
    return verdicts;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What makes a netlist of the Verilog that was read. */
function commandsOf(
  { family, hdlFolder, placed }: NetlistCheckOptions,
  kind: NetlistKind,
): readonly string[] {
  if (kind !== 'placed') return family.commands[kind];
  // Yosys takes no quotes here; seen from the design the path has nothing that needs them
  const path = relative(resolve(hdlFolder), present(placed, 'a netlist of a bitstream'));
  return ['design -reset', `read_json ${path}`, 'hierarchy -top nzflow_top'];
}

function trialsOf({ stimulus, expected }: NetlistCheckOptions): readonly Trial[] {
  const all = { stimulus: stimulus.flat(), expected: expected.flat() };
  const first = { stimulus: stimulus[0] ?? [], expected: expected[0] ?? [] };
  return [
    { ...all, seed: 0, simulator: 'verilator', name: 'back to back' },
    { ...all, seed: gapSeed, simulator: 'verilator', name: 'with gaps' },
    { ...first, seed: gapSeed, simulator: 'icarus', name: 'the first sample in Icarus' },
  ];
}

/** Cycles of the beats of each trial as the Verilog has them; a text where it differs from the reference. */
async function verilogTimes(
  options: NetlistCheckOptions,
  trials: readonly Trial[],
  work: string,
): Promise<readonly (readonly number[])[] | string> {
  const { verilog, memories } = await designSources(options.hdlFolder);
  await mkdir(work);
  for (const name of memories) await copyFile(join(options.hdlFolder, name), join(work, name));
  const sources = verilog.map((name) => resolve(options.hdlFolder, name));
  const run = await buildBench('verilator', benchOf(options, 'verilog', sources, work));
  const times: (readonly number[])[] = [];
  for (const trial of trials) {
    const { equal, text, beatCycles } = await run(trial);
    if (!equal) return `${trial.name}: ${text}`;
    times.push(beatCycles);
  }
  return times;
}

/** A netlist with the models of its cells. */
export async function withModels(
  { family, yosys }: Pick<NetlistCheckOptions, 'family' | 'yosys'>,
  netlist: string,
): Promise<readonly string[]> {
  const models = family.models.map((name) => join(benchFolder, name));
  return [netlist, await cellModels(yosys, family), ...models];
}

async function netlistVerdict(
  options: NetlistCheckOptions,
  kind: NetlistKind,
  trials: readonly Trial[],
  times: readonly (readonly number[])[],
  sources: readonly string[],
  work: string,
): Promise<NetlistVerdict> {
  const parts: string[] = [];
  for (const simulator of ['verilator', 'icarus'] as const) {
    const folder = join(work, `${kind}-${simulator}`);
    const run = await buildBench(simulator, benchOf(options, kind, sources, folder));
    for (const [index, trial] of trials.entries()) {
      if (trial.simulator !== simulator) continue;
      const { equal, text, beatCycles } = await run(trial);
      if (!equal) return { kind, equal: false, text: `${trial.name}: ${text}` };
      const late = beatCycles.findIndex((cycle, beat) => cycle !== times[index]?.[beat]);
      if (late >= 0) {
        const cycles = `cycle ${beatCycles[late]}, that of the Verilog in ${times[index]?.[late]}`;
        return { kind, equal: false, text: `${trial.name}: beat ${late} comes in ${cycles}` };
      }
      parts.push(`${trial.name} ${text}`);
    }
  }
  return { kind, equal: true, text: parts.join('; ') };
}

function benchOf(
  options: NetlistCheckOptions,
  name: string,
  sources: readonly string[],
  work: string,
): BenchDesign {
  const lines = (samples: readonly (readonly string[])[]): number =>
    samples.reduce((sum, beats) => sum + beats.length, 0);
  return {
    ...options,
    sources,
    chains: name === 'verilog' ? [] : options.family.chains,
    defines: name === 'verilog' ? [] : options.family.defines,
    inBeats: lines(options.stimulus),
    outBeats: lines(options.expected),
    work,
    logs: join(options.synthFolder, `netlist-${name}`),
  };
}

/** Yosys's models of the cells of a family, where its installation has them. */
async function cellModels(yosys: string, family: NetlistFamily): Promise<string> {
  const path = join(dirname(dirname(resolve(yosys))), 'share/yosys', family.cells);
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
