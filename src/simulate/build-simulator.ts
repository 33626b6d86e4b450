import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from '../base/child-process.ts';
import type { ChildResult } from '../base/child-process.ts';
import { exitCodes, fail } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import { writeObstacle } from '../base/writable-folder.ts';
import { keepHarness, takeHarness } from './harness-objects.ts';
import { sharedModulesConfig } from './shared-modules.ts';
import { cacheFolder, contentKey, findSimulator, storeSimulator } from './simulator-cache.ts';
import { requireTools, simulationTools } from './tools.ts';
import type { ToolStatus } from './tools.ts';

export interface BuildSimulatorOptions {
  /** Folder with the design: `*.v` and the memory images, top `nzflow_top`. */
  readonly hdlFolder: string;
  /** Gets the logs of verilator and the compiler. */
  readonly simFolder: string;
  /** Able to write waves (slower to build and to run). */
  readonly waves: boolean;
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
  readonly waves: boolean;
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
  const sources = await readSources(options.hdlFolder);
  const key = contentKey([
    ['verilator', version('verilator')],
    ['g++', version('g++')],
    ['flags', JSON.stringify([verilatorFlags, compilerFlags, options.waves])],
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
    ['flags', JSON.stringify([compilerFlags, options.waves])],
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
    read(simSources, /\.(?:cpp|h|sv)$/),
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
const compilerFlags = ['OPT_FAST=-O1', 'OPT_SLOW=-O0', 'OPT_GLOBAL=-O2'] as const;

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
  const work = await mkdtemp(join(tmpdir(), 'nzflow-build-'));
  try {
    const config = join(work, 'shared.vlt');
    const design = sources.filter(({ name }) => name.endsWith('.v'));
    await writeFile(
      config,
      sharedModulesConfig(
        design.map(({ content }) => content),
        { copiesApart: !options.waves },
      ),
    );
    const common = {
      folder: work,
      timeoutMilliseconds: buildTimeoutMilliseconds,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    await step('Verilator', join(options.simFolder, 'verilator.log'), (logFile, onLine) =>
      runChild({
        ...common,
        command: path('verilator'),
        arguments: [
          ...verilatorFlags,
          ...(options.waves ? ['--trace-fst'] : ['--hierarchical']),
          '-Mdir',
          join(work, 'obj'),
          '-CFLAGS',
          `-std=c++17 -I${simSources} -include ${join(simSources, 'probe_registration.h')}`,
          config,
          ...sources.filter(({ name }) => !name.endsWith('.h')).map((source) => source.path),
        ],
        logFile,
        onLine,
      }),
    );
    await takeHarness(harness.cache, harness.key, join(work, 'obj'));
    await step('the C++ compiler', join(options.simFolder, 'compile.log'), (logFile, onLine) =>
      runChild({
        ...common,
        command: path('make'),
        arguments: [
          '-C',
          join(work, 'obj'),
          '-f',
          ...(options.waves ? ['Vnzflow_top.mk'] : ['Vnzflow_top_hier.mk', 'hier_build']),
          `-j${options.jobs ?? 2}`,
          ...compilerFlags,
        ],
        // a make around us must not lend its job slots
        environment: { MAKEFLAGS: '', MAKELEVEL: '' },
        logFile,
        onLine,
      }),
    );
    await keepHarness(harness.cache, harness.key, join(work, 'obj'));
    return await keep(join(work, 'obj', 'Vnzflow_top'));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Runs a build step; a step that fails is reported with its first error line. */
async function step(
  name: string,
  logFile: string,
  run: (logFile: string, onLine: (line: string) => void) => Promise<ChildResult>,
): Promise<void> {
  let firstError: string | null = null;
  const result = await run(logFile, (line) => {
    if (firstError === null && isErrorLine(line)) firstError = line.trim();
  }).catch((cause: unknown) => {
    if (!isSystemError(cause)) throw cause;
    return fail('simulate/start', `${name} cannot be started: ${messageOf(cause)}`, {
      exitCode: exitCodes.toolFailed,
      cause,
    });
  });
  if (result.exitCode === 0) return;
  const reason = result.timedOut
    ? 'took longer than an hour'
    : (firstError ?? `ended with ${result.endedBySignal ?? `exit code ${result.exitCode ?? '?'}`}`);
  fail('simulate/build', `${name} failed: ${reason}`, {
    place: logFile,
    remedy: /zlib\.h/.test(reason)
      ? 'waves are compressed with zlib: install its headers, for example apt-get install zlib1g-dev'
      : 'the log tells more; nzflow doctor checks the tools',
    exitCode: exitCodes.toolFailed,
  });
}

/** `%Error: ...`, `%Warning-WIDTH: ...`, `file.cpp:1:2: error: ...`, `make: *** ...`. */
function isErrorLine(line: string): boolean {
  return /^%(?:Error|Warning)|\b(?:fatal )?error:|^make.*\*\*\*|undefined reference/.test(line);
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
