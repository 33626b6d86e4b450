import { cp, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { uniformOf } from '../../src/explore/uniform.ts';
import type { Uniform } from '../../src/explore/uniform.ts';
import { cacheFolder } from '../../src/simulate/simulator-cache.ts';
import { nzflow, startNzflow } from './explore-run.ts';

/** A run that was ended by kill -9. */
export interface KilledRun {
  /** Milliseconds after its start. */
  readonly after: number;
  /** Names of the programs it had started that were at work, `make` and `cc1plus` for instance. */
  readonly tools: readonly string[];
  /** Temporary files and folders it left. */
  readonly left: number;
  /** Whether it was then run to its end. */
  readonly again: boolean;
}

export interface KillRunOptions {
  /** An empty folder, for all files of these runs. */
  readonly folder: string;
  readonly kills: number;
  /** Of the moments. */
  readonly seed: number;
  /** After so many kills a run is left alone, and looked at. */
  readonly runEach: number;
  readonly onKill?: (kill: KilledRun) => void;
}

/** How long tools may go on after a kill. */
const endMilliseconds = 2000;

const example = fileURLToPath(new URL('../../examples/tiny-cnn/', import.meta.url));

/**
 * Kills `nzflow run` of the tiny network with SIGKILL, only the process itself, at random moments. Throws at the
 * first sign of a program that goes on, or of a later run that ends with another report or leaves files.
 * Every third run finds no simulator in the cache, and builds one.
 */
export async function killRuns(options: KillRunOptions): Promise<readonly KilledRun[]> {
  const { folder, kills, seed, runEach } = options;
  const places = {
    out: join(folder, 'out'),
    temporary: join(folder, 'temporary'),
    cache: join(folder, 'cache'),
  };
  const token = `${String(process.pid)}-${String(seed)}-${String(Date.now())}`;
  const environment = {
    NZFLOW_CACHE: places.cache,
    TMPDIR: places.temporary,
    NZFLOW_TEST_KILLS: token,
  };
  const command = [
    ...['run', join(example, 'model.onnx'), '--inputs', join(example, 'inputs.npy')],
    ...['--samples', '4', '--board', 'pynq-z2', '--variants', 'sparse-sparse'],
    ...['--target-throughput', '20000', '--out', places.out],
  ];
  const simulators = join(places.cache, 'simulators');
  const whole = async (): Promise<{ readonly report: string; readonly milliseconds: number }> => {
    const began = performance.now();
    const run = await nzflow(command, environment);
    if (run.exitCode !== 0) throw new Error(`exit code ${String(run.exitCode)}:\n${run.stderr}`);
    const milliseconds = performance.now() - began;
    const left = await strayFiles(places);
    if (left.length > 0) throw new Error(`a run left behind: ${left.join(', ')}`);
    return { report: await reportWithoutTimes(places.out), milliseconds };
  };

  // what all simulators share takes long to compile, and may be there
  const harness = await cp(join(cacheFolder(), 'harness'), join(places.cache, 'harness'), {
    recursive: true,
    preserveTimestamps: true,
  }).then(
    () => true,
    () => false,
  );
  if (!harness) {
    await whole();
    await rm(simulators, { recursive: true });
  }
  const building = await whole();
  const cached = await whole();
  if (cached.report !== building.report) throw new Error('two undisturbed runs differ');
  /** At a moment of its usual time; again where it was quicker than that. */
  const killOnce = async (usual: number, uniform: Uniform) => {
    for (;;) {
      const run = startNzflow(command, environment);
      const after = uniform() * usual;
      await Promise.race([wait(after), run.end(null)]);
      const tools = await programsOf(token, run.pid);
      const exitCode = await run.end('SIGKILL');
      if (exitCode === null) return { after, tools, pid: run.pid };
      if (exitCode !== 0) throw new Error(`exit code ${String(exitCode)}:\n${run.said()}`);
    }
  };
  const done: KilledRun[] = [];
  for (let index = 0; index < kills; index += 1) {
    const uniform = uniformOf(seed, index);
    const builds = index % 3 === 0;
    if (builds) await rm(simulators, { recursive: true, force: true });
    const usual = (builds ? building : cached).milliseconds;
    const { after, tools, pid } = await killOnce(usual, uniform);
    const deadline = performance.now() + endMilliseconds;
    for (let still = ['']; still.length > 0;) {
      still = [...(await programsOf(token, pid))];
      if (still.length > 0 && performance.now() > deadline)
        throw new Error(`kill ${String(index)} at ${String(after)} ms: ${still.join(', ')} go on`);
      await wait(20);
    }
    const left = (await strayFiles(places)).length;
    const again = (index + 1) % runEach === 0 || index === kills - 1;
    const kill = { after, tools, left, again };
    done.push(kill);
    options.onKill?.(kill);
    if (again && (await whole()).report !== building.report)
      throw new Error(`after kill ${String(index)} the report is another one`);
  }
  return done;
}

/** Names of the programs that were started with an environment of ours, but for one. */
async function programsOf(token: string, besides: number): Promise<readonly string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const names = await Promise.all(
    processes.map(async (id) => {
      if (id === String(besides) || id === String(process.pid)) return [];
      const environment = await readFile(`/proc/${id}/environ`, 'utf8').catch(() => '');
      if (!environment.includes(`NZFLOW_TEST_KILLS=${token}`)) return [];
      const name = await readFile(`/proc/${id}/comm`, 'utf8').catch(() => '');
      return name === '' ? [] : [name.trim()];
    }),
  );
  return names.flat();
}

/** What is no result: in the build folder, the folder for temporary files and the cache. */
async function strayFiles({
  out,
  temporary,
  cache,
}: Readonly<Record<'out' | 'temporary' | 'cache', string>>): Promise<readonly string[]> {
  const inside = async (folder: string): Promise<readonly string[]> =>
    readdir(folder, { recursive: true }).catch(() => []);
  const isStray = (name: string): boolean =>
    /(?:^|\/)\.nzflow-|\.tmp$|(?:^|\/)(?:run|design)-p\d+-/.test(name);
  return [
    ...(await readdir(temporary)),
    ...(await inside(out)).filter(isStray),
    ...(await inside(cache)).filter(isStray),
  ];
}

/** The report's text with every time taken out. */
async function reportWithoutTimes(folder: string): Promise<string> {
  const report: unknown = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
  return JSON.stringify(report, (key, value: unknown) => (key === 'seconds' ? null : value));
}
