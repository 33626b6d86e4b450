import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, readdir, readlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { findOnPath } from '../../src/simulate/tools.ts';
import { canMount, mountSmall, unmount } from '../support/small-disk.ts';

/** `nzflow`, built, as a process of its own, on machines where something is wrong. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const example = join(root, 'examples', 'tiny-cnn');
const main = join(root, 'dist', 'cli', 'main.js');

beforeAll(async () => {
  await execa(process.execPath, [join(root, 'scripts', 'setup.mjs'), '--build']);
}, 300_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-machine-'));
  for (const name of ['bin', 'temporary']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Four samples, one small design, an empty cache and a folder for temporary files of our own. */
function nzflow(parameters: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return execa(process.execPath, [main, ...parameters], {
    cwd: folder,
    reject: false,
    stdin: 'ignore',
    env: {
      NZFLOW_CACHE: join(folder, 'cache'),
      TMPDIR: join(folder, 'temporary'),
      ...environment,
    },
  });
}

const small = (command: 'run' | 'compile', out: string): readonly string[] => [
  command,
  join(example, 'model.onnx'),
  ...['--inputs', join(example, 'inputs.npy'), '--samples', '4', '--board', 'pynq-z2'],
  ...['--variants', 'sparse-sparse', '--target-throughput', '20000', '--out', out],
];

/** A program of ours; the others on PATH stay. */
function pretend(name: string, script: string): Readonly<Record<string, string>> {
  const path = join(folder, 'bin', name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` };
}

/** What a failed run may leave in a build folder: logs of the tools. */
async function leftIn(out: string): Promise<readonly string[]> {
  return (await readdir(out).catch(() => [])).filter((name) => !/^failed-\w+\.log$/.test(name));
}

/** What an interrupted run may not leave in the cache: all but a harness that is whole. */
async function keptIn(cache: string): Promise<readonly string[]> {
  const names = await readdir(cache).catch(() => []);
  const harnesses = await readdir(join(cache, 'harness')).catch(() => []);
  return [
    ...names.filter((name) => name !== 'harness'),
    ...harnesses.filter((name) => !/^[\da-f]{40}$/.test(name)),
  ];
}

describe('a tool that does not work ends `nzflow run` with 3', () => {
  it('Verilator is missing', async () => {
    for (const name of ['g++', 'make']) pretend(name, 'echo "tool 12.2.0"');
    const run = await nzflow(small('run', 'out'), { PATH: join(folder, 'bin') });
    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stderr).toMatch(
      /verilator is not installed \[tool\/missing\]\n {2}remedy: .*verilator/,
    );
    expect(await readdir(folder)).not.toContain('out');
  });

  it('Verilator is too old', async () => {
    const old = pretend('verilator', 'echo "Verilator 4.038 2020-07-11 rev v4.036-114"');
    const run = await nzflow(small('run', 'out'), old);
    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stderr).toMatch(
      /verilator is version 4\.038, needed is 5\.0 or newer \[tool\/unusable\]/,
    );
    expect(await readdir(folder)).not.toContain('out');
  });

  it.each([
    // the harness comes first
    ['g++', 'the C\\+\\+ compiler failed: .*error: out of luck', 'failed-harness.log'],
    // Verilator calls make for the blocks of a design
    ['make', 'Verilator failed: .*error: out of luck', 'failed-verilator.log'],
    ['verilator', 'Verilator failed: .*error: out of luck', 'failed-verilator.log'],
  ])('%s fails: its first error line, and its log is kept', async (name, message, log) => {
    const real = await findOnPath(name);
    const broken = pretend(
      name,
      `case "$1" in --version) exec '${real ?? ''}' --version;; esac
echo "a.cpp:1:2: error: out of luck" >&2; exit 2`,
    );
    const out = join(folder, 'out');
    const run = await nzflow(small('run', out), broken);
    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stderr).toMatch(new RegExp(`${log}: ${message}.* \\[simulate/build\\]`));
    expect(await leftIn(out)).toEqual([]);
    expect(await readFile(join(out, log), 'utf8')).toContain('out of luck');
    expect(await readdir(join(folder, 'temporary'))).toEqual([]);
  });

  it('the cache is a file', async () => {
    const cache = join(folder, 'cache');
    await writeFile(cache, 'mine');
    const out = join(folder, 'out');
    const run = await nzflow(small('run', out));
    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stderr).toMatch(/cache: .*\[simulate\/cache\]\n {2}remedy: .*NZFLOW_CACHE/);
    expect(await leftIn(out)).toEqual([]);
    expect(await readFile(cache, 'utf8')).toBe('mine');
  });
});

describe.runIf(canMount)('a file system (needs leave to mount one)', () => {
  let disk: string;
  beforeEach(() => {
    disk = join(folder, 'disk');
  });
  afterEach(() => {
    unmount(disk);
  });

  it('that is full keeps the build it has', async () => {
    expect(mountSmall(disk, 'size=600k')).toBe(true);
    const out = join(disk, 'out');
    mkdirSync(out);
    writeFileSync(join(out, 'report.json'), 'the one before');
    const run = await nzflow(small('compile', out).map((word) => (word === '4' ? '300' : word)));
    expect(run.exitCode, run.stderr).toBe(2);
    expect(run.stderr).toMatch(/nzflow: .*the disk is full \[output\/unwritable\]\n {2}remedy: /);
    expect(await readdir(out)).toEqual(['report.json']);
    expect(await readFile(join(out, 'report.json'), 'utf8')).toBe('the one before');
  });

  it('that is read-only is told', async () => {
    expect(mountSmall(disk, 'ro')).toBe(true);
    const run = await nzflow(small('compile', join(disk, 'out')));
    expect(run.exitCode, run.stderr).toBe(2);
    expect(run.stderr).toMatch(/read-only file system \[output\/unwritable\]/);
  });

  it('that is read-only cannot hold the cache', async () => {
    expect(mountSmall(disk, 'ro')).toBe(true);
    const out = join(folder, 'out');
    const run = await nzflow(small('run', out), { NZFLOW_CACHE: join(disk, 'cache') });
    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stderr).toMatch(/\[simulate\/cache\]\n {2}remedy: .*NZFLOW_CACHE/);
    expect(await leftIn(out)).toEqual([]);
  });

  it('that is full while simulators are built is told', async () => {
    expect(mountSmall(disk, 'size=100k')).toBe(true);
    const out = join(folder, 'out');
    const run = await nzflow(small('run', out), { TMPDIR: disk });
    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stderr).toMatch(/\[simulate\/build\]\n {2}remedy: /);
    expect(await leftIn(out)).toEqual([]);
    expect(await readdir(disk)).toEqual([]);
  });
});

/** Command lines of all programs that name a path or work in it. */
async function programsAt(path: string): Promise<readonly string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    processes.map(async (id) => {
      const line = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
      const place = await readlink(`/proc/${id}/cwd`).catch(() => '');
      return `${place} ${line.replaceAll('\0', ' ')}`;
    }),
  );
  return lines.filter((line) => line.includes(path));
}

describe.runIf(process.platform === 'linux')('Ctrl-C while the simulator is built', () => {
  it.each([
    ['SIGINT', 130, 'verilator_bin'],
    ['SIGTERM', 143, 'cc1plus'],
  ] as const)(
    '%s: ends all tools, exits %i, and the build before stays',
    async (signal, exitCode, busyWith) => {
      const out = join(folder, 'out');
      expect((await nzflow(small('compile', out))).exitCode).toBe(0);
      const before = await readFile(join(out, 'reference', 'network.json'), 'utf8');
      const work = join(folder, 'temporary');
      const running = nzflow(small('run', out).map((word) => (word === '4' ? '5' : word)));
      await vi.waitFor(
        async () => {
          const programs = await programsAt(join(work, 'nzflow-build'));
          expect(programs.some((line) => line.includes(busyWith))).toBe(true);
        },
        { timeout: 120_000, interval: 50 },
      );
      running.kill(signal);
      const run = await running;
      expect(run.exitCode, run.stderr).toBe(exitCode);
      expect(run.stderr).toMatch(/interrupted: ending tools and removing what is half written\n?$/);
      expect(run.stdout).toBe('');
      expect(await programsAt(folder)).toEqual([]);
      expect(await readdir(work)).toEqual([]);
      expect((await readdir(out)).sort()).toEqual(['reference', 'sparse-sparse']);
      expect(await readFile(join(out, 'reference', 'network.json'), 'utf8')).toBe(before);
      expect(await keptIn(join(folder, 'cache'))).toEqual([]);
    },
    300_000,
  );
});

describe('two runs at the same time', () => {
  it('in one folder: one build is there at the end, whole', async () => {
    const out = join(folder, 'out');
    const runs = await Promise.all([
      nzflow(small('compile', out)),
      nzflow(small('compile', out).map((word) => (word === '4' ? '3' : word))),
    ]);
    for (const run of runs) expect(run.exitCode, run.stderr).toBe(0);
    expect((await readdir(out)).sort()).toEqual(['reference', 'sparse-sparse']);
    const report = await nzflow(['report', out, '--json']);
    expect(report.exitCode, report.stderr).toBe(0);
  });
});
