import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTemporaryFolder, removeLeftovers } from '../base/leftovers.ts';
import { runChild } from '../base/child-process.ts';
import type { ChildOptions } from '../base/child-process.ts';
import { exitCodes, fail } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import { writeObstacle } from '../base/writable-folder.ts';
import { buildStep, messageOf } from './build-step.ts';
import { harnessFolder, useHarness } from './harness.ts';
import { sharedModulesConfig } from './shared-modules.ts';
import { cacheFolder, contentKey, findSimulator, storeSimulator } from './simulator-cache.ts';
import { leaveStillBlocksAlone, withStillBlock } from './still-blocks.ts';
import { requireTools, simulationTools } from './tools.ts';
import type { ToolStatus } from './tools.ts';

/** `fst` is small; `vcd` is text that any tool reads. */
export type WaveFormat = 'fst' | 'vcd';

export interface BuildSimulatorOptions {
  /** Folder with the design: `*.v` and the memory images, top `nzflow_top`. */
  readonly hdlFolder: string;
  /** Gets the logs of verilator and the compiler. */
  readonly simFolder: string;
  /** What waves it is able to write (slower to build and to run). */
  readonly waves: WaveFormat | null;
  readonly signal?: AbortSignal;
  /** Compilers at once; 2 unless given. */
  readonly jobs?: number;
  /** Instead of the user's cache folder. */
  readonly cache?: string;
}

export interface Simulator {
  /** Path of the program. */
  readonly program: string;
  /** As the tool tells it: `5.006`. */
  readonly verilatorVersion: string;
  readonly waves: WaveFormat | null;
  /** Whether it was there already. */
  readonly cached: boolean;
}

const simSources = fileURLToPath(new URL('../../sim/', import.meta.url));

/** An hour: what a build can take on a slow, busy machine and a design that fills a big board. */
const buildTimeoutMilliseconds = 3_600_000;

/**
 * Builds the simulator of a design, or takes it from the cache: it is kept under the content of
 * everything that goes into it (memory images do not: they are read when a run starts). Safe to
 * call several times at once.
 *
 * Throws `UserError` (exit code 3) when a tool is missing or too old or a build step fails, with
 * the log's path and the first error line; the reason of the signal when aborted.
 */
export async function buildSimulator(options: BuildSimulatorOptions): Promise<Simulator> {
  const tools = await requireTools(simulationTools);
  const version = (name: string): string =>
    present(tools.find((tool) => tool.name === name)?.version, `${name} has a version`);
  const cache = options.cache ?? cacheFolder();
  // of runs that were killed while they built
  for (const folder of [tmpdir(), join(cache, 'simulators'), join(cache, 'harness')]) {
    await removeLeftovers(folder);
  }
  const sources = await readSources(options.hdlFolder);
  const key = contentKey([
    ['verilator', version('verilator')],
    ['g++', version('g++')],
    [
      'flags',
      JSON.stringify([
        verilatorFlags,
        designFlags,
        compilerFlags,
        libraryFlags,
        options.waves ?? false,
      ]),
    ],
    // what is made of the design beside its sources
    ['blocks', `${sharedModulesConfig.toString()}${withStillBlock.toString()}`],
    ...sources.map(({ name, content }) => [name, content] as const),
  ]);
  const result = { verilatorVersion: version('verilator'), waves: options.waves };
  const stored = await findSimulator(cache, key);
  if (stored !== null) return { ...result, program: stored, cached: true };
  const obstacle = await writeObstacle(join(cache, 'simulators'));
  // a build takes long: better to know before
  if (obstacle !== null) cannotStore(cache, obstacle);
  const harness = contentKey([
    ['verilator', version('verilator')],
    ['g++', version('g++')],
    // the folder of the headers is in a precompiled one
    ['flags', JSON.stringify([designFlags, compilerFlags, libraryFlags, options.waves ?? false])],
    ...sources
      .filter(({ name }) => !name.endsWith('.v'))
      .map(({ name, content }) => [name, content] as const),
  ]);
  const program = await build(options, sources, tools, { cache, key: harness }, (built) =>
    storeSimulator(cache, key, built).catch((cause: unknown) => cannotStore(cache, cause)),
  );
  return { ...result, program, cached: false };
}

function cannotStore(cache: string, cause: unknown): never {
  fail('simulate/cache', `the simulator cannot be stored: ${messageOf(cause)}`, {
    place: cache,
    remedy: 'make room there, or name another folder with NZFLOW_CACHE',
    exitCode: exitCodes.toolFailed,
    cause,
  });
}

interface Source {
  readonly name: string;
  readonly path: string;
  readonly content: string;
}

/** Whether a register of the design takes its value at a falling edge of the clock. */
function hasFallingEdges(sources: readonly Source[]): boolean {
  return sources.some(({ content }) => /@\s*\(\s*negedge\b/.test(content));
}

/** Everything that goes into a simulator, in a fixed order. */
async function readSources(hdlFolder: string): Promise<readonly Source[]> {
  const read = async (folder: string, extensions: RegExp): Promise<readonly Source[]> => {
    const names = (await readdir(folder)).filter((name) => extensions.test(name)).sort();
    return Promise.all(
      names.map(async (name) => {
        const path = resolve(folder, name);
        return { name, path, content: await readFile(path, 'utf8') };
      }),
    );
  };
  const [design, harness] = await Promise.all([
    read(hdlFolder, /\.v$/),
    read(simSources, /\.(?:cpp|h|sv|mk)$/),
  ]);
  if (!design.some(({ name }) => name === 'nzflow_top.v')) {
    fail('simulate/no-design', 'there is no nzflow_top.v', {
      place: hdlFolder,
      remedy: 'give the folder of a variant that `nzflow compile` wrote',
    });
  }
  return [...design, ...harness];
}

/** -O1: -O2 ran no more than some 5 % faster where both were measured, -O3 no faster. */
const compilerFlags = ['OPT_FAST=-O1', 'OPT_SLOW=-O0'] as const;

/** Of Verilator's library, in the harness; a design must not use the prelude with another level. */
const libraryFlags = { harness: 'OPT_GLOBAL=-O2', design: 'OPT_GLOBAL=-O1' } as const;

/** For all sources; -fPIC as Verilator has it for its blocks, so that one prelude serves all. */
const designFlags = `-fPIC -std=c++17 -I${simSources}`;

const verilatorFlags = [
  '--cc',
  '--exe',
  '--top-module',
  'nzflow_top',
  '--prefix',
  'Vnzflow_top',
  '-O3',
  // look-up tables are numbered, which would make equal engines different
  '-fno-table',
  // a block of its own hides that its ready does not depend on its valid
  '-Wno-UNOPTFLAT',
  '--x-assign',
  'fast',
  // what registers hold before reset is decided when a run starts
  '--x-initial',
  'unique',
  // small enough for two compilers to share the work
  '--output-split',
  '20000',
  '+define+NZFLOW_PROBE',
] as const;

const waveFlags: Readonly<Record<WaveFormat, string>> = { fst: '--trace-fst', vcd: '--trace' };

function makeWaves(waves: WaveFormat | null): readonly string[] {
  if (waves === null) return [];
  return ['VM_TRACE=1', waves === 'fst' ? 'VM_TRACE_FST=1' : 'VM_TRACE_VCD=1'];
}

async function build(
  options: BuildSimulatorOptions,
  sources: readonly Source[],
  tools: readonly ToolStatus[],
  harness: { readonly cache: string; readonly key: string },
  keep: (built: string) => Promise<string>,
): Promise<string> {
  const path = (name: string): string =>
    present(tools.find((tool) => tool.name === name)?.path, `${name} has a path`);
  await mkdir(options.simFolder, { recursive: true });
  const work = await makeTemporaryFolder(tmpdir(), 'nzflow-build');
  const objects = join(work, 'obj');
  const prelude = join(work, 'prelude');
  const common = {
    folder: work,
    timeoutMilliseconds: buildTimeoutMilliseconds,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const log = (name: string): string => join(options.simFolder, `${name}.log`);
  const make = (folder: string, logName: string, parameters: readonly string[]): Promise<void> =>
    buildStep('the C++ compiler', log(logName), (logFile, onLine) =>
      runChild({
        ...common,
        command: path('make'),
        arguments: ['-C', folder, ...parameters, `-j${options.jobs ?? 2}`, ...compilerFlags],
        // a make around us must not lend its job slots; compilers that are killed leave files behind
        environment: { MAKEFLAGS: '', MAKELEVEL: '', TMPDIR: work },
        logFile,
        onLine,
      }),
    );
  const compileHarness = async (fresh: string): Promise<void> => {
    const root = await verilatorRoot(path('verilator'), common);
    await make(fresh, 'harness', [
      ...['-f', join(simSources, 'harness.mk'), `VERILATOR_ROOT=${root}`, `SIM=${simSources}`],
      `DESIGN_CFLAGS=${designFlags}`,
      libraryFlags.harness,
      ...makeWaves(options.waves),
    ]);
  };
  const verilate = async (): Promise<void> => {
    const config = join(work, 'shared.vlt');
    const design = sources.filter(({ name }) => name.endsWith('.v'));
    await writeFile(
      config,
      sharedModulesConfig(
        design.map(({ content }) => content),
        { copiesApart: options.waves === null },
      ),
    );
    await buildStep('Verilator', log('verilator'), (logFile, onLine) =>
      runChild({
        ...common,
        command: path('verilator'),
        arguments: [
          ...verilatorFlags,
          options.waves === null ? '--hierarchical' : waveFlags[options.waves],
          '-Mdir',
          objects,
          '-CFLAGS',
          `${designFlags} -include ${join(prelude, 'prelude.h')}`,
          config,
          ...sources
            .filter(({ name }) => /\.(?:v|sv|cpp)$/.test(name))
            .map((source) => source.path),
        ],
        logFile,
        onLine,
      }),
    );
  };
  try {
    const [verilated, compiled] = await Promise.allSettled([
      verilate(),
      harnessFolder(harness.cache, harness.key, compileHarness),
    ]);
    if (verilated.status === 'rejected') throw verilated.reason;
    if (compiled.status === 'rejected') throw compiled.reason;
    await useHarness(compiled.value, prelude, objects);
    await leaveStillBlocksAlone(objects, hasFallingEdges(sources));
    await make(objects, 'compile', [
      ...(options.waves === null
        ? ['-f', 'Vnzflow_top_hier.mk', 'hier_build']
        : ['-f', 'Vnzflow_top.mk']),
      libraryFlags.design,
    ]);
    return await keep(join(objects, 'Vnzflow_top'));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Where Verilator has its headers and makefiles. */
async function verilatorRoot(
  program: string,
  options: Pick<ChildOptions, 'folder' | 'timeoutMilliseconds' | 'signal'>,
): Promise<string> {
  let root = '';
  await runChild({
    ...options,
    command: program,
    arguments: ['--getenv', 'VERILATOR_ROOT'],
    logFile: null,
    onLine: (line) => {
      if (root === '') root = line.trim();
    },
  });
  return root;
}
