import { chmod, cp, mkdtemp, readFile, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { compileModel, reportBuild, synthesizeBuild } from '../../src/compile.ts';
import type { CompileOptions } from '../../src/options.ts';
import { parseReport } from '../../src/report/schema.ts';
import { findOnPath } from '../../src/simulate/tools.ts';
import { tclList, tclWord } from '../../src/synthesize/tcl.ts';
import { powerOf, utilizationOf } from '../../src/synthesize/vivado/read-results.ts';
import { host, tinyOptions } from '../compile/tiny.ts';
import { userErrorOf } from '../support/user-error.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const samples = join(here, 'vivado-samples');
const tclsh = await findOnPath('tclsh');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nzflow-vivado-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** A compiled design with its project, under `name`; PATH without Vivado. */
async function project(name: string, options: Partial<CompileOptions> = {}): Promise<string> {
  const out = join(folder, name);
  await compileModel(tinyOptions(out, options), host);
  const outcome = await synthesizeBuild({ buildFolder: out, tool: 'vivado' }, host);
  expect(outcome.exitCode).toBe(0);
  expect(outcome.text).toMatch(/vivado -mode batch -source build\.tcl/);
  return join(out, 'sparse-sparse/synth/vivado');
}

interface StubOptions {
  readonly part: string;
  readonly slack?: string;
}

/** Runs a script of a project in tclsh with stubs for Vivado's commands; gives the calls. */
async function runStubbed(vivado: string, script: string, { part, slack = '0.512' }: StubOptions) {
  const calls = join(folder, 'calls');
  const wrapper = join(folder, 'stubbed.tcl');
  await writeFile(
    wrapper,
    `source ${tclWord(join(here, 'vivado-stubs.tcl'))}\nset argc 0\nset argv {}\nsource ${tclWord(join(vivado, script))}\n`,
  );
  const run = await execa(tclsh ?? 'tclsh', [wrapper], {
    reject: false,
    // anywhere but in the project
    cwd: tmpdir(),
    env: { STUB_CALLS: calls, STUB_PART: part, STUB_SLACK: slack, STUB_SAMPLES: samples },
  });
  return { ...run, calls: (await readFile(calls, 'utf8')).trim().split('\n') };
}

/** The project again with one of its files changed. */
async function changed(
  vivado: string,
  file: string,
  change: (text: string) => string,
): Promise<void> {
  const path = join(vivado, file);
  const before = await readFile(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(path, after);
}

const z7020 = 'xc7z020clg400-1';

describe('words of Tcl', () => {
  it.runIf(tclsh !== null)('are exactly what they were', async () => {
    const words = ['a b', '$x [exit]', '{', '}{', 'a\\b', 'ü "q" ; #', 'line\nbreak', '-x', ''];
    const script = join(folder, 'words.tcl');
    await writeFile(
      script,
      `fconfigure stdout -encoding utf-8\nforeach word ${tclList(words)} { puts -nonewline $word; puts -nonewline "\\x00" }\n`,
    );
    const { stdout } = await execa(tclsh ?? 'tclsh', ['-encoding', 'utf-8', script]);
    expect(stdout.split('\0').slice(0, -1)).toEqual(words);
  });
});

describe.runIf(tclsh !== null)('a project for Vivado', { timeout: 120_000 }, () => {
  it('reads every file of the design and goes to the end', async () => {
    const vivado = await project('plain');
    const run = await runStubbed(vivado, 'build.tcl', { part: z7020 });
    expect(run.stderr).toBe('');
    const hdl = await readdir(join(vivado, '../../hdl'));
    for (const name of hdl.filter((one) => /\.(?:v|mem)$/.test(one))) {
      expect(
        run.calls.some((call) => call.endsWith(`/${name}`)),
        name,
      ).toBe(true);
    }
    expect(run.calls.some((call) => call.startsWith('route_design'))).toBe(true);
    expect((await readdir(join(vivado, 'out'))).sort()).toEqual([
      'power.rpt',
      'result.txt',
      'route.dcp',
      'synth.dcp',
      'timing.rpt',
      'utilization-by-module.rpt',
      'utilization.rpt',
    ]);
  });

  it('packages all its streams, those of weights too', async () => {
    const vivado = await project('loadable', { weights: 'loadable' });
    const run = await runStubbed(vivado, 'package_ip.tcl', { part: z7020 });
    expect(run.stderr).toBe('');
    const maps = run.calls.filter((call) => call.startsWith('ipx::add_port_map'));
    expect(maps).toHaveLength(12);
    const plain = await project('again');
    const two = await runStubbed(plain, 'package_ip.tcl', { part: z7020 });
    expect(two.stderr).toBe('');
  });

  it('packages an XRT kernel, and tells how it is linked', async () => {
    const kernel = { board: 'alveo-u250', axi: { dataBits: 512 }, shell: true };
    const vivado = await project('kernel', kernel);
    const options = { part: 'xcu250-figd2104-2L-e' };
    const run = await runStubbed(vivado, 'package_kernel.tcl', options);
    expect(run.stderr).toBe('');
    expect(await readdir(join(vivado, 'out'))).toContain('nzflow.xo');
    for (const [file, from, to, message] of [
      ['kernel.xml', 'name="nzflow_kernel"', 'name="kernel"', /no kernel nzflow_kernel/],
      ['kernel.xml', '"m_axi_gmem1" mode', '"m_axi_gmem2" mode', /no port m_axi_gmem2/],
      ['kernel.xml', 'dataWidth="512"', 'dataWidth="256"', /m_axi_gmem0 has not 256 bits/],
      ['package_kernel.tcl', '-xo_path', '-xo', /package_xo has no option -xo/],
    ] as const) {
      const before = await readFile(join(vivado, file), 'utf8');
      await changed(vivado, file, (text) => text.replace(from, to));
      expect((await runStubbed(vivado, 'package_kernel.tcl', options)).stderr).toMatch(message);
      await writeFile(join(vivado, file), before);
    }
    const error = await userErrorOf(() =>
      compileModel(tinyOptions(join(folder, 'no-card'), { ...kernel, board: 'pynq-z2' }), host),
    );
    expect(error.message).toMatch(/--shell: pynq-z2 is not known to be a card with XRT/);
  });

  it('keeps copies whole on the dies of a large device', async () => {
    const vivado = await project('large', { board: 'alveo-u250', targetThroughput: 3_000_000 });
    const run = await runStubbed(vivado, 'build.tcl', { part: 'xcu250-figd2104-2L-e' });
    expect(run.stderr).toBe('');
    expect(run.calls.some((call) => call.startsWith('resize_pblock'))).toBe(true);
    const wrong = await runStubbed(vivado, 'build.tcl', { part: z7020 });
    expect(wrong.stderr).toMatch(/the part is xcu250-figd2104-2L-e, not xc7z020clg400-1/);
  });

  it.each([
    ['build.tcl', '-flatten_hierarchy', '-flatten', /synth_design has no option -flatten/],
    ['build.tcl', '-top nzflow_top', '-top nzflow', /synth_design: no module nzflow/],
    ['build.tcl', '  place_design\n', '', /phys_opt_design: the design is synthesised/],
    ['build.tcl', '.. .. hdl', '.. hdl', /there is no file/],
    ['clock.xdc', 'clk_i', 'clk', /no port clk/],
    ['package_ip.tcl', 'TVALID', 'TVLD', /add_port_map: TVLD/],
    ['package_ip.tcl', 'in_data_i', 'in_data', /no port in_data/],
    ['package_ip.tcl', '-busif m_axis_out', '-busif m_axis', /no interface m_axis/],
  ])('%s with %j as %j is caught', async (file, from, to, message) => {
    const vivado = await project('broken');
    await changed(vivado, file, (text) => text.replace(from, to));
    const script = file.endsWith('.xdc') ? 'build.tcl' : file;
    const run = await runStubbed(vivado, script, { part: z7020 });
    expect(run.stderr).toMatch(message);
    expect(run.exitCode).not.toBe(0);
  });

  it('is caught when a file of the design is gone', async () => {
    const vivado = await project('gone');
    await unlink(join(vivado, '../../hdl/nzflow_copy.v'));
    const run = await runStubbed(vivado, 'build.tcl', { part: z7020 });
    expect(run.stderr).toMatch(/read_verilog: there is no file .*nzflow_copy\.v/);
  });

  it('is run where Vivado is, and its results go into the report', async () => {
    const out = join(folder, 'run');
    await compileModel(tinyOptions(out), host);
    await pretendVivado('3.125', 0);
    const outcome = await synthesizeBuild({ buildFolder: out, tool: 'vivado' }, host);
    expect(outcome.text).toMatch(/sparse-sparse \(Vivado 2023\.2\):\n {2}LUT +6,543 \(12\.3.%/);
    expect(outcome.text).toMatch(/Power +0\.215 W dynamic, 0\.106 W static/);
    const before = await timing(out);
    expect(before).toMatchObject({ clockMHz: 125, clockSource: 'place-and-route' });

    // the slowest path takes 10 ns where 8 are there
    await pretendVivado('-2', 0);
    await synthesizeBuild({ buildFolder: out, tool: 'vivado' }, host);
    const after = await timing(out);
    expect(after).toMatchObject({ clockMHz: 100, clockSource: 'place-and-route' });
    expect(after.throughputPerSecond).toBeCloseTo(before.throughputPerSecond * 0.8, 6);
  });

  it('reads what a run on another machine left', async () => {
    const vivado = await project('elsewhere');
    await runStubbed(vivado, 'build.tcl', { part: z7020 });
    const out = join(folder, 'elsewhere');
    const outcome = await synthesizeBuild({ buildFolder: out, tool: 'vivado' }, host);
    expect(outcome.text).toMatch(/Clock +133(?:\.\d+)?.MHz at most, 125.MHz planned/);
    await writeFile(join(vivado, 'out/utilization.rpt'), 'nothing\n');
    const error = await userErrorOf(() =>
      synthesizeBuild({ buildFolder: out, tool: 'vivado' }, host),
    );
    expect(error.exitCode).toBe(3);
    expect(error.message).toMatch(/utilization\.rpt: the result of Vivado cannot be understood/);
  });

  it('tells the first error of a run that fails', async () => {
    const out = join(folder, 'fails');
    await compileModel(tinyOptions(out), host);
    await pretendVivado('1', 1);
    const error = await userErrorOf(() =>
      synthesizeBuild({ buildFolder: out, tool: 'vivado' }, host),
    );
    expect(error.exitCode).toBe(3);
    expect(error.message).toMatch(/Vivado failed: ERROR: \[Common 17-69\] no licence/);
  });

  async function timing(out: string) {
    const { data } = await reportBuild({ buildFolder: out }, host);
    const found = parseReport(data).variants['sparse-sparse']?.timing;
    if (found == null) throw new Error('no timing');
    return found;
  }

  /** A program `vivado` on PATH that runs the script with the stubs, or fails. */
  async function pretendVivado(slack: string, exitCode: number): Promise<void> {
    const bin = join(folder, 'bin');
    await cp(join(here, 'vivado-stubs.tcl'), join(bin, 'stubs.tcl'));
    const wrapper = `source ${join(bin, 'stubs.tcl')}; set argc 0; set argv {}; source build.tcl`;
    await writeFile(join(bin, 'run.tcl'), wrapper);
    const body =
      exitCode === 0
        ? `exec '${tclsh ?? ''}' '${join(bin, 'run.tcl')}'`
        : `echo 'ERROR: [Common 17-69] no licence'; exit ${exitCode}`;
    const program = join(bin, 'vivado');
    await writeFile(program, `#!/bin/sh\n[ "$2" = batch ] || exit 9\n${body}\n`);
    await chmod(program, 0o755);
    vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`);
    vi.stubEnv('STUB_CALLS', join(folder, 'calls'));
    vi.stubEnv('STUB_PART', z7020);
    vi.stubEnv('STUB_SLACK', slack);
    vi.stubEnv('STUB_SAMPLES', samples);
  }
});

describe('reports of Vivado', () => {
  it('are read in the words of either generation', async () => {
    const text = await readFile(join(samples, 'report_utilization.rpt'), 'utf8');
    const resources = { lut: 6543, ff: 4321, bram36: 2.5, uram: 0, dsp: 17 };
    expect(utilizationOf(text)).toEqual(resources);
    const newer = text
      .replace('Slice LUTs*', 'CLB LUTs*')
      .replace('Slice Registers', 'CLB Registers')
      .replace('| DSPs ', '| URAM           |    4 | 0 | 0 | 96 | 4.17 |\n| DSPs ');
    expect(utilizationOf(newer)).toEqual({ ...resources, uram: 4 });
    expect(utilizationOf('| Slice LUTs | 4 |')).toBeNull();
    expect(powerOf(await readFile(join(samples, 'report_power.rpt'), 'utf8'))).toEqual({
      dynamicWatts: 0.215,
      staticWatts: 0.106,
    });
    expect(powerOf('')).toBeUndefined();
    expect(powerOf('| Dynamic (W) | <0.001 |\n| Device Static (W) | 0.1 |\n')).toEqual({
      dynamicWatts: 0.001,
      staticWatts: 0.1,
    });
    expect(powerOf('| Dynamic (W) | NA |\n| Device Static (W) | 0.1 |\n')).toBeUndefined();
  });
});
