import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'nzflow-rules-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Values of the signals that a cycle changes; the others stay. */
type Cycle = Readonly<Record<string, number>>;

/** What a checker says about a course of signals, each line once. */
function judge(
  module: string,
  parameters: string,
  signals: Readonly<Record<string, number>>,
  cycles: readonly Cycle[],
): string {
  const names = Object.keys(signals);
  const bench = `module tb;
  reg clk = 0, rst_ni = 0;
${names.map((name) => `  reg [${(signals[name] ?? 1) - 1}:0] ${name} = 0;`).join('\n')}
  ${module} #(${parameters}) u_rules (.clk_i(clk), .rst_ni(rst_ni), ${names
    .map((name) => `.${name}_i(${name})`)
    .join(', ')});
  initial begin
${cycles
  .map(
    (cycle) =>
      `    ${Object.entries(cycle)
        .map(([name, value]) => `${name} = ${value};`)
        .join(' ')} #1 clk = 1; #1 clk = 0;`,
  )
  .join('\n')}
    $finish;
  end
endmodule
`;
  const folderOf = module === 'axi_memory_rules' ? 'kernel' : 'block';
  const source = fileURLToPath(new URL(`${folderOf}/${module}.sv`, import.meta.url));
  const name = join(folder, 'tb.sv');
  writeFileSync(name, bench);
  const program = join(folder, 'tb.vvp');
  const made = spawnSync('iverilog', ['-g2012', '-o', program, name, source], { encoding: 'utf8' });
  if (made.status !== 0) return made.stderr;
  const { stdout } = spawnSync('vvp', ['-n', program], { encoding: 'utf8' });
  const said = stdout.matchAll(/ERROR: [^\n]*\n?[^\n]*?\b([SLMA]\d)/g);
  return [...new Set(Array.from(said, ([, rule = '']) => rule))].join(' ');
}

describe('rules of AXI4-Stream', () => {
  const signals = { valid: 1, ready: 1, last: 1, keep: 2, data: 16 };
  const reset = [{}, { rst_ni: 1 }];
  const beat = { valid: 1, ready: 0, last: 0, keep: 3, data: 7 };
  const cases: readonly (readonly [rule: string, cycles: readonly Cycle[]])[] = [
    [
      '',
      [
        ...reset,
        beat,
        { ready: 1 },
        { valid: 0 },
        { valid: 1 },
        { last: 1, keep: 1 },
        { valid: 0 },
      ],
    ],
    ['S1', [{}, { valid: 1, keep: 3, ready: 1 }, { rst_ni: 1, last: 0 }, { valid: 0 }]],
    ['S2', [...reset, beat, { valid: 0 }]],
    ['S3', [...reset, beat, { data: 8 }]],
    ['S3', [...reset, { ...beat, ready: 1 }, {}, { ready: 0, last: 1, keep: 3 }, { keep: 1 }]],
    ['S4', [...reset, { ...beat, keep: 1, ready: 1 }]],
    ['S4', [...reset, { ...beat, ready: 1 }, {}, { keep: 2, last: 1 }]],
    ['S4', [...reset, { ...beat, ready: 1 }, {}, { keep: 0, last: 1 }]],
    ['S5', [...reset, { ...beat, ready: 1 }, {}, {}, { last: 1 }]],
    ['S5', [...reset, { ...beat, ready: 1, last: 1 }]],
  ];

  it.each(cases)('breaking %s is told', (rule, cycles) => {
    expect(judge('axi_stream_rules', '.Bytes(2), .BatchBeats(3)', signals, cycles)).toBe(rule);
  });
});

describe('rules of AXI4-Lite', () => {
  const signals = {
    ...{ awvalid: 1, awready: 1, awaddr: 4, wvalid: 1, wready: 1, wdata: 32, wstrb: 4 },
    ...{ bvalid: 1, bready: 1, bresp: 2, arvalid: 1, arready: 1, araddr: 4, rvalid: 1 },
    ...{ rready: 1, rdata: 32, rresp: 2 },
  };
  const reset = [{}, { rst_ni: 1 }];
  const read = [
    { arvalid: 1, arready: 1 },
    { arvalid: 0, arready: 0 },
  ];
  const write = [
    { awvalid: 1, awready: 1 },
    { awvalid: 0, awready: 0, wvalid: 1, wready: 1 },
    { wvalid: 0, wready: 0 },
  ];
  const answerRead = [{ rvalid: 1, rdata: 5 }, { rready: 1 }, { rvalid: 0, rready: 0 }];
  const cases: readonly (readonly [rule: string, cycles: readonly Cycle[]])[] = [
    [
      '',
      [
        ...reset,
        ...write,
        { bvalid: 1 },
        { bready: 1 },
        { bvalid: 0, bready: 0 },
        ...read,
        ...answerRead,
      ],
    ],
    ['M1', [...reset, { awvalid: 1 }, { awvalid: 0 }]],
    ['M1', [...reset, { awvalid: 1 }, { awaddr: 4 }]],
    ['M1', [...reset, { wvalid: 1 }, { wstrb: 1 }]],
    ['M1', [...reset, { arvalid: 1 }, { arvalid: 0 }]],
    ['L1', [{}, { rvalid: 1 }, { rst_ni: 1, rvalid: 0 }]],
    ['L2', [...reset, ...read, { rvalid: 1 }, { rvalid: 0 }]],
    ['L2', [...reset, ...write, { bvalid: 1 }, { bvalid: 0 }]],
    ['L3', [...reset, ...read, { rvalid: 1 }, { rdata: 1 }]],
    ['L4', [...reset, ...read, ...answerRead, { rvalid: 1, rready: 1 }]],
    ['L4', [...reset, { awvalid: 1, awready: 1 }, { awvalid: 0, bvalid: 1, bready: 1 }]],
    ['L5', [...reset, ...read, {}, {}, {}, {}, {}]],
    ['L5', [...reset, { arvalid: 1 }, {}, {}, {}, {}, {}, {}]],
    ['L5', [...reset, ...write, {}, {}, {}, {}, {}]],
    ['L6', [...reset, ...read, { rvalid: 1, rresp: 2, rready: 1 }]],
    ['L6', [...reset, ...write, { bvalid: 1, bresp: 3, bready: 1 }]],
  ];

  it.each(cases)('breaking %s is told', (rule, cycles) => {
    expect(judge('axi_lite_rules', '.AddressBits(4), .Patience(4)', signals, cycles)).toBe(rule);
  });
});

describe('rules of AXI4 for memory', () => {
  const signals = {
    ...{
      arvalid: 1,
      arready: 1,
      araddr: 64,
      arlen: 8,
      arsize: 3,
      arburst: 2,
      rvalid: 1,
      rready: 1,
      rlast: 1,
    },
    ...{ awvalid: 1, awready: 1, awaddr: 64, awlen: 8, awsize: 3, awburst: 2 },
    ...{ wvalid: 1, wready: 1, wlast: 1, wstrb: 4, wdata: 32, bvalid: 1, bready: 1 },
  };
  const reset = [
    {},
    { rst_ni: 1, arsize: 2, arburst: 1, awsize: 2, awburst: 1, rready: 1, bready: 1 },
  ];
  const read = [{ arvalid: 1, araddr: 4088, arlen: 1 }, { arready: 1 }, { arvalid: 0, arready: 0 }];
  const beats = [{ rvalid: 1 }, { rlast: 1 }, { rvalid: 0 }];
  // the data before their address
  const write = [
    { awvalid: 1, awaddr: 4096, awlen: 1, wvalid: 1, wready: 1, wdata: 5 },
    { wlast: 1 },
    { wvalid: 0, wlast: 0, awready: 1 },
    { awvalid: 0, awready: 0 },
  ];
  const cases: readonly (readonly [rule: string, cycles: readonly Cycle[]])[] = [
    ['', [...reset, ...read, ...beats, ...write, { bvalid: 1 }, { bvalid: 0 }]],
    ['A1', [...reset, { arvalid: 1 }, { arvalid: 0 }]],
    ['A1', [...reset, { awvalid: 1 }, { awaddr: 4 }]],
    ['A1', [...reset, { wvalid: 1 }, { wdata: 4 }]],
    ['A2', [{}, { arvalid: 1, arsize: 2, arburst: 1, awburst: 1, awsize: 2 }, { rst_ni: 1 }]],
    ['A3', [...reset, { arvalid: 1, araddr: 4092, arlen: 1 }]],
    ['A3', [...reset, { awvalid: 1, awaddr: 8188, awlen: 1 }]],
    ['A4', [...reset, { arvalid: 1, araddr: 2 }]],
    ['A4', [...reset, { awvalid: 1, awburst: 2 }]],
    ['A5', [...reset, ...write.slice(0, 1), { awready: 1 }, { awvalid: 0, awready: 0 }, {}]],
    [
      'A5',
      [
        ...reset,
        { awvalid: 1, awlen: 1, wvalid: 1, wready: 1, wlast: 1 },
        { wvalid: 0, awready: 1 },
      ],
    ],
    ['A6', [...reset, { bvalid: 1 }]],
    ['A6', [...reset, ...read, ...beats.slice(0, 2), {}]],
    ['A7', [...reset, ...read, { rready: 0 }, { rvalid: 1 }]],
  ];

  it.each(cases)('breaking %s is told', (rule, cycles) => {
    expect(judge('axi_memory_rules', '.Bytes(4)', signals, cycles)).toBe(rule);
  });
});
