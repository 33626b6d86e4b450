import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOnPath } from '../../src/simulate/tools.ts';
import { amdDefines, readVerilog } from '../../src/synthesize/family-synthesis.ts';

/**
 * Our models of parts that Yosys has as black boxes, each beside the template that it replaces: the
 * template as Verilog and as netlist get the same random inputs, every output is compared.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const models = join(root, 'sim/netlist');
const yosys = await findOnPath('yosys');
const iverilog = await findOnPath('iverilog');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nzflow-models-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Unit {
  readonly template: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** No clock: false. */
  readonly clocked?: false;
  /** Inputs but the clock, with their bits. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
  /** Statements that keep inputs to what is allowed, after they got random values. */
  readonly rules?: string;
  /** Cycles until outputs are defined. */
  readonly settle: number;
  /** A cell that has to be in the netlist. */
  readonly cell: string;
}

const block = (width: number, depth: number, addressBits: number, cell: string): Unit => ({
  template: 'simple_memory',
  parameters: { Width: width, Depth: depth, AddressBits: addressBits, BlockMemory: 1 },
  inputs: {
    write_i: 1,
    write_address_i: addressBits,
    write_data_i: width,
    read_address_i: addressBits,
  },
  outputs: { read_data_o: width },
  // a word read while it is written may be either
  rules: "if (read_address_i == write_address_i) write_i = 1'b0;",
  settle: 0,
  cell,
});

const rom = (width: number, depth: number, addressBits: number): Unit => ({
  template: 'weight_memory',
  parameters: {
    Width: width,
    Depth: depth,
    AddressBits: addressBits,
    BlockMemory: 1,
    File: '"words.mem"',
  },
  inputs: { load_i: 57, read_address_i: addressBits },
  outputs: { read_data_o: width },
  settle: 1,
  cell: 'RAMB',
});

/** Words turned over where `invert` says so: they keep the rules of the template all the same. */
const sums = (bits: number, low: number, high: number, invert: number): Unit => ({
  template: 'ternary_sum',
  parameters: { Bits: bits, Low: low, High: high, Invert: invert },
  clocked: false,
  inputs: { a_i: bits, b_i: bits, c_i: bits },
  outputs: { sum_o: bits },
  rules: [
    `b_i = b_i & ${bits}'d${2 ** high - 1};`,
    `c_i = c_i & ${bits}'d${2 ** high - 2 ** low};`,
    `if (cycle & 1) b_i = b_i >> ${low} << ${low}; else a_i = a_i >> ${low} << ${low};`,
    ...['a', 'b', 'c'].map((name, at) => ((invert >> at) & 1 ? `${name}_i = ~${name}_i;` : '')),
  ].join(' '),
  settle: 1,
  cell: 'LUT6_2',
});

const units: readonly Unit[] = [
  // no more than 44 bits: Yosys 0.23 connects the wrong parity bits beyond (PORT_W_WIDTH == 71 in its map)
  block(44, 512, 9, 'RAMB36E2'),
  block(18, 2048, 11, 'RAMB36E2'),
  block(36, 512, 9, 'RAMB18E2'),
  block(4, 8192, 13, 'RAMB36E2'),
  rom(33, 512, 9),
  {
    template: 'multiply_pair',
    parameters: { WeightBits: 8, OperandBits: 9, ProductBits: 16 },
    inputs: { a_i: 8, b_i: 8, x_i: 9 },
    outputs: { a_product_o: 16, b_product_o: 16 },
    rules: "if (a_i == 8'h80) a_i = 8'h81; if (b_i == 8'h80) b_i = 8'h81; x_i[8] = 1'b0;",
    settle: 4,
    cell: 'DSP48E2',
  },
  ...[0, 1, 6].map((invert) => sums(13, 0, 13, invert)),
  sums(14, 3, 9, 5),
  sums(5, 4, 5, 2),
];

const cycles = 1500;

function bench(unit: Unit): string {
  const { template, parameters, clocked, inputs, outputs, rules, settle } = unit;
  const assign = Object.entries(parameters).map(([name, value]) => `.${name}(${value})`);
  const ports = (suffix: string): string =>
    [
      ...(clocked === false ? [] : ['.clk_i(clk)']),
      ...Object.keys(inputs).map((name) => `.${name}(${name})`),
      ...Object.keys(outputs).map((name) => `.${name}(${name}${suffix})`),
    ].join(', ');
  const random = (bits: number): string =>
    `{${Array.from({ length: Math.ceil(bits / 32) }, () => '$random(seed)').join(', ')}}`;
  return `module bench;
  reg clk = 1'b0;
  integer seed = 7, cycle, differ = 0;
${Object.entries(inputs)
  .map(([name, bits]) => `  reg [${bits - 1}:0] ${name} = 0;`)
  .join('\n')}
${Object.entries(outputs)
  .map(([name, bits]) => `  wire [${bits - 1}:0] ${name}_rtl, ${name}_net;`)
  .join('\n')}
  ${template} #(${assign.join(', ')}) u_rtl (${ports('_rtl')});
  ${template}_netlist u_net (${ports('_net')});
  initial begin
    for (cycle = 0; cycle < ${cycles}; cycle = cycle + 1) begin
${Object.entries(inputs)
  .map(([name, bits]) => `      ${name} = ${random(bits)};`)
  .join('\n')}
      ${rules ?? ''}
      #5 clk = 1'b1;
      #5 clk = 1'b0;
      if (cycle >= ${settle}) begin
${Object.keys(outputs)
  // what was never written is unknown in Verilog and 0 in a part
  .map(
    (
      name,
    ) => `        if (^${name}_rtl !== 1'bx && ${name}_rtl !== ${name}_net) differ = differ + 1;
        if (^${name}_rtl === 1'bx) cycle = cycle;`,
  )
  .join('\n')}
      end
    end
    $display("%0d differences", differ);
    $finish;
  end
endmodule
`;
}

/** A folder with the netlist of a unit, its bench and its memory image; made once. */
function workOf(unit: Unit): Promise<string> {
  const made = works.get(unit) ?? synthesize(unit);
  works.set(unit, made);
  return made;
}
const works = new Map<Unit, Promise<string>>();

async function synthesize(unit: Unit): Promise<string> {
  const work = await mkdtemp(join(folder, 'unit-'));
  const words = Array.from({ length: 2048 }, (_, at) =>
    ((BigInt(at) * 0x9e3779b97f4a7c15f39cc0605cedc835n) & 0x3fffffffffffffffn).toString(16),
  );
  const { Width: width, Depth: depth } = unit.parameters;
  const mask = (1n << BigInt(Number(width ?? 8))) - 1n;
  const image = words
    .slice(0, Number(depth ?? 1))
    .map((word) => (BigInt(`0x${word}`) & mask).toString(16));
  await writeFile(join(work, 'words.mem'), `${image.join('\n')}\n`);
  const parameters = Object.entries(unit.parameters).map(
    ([name, value]) => `-set ${name} ${value}`,
  );
  const script = [
    readVerilog([templateOf(unit)], amdDefines),
    `chparam ${parameters.join(' ')} ${unit.template}`,
    `synth_xilinx -noiopad -noclkbuf -family xcup -flatten -top ${unit.template}`,
    `rename -top ${unit.template}_netlist`,
    'write_verilog -noattr netlist.v',
  ].join('; ');
  await execa(yosys ?? 'yosys', ['-q', '-T', '-p', script], { cwd: work });
  expect(await readFile(join(work, 'netlist.v'), 'utf8')).toContain(unit.cell);
  await writeFile(join(work, 'bench.v'), bench(unit));
  return work;
}

const templateOf = ({ template }: Unit): string => join(root, 'hdl-templates', `${template}.v`);

/** Netlist and Verilog of a unit in one simulation; what it prints last. */
async function compare(unit: Unit, change: (model: string) => string): Promise<string> {
  const work = await workOf(unit);
  const names = ['DSP48E2', 'RAMB18E2', 'RAMB36E2', 'netlist_block_memory'];
  for (const name of names) {
    const model = await readFile(join(models, `${name}.v`), 'utf8');
    await writeFile(join(work, `${name}.v`), change(model));
  }
  const cells = join(dirname(dirname(yosys ?? '')), 'share/yosys/xilinx/cells_sim.v');
  await execa(
    iverilog ?? 'iverilog',
    [
      ...[
        '-g2012',
        '-s',
        'bench',
        '-o',
        'bench.vvp',
        'bench.v',
        'netlist.v',
        templateOf(unit),
        cells,
      ],
      ...names.map((name) => `${name}.v`),
    ],
    { cwd: work },
  );
  const { stdout } = await execa(join(dirname(iverilog ?? ''), 'vvp'), ['-n', 'bench.vvp'], {
    cwd: work,
  });
  return stdout.trim().split('\n').at(-1) ?? '';
}

const same = (model: string): string => model;
const nameOf = ({ template, parameters }: Unit): string =>
  `${template} ${Object.values(parameters).join(' ')}`;

describe.runIf(yosys !== null && iverilog !== null)('models of parts', { timeout: 180_000 }, () => {
  it.each(units.map((unit) => [nameOf(unit), unit] as const))('%s', async (_, unit) => {
    expect(await compare(unit, same)).toBe('0 differences');
  });

  it.each([
    ['+: 8] = memory[byte_at + lane]', '+: 8] = memory[byte_at + (lane ^ 1)]', 1],
    ['memory[byte_at + lane][8]', "1'b0", 1],
    ['ReadA == Full ? a_q[DataOne +: DataOne] : b_q[DataOne-1:0]', 'b_q[DataOne-1:0]', 0],
    ['{data_b, data_a}', '{data_a, data_b}', 0],
    ['a * b', 'a * b + 1', 5],
    ['A[26:0]', "{1'b0, A[25:0]}", 5],
  ])('are told from wrong ones: %j as %j', async (from, to, index) => {
    const unit = units[index];
    if (unit === undefined) throw new Error('no unit');
    expect(await compare(unit, (model) => model.replaceAll(from, to))).toMatch(
      /^[1-9]\d* differences$/,
    );
  });

  it('end the simulation where they do not cover what is wanted', async () => {
    const [unit] = units;
    if (unit === undefined) throw new Error('no unit');
    const text = await compare(unit, (model) =>
      model.replace('if (DOA_REG != 0', 'if (DOA_REG == 0'),
    );
    expect(text).toMatch(/^UNSUPPORTED RAMB36E2 \S+: a register or a file$/);
  });
});
