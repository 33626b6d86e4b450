import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/base/diagnostics.ts';
import { findOnPath } from '../../src/simulate/tools.ts';
import { countCells } from '../../src/synthesize/xilinx-cells.ts';
import { cellsOfDesign, synthesizeWithYosys } from '../../src/synthesize/yosys.ts';

const yosys = await findOnPath('yosys');

describe('cells', () => {
  it('add up to resources, LUT memories and half block memories among them', () => {
    const cells = { LUT1: 1, LUT6: 2, INV: 5, RAM32M: 3, RAM32M16: 1, SRL16E: 4, CARRY4: 9 };
    const others = { FDRE: 7, FDSE: 1, RAMB36E2: 2, RAMB18E2: 3, DSP48E2: 6, MUXF7: 8 };
    expect(countCells({ ...cells, ...others })).toEqual({
      lut: 3 + 12 + 8 + 4,
      ff: 8,
      bram36: 3.5,
      uram: 0,
      dsp: 6,
    });
  });

  it('are those of the whole design, the last list', () => {
    const text = `{ "modules": { "a": { "num_cells_by_type": { "LUT6": 1 } } },
=== design hierarchy ===
   nzflow_top 1
      "design": { "num_cells": 3, "num_cells_by_type": { "LUT6": 2, "FDRE": 1 } } }`;
    expect(cellsOfDesign(text)).toEqual({ LUT6: 2, FDRE: 1 });
    expect(() => cellsOfDesign('{}')).toThrow('internal error');
  });
});

const multiplier = `module unit (input wire clk_i, input wire signed [7:0] a_i,
  input wire signed [7:0] b_i, output reg signed [15:0] product_o);
  always @(posedge clk_i) product_o <= a_i * b_i;
endmodule
`;

const top = `module nzflow_top (input wire clk_i, input wire [23:0] data_i, output wire [31:0] data_o);
  unit u_one (.clk_i(clk_i), .a_i(data_i[7:0]), .b_i(data_i[15:8]), .product_o(data_o[15:0]));
  unit u_two (.clk_i(clk_i), .a_i(data_i[23:16]), .b_i(data_i[15:8]), .product_o(data_o[31:16]));
endmodule
`;

describe.skipIf(yosys === null)('synthesis with Yosys', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nzflow-synth-'));
    mkdirSync(join(folder, 'hdl'));
    writeFileSync(join(folder, 'hdl', 'unit.v'), multiplier);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const synthesize = (): ReturnType<typeof synthesizeWithYosys> =>
    synthesizeWithYosys({
      hdlFolder: join(folder, 'hdl'),
      synthFolder: join(folder, 'synth'),
      program: yosys ?? '',
      board: { family: 'series7', title: 'a board' },
      signal: new AbortController().signal,
      onLine: () => undefined,
    });

  it('counts equal modules as often as they are used', async () => {
    writeFileSync(join(folder, 'hdl', 'nzflow_top.v'), top);
    const { resources, path } = await synthesize();
    expect(resources.dsp).toBe(2);
    expect(path).toMatchObject({ levels: 4, luts: 0 });
    expect(path?.nets).toEqual(['data_i[0]', 'u_one.a_i[0]']);
  });

  it('fails with the first error and the place of the log', async () => {
    writeFileSync(join(folder, 'hdl', 'nzflow_top.v'), top.replace('u_one', ''));
    const error = await synthesize().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    if (!(error instanceof UserError)) return;
    expect(error.exitCode).toBe(3);
    const [diagnostic] = error.diagnostics;
    expect(diagnostic?.message).toContain('ERROR');
    expect(await readFile(diagnostic?.place ?? '', 'utf8')).toContain('ERROR');
  });
});
