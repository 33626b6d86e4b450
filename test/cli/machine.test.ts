import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareVersions } from '../../src/simulate/tools.ts';

/** The built program and the set-up script, started as a user starts them. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const setup = join(root, 'scripts', 'setup.mjs');

let tools = '';
beforeAll(async () => {
  await execa(process.execPath, [setup, '--build']);
  tools = await mkdtemp(join(tmpdir(), 'nzflow-tools-'));
});
afterAll(() => rm(tools, { recursive: true }));

function start(parameters: readonly string[], path?: string) {
  return execa(process.execPath, parameters, {
    cwd: root,
    reject: false,
    stdin: 'ignore',
    ...(path === undefined ? {} : { env: { PATH: path } }),
  });
}

const nzflow = (parameters: readonly string[], path?: string) =>
  start(['dist/cli/main.js', ...parameters], path);

/** A program that only tells a version. */
async function pretend(name: string, version: string): Promise<void> {
  const file = join(tools, name);
  await writeFile(file, `#!/bin/sh\necho '${version}'\n`);
  await chmod(file, 0o755);
}

describe('nzflow, built', () => {
  it('tells its version', async () => {
    const { stdout, exitCode } = await nzflow(['--version']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('lists the boards', async () => {
    const { stdout } = await nzflow(['boards']);
    expect(stdout).toMatch(
      /alveo-u250 +xcu250-figd2104-2L-e +1,728,000 +3,456,000 +2,688 +1,280 +12,288 +250/,
    );
    const { stdout: json } = await nzflow(['boards', '--json']);
    expect(JSON.parse(json)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'pynq-z2', part: 'xc7z020clg400-1' }),
      ]),
    );
  });

  it('exits 2 for a mistake in the usage', async () => {
    const { exitCode, stdout, stderr } = await nzflow(['run', 'm.onnx', '--nonsense']);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/unknown option '--nonsense'/);
  });
});

describe('nzflow doctor', () => {
  it('is content where the tools are', async () => {
    const { exitCode, stdout } = await nzflow(['doctor']);
    expect(stdout).toMatch(/^ok +verilator +5\.\d+/m);
    expect(stdout).toMatch(/can work here/);
    expect(exitCode).toBe(0);
  });

  it('names what is missing or too old with its package, and exits 3', async () => {
    await pretend('verilator', 'Verilator 4.038 2020-07-11 rev v4.036-114');
    await pretend('make', 'GNU Make 4.3');
    const { exitCode, stdout } = await nzflow(['doctor'], tools);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^MISSING +verilator +4.038 +is version 4.038, needed is 5.0 or newer/m);
    expect(stdout).toMatch(/^ok +make +4.3/m);
    expect(stdout).toMatch(/^MISSING +g\+\+ +is not installed[^]*?dnf install gcc-c\+\+/m);
    expect(stdout).toMatch(/^missing +yosys +is not installed \(for: synth/m);
    expect(stdout).toMatch(/cannot work here/);
  });

  it('needs no optional tool', async () => {
    await pretend('verilator', 'Verilator 5.030 2024-10-27 rev v5.030');
    await pretend('make', 'GNU Make 4.3');
    await pretend('g++', 'g++ (Debian 12.2.0-14+deb12u1) 12.2.0');
    const { exitCode, stdout } = await nzflow(['doctor', '--json'], tools);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ready: true });
  });
});

describe('scripts/setup.mjs', () => {
  it('finds nothing to do on a machine that has run it', async () => {
    const { exitCode, stdout } = await start([setup, '--test', '--check']);
    expect(stdout).toBe('');
    expect(exitCode).toBe(0);
  });

  it('names the packages of every package manager where tools are missing', async () => {
    const { exitCode, stdout } = await start([setup, '--test', '--check'], join(tools, 'empty'));
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/missing: Verilator 5 or newer, g\+\+, make, iverilog, yosys, z3/);
    for (const line of [
      'apt-get install verilator g++ make iverilog yosys z3',
      'brew install verilator gcc make icarus-verilog yosys z3',
      'dnf install verilator gcc-c++ make iverilog yosys z3',
      'pacman -S verilator gcc make iverilog yosys z3',
    ]) {
      expect(stdout).toContain(line);
    }
  });

  it('does not take Verilator 4', async () => {
    await pretend('verilator', 'Verilator 4.038 2020-07-11 rev v4.036-114');
    const { exitCode, stdout } = await start([setup, '--check'], tools);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/missing: Verilator 5 or newer; /);
    expect(stdout).toMatch(/verilator.org\/guide/);
  });
});

describe('scripts/test-summary.mjs', () => {
  const summary = join(root, 'scripts', 'test-summary.mjs');
  const suite = (name: string, status: string, statuses: readonly string[], message = '') => ({
    name,
    status,
    message,
    assertionResults: statuses.map((each) => ({ status: each, fullName: `test ${each}` })),
  });

  async function summarise(testResults: readonly unknown[]) {
    const file = join(tools, 'results.json');
    await writeFile(file, JSON.stringify({ testResults }));
    return start([summary, file]);
  }

  it('counts and passes', async () => {
    const { exitCode, stdout } = await summarise([
      suite('a', 'passed', ['passed', 'passed', 'pending']),
    ]);
    expect(stdout).toBe('2 passed, 0 failed');
    expect(exitCode).toBe(0);
  });

  it('names failures, and files that do not load are some', async () => {
    const { exitCode, stdout } = await summarise([
      suite('a', 'failed', ['passed', 'failed']),
      suite('b', 'failed', [], 'cannot load'),
    ]);
    expect(stdout).toBe('failed: a: test failed\nfailed: b: cannot load\n1 passed, 2 failed');
    expect(exitCode).toBe(1);
  });

  it('does not pass on nothing', async () => {
    expect((await summarise([])).exitCode).toBe(1);
    const { exitCode, stdout } = await start([summary, join(tools, 'none.json')]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^no test results: [^]*0 passed, 0 failed$/);
  });
});

it('versions compare by number', () => {
  expect(compareVersions('5.006', '5.0')).toBeGreaterThan(0);
  expect(compareVersions('4.228', '5.0')).toBeLessThan(0);
  expect(compareVersions('5', '5.0')).toBe(0);
  expect(compareVersions('0.9', '0.23')).toBeLessThan(0);
});
