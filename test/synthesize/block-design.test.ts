import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileModel, synthesizeBuild } from '../../src/compile.ts';
import type { CompileOptions } from '../../src/options.ts';
import { readBoard } from '../../src/read/board.ts';
import { findOnPath } from '../../src/simulate/tools.ts';
import { tclWord } from '../../src/synthesize/tcl.ts';
import { host, tinyOptions } from '../compile/tiny.ts';
import { userErrorOf } from '../support/user-error.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const tclsh = await findOnPath('tclsh');

/** What Vivado has installed, some of it in two versions. */
const boardParts =
  'tul.com.tw:pynq-z2:part0:1.0 avnet.com:ultra96v1:part0:1.2 xilinx.com:zcu104:part0:1.1 xilinx.com:kv260_som:part0:1.4';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nzflow-system-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function project(name: string, options: Partial<CompileOptions>): Promise<string> {
  const out = join(folder, name);
  await compileModel(tinyOptions(out, { axi: { dataBits: 64 }, ...options }), host);
  await synthesizeBuild({ buildFolder: out, tool: 'vivado' }, host);
  return join(out, 'sparse-sparse/synth/vivado');
}

interface StubOptions {
  readonly board: string;
  readonly script?: string;
  readonly stage?: string;
  readonly progress?: string;
  readonly parts?: string;
}

async function runStubbed(vivado: string, options: StubOptions) {
  const {
    board,
    script = 'block_design.tcl',
    stage,
    progress = '100%',
    parts = boardParts,
  } = options;
  const calls = join(folder, 'calls');
  const wrapper = join(folder, 'stubbed.tcl');
  const argv = stage === undefined ? 'set argc 0\nset argv {}' : `set argc 1\nset argv ${stage}`;
  const sources = ['vivado-stubs.tcl', 'block-design-stubs.tcl'].map((name) => join(here, name));
  await writeFile(
    wrapper,
    `${sources.map((name) => `source ${tclWord(name)}`).join('\n')}\n${argv}\nsource ${tclWord(join(vivado, script))}\n`,
  );
  const run = await execa(tclsh ?? 'tclsh', [wrapper], {
    reject: false,
    cwd: tmpdir(),
    env: {
      STUB_CALLS: calls,
      STUB_PART: (await readBoard(board)).part,
      STUB_SLACK: '0.5',
      STUB_SAMPLES: join(here, 'vivado-samples'),
      STUB_BOARD_PARTS: parts,
      STUB_PROGRESS: progress,
    },
  });
  return { ...run, calls: (await readFile(calls, 'utf8')).trim().split('\n') };
}

/** Where registers were put: cell to base. */
function placesOf(calls: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    calls.flatMap((call) => {
      const [, base = '', cell = ''] =
        /^assign_bd_address -offset (\S+) .* (\w+)\/\w+\/\w+ -force$/.exec(call) ?? [];
      return cell === '' ? [] : [[cell, base]];
    }),
  );
}

const boards = ['pynq-z2', 'ultra96', 'zcu104', 'kria-kv260'];

describe.runIf(tclsh !== null)('a block design', { timeout: 120_000 }, () => {
  it.each(boards)('of %s goes to its bitstream', async (board) => {
    const vivado = await project(board, { board });
    const run = await runStubbed(vivado, { board });
    expect(run.stderr).toBe('');
    expect(await readdir(join(vivado, 'out'))).toEqual(
      expect.arrayContaining(['nzflow.bit', 'nzflow.hwh', 'nzflow.xsa']),
    );
    const clock = (await readBoard(board)).clockMHz;
    expect(run.calls.some((call) => call.includes(`FREQMHZ ${clock} `))).toBe(true);
    // instances as the drivers look for them, addresses as they have them
    const places = placesOf(run.calls);
    expect(Object.keys(places)).toEqual(['nzflow_axi_0', 'axi_dma_0']);
    const header = await readFile(join(vivado, 'nzflow_platform.h'), 'utf8');
    expect(header).toContain(`#define NZFLOW_BASE ${places['nzflow_axi_0'] ?? ''}u\n`);
    expect(header).toContain(`#define NZFLOW_DMA_BASE ${places['axi_dma_0'] ?? ''}u\n`);
    const python = await readFile(join(vivado, '../../driver/nzflow_pynq.py'), 'utf8');
    for (const cell of Object.keys(places)) expect(python).toContain(`overlay.${cell}`);
    const carrier = run.calls.some((call) => call.startsWith('set_property board_connections'));
    expect(carrier).toBe(board === 'kria-kv260');
  });

  it('has an engine more where weights are loaded, and streams as wide as the block', async () => {
    const vivado = await project('load', { weights: 'loadable', axi: { dataBits: 16 } });
    const run = await runStubbed(vivado, { board: 'pynq-z2' });
    expect(run.stderr).toBe('');
    expect(Object.keys(placesOf(run.calls))).toEqual(['nzflow_axi_0', 'axi_dma_0', 'axi_dma_1']);
    expect(await readFile(join(vivado, 'nzflow_platform.h'), 'utf8')).toMatch(
      /#define NZFLOW_LOAD_DMA_BASE 0x40410000u/,
    );
  });

  it('stops at the design, or comes after build.tcl', async () => {
    const vivado = join(folder, 'pynq-z2/sparse-sparse/synth/vivado');
    const design = await runStubbed(vivado, { board: 'pynq-z2', stage: 'design' });
    expect(design.stderr).toBe('');
    expect(design.calls.some((call) => call.startsWith('launch_runs'))).toBe(false);
    const all = await runStubbed(vivado, {
      board: 'pynq-z2',
      script: 'build.tcl',
      stage: 'bitstream',
    });
    expect(all.stderr).toBe('');
    expect(all.calls.some((call) => call.startsWith('write_hw_platform'))).toBe(true);
    expect(all.calls.some((call) => call.startsWith('synth_design'))).toBe(false);
  });

  it('is not there without bus interfaces, nor on a board without a processor', async () => {
    const out = join(folder, 'plain');
    await compileModel(tinyOptions(out), host);
    await synthesizeBuild({ buildFolder: out, tool: 'vivado' }, host);
    const names = await readdir(join(out, 'sparse-sparse/synth/vivado'));
    expect(names.sort()).toEqual(['build.tcl', 'clock.xdc', 'package_ip.tcl']);
    const arty = await readdir(await project('arty', { board: 'arty-a7-100t' }));
    expect(arty.sort()).toEqual(['build.tcl', 'clock.xdc', 'package_ip.tcl']);
  });

  it('tells what is missing or failed', async () => {
    const vivado = join(folder, 'pynq-z2/sparse-sparse/synth/vivado');
    const none = await runStubbed(vivado, { board: 'pynq-z2', parts: '' });
    expect(none.stderr).toMatch(/no files of the board tul\.com\.tw:pynq-z2:part0: install them/);
    const failed = await runStubbed(vivado, { board: 'pynq-z2', progress: '40%' });
    expect(failed.stderr).toMatch(/synth_1 has not come to its end: synth_design ERROR/);
    const out = join(folder, 'lattice');
    await compileModel(tinyOptions(out, { board: 'de10-nano' }), host);
    const error = await userErrorOf(() =>
      synthesizeBuild({ buildFolder: out, tool: 'vivado' }, host),
    );
    expect(error.message).toMatch(/Vivado has no device 5CSEBA6U23I7/);
  });

  it.each([
    [
      '-vlnv xilinx.com:ip:axi_dma ',
      '-vlnv xilinx.com:ip:axi-dma ',
      /no core xilinx.com:ip:axi-dma/,
    ],
    ['PCW_USE_S_AXI_HP0 ', 'PCW_USE_S_AXI_HP ', /has no PCW_USE_S_AXI_HP/],
    ['apply_board_preset "1"', 'apply_board_preset "0"', /no preset of the board/],
    [
      'tdata_width 64',
      'tdata_width 32',
      /axi_dma_0\/M_AXIS_MM2S and nzflow_axi_0\/s_axis have 32 64 bits/,
    ],
    ['wire nzflow_axi_0/m_axis axi_dma_0/S_AXIS_S2MM\n', '', /leads nowhere/],
    ['  [get_bd_pins axi_dma_0/m_axi_s2mm_aclk]', '', /axi_dma_0\/m_axi_s2mm_aclk has no clock/],
    ['  [get_bd_pins nzflow_axi_0/aresetn] \\\n', '', /nzflow_axi_0\/aresetn has no reset/],
    ['place axi_dma_0/S_AXI_LITE/Reg', '#', /axi_dma_0\/S_AXI_LITE has no address/],
    ['0x40400000', '0x40000000', /axi_dma_0\/S_AXI_LITE\/Reg lies in nzflow_axi_0/],
    ['0x40400000', '0x90400000', /is not behind the port/],
    ['\nassign_bd_address\n', '\n', /no addresses of memory/],
    ['-to_step write_bitstream', '-to_step route_design', /no files matched|nzflow_wrapper\.bit/],
    [
      'nzflow:nzflow:nzflow_sparse_sparse',
      'nzflow:nzflow:nzflow_axi',
      /no core nzflow:nzflow:nzflow_axi/,
    ],
    ['FCLK_CLK0]', 'FCLK_CLK9]', /no pins processing_system7_0\/FCLK_CLK9/],
  ])('with %j as %j is caught', async (from, to, message) => {
    const build = join(folder, 'broken');
    await rm(build, { recursive: true, force: true });
    await cp(join(folder, 'pynq-z2'), build, { recursive: true });
    const vivado = join(build, 'sparse-sparse/synth/vivado');
    await rm(join(vivado, 'project'), { recursive: true, force: true });
    const path = join(vivado, 'block_design.tcl');
    const before = await readFile(path, 'utf8');
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    await writeFile(path, after);
    const run = await runStubbed(vivado, { board: 'pynq-z2' });
    expect(run.stderr).toMatch(message);
    expect(run.exitCode).not.toBe(0);
  });

  it('has a header with which the C driver moves packets by DMA', async () => {
    const vivado = join(folder, 'zcu104/sparse-sparse/synth/vivado');
    const program = join(folder, 'platform');
    await writeFile(`${program}.c`, platformTest);
    execFileSync('gcc', [
      ...['-std=c99', '-O1', '-Wall', '-Wextra', '-Werror', '-pedantic', '-o', program],
      ...[`-I${vivado}`, `-I${join(vivado, '../../driver')}`, `${program}.c`],
    ]);
    expect(execFileSync(program, { encoding: 'utf8' }).trim().split('\n')).toEqual([
      'flush 100',
      // to memory first: run, address in two words, bytes
      ...['w a0400030 1', 'w a0400048 5678', 'w a040004c 1234', 'w a0400058 64'],
      'flush 60',
      ...['w a0400000 1', 'w a0400018 9000', 'w a040001c 0', 'w a0400028 3c'],
      'r a0400004',
      'r a0400034',
      'invalidate 100',
      'send 0, wait 0',
      'w a0000040 1',
      'r a0400034',
      'invalidate 100',
      'error -1',
    ]);
  });
});

/** Registers that tell what happens to them. */
const platformTest = `#include <stdint.h>
#include <stdio.h>
static uint32_t answer = 2u;
static uint32_t get(uint32_t at) { printf("r %x\\n", at); return answer; }
static void put(uint32_t at, uint32_t value) { printf("w %x %x\\n", at, value); }
#define NZFLOW_PLATFORM_READ(address) get(address)
#define NZFLOW_PLATFORM_WRITE(address, value) put(address, value)
#define NZFLOW_PLATFORM_FLUSH(address, bytes) ((void)(address), (void)printf("flush %u\\n", (unsigned)(bytes) * 1u))
#define NZFLOW_PLATFORM_INVALIDATE(address, bytes) ((void)(address), (void)printf("invalidate %u\\n", (unsigned)(bytes)))
#include "nzflow_platform.h"
int main(void) {
  const nzflow_io io = NZFLOW_PLATFORM_IO;
  int sent, waited;
  if (io.receive_start(io.context, (uint8_t *)(uintptr_t)0x123400005678u, 100) != 0) return 1;
  sent = io.send(io.context, (const uint8_t *)(uintptr_t)0x9000u, 60);
  waited = io.receive_wait(io.context);
  printf("send %d, wait %d\\n", sent, waited);
  io.write(io.context, NZFLOW_CONTROL, 1u);
  answer = 0x12u;
  waited = io.receive_wait(io.context);
  printf("error %d\\n", waited);
  return 0;
}
`;
