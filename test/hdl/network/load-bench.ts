import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedNetwork } from '../../../src/plan/plan-network.ts';
import { hexadecimalBeats } from '../../../src/plan/memories/load-stream.ts';
import { inputBeats, writeDesign } from '../../support/icarus.ts';

/** Beats of one load stream, given as soon as `after` inferences have been sent; the next waits for it to be offered. */
export interface LoadAt {
  readonly after: number;
  readonly stream: Uint8Array;
}

export interface LoadRun {
  /** Output words in order; NaN where a bit was X or Z. */
  readonly words: readonly number[];
  /** `loaded` and `error` whenever they changed, and the inferences sent by then. */
  readonly events: readonly string[];
  /** Cycles from the first load beat offered to loaded_o going high, of the first load. */
  readonly loadCycles: number;
}

/**
 * Runs samples through a loadable design in Icarus while weights are loaded. Inference beats are
 * offered from the first cycle on. A seed makes gaps on all three streams.
 */
export function runLoads(
  network: PlannedNetwork,
  samples: readonly Int16Array[],
  loads: readonly LoadAt[],
  seed: number | null,
): LoadRun {
  const { plan } = network;
  const { load } = plan;
  if (load === undefined) throw new Error('the design has no load stream');
  const folder = writeDesign({ ...network, images: [] });
  try {
    const digits = Math.ceil(plan.input.beatBits / 4);
    const beats = samples.flatMap((sample) => inputBeats(plan, sample));
    const lines = beats.map((beat) => beat.toString(16).padStart(digits, '0'));
    writeFileSync(join(folder, 'tb', 'input.mem'), `${lines.join('\n')}\n`);
    const loadLines = loads.flatMap(({ after, stream }) => {
      const hex = hexadecimalBeats(load, stream).trimEnd().split('\n');
      const wanted = (after * plan.input.beatsPerInference).toString(16).padStart(8, '0');
      const flag = (set: boolean): string => (set ? '1' : '0');
      return hex.map((beat, at) => {
        return `${wanted}${flag(at === 0)}${flag(at === hex.length - 1)}${beat}`;
      });
    });
    writeFileSync(join(folder, 'tb', 'load.mem'), `${loadLines.join('\n')}\n`);
    const outBeats = samples.length * plan.output.beatsPerInference;
    const bench = testbench(network, beats.length, loadLines.length, outBeats, seed);
    writeFileSync(join(folder, 'tb', 'tb.v'), bench);
    const sources = readdirSync(folder).filter((name) => name.endsWith('.v'));
    const quiet = { cwd: folder, encoding: 'utf8' as const, maxBuffer: 1 << 28 };
    execFileSync('iverilog', ['-g2005', '-o', 'tb/sim', '-s', 'tb', 'tb/tb.v', ...sources], quiet);
    return parse(execFileSync('vvp', ['-n', 'tb/sim'], quiet), network);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function parse(text: string, { plan }: PlannedNetwork): LoadRun {
  const lines = text.split('\n').map((line) => line.trim());
  const hang = lines.find((line) => line.startsWith('HANG'));
  if (hang !== undefined) throw new Error(`design hangs: ${hang} ${text.slice(0, 600)}`);
  const [answer] = plan.output.answers;
  const { wordsPerBeat, beatsPerInference } = plan.output;
  const sites = (answer?.height ?? 0) * (answer?.width ?? 0);
  const words: number[] = [];
  lines
    .filter((line) => line.startsWith('OUT '))
    .forEach((line, at) => {
      const hex = line.slice(4);
      const beat = (at % beatsPerInference) % (beatsPerInference / sites);
      const used = Math.min(wordsPerBeat, (answer?.channels ?? 0) - beat * wordsPerBeat);
      for (let word = 0; word < used; word += 1) {
        const end = hex.length - 8 * word;
        const digits = hex.slice(end - 8, end);
        words.push(/[xzXZ]/.test(digits) ? NaN : Number.parseInt(digits, 16) | 0);
      }
    });
  const events = lines.filter((line) => line.startsWith('EVENT ')).map((line) => line.slice(6));
  const cycles = lines.find((line) => line.startsWith('CYCLES '));
  return { words, events, loadCycles: Number(cycles?.slice(7) ?? NaN) };
}

function testbench(
  { plan }: PlannedNetwork,
  inBeats: number,
  loadBeats: number,
  outBeats: number,
  seed: number | null,
): string {
  const gap = seed === null ? "1'b0" : '($urandom(seed) % 4 == 0)';
  const loadBits = plan.load?.beatBits ?? 0;
  const perInference = plan.input.beatsPerInference;
  return `\`timescale 1ns/1ps
module tb;
  reg clk = 0;
  reg rst_n = 0;
  always #5 clk = !clk;
  reg [${plan.input.beatBits - 1}:0] beats [0:${inBeats - 1}];
  reg [${40 + loadBits - 1}:0] loads [0:${loadBeats - 1}];
  integer sent = 0, received = 0, quiet = 0, taken = 0, seed = ${seed ?? 0};
  integer load_sent = 0, load_taken = 0, cycle = 0, start = -1, shown = 0;
  reg hold = 0;
  reg in_valid = 0, out_ready = 1, load_valid = 0, was_loaded = 0, was_error = 0;
  wire in_ready, out_valid, out_last, load_ready, loaded, load_error;
  wire [${plan.output.beatBits - 1}:0] out_data;
  wire [${40 + loadBits - 1}:0] load = loads[load_sent];
  wire in_last = (sent % ${perInference}) == ${perInference - 1};
  nzflow_top dut (.clk_i(clk), .rst_ni(rst_n), .load_valid_i(load_valid),
    .load_ready_o(load_ready), .load_last_i(load[${loadBits}]), .load_data_i(load[${loadBits - 1}:0]),
    .loaded_o(loaded), .load_error_o(load_error), .in_valid_i(in_valid), .in_ready_o(in_ready),
    .in_last_i(in_last), .in_data_i(beats[sent]), .out_valid_o(out_valid), .out_ready_i(out_ready),
    .out_last_o(out_last), .out_data_o(out_data));
  initial begin
    $readmemh("tb/input.mem", beats);
    $readmemh("tb/load.mem", loads);
    repeat (20) @(posedge clk);
    @(negedge clk) rst_n = 1;
    in_valid = 1;
    while ((received < ${outBeats} || load_sent < ${loadBeats}) && quiet < 5000) begin
      load_valid = load_sent < ${loadBeats} && load[${loadBits + 8} +: 32] <= sent
                   && (load_valid && !load_taken || !${gap});
      load_taken = 0;
      if (load_valid && start < 0) start = cycle;
      @(posedge clk);
      quiet = quiet + 1;
      cycle = cycle + 1;
      if (in_valid && in_ready) begin
        taken = 1;
        quiet = 0;
      end
      if (load_valid && load_ready) begin
        load_taken = 1;
        quiet = 0;
      end
      if (out_valid && out_ready) begin
        $display("OUT %h", out_data);
        received = received + 1;
        quiet = 0;
      end
      // inputs change at the falling edge only: no race with the design
      @(negedge clk);
      if (loaded !== was_loaded || load_error !== was_error) begin
        $display("EVENT loaded=%b error=%b sent=%0d", loaded, load_error, sent / ${perInference});
        if (loaded && !shown) $display("CYCLES %0d", cycle - start);
        if (loaded) shown = 1;
      end
      was_loaded = loaded;
      was_error = load_error;
      sent = sent + taken;
      load_sent = load_sent + load_taken;
      // what belongs to other weights is offered only when their load is
      hold = load_sent < ${loadBeats} && load[${loadBits + 4}] && load[${loadBits + 8} +: 32] <= sent && !load_valid;
      in_valid = (sent < ${inBeats}) && (in_valid && !taken || !hold && !${gap});
      taken = 0;
      out_ready = !${gap};
    end
    if (received < ${outBeats}) $display("HANG after %0d beats, %0d sent, valid %b ready %b %b %b", received, sent, in_valid, in_ready, out_valid, out_ready);
    $finish;
  end
endmodule
`;
}
