import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { present } from '../../src/base/invariant.ts';
import { findOnPath } from '../../src/simulate/tools.ts';
import { buildBench } from '../../src/synthesize/netlist-bench.ts';
import type { BenchResult, BenchSimulator } from '../../src/synthesize/netlist-bench.ts';
import { checkNetlists, withModels } from '../../src/synthesize/netlist-check.ts';
import { netlistFamily, netlistKinds } from '../../src/synthesize/netlist-family.ts';
import type { NetlistKind } from '../../src/synthesize/netlist-family.ts';
import { writeNetlist } from '../../src/synthesize/write-netlist.ts';
import { userErrorOf } from '../support/user-error.ts';

/**
 * A stream with one of everything: a table in a block memory, a multiplier, a carry chain, a register that
 * keeps its start value through reset. Sums table[low bits] * high bits, every other sum inverted.
 */
const design = `module nzflow_top (
  input wire clk_i, input wire rst_ni,
  input wire in_valid_i, output wire in_ready_o, input wire in_last_i, input wire [23:0] in_data_i,
  output wire out_valid_o, input wire out_ready_i, output wire out_last_o, output wire [31:0] out_data_o
);
  (* ram_style = "block", romstyle = "M20K" *) reg [15:0] table_words [0:1023];
  initial $readmemh("table.mem", table_words);
  reg [2:0] valid_q, last_q;
  reg [15:0] word_q, factor_q;
  reg [31:0] product_q, sum_q = 32'd0;
  reg odd_q = 1'b1;
  wire move = !out_valid_o || out_ready_i;
  assign in_ready_o = move;
  assign out_valid_o = valid_q[2];
  assign out_last_o = last_q[2];
  assign out_data_o = sum_q;
  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 3'd0;
    else if (move) valid_q <= {valid_q[1:0], in_valid_i};
    if (move) begin
      last_q <= {last_q[1:0], in_last_i};
      word_q <= table_words[in_data_i[9:0]];
      factor_q <= {2'd0, in_data_i[23:10]};
      product_q <= word_q * factor_q;
      if (rst_ni && valid_q[1]) begin
        sum_q <= (sum_q + product_q) ^ {32{odd_q}};
        odd_q <= !odd_q;
      end
    end
  end
endmodule
`;

const table = Array.from({ length: 1024 }, (_, at) => (at * 40503) & 0xffff);
const samples = 16;
const beatsPerSample = 4;
const inputs = Array.from(
  { length: samples * beatsPerSample },
  (_, beat) => Math.imul(beat + 1, 0x9e3779b1) & 0xffffff,
);

/** What the design is to give, in this language. */
function outputs(): readonly number[] {
  let sum = 0;
  return inputs.map((input, beat) => {
    const product = Math.imul(table[input & 1023] ?? 0, input >>> 10);
    sum = ((sum + product) ^ (beat % 2 === 0 ? -1 : 0)) >>> 0;
    return sum;
  });
}

/** Lines of every sample, last with its last beat. */
function lines(beats: readonly number[], bits: number, care: bigint): readonly string[][] {
  return Array.from({ length: samples }, (_, sample) =>
    beats.slice(sample * beatsPerSample, (sample + 1) * beatsPerSample).map((beat, at) => {
      const last = at === beatsPerSample - 1 ? 1n << BigInt(bits) : 0n;
      return (last | care | BigInt(beat)).toString(16);
    }),
  );
}
const stimulus = lines(inputs, 24, 0n);
const expected = lines(outputs(), 64, 0xffffffffn << 32n);

const yosys = (await findOnPath('yosys')) ?? '';
const iverilog = (await findOnPath('iverilog')) ?? '';
const verilator = (await findOnPath('verilator')) ?? '';
const family = present(netlistFamily('ultrascale-plus'), 'a family with models');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nzflow-bench-'));
  await mkdir(join(folder, 'hdl'));
  await writeFile(join(folder, 'hdl/nzflow_top.v'), design);
  const words = table.map((word) => word.toString(16)).join('\n');
  await writeFile(join(folder, 'hdl/table.mem'), `${words}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

const base = {
  family,
  inBits: 24,
  outBits: 32,
  yosys,
  tools: { verilator, iverilog, vvp: join(dirname(iverilog), 'vvp') },
  stimulus,
  expected,
  signal: new AbortController().signal,
  onStep: () => undefined,
  onLine: () => undefined,
};

type MadeNetlist = (typeof netlistKinds)[number];

const check = (
  change: Partial<typeof base> = {},
  kinds: readonly NetlistKind[] = netlistKinds,
): ReturnType<typeof checkNetlists> =>
  checkNetlists({
    ...base,
    kinds,
    hdlFolder: join(folder, 'hdl'),
    synthFolder: join(folder, 'synth'),
    ...change,
  });

const netlists = new Map<MadeNetlist, Promise<string>>();

/** The text of a netlist; made once. */
function netlistOf(kind: MadeNetlist): Promise<string> {
  const make = async (): Promise<string> => {
    const file = join(folder, `${kind}.v`);
    const [hdlFolder, logFile] = [join(folder, 'hdl'), join(folder, `${kind}.log`)];
    const run = { ...base, defines: family.designDefines, commands: family.commands[kind] };
    await writeNetlist({ ...run, program: yosys, hdlFolder, logFile }, file);
    return readFile(file, 'utf8');
  };
  const text = netlists.get(kind) ?? make();
  netlists.set(kind, text);
  return text;
}

/** A netlist in which the first place of a pattern was changed. */
async function simulate(
  simulator: BenchSimulator,
  kind: MadeNetlist,
  change: (text: string) => string,
): Promise<BenchResult> {
  const work = await mkdtemp(join(folder, 'work-'));
  const netlist = join(work, 'netlist.v');
  const text = await netlistOf(kind);
  const changed = change(text);
  await writeFile(netlist, changed);
  const run = await buildBench(simulator, {
    ...base,
    sources: await withModels(base, netlist),
    chains: family.chains,
    defines: family.defines,
    inBeats: inputs.length,
    outBeats: inputs.length,
    work,
    logs: join(work, 'bench'),
  });
  return run({ stimulus: stimulus.flat(), expected: expected.flat(), seed: 1 });
}

const replaced =
  (pattern: RegExp, by: string) =>
  (text: string): string => {
    const changed = text.replace(pattern, by);
    expect(changed).not.toBe(text);
    return changed;
  };

describe.runIf(yosys !== '' && iverilog !== '' && verilator !== '')(
  'netlists',
  { timeout: 300_000 },
  () => {
    it('are compared with the reference bit for bit and with the Verilog cycle for cycle', async () => {
      const verdicts = await check();
      expect(verdicts.map(({ kind, equal }) => [kind, equal])).toEqual([
        ['logic', true],
        ['parts', true],
      ]);
      const beats = samples * beatsPerSample;
      for (const { text } of verdicts) {
        expect(text).toMatch(
          new RegExp(
            `^back to back ${beats} beats in ${beats + 3} cycles; with gaps ${beats} beats in \\d{3} cycles; the first sample in Icarus ${beatsPerSample} beats in \\d+ cycles$`,
          ),
        );
      }
    });

    it('of another family are compared on its cells', async () => {
      const ice40 = present(netlistFamily('ice40'), 'a family with models');
      const verdicts = await check({ family: ice40 }, ['parts']);
      expect(verdicts).toHaveLength(1);
      expect(verdicts[0]).toMatchObject({ kind: 'parts', equal: true });
      expect(verdicts[0]?.text).toMatch(/^back to back 64 beats in 67 cycles; with gaps 64 beats/);
    });

    it('differ from another reference, which the Verilog then does too', async () => {
      const wrong = expected.map((sample, at) =>
        at < samples - 1 ? sample : sample.map((line) => (BigInt(`0x${line}`) ^ 1n).toString(16)),
      );
      const [verdict, ...others] = await check({ expected: wrong });
      expect(others).toEqual([]);
      expect(verdict).toMatchObject({ kind: 'verilog', equal: false });
      expect(verdict?.text).toMatch(/^back to back: beat 60: out_data_o, got/);
    });

    it('differ when a right beat comes in another cycle', async () => {
      const late = design
        .replace('reg [2:0] valid_q, last_q;', 'reg [3:0] valid_q, last_q; reg [31:0] late_q;')
        .replaceAll('valid_q[1:0], ', 'valid_q[2:0], ')
        .replaceAll('last_q[1:0], ', 'last_q[2:0], ')
        .replaceAll('_q[2];', '_q[3];')
        .replace('out_data_o = sum_q', 'out_data_o = late_q')
        .replace('if (move) begin', 'if (move) begin late_q <= sum_q;');
      await writeFile(join(folder, 'late.v'), late);
      const commands = ['design -reset', 'read_verilog ../late.v', ...family.commands.logic];
      const slower = { ...family, commands: { ...family.commands, logic: commands } };
      const [verdict] = await check({ family: slower }, ['logic']);
      const text = 'back to back: beat 0 comes in cycle 5, that of the Verilog in 4';
      expect(verdict).toEqual({ kind: 'logic', equal: false, text });
    });

    it.each([
      ['verilator', 'logic', 'a LUT', /(LUT[3-6] #\(\s*\.INIT\(\d+'h)([0-9a-f]+)/],
      ['icarus', 'logic', 'a start value', /(FDRE #\(\s*\.INIT\(1'h)(1)/],
      ['icarus', 'parts', 'a word of a memory', /(\.INIT_01\(256'h)([0-9a-f]+)/],
    ] as const)('in %s, %s: differ with other bits in %s', async (simulator, kind, _, pattern) => {
      const inverted = (text: string): string =>
        text.replace(pattern, (_all, before: string, digits: string) => {
          const other = Array.from(digits, (digit) => (15 - parseInt(digit, 16)).toString(16));
          return `${before}${digits.length === 1 ? '0' : other.join('')}`;
        });
      expect(inverted(await netlistOf(kind))).not.toBe(await netlistOf(kind));
      const { equal, text } = await simulate(simulator, kind, inverted);
      expect(equal).toBe(false);
      expect(text).toMatch(/^beat \d+: \w+, got/);
    });

    it('end with a message where a model has no such parameter or use', async () => {
      const unknown = replaced(/(RAMB\d\dE2 #\()/, '$1 .SIM_DEVICE("ULTRASCALE_PLUS"),');
      const used = replaced(/DOA_REG\(32'sd0\)/, "DOA_REG(32'sd1)");
      for (const simulator of ['verilator', 'icarus'] as const) {
        const error = await userErrorOf(() => simulate(simulator, 'parts', unknown));
        expect(error.exitCode).toBe(3);
        expect(error.message).toMatch(/cannot be simulated: .*SIM_DEVICE/);
        const other = await userErrorOf(() => simulate(simulator, 'parts', used));
        expect(other.message).toMatch(/ended with: UNSUPPORTED RAMB\d\dE2 .*a register or a file/);
      }
    });
  },
);
