import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { compileModel, reportBuild, synthesizeBuild } from '../../src/compile.ts';
import type { CompileOptions } from '../../src/options.ts';
import { parseReport } from '../../src/report/schema.ts';
import { findOnPath } from '../../src/simulate/tools.ts';
import { deviceFamily } from '../../src/synthesize/quartus/device-family.ts';
import { fitterUse, powerOf, restrictedFmax } from '../../src/synthesize/quartus/read-results.ts';
import { tclWord } from '../../src/synthesize/tcl.ts';
import { host, tinyOptions } from '../compile/tiny.ts';
import { userErrorOf } from '../support/user-error.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const samples = join(here, 'quartus-samples');
const tclsh = await findOnPath('tclsh');

/** Boards with devices of Intel, as far as Quartus sees them. */
const cyclone = { board: 'de10-nano', part: '5CSEBA6U23I7', family: 'Cyclone V' };
const stratix = {
  board: 'stratix10-gx2800',
  part: '1SG280LU2F50E2VG',
  family: 'Stratix 10',
};
type Device = typeof cyclone;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nzflow-quartus-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

async function compiled(
  name: string,
  device: Device,
  options: Partial<CompileOptions> = {},
): Promise<string> {
  const out = join(folder, name);
  await compileModel(tinyOptions(out, { board: device.board, ...options }), host);
  return out;
}

/** A compiled design with its project, under `name`; PATH without Quartus. */
async function project(
  name: string,
  device = cyclone,
  options: Partial<CompileOptions> = {},
): Promise<string> {
  const out = await compiled(name, device, options);
  const outcome = await synthesizeBuild({ buildFolder: out, tool: 'quartus' }, host);
  expect(outcome.exitCode).toBe(0);
  expect(outcome.text).toMatch(/Quartus is not on PATH[^]*cd .* && quartus_sh -t build\.tcl\n/);
  expect(outcome.text).toMatch(/nzflow synth \S+ --tool quartus/);
  return join(out, 'sparse-sparse/synth/quartus');
}

/** Runs a script of a project in tclsh with stubs for Quartus's commands; gives the calls. */
async function runStubbed(quartus: string, script: string, { part, family }: Device = cyclone) {
  const calls = join(folder, 'calls');
  const wrapper = join(folder, 'stubbed.tcl');
  const check = script.endsWith('_hw.tcl')
    ? `set stub_here ${tclWord(quartus)}\nsource ${tclWord(join(quartus, script))}\nstub_check_component\n`
    : `source ${tclWord(join(quartus, script))}\n`;
  await writeFile(wrapper, `source ${tclWord(join(here, 'quartus-stubs.tcl'))}\n${check}`);
  const run = await execa(tclsh ?? 'tclsh', [wrapper], {
    reject: false,
    // anywhere but in the project
    cwd: tmpdir(),
    env: { STUB_CALLS: calls, STUB_PART: part, STUB_FAMILY: family, STUB_SAMPLES: samples },
  });
  return { ...run, calls: (await readFile(calls, 'utf8')).trim().split('\n') };
}

describe.runIf(tclsh !== null)('a project for Quartus', { timeout: 120_000 }, () => {
  it.each([cyclone, stratix])('for $family names every file and compiles', async (device) => {
    const quartus = await project(`plain-${device.part}`, device);
    const run = await runStubbed(quartus, 'build.tcl', device);
    expect(run.stderr).toBe('');
    const hdl = await readdir(join(quartus, '../../hdl'));
    for (const name of hdl.filter((one) => /\.(?:v|mem)$/.test(one))) {
      const named = run.calls.filter((call) => call.endsWith(`/${name}`));
      expect(named, name).toHaveLength(1);
    }
    expect((await readdir(join(quartus, 'out'))).sort()).toEqual([
      'nzflow.fit.summary',
      'nzflow.pow.summary',
      'nzflow.sta.rpt',
      'result.txt',
    ]);
    const other = device === cyclone ? stratix : cyclone;
    const wrong = await runStubbed(quartus, 'build.tcl', other);
    expect(wrong.stderr).toMatch(`the project has not DEVICE ${other.part}`);
  });

  it.each([
    ['its streams', {}, ['s_axis_in', 'm_axis_out']],
    ['streams of weights', { weights: 'loadable' }, ['s_axis_load', 's_axis_in', 'm_axis_out']],
    ['AXI', { axi: { dataBits: 64 } }, ['s_axi', 's_axis', 'm_axis']],
    [
      'AXI and weights',
      { axi: { dataBits: 128 }, weights: 'loadable' },
      ['s_axi', 's_axis_load', 's_axis', 'm_axis'],
    ],
  ] as const)('has a component with %s', async (name, options, buses) => {
    const quartus = await project(`component-${name.replaceAll(' ', '-')}`, cyclone, options);
    const run = await runStubbed(quartus, 'nzflow_hw.tcl');
    expect(run.stderr).toBe('');
    const made = run.calls.flatMap((call) => /^add_interface (\w+) axi4/.exec(call)?.[1] ?? []);
    expect(made).toEqual(buses);
    // once: a clock faster than planned
    expect(run.calls.filter((call) => call.startsWith('send_message warning'))).toHaveLength(1);
  });

  let whole: Promise<string> | null = null;
  it.each([
    ['build.tcl', '-force', '-forced', /project_open has no option -forced/],
    ['build.tcl', 'load_package flow', '', /execute_flow needs the package flow/],
    [
      'build.tcl',
      'package require ::quartus::project',
      '',
      /project_open needs the package project/,
    ],
    ['build.tcl', 'execute_flow -compile\n', '', /execute_module: pow before the flow/],
    ['build.tcl', '-tool pow', '-tool power', /execute_module: no tool power/],
    ['build.tcl', 'project_open -force nzflow\n', '', /execute_flow: no project is open/],
    ['nzflow.qpf', 'PROJECT_REVISION', 'REVISION', /nzflow\.qpf has no revision nzflow/],
    ['nzflow.qsf', 'VERILOG_FILE', 'VERILOG', /no assignment VERILOG/],
    ['nzflow.qsf', 'ENTITY nzflow_top', 'ENTITY nzflow', /no file of the entity nzflow/],
    ['nzflow.qsf', 'VERILOG_2001', 'VERILOG_2005', /VERILOG_INPUT_VERSION VERILOG_2005/],
    ['nzflow.qsf', 'DEVICE 5CSEBA6U23I7', 'DEVICE 5CSEBA6U23I8', /has not DEVICE 5CSEBA6U23I7/],
    ['nzflow.qsf', 'Cyclone V', 'Cyclone IV', /has not FAMILY Cyclone V/],
    ['nzflow.qsf', 'OFF -to clk_i', 'OFF -to clk', /VIRTUAL_PIN: no port clk/],
    ['nzflow.qsf', '../../hdl/nzflow_copy', '../hdl/nzflow_copy', /there is no file/],
    ['clock.sdc', '-name clk', '-nome clk', /create_clock has no option -nome/],
    ['clock.sdc', 'rst_ni', 'rst', /get_ports: no port rst/],
    ['nzflow_hw.tcl', 'axi4stream end', 'axi4-stream end', /add_interface: axi4-stream/],
    [
      'nzflow_hw.tcl',
      's_axis_tdata tdata Input 64',
      's_axis_tdata tdata Input 32',
      /s_axis_tdata is input 64/,
    ],
    ['nzflow_hw.tcl', 's_axi_wstrb wstrb', 's_axi_wstrb strb', /no port for wstrb/],
    [
      'nzflow_hw.tcl',
      'm_axis axi4stream start',
      'm_axis axi4stream end',
      /m_axis_tvalid has the wrong direction/,
    ],
    [
      'nzflow_hw.tcl',
      'm_axis associatedReset reset',
      'm_axis associatedReset clock',
      /associatedReset clock/,
    ],
    ['nzflow_hw.tcl', '{CLOCK_RATE clock}', '{CLOCK_RATE clk}', /no clock clk/],
    ['nzflow_hw.tcl', 'hdl/nzflow_axi.v', 'hdl/nzflow_ax.v', /there is no file/],
    [
      'nzflow_hw.tcl',
      'SYNTH TOP_LEVEL nzflow_axi',
      'SYNTH TOP nzflow_axi',
      /set_fileset_property: TOP/,
    ],
    [
      'nzflow_hw.tcl',
      /add_interface_port m_axis m_axis_tkeep.*\n/,
      '',
      /ports in no interface: m_axis_tkeep/,
    ],
  ])('%s with %j as %j is caught', async (file, from, to, message) => {
    whole ??= project('whole', cyclone, { axi: { dataBits: 64 } });
    const build = join(folder, 'broken');
    await rm(build, { recursive: true, force: true });
    await cp(join(await whole, '../../..'), build, { recursive: true });
    const quartus = join(build, 'sparse-sparse/synth/quartus');
    const path = join(quartus, file);
    const before = await readFile(path, 'utf8');
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    await writeFile(path, after);
    const run = await runStubbed(quartus, file.endsWith('_hw.tcl') ? file : 'build.tcl');
    expect(run.stderr).toMatch(message);
    expect(run.exitCode).not.toBe(0);
  });

  it('is caught when a memory file of the design is gone', async () => {
    const quartus = await project('gone');
    const hdl = join(quartus, '../../hdl');
    const [memory = ''] = (await readdir(hdl)).filter((name) => name.endsWith('.mem'));
    await unlink(join(hdl, memory));
    const run = await runStubbed(quartus, 'build.tcl');
    expect(run.stderr).toMatch(`MISC_FILE: there is no file ../../hdl/${memory}`);
  });

  it('is run where Quartus is, and its results go into the report', async () => {
    const out = await compiled('run', cyclone);
    await pretendQuartus(0);
    const outcome = await synthesizeBuild({ buildFolder: out, tool: 'quartus' }, host);
    expect(outcome.text).toMatch(
      /sparse-sparse \(Quartus 18\.1\.0 Build 625[^)]*\):\n {2}\S+ +2,913 /,
    );
    expect(outcome.text).toMatch(
      /Clock +128(?:\.\d+)?.MHz at most, 100.MHz planned, placed and routed/,
    );
    expect(outcome.text).toMatch(/Power +0\.1045 W dynamic, 0\.4131 W static/);
    const { data } = await reportBuild({ buildFolder: out }, host);
    const variant = parseReport(data).variants['sparse-sparse'];
    expect(variant?.timing).toMatchObject({ clockMHz: 100, clockSource: 'place-and-route' });
    expect(variant?.resources).toMatchObject({ lut: 2913, ff: 4321, bram36: 5, dsp: 17 });
    // its log is kept
    const log = await readFile(join(out, 'sparse-sparse/synth/quartus/quartus.log'), 'utf8');
    expect(log).toMatch(/Info: pretended/);
  });

  it('tells the first error of a run that fails', async () => {
    const out = await compiled('fails', cyclone);
    await pretendQuartus(3);
    const error = await userErrorOf(() =>
      synthesizeBuild({ buildFolder: out, tool: 'quartus' }, host),
    );
    expect(error.exitCode).toBe(3);
    expect(error.message).toMatch(/quartus\.log: Quartus failed: Error \(119013\): no licence/);
  });

  it('ends the program when it is given up', async () => {
    const out = await compiled('given-up', cyclone);
    await pretendQuartus(0, 'sleep 600 & echo "pid $!"; wait');
    const controller = new AbortController();
    let sleeper = 0;
    const watching = {
      ...host,
      signal: controller.signal,
      progress: {
        ...host.progress,
        update(_: unknown, line: string) {
          sleeper = Number(/^pid (\d+)/.exec(line)?.[1] ?? sleeper);
          if (sleeper > 0) controller.abort(new Error('given up'));
        },
      },
    };
    await expect(synthesizeBuild({ buildFolder: out, tool: 'quartus' }, watching)).rejects.toThrow(
      'given up',
    );
    expect(sleeper).toBeGreaterThan(0);
    // gone, or what is left of it when nobody waits for it
    const state = await readFile(`/proc/${sleeper}/stat`, 'utf8').catch(() => '');
    expect(state).toMatch(/^$|\) Z /);
  });

  /** A program `quartus_sh` on PATH that runs the script with the stubs, fails, or does `instead`. */
  async function pretendQuartus(exitCode: number, instead?: string): Promise<void> {
    const bin = join(folder, 'bin');
    await mkdir(bin, { recursive: true });
    const run = `source ${join(here, 'quartus-stubs.tcl')}; puts "Info: pretended"; source build.tcl`;
    await writeFile(join(bin, 'run.tcl'), run);
    const body =
      instead ??
      (exitCode === 0
        ? `exec '${tclsh ?? ''}' '${join(bin, 'run.tcl')}'`
        : `echo '    Error (119013): no licence'; exit ${exitCode}`);
    const program = join(bin, 'quartus_sh');
    await writeFile(program, `#!/bin/sh\n[ "$1 $2" = "-t build.tcl" ] || exit 9\n${body}\n`);
    await chmod(program, 0o755);
    vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`);
    vi.stubEnv('STUB_CALLS', join(folder, 'calls'));
    vi.stubEnv('STUB_PART', cyclone.part);
    vi.stubEnv('STUB_FAMILY', cyclone.family);
    vi.stubEnv('STUB_SAMPLES', samples);
  }
});

describe('attributes of memories in the templates', () => {
  it('are there for Quartus where they are for Vivado; UltraRAM it does not have', async () => {
    const templates = fileURLToPath(new URL('../../hdl-templates/', import.meta.url));
    const quartusOf: Readonly<Record<string, readonly string[]>> = {
      block: ['M20K', 'no_rw_check'],
      distributed: ['MLAB, no_rw_check'],
      logic: ['logic'],
      registers: ['logic'],
    };
    let seen = 0;
    for (const name of await readdir(templates)) {
      const text = await readFile(join(templates, name), 'utf8');
      for (const [attributes] of text.matchAll(/\(\*[^*\n]*ram_style[^\n]*\*\)/g)) {
        const values = new Map(
          Array.from(attributes.matchAll(/(\w+) = "([^"]*)"/g), ([, key = '', value = '']) => [
            key,
            value,
          ]),
        );
        if (values.get('ram_style') === 'ultra') continue;
        seen += 1;
        expect(quartusOf[values.get('ram_style') ?? ''], name).toContain(values.get('ramstyle'));
        // memories that are never written are ROMs: those have an attribute of their own
        expect(values.get('romstyle'), name).toBe(
          values.has('rom_style') ? values.get('ramstyle') : undefined,
        );
      }
    }
    expect(seen).toBeGreaterThan(20);
  });
});

describe('what Quartus says', () => {
  it('is read in the words of either edition', async () => {
    const standard = await readFile(join(samples, 'fit.summary'), 'utf8');
    const use = { alms: 2913, registers: 4321, memoryBlocks: 5, dspBlocks: 17 };
    expect(fitterUse(standard)).toEqual(use);
    const pro = standard.replace('Total registers', 'Total dedicated logic registers');
    expect(fitterUse(pro)).toEqual(use);
    expect(fitterUse(standard.replace('2,913', 'N/A'))).toBeNull();
    // the slowest corner, of our clock
    const timing = await readFile(join(samples, 'sta.rpt'), 'utf8');
    expect(restrictedFmax(timing)).toBe(128.21);
    expect(restrictedFmax(timing.replaceAll('clk ', 'cl2 '))).toBeNull();
    const power = await readFile(join(samples, 'pow.summary'), 'utf8');
    expect(powerOf(power)).toEqual({ dynamicWatts: 0.1045, staticWatts: 0.4131 });
    expect(powerOf(power.replace('413.10 mW', '0.4 W'))).toBeUndefined();
    expect(powerOf('')).toBeUndefined();
  });

  it('is about devices it has', async () => {
    expect(deviceFamily('10AX115S2F45I1SG')).toBe('Arria 10');
    const error = await userErrorOf(() => Promise.resolve(deviceFamily('xc7z020clg400-1')));
    expect(error.exitCode).toBe(2);
    expect(error.message).toMatch(/Quartus has no device xc7z020clg400-1/);
  });
});
