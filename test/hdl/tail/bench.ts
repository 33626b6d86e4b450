import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPort, sourcesOf } from '../lint/tools.ts';
import { memoryText, packFields, type Field } from './bits.ts';

/** One input beat: `gap` idle cycles before it, then `fields` on the input ports, in order. */
export interface InputBeat {
  readonly gap: number;
  readonly last: boolean;
  readonly fields: readonly Field[];
}

export interface BenchOptions {
  readonly module: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly inputPorts: readonly { readonly name: string; readonly bits: number }[];
  readonly outputPorts: readonly { readonly name: string; readonly bits: number }[];
  /**
   * `vector`: start_i announces a vector, ready_o tells that one can be announced;
   * `stream`: valid/ready per beat; `open`: no back-pressure on either side.
   */
  readonly input: 'vector' | 'stream' | 'open';
  /** The module has no last ports: last travels as the top bit of data_i and data_o. */
  readonly lastInData?: boolean;
  readonly beats: readonly InputBeat[];
  /** Idle cycles between a chance to announce a vector and doing so, one per vector. */
  readonly startGaps?: readonly number[];
  /** ready_i by cycle, repeated. */
  readonly ready: readonly boolean[];
  /** Number of output beats with last_o to wait for. */
  readonly vectors: number;
  readonly files?: Readonly<Record<string, string>>;
}

export interface OutputBeat {
  readonly cycle: number;
  readonly last: boolean;
  /** Output ports in order, the first least significant. */
  readonly word: bigint;
}

export interface BenchResult {
  /** Cycles with start_i. */
  readonly starts: readonly number[];
  /** Cycles in which an input beat was taken. */
  readonly inputs: readonly number[];
  readonly outputs: readonly OutputBeat[];
  /** Cycles in which the input was ready before any beat was offered, from cycle 0 on. */
  readonly cycles: number;
}

/**
 * Runs a template alone in Icarus Verilog and returns what went in and out, with cycle numbers.
 * An unknown (x) on a handshake or a valid output, a broken stream rule on the output or a
 * missing result throws.
 */
export function runBench(options: BenchOptions): BenchResult {
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-tail-'));
  try {
    const inputBits = sum(options.inputPorts.map(({ bits }) => bits));
    writeFileSync(
      join(folder, 'beats.mem'),
      memoryText(
        options.beats.map((beat) =>
          packFields([
            ...beat.fields,
            { bits: 1, value: beat.last ? 1 : 0 },
            { bits: 16, value: beat.gap },
          ]),
        ),
      ),
    );
    const startGaps = options.startGaps ?? [];
    const gapCount = Math.max(1, options.vectors);
    writeFileSync(
      join(folder, 'starts.mem'),
      memoryText(Array.from({ length: gapCount }, (_, index) => BigInt(startGaps[index] ?? 0))),
    );
    writeFileSync(join(folder, 'ready.mem'), memoryText(options.ready.map((r) => (r ? 1n : 0n))));
    for (const [name, text] of Object.entries(options.files ?? {})) {
      writeFileSync(join(folder, name), text);
    }
    writeFileSync(join(folder, 'bench.v'), benchSource(options, inputBits));
    const sources = sourcesOf(options.module);
    execFileSync(
      'iverilog',
      ['-g2005', '-Wall', '-Wno-timescale', '-o', 'bench', 'bench.v', ...sources],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 60_000,
      },
    );
    const text = execFileSync('vvp', ['-n', 'bench'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 100_000,
      maxBuffer: 2 ** 28,
    });
    return parseLog(text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** First cycle from `cycle` on in which ready_i is high. */
export function nextReady(ready: readonly boolean[], cycle: number): number {
  for (let at = cycle; at < cycle + ready.length; at += 1) {
    if (ready[at % ready.length] === true) return at;
  }
  throw new Error('ready_i is never high');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function parseLog(text: string): BenchResult {
  const starts: number[] = [];
  const inputs: number[] = [];
  const outputs: OutputBeat[] = [];
  let cycles = -1;
  for (const line of text.split('\n')) {
    const [kind, cycle, last, word] = line.trim().split(' ');
    if (kind === 'S') starts.push(Number(cycle));
    else if (kind === 'I') inputs.push(Number(cycle));
    else if (kind === 'O') {
      outputs.push({ cycle: Number(cycle), last: last === '1', word: BigInt(`0x${word ?? ''}`) });
    } else if (kind === 'END') cycles = Number(cycle);
    else if (kind !== undefined && kind !== '') throw new Error(`simulation: ${line}`);
  }
  if (cycles < 0) throw new Error('simulation did not end');
  return { starts, inputs, outputs, cycles };
}

function benchSource(options: BenchOptions, inputBits: number): string {
  const { input, beats, vectors, ready } = options;
  const outputBits = sum(options.outputPorts.map(({ bits }) => bits));
  let position = 0;
  const connections = [
    '.clk_i(clk_i)',
    '.rst_ni(rst_ni)',
    '.valid_i(valid_i)',
    '.valid_o(valid_o)',
  ];
  const inData = options.lastInData === true;
  if (!inData) connections.push('.last_i(last_i)', '.last_o(last_o)');
  // memories from files: nothing is loaded
  if (hasPort(options.module, 'load_i')) connections.push(".load_i(57'd0)");
  if (input === 'vector') connections.push('.start_i(start_i)');
  if (input !== 'open') connections.push('.ready_o(ready_o)', '.ready_i(ready_i)');
  for (const { name, bits } of options.inputPorts) {
    connections.push(
      `.${name}(${inData ? '{last_i, ' : ''}beat[${position} +: ${bits}]${inData ? '}' : ''})`,
    );
    position += bits;
  }
  position = 0;
  for (const { name, bits } of options.outputPorts) {
    connections.push(
      `.${name}(${inData ? '{last_o, ' : ''}word[${position} +: ${bits}]${inData ? '}' : ''})`,
    );
    position += bits;
  }
  const parameters = Object.entries(options.parameters)
    .map(([name, value]) => `.${name}(${typeof value === 'string' ? `"${value}"` : value})`)
    .join(', ');
  return `
module bench;
  localparam Beats = ${beats.length};
  reg clk_i = 1'b0;
  reg rst_ni = 1'b0;
  integer cycle = 0;
  integer begun = 0;      // vectors announced
  integer entered = 0;    // vectors whose last beat is in
  integer next = 0;
  integer pause = 0;
  integer start_pause = 0;
  integer left = ${vectors};
  integer tail = 0;
  reg [${inputBits + 16}:0] beats [0:Beats-1];
  reg [15:0] starts [0:${Math.max(1, vectors) - 1}];
  reg ready [0:${ready.length - 1}];
  wire [${inputBits + 16}:0] beat = beats[next];
  wire last_i = beat[${inputBits}];
  wire ready_o;
  wire valid_o;
  wire last_o;
  wire [${outputBits - 1}:0] word;
  reg [${outputBits}:0] held;
  reg stalled = 1'b0;
  wire start_i = rst_ni && ready_o && begun < ${vectors} && start_pause == 0;
  wire valid_i = rst_ni && next < Beats && pause == 0 &&
    ${input === 'vector' ? 'entered < begun' : "1'b1"};
  wire ready_i = ready[cycle % ${ready.length}];
  wire take = valid_i && ${input === 'stream' ? 'ready_o' : "1'b1"};
  wire give = valid_o && ${input === 'open' ? "1'b1" : 'ready_i'};

  ${options.module} #(${parameters}) u_dut (
    ${connections.join(',\n    ')}
  );
  ${input === 'open' ? "assign ready_o = 1'b1;" : ''}

  initial begin
    $readmemh("beats.mem", beats);
    $readmemh("starts.mem", starts);
    $readmemh("ready.mem", ready);
    pause = beats[0][${inputBits + 1} +: 16];
    start_pause = starts[0];
    // Reset for 80 cycles, so that memories cleared by it are clear; cycle 0 follows.
    repeat (160) #5 clk_i = !clk_i;
    rst_ni = 1'b1;
    forever #5 clk_i = !clk_i;
  end

  always @(posedge clk_i) if (rst_ni) begin
    cycle <= cycle + 1;
    if (valid_o === 1'bx || ready_o === 1'bx) $display("UNKNOWN handshake %0d", cycle);
    if (valid_o && (last_o === 1'bx || ^word === 1'bx)) $display("UNKNOWN output %0d", cycle);
    if (stalled && (!valid_o || held !== {last_o, word})) $display("DROPPED %0d", cycle);
    stalled <= valid_o && !give;
    held <= {last_o, word};
    if (start_i) begin
      $display("S %0d", cycle);
      begun <= begun + 1;
      start_pause <= begun + 1 < ${vectors} ? starts[begun + 1] : 0;
    end else if (start_pause != 0) start_pause <= start_pause - 1;
    if (take) begin
      $display("I %0d", cycle);
      next <= next + 1;
      if (next + 1 < Beats) pause <= beats[next + 1][${inputBits + 1} +: 16];
      if (last_i) entered <= entered + 1;
    end else if (pause != 0) pause <= pause - 1;
    if (give) begin
      $display("O %0d %b %h", cycle, last_o, word);
      if (last_o) left <= left - 1;
    end
    if (left == 0) tail <= tail + 1;
    if (tail == 20) begin
      $display("END %0d", cycle);
      $finish(0);
    end
    if (cycle > 400000) begin
      $display("TIMEOUT");
      $finish(0);
    end
  end
endmodule
`;
}
