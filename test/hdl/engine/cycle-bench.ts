import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { sourcesOf } from '../lint/tools.ts';
import { memoryText, packFields } from '../tail/bits.ts';

export interface Port {
  readonly name: string;
  readonly bits: number;
  /** The port is so many equal fields, the first least significant; 1 where absent. */
  readonly parts?: number;
}

/** Value of a port, or of each of its parts. */
export type PortValue = number | bigint | readonly (number | bigint)[];

/** Values by port; an input that is absent is unknown (x), an output that is absent may be anything. */
export type Values = Readonly<Record<string, PortValue | undefined>>;

/** What goes into a module in a cycle and what must be seen on its outputs in the same cycle. */
export interface Cycle {
  readonly inputs: Values;
  readonly outputs: Values;
}

export interface CycleBench {
  readonly module: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Cycle 0 is the first one after reset. */
  readonly cycles: readonly Cycle[];
  /** Inputs while in reset; the others are unknown. */
  readonly resetInputs?: Values;
  /** Modules without these ports. */
  readonly noClock?: boolean;
  readonly noReset?: boolean;
  readonly files?: Readonly<Record<string, string>>;
  /** Verilog of a module that is no template. */
  readonly source?: string;
  /** Templates that it has instances of. */
  readonly templates?: readonly string[];
}

/**
 * Runs a template alone in Icarus Verilog, gives it the inputs of every cycle and compares its
 * outputs, cycle by cycle: a TypeScript model writes both down beforehand. Inputs change at the
 * falling edge; outputs are read just before the rising edge.
 */
export function expectCycles(bench: CycleBench): void {
  const rows = simulate(bench);
  expect(rows.length).toBe(bench.cycles.length);
  bench.cycles.forEach((cycle, index) => {
    const seen = rows[index] ?? [];
    bench.outputs.forEach((port, column) => {
      const wanted = cycle.outputs[port.name];
      if (wanted === undefined) return;
      const parts = partsOf(port, seen[column] ?? '');
      const list = typeof wanted === 'object' ? wanted : [wanted];
      const text = list.map((value) => binary(value, port.bits / (port.parts ?? 1)));
      if (text.join() !== parts.join()) {
        throw new Error(
          `cycle ${index}: ${port.name} is ${parts.join(' ')}, expected ${text.join(' ')}` +
            ` (inputs ${show(cycle.inputs)})`,
        );
      }
    });
    for (const name of Object.keys(cycle.outputs)) {
      if (!bench.outputs.some((port) => port.name === name)) throw new Error(`no port ${name}`);
    }
  });
}

function show(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === 'object' ? value.join() : String(value)}`)
    .join(' ');
}

function binary(value: number | bigint, bits: number): string {
  return BigInt.asUintN(bits, BigInt(value)).toString(2).padStart(bits, '0');
}

/** Fields of a port, the first one least significant. */
function partsOf(port: Port, text: string): readonly string[] {
  const count = port.parts ?? 1;
  const bits = port.bits / count;
  return Array.from({ length: count }, (_, part) =>
    text.slice(text.length - (part + 1) * bits, text.length - part * bits),
  );
}

/** A row of the stimulus as a hexadecimal word: mask of the known ports above their values. */
function stimulusWord(inputs: readonly Port[], values: Values): bigint {
  const known = inputs.map((port) => values[port.name] !== undefined);
  const fields = inputs.flatMap((port) => {
    const value = values[port.name];
    const bits = port.bits / (port.parts ?? 1);
    const list = typeof value === 'object' ? value : [value ?? 0];
    if (value !== undefined && list.length !== (port.parts ?? 1)) {
      throw new Error(`${port.name}: ${list.length} parts`);
    }
    const full = value === undefined ? [{ bits: port.bits, value: 0 }] : [];
    return value === undefined ? full : list.map((part) => ({ bits, value: part }));
  });
  for (const name of Object.keys(values)) {
    if (!inputs.some((port) => port.name === name)) throw new Error(`no port ${name}`);
  }
  return packFields([...fields, ...known.map((yes) => ({ bits: 1, value: yes ? 1 : 0 }))]);
}

function simulate(bench: CycleBench): readonly (readonly string[])[] {
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-engine-'));
  try {
    const words = [bench.resetInputs ?? {}, ...bench.cycles.map(({ inputs }) => inputs)];
    writeFileSync(
      join(folder, 'stimulus.mem'),
      memoryText(words.map((values) => stimulusWord(bench.inputs, values))),
    );
    for (const [name, text] of Object.entries(bench.files ?? {})) {
      writeFileSync(join(folder, name), text);
    }
    writeFileSync(join(folder, 'bench.v'), benchSource(bench));
    const options = ['-g2005', '-Wall', '-Wno-timescale', '-o', 'bench', '-s', 'bench', 'bench.v'];
    if (bench.source !== undefined) writeFileSync(join(folder, 'source.v'), bench.source);
    const sources =
      bench.source === undefined
        ? sourcesOf(bench.module)
        : ['source.v', ...(bench.templates ?? []).flatMap(sourcesOf)];
    execFileSync('iverilog', [...options, ...sources], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    const text = execFileSync('vvp', ['-n', 'bench'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 100_000,
      maxBuffer: 2 ** 28,
    });
    return text
      .split('\n')
      .filter((line) => line.startsWith('ROW'))
      .map((line) => line.trim().split(' ').slice(1));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function benchSource(bench: CycleBench): string {
  const parameters = Object.entries(bench.parameters)
    .map(([name, value]) => `.${name}(${typeof value === 'string' ? `"${value}"` : value})`)
    .join(', ');
  const total = bench.inputs.reduce((sum, port) => sum + port.bits, 0);
  const width = total + bench.inputs.length;
  let at = 0;
  const wires = bench.inputs.map((port, index) => {
    const field = `row[${at} +: ${port.bits}]`;
    at += port.bits;
    return (
      `  wire [${port.bits - 1}:0] ${port.name} = ` +
      `row[${total + index}] ? ${field} : {${port.bits}{1'bx}};`
    );
  });
  const names = [...bench.inputs, ...bench.outputs].map(({ name }) => name);
  if (bench.noClock !== true) names.push('clk_i');
  if (bench.noReset !== true && bench.noClock !== true) names.push('rst_ni');
  return `
module bench;
  reg clk_i = 1'b0;
  reg rst_ni = 1'b0;
  reg [${width - 1}:0] rows [0:${bench.cycles.length}];
  reg [${width - 1}:0] row;
  integer cycle;
${wires.join('\n')}
${bench.outputs.map((port) => `  wire [${port.bits - 1}:0] ${port.name};`).join('\n')}

  ${bench.module} #(${parameters}) u_dut (
    ${names.map((name) => `.${name}(${name})`).join(',\n    ')}
  );

  initial begin
    $readmemh("stimulus.mem", rows);
    row = rows[0];
    repeat (4) begin
      #5 clk_i = 1'b1;
      #5 clk_i = 1'b0;
    end
    rst_ni = 1'b1;
    for (cycle = 1; cycle <= ${bench.cycles.length}; cycle = cycle + 1) begin
      row = rows[cycle];
      #4 $display("ROW${' %b'.repeat(bench.outputs.length)}"${bench.outputs
        .map((port) => `, ${port.name}`)
        .join('')});
      #1 clk_i = 1'b1;
      #5 clk_i = 1'b0;
    end
    $finish(0);
  end
endmodule
`;
}
