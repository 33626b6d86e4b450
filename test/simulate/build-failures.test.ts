import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UserError } from '../../src/base/diagnostics.ts';
import { buildSimulator } from '../../src/simulate/build-simulator.ts';
import type { BuildSimulatorOptions } from '../../src/simulate/build-simulator.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-build-'));
  for (const name of ['bin', 'hdl', 'temporary']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'hdl', 'nzflow_top.v'), 'module nzflow_top;\nendmodule\n');
  vi.stubEnv('TMPDIR', join(folder, 'temporary'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Puts programs of ours, and nothing else but the shell's, on PATH. */
function tools(scripts: Readonly<Record<string, string>>): void {
  for (const [name, script] of Object.entries(scripts)) {
    const path = join(folder, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }
  vi.stubEnv('PATH', join(folder, 'bin'));
}

const versions = {
  'g++': 'echo "g++ 12.2.0"',
  make: 'echo "GNU Make 4.3"',
};

/** A verilator that tells a version, and otherwise does what the script says. */
function verilator(script: string, version = '5.006'): string {
  return `if [ "$1" = --version ]; then echo "Verilator ${version} 2023"; exit; fi\n${script}`;
}

function options(more: Partial<BuildSimulatorOptions> = {}): BuildSimulatorOptions {
  return {
    hdlFolder: join(folder, 'hdl'),
    simFolder: join(folder, 'sim'),
    cache: join(folder, 'cache'),
    waves: null,
    ...more,
  };
}

async function failure(more: Partial<BuildSimulatorOptions> = {}): Promise<UserError> {
  const error = await buildSimulator(options(more)).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UserError)) throw error ?? new Error('it did not fail');
  // a failed build leaves its log, and what is whole of the harness, which knows no design
  expect(readdirSync(join(folder, 'temporary'))).toEqual([]);
  const cached = existsSync(join(folder, 'cache')) ? readdirSync(join(folder, 'cache')) : [];
  expect(cached.filter((name) => name !== 'harness')).toEqual([]);
  const harnesses = cached.length > 0 ? readdirSync(join(folder, 'cache', 'harness')) : [];
  expect(harnesses.filter((name) => !/^[\da-f]{40}$/.test(name))).toEqual([]);
  return error;
}

describe('buildSimulator refuses', () => {
  it('a machine without Verilator', async () => {
    tools(versions);
    const error = await failure();
    expect(error.exitCode).toBe(3);
    expect(error.message).toContain('verilator is not installed');
  });

  it('a Verilator that is too old', async () => {
    tools({ ...versions, verilator: verilator('', '4.038') });
    const error = await failure();
    expect(error.exitCode).toBe(3);
    expect(error.message).toContain('4.038');
  });

  it('a folder without a design', async () => {
    tools({ ...versions, verilator: verilator('') });
    rmSync(join(folder, 'hdl', 'nzflow_top.v'));
    expect((await failure()).message).toContain('there is no nzflow_top.v');
  });

  it('a design that Verilator refuses: first error line and the log', async () => {
    const script = 'echo "- note"; echo "%Warning-WIDTH: a.v:3: too wide" >&2; exit 1';
    tools({ ...versions, verilator: verilator(script) });
    const error = await failure();
    expect(error.exitCode).toBe(3);
    expect(error.message).toContain('Verilator failed: %Warning-WIDTH: a.v:3: too wide');
    const log = join(folder, 'sim', 'verilator.log');
    expect(error.diagnostics[0]?.place).toBe(log);
    expect(readFileSync(log, 'utf8')).toContain('too wide');
  });

  it.each([
    ['of the harness', 'harness.mk', 'harness.log'],
    ['of the design', 'Vnzflow_top_hier.mk', 'compile.log'],
  ])('C++ %s that does not compile', async (_, makefile, log) => {
    const make =
      'if [ "$1" = --version ]; then echo "GNU Make 4.3"; exit; fi\n' +
      `case "$*" in *${makefile}*) echo "x.cpp:1:2: error: no such thing" >&2; exit 2;; esac`;
    const verilate =
      'for argument; do case "$argument" in */obj) /bin/mkdir "$argument";; esac; done';
    tools({ ...versions, make, verilator: verilator(verilate) });
    const error = await failure();
    expect(error.message).toContain('the C++ compiler failed: x.cpp:1:2: error: no such thing');
    expect(error.diagnostics[0]?.place).toBe(join(folder, 'sim', log));
  });
});

it('an aborted build ends its programs and leaves no work folder', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  tools({ ...versions, verilator: verilator('/bin/sleep 600') });
  const building = buildSimulator(options({ signal: controller.signal }));
  const started = join(folder, 'sim', 'verilator.log');
  await vi.waitFor(() => expect(readFileSync(started, 'utf8')).toContain('$ '), 20_000);
  controller.abort(reason);
  await expect(building).rejects.toBe(reason);
  expect(readdirSync(join(folder, 'temporary'))).toEqual([]);
});
