import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { present } from '../../src/base/invariant.ts';
import { parseReport } from '../../src/report/schema.ts';
import { findTool } from '../../src/simulate/tools.ts';
import { runReal } from '../cli/run-real.ts';
import { encodeModel, floats, noise, onnxNode as node } from '../support/onnx-builder.ts';

/** 1x6x6 through a pooled convolution and a fully connected layer to 3 classes: a thousand cells. */
function smallModel(): Uint8Array {
  const nodes = [
    node('Conv', ['x', 'w1', 'b1'], ['c1']),
    node('MaxPool', ['c1'], ['p1'], { kernel_shape: [2, 2], strides: [2, 2] }),
    node('Relu', ['p1'], ['r1']),
    node('Flatten', ['r1'], ['f1']),
    node('Gemm', ['f1', 'w2', 'b2'], ['y'], { transB: 1n }),
  ];
  const initializers = [
    floats('w1', [4, 1, 3, 3], noise(36, 1)),
    floats('b1', [4], noise(4, 2)),
    floats('w2', [3, 16], noise(48, 3)),
    floats('b2', [3], noise(3, 4)),
  ];
  return encodeModel({ nodes, initializers, inputs: { x: [1, 1, 6, 6] } });
}

const variant = 'sparse-sparse';
const statuses = await Promise.all(
  (['yosys', 'nextpnr-ice40', 'icepack', 'iverilog', 'verilator'] as const).map(findTool),
);
const there = statuses.every(({ path }) => path !== null);

describe.runIf(there)('a bitstream of an iCE40', { timeout: 900_000 }, () => {
  let folder = '';
  let build = '';
  const command = (...words: readonly string[]): ReturnType<typeof runReal> => runReal(words);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nzflow-ice40-'));
    build = join(folder, 'build');
    const model = join(folder, 'model.onnx');
    await writeFile(model, smallModel());
    const wanted = ['--board', 'ice40hx8k', '--target-throughput', '100', '--samples', '4'];
    const run = await command('run', model, ...wanted, '--variants', variant, '--out', build);
    expect(run.exitCode, run.errors + run.output).toBe(0);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is written, its clock measured; the netlist in it is the design', async () => {
    const early = await command('synth', build, '--tool', 'ice40', '--verify-netlist');
    expect(early.exitCode).toBe(2);
    expect(early.errors).toMatch(/no netlist of sparse-sparse was placed/);

    const run = await command('synth', build, '--tool', 'ice40');
    expect(run.exitCode, run.errors + run.output).toBe(0);
    expect(run.output).toMatch(/at most, 12\sMHz planned, placed and routed/);
    const ice40 = join(build, variant, 'synth/ice40');
    expect((await stat(join(ice40, 'nzflow_board.bin'))).size).toBeGreaterThan(30_000);

    const told = await command('report', build);
    expect(told.exitCode).toBe(0);
    const report = parseReport(JSON.parse(await readFile(join(build, 'report.json'), 'utf8')));
    const { timing, verification, resources } = present(report.variants[variant], variant);
    expect(verification).toMatchObject({ samples: 4, mismatches: 0 });
    expect(timing?.clockSource).toBe('place-and-route');
    expect(resources.source).toMatch(/^nextpnr-ice40/);

    const same = await command('synth', build, '--tool', 'ice40', '--verify-netlist');
    expect(same.exitCode, same.errors + same.output).toBe(0);
    expect(same.output).toMatch(/as it is in the bitstream: bit-exact on 4 samples/);
  });

  it('with a look-up table changed is found out', async () => {
    const netlist = join(build, variant, 'synth/ice40/netlist.json');
    const text = await readFile(netlist, 'utf8');
    // all of one function of the multiplication
    const changed = text.replace(
      /("hide_name": \d,\s+"type": "SB_LUT4",\s+"parameters": \{\s+"LUT_INIT": ")([01]{16})("[^]*?u_product)/,
      (_, before: string, bits: string, after: string) =>
        `${before}${[...bits].map((bit) => (bit === '0' ? '1' : '0')).join('')}${after}`,
    );
    expect(changed).not.toBe(text);
    await writeFile(netlist, changed);
    const run = await command('synth', build, '--tool', 'ice40', '--verify-netlist');
    expect(run.exitCode).toBe(1);
    expect(run.output).toMatch(/as it is in the bitstream: DIFFERENT/);
  });
});
