import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourcesOf } from '../lint/tools.ts';
import type { OutputBeat } from '../tail/bench.ts';
import { memoryText, packFields, type Field } from '../tail/bits.ts';

/** A beat of an input stream: `gap` idle cycles before it is offered, `fields` from count on. */
export interface StreamBeat {
  readonly gap: number;
  readonly last: boolean;
  readonly fields: readonly Field[];
}

export interface StreamBench {
  readonly module: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** Parameters written as Verilog constants. */
  readonly constants?: Readonly<Record<string, string>>;
  /** Bits of a beat without last, and the beats, of each input. */
  readonly inputs: readonly { readonly bits: number; readonly beats: readonly StreamBeat[] }[];
  readonly outputBits: number;
  /**
   * Port connections of the module; signals: valid0, ready0, last0, word0 of input 0 and so on,
   * valid, ready, last, word of the output.
   */
  readonly connections: Readonly<Record<string, string>>;
  /** Ready of the output by cycle, repeated. */
  readonly ready: readonly boolean[];
  /** Beats with last to wait for at the output. */
  readonly sites: number;
  readonly files?: Readonly<Record<string, string>>;
}

export interface StreamResult {
  /** By input: the cycles in which its beats were taken. */
  readonly taken: readonly (readonly number[])[];
  readonly outputs: readonly OutputBeat[];
}

/**
 * Runs a module with several input streams and one output stream alone in Icarus. An unknown
 * (x) on a handshake or an offered output, a broken stream rule, a beat too many or a missing
 * result throws. Inputs are unknown while they offer nothing. Reset lasts 80 cycles, cycle 0
 * follows.
 */
export function runStreamBench(bench: StreamBench): StreamResult {
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-graph-'));
  try {
    bench.inputs.forEach(({ beats }, index) => {
      const words = beats.map(({ gap, last, fields }) =>
        packFields([...fields, { bits: 1, value: last ? 1 : 0 }, { bits: 16, value: gap }]),
      );
      writeFileSync(join(folder, `beats${index}.mem`), memoryText(words));
    });
    writeFileSync(join(folder, 'ready.mem'), memoryText(bench.ready.map((r) => (r ? 1n : 0n))));
    for (const [name, text] of Object.entries(bench.files ?? {})) {
      writeFileSync(join(folder, name), text);
    }
    writeFileSync(join(folder, 'bench.v'), benchSource(bench));
    const options = ['-g2005', '-Wall', '-Wno-timescale', '-o', 'bench', '-s', 'bench', 'bench.v'];
    execFileSync('iverilog', [...options, ...sourcesOf(bench.module)], {
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
    return parseLog(text, bench.inputs.length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parseLog(text: string, inputs: number): StreamResult {
  const taken = Array.from({ length: inputs }, (): number[] => []);
  const outputs: OutputBeat[] = [];
  let ended = false;
  for (const line of text.split('\n')) {
    const [kind, cycle, first, word] = line.trim().split(' ');
    if (kind === 'I') taken[Number(first)]?.push(Number(cycle));
    else if (kind === 'O') {
      outputs.push({ cycle: Number(cycle), last: first === '1', word: BigInt(`0x${word ?? ''}`) });
    } else if (kind === 'END') ended = true;
    else if (kind !== undefined && kind !== '') throw new Error(`simulation: ${line}`);
  }
  if (!ended) throw new Error('simulation did not end');
  return { taken, outputs };
}

function inputSource(index: number, bits: number, count: number): string {
  return `
  reg [${bits + 16}:0] beats${index} [0:${Math.max(1, count) - 1}];
  integer next${index} = 0;
  integer pause${index} = 0;
  wire [${bits + 16}:0] beat${index} = beats${index}[next${index}];
  wire valid${index} = rst_ni && next${index} < ${count} && pause${index} == 0;
  wire ready${index};
  wire last${index} = valid${index} ? beat${index}[${bits}] : 1'bx;
  wire [${bits - 1}:0] word${index} = valid${index} ? beat${index}[${bits - 1}:0] : ${bits}'bx;
  initial begin
    $readmemh("beats${index}.mem", beats${index});
    pause${index} = beats${index}[0][${bits + 1} +: 16];
  end
  always @(posedge clk_i) if (rst_ni) begin
    if (ready${index} === 1'bx) $display("UNKNOWN ready${index} %0d", cycle);
    if (valid${index} && ready${index}) begin
      $display("I %0d ${index}", cycle);
      next${index} <= next${index} + 1;
      if (next${index} + 1 < ${count}) pause${index} <= beats${index}[next${index} + 1][${bits + 1} +: 16];
    end else if (pause${index} != 0) pause${index} <= pause${index} - 1;
  end`;
}

function benchSource(bench: StreamBench): string {
  const values = Object.entries(bench.parameters).map(
    ([name, value]) => `.${name}(${typeof value === 'string' ? `"${value}"` : value})`,
  );
  const constants = Object.entries(bench.constants ?? {}).map(
    ([name, value]) => `.${name}(${value})`,
  );
  const parameters = [...values, ...constants].join(', ');
  const connections = Object.entries(bench.connections)
    .map(([port, signal]) => `.${port}(${signal})`)
    .join(',\n    ');
  return `
module bench;
  reg clk_i = 1'b0;
  reg rst_ni = 1'b0;
  integer cycle = 0;
  integer left = ${bench.sites};
  integer tail = 0;
  reg ready_list [0:${bench.ready.length - 1}];
  wire valid;
  wire last;
  wire [${bench.outputBits - 1}:0] word;
  wire ready = ready_list[cycle % ${bench.ready.length}];
  reg [${bench.outputBits}:0] held;
  reg stalled = 1'b0;
${bench.inputs.map(({ bits, beats }, index) => inputSource(index, bits, beats.length)).join('\n')}

  ${bench.module} #(${parameters}) u_dut (
    .clk_i(clk_i), .rst_ni(rst_ni),
    ${connections}
  );

  initial begin
    $readmemh("ready.mem", ready_list);
    repeat (160) #5 clk_i = !clk_i;
    rst_ni = 1'b1;
    forever #5 clk_i = !clk_i;
  end

  always @(posedge clk_i) if (rst_ni) begin
    cycle <= cycle + 1;
    if (valid === 1'bx) $display("UNKNOWN valid %0d", cycle);
    if (valid && (last === 1'bx)) $display("UNKNOWN last %0d", cycle);
    if (stalled && (!valid || held !== {last, word})) $display("DROPPED %0d", cycle);
    stalled <= valid && !ready;
    held <= {last, word};
    if (valid && ready) begin
      if (left == 0) $display("TOO MANY %0d", cycle);
      $display("O %0d %b %h", cycle, last, word);
      if (last) left <= left - 1;
    end
    if (left == 0) tail <= tail + 1;
    if (tail == 60) begin
      $display("END");
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
