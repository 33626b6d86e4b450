import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { templateInDesign } from '../../src/emit/layer-events.ts';
import { emitDesign } from '../../src/emit/emit-design.ts';
import type { Plan } from '../../src/ir/plan.ts';
import { resetCycles } from '../../src/plan/interfaces/reset-cycles.ts';
import type { PlannedNetwork } from '../../src/plan/plan-network.ts';

const templates = fileURLToPath(new URL('../../hdl-templates/', import.meta.url));

/** Writes a design with its templates and memory images into a new folder. */
export function writeDesign(network: PlannedNetwork): string {
  const folder = writeWithoutTemplates(network);
  for (const name of templateNames()) {
    const text = readFileSync(join(templates, name), 'utf8');
    writeFileSync(join(folder, name), templateInDesign(name, text, network.plan));
  }
  return folder;
}

function templateNames(): readonly string[] {
  return readdirSync(templates).filter((name) => name.endsWith('.v'));
}

function writeWithoutTemplates(network: PlannedNetwork): string {
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-hdl-'));
  for (const file of emitDesign(network.plan)) writeFileSync(join(folder, file.name), file.content);
  for (const image of network.images) writeFileSync(join(folder, image.file), image.text);
  mkdirSync(join(folder, 'tb'));
  return folder;
}

/** Paths of the templates a design uses: those that are as they are stay where they are. */
function templatesOf(
  { plan }: PlannedNetwork,
  folder: string,
  replaced: ReadonlyMap<string, string>,
): readonly string[] {
  return templateNames().map((name) => {
    const path = join(templates, name);
    const text = readFileSync(path, 'utf8');
    const changed = templateInDesign(name, replaced.get(name) ?? text, plan);
    if (changed === text) return path;
    writeFileSync(join(folder, name), changed);
    return name;
  });
}

export interface IcarusRun {
  /** Output words of all inferences, in order; NaN where a bit was X or Z. */
  readonly words: readonly number[];
  /** Cycle in which each inference's last beat was given, cycle 0 = first input beat taken. */
  readonly lastCycles: readonly number[];
}

/** Input beats of one sample as the top takes them: rows of sites, channels innermost. */
export function inputBeats(plan: Plan, values: Int16Array): readonly bigint[] {
  const { stream } = plan.input;
  const bits = BigInt(stream.valueBits);
  const mask = (1n << bits) - 1n;
  const flat: bigint[] = [];
  const sitesPerRow = Math.ceil(stream.width / stream.sitesPerBeat) * stream.sitesPerBeat;
  for (let y = 0; y < stream.height; y += 1) {
    for (let x = 0; x < sitesPerRow; x += 1) {
      for (let channel = 0; channel < stream.valuesPerSite; channel += 1) {
        const inside = x < stream.width && channel < stream.channels;
        const index = (channel * stream.height + y) * stream.width + x;
        flat.push(inside ? BigInt(values[index] ?? 0) & mask : 0n);
      }
    }
  }
  const beats: bigint[] = [];
  for (let start = 0; start < flat.length; start += plan.input.valuesPerBeat) {
    let beat = 0n;
    flat.slice(start, start + plan.input.valuesPerBeat).forEach((value, index) => {
      beat |= value << (bits * BigInt(index));
    });
    beats.push(beat);
  }
  return beats;
}

export interface IcarusOptions {
  /** Makes input gaps and output back-pressure, and gaps of the weight stream. */
  readonly stallSeed?: number;
  /** Before the run: after so many cycles each the design is reset, wherever it is. */
  readonly interruptions?: readonly number[];
  readonly keep?: boolean;
  /** Other texts for files of the design or templates, by name. */
  readonly replaced?: ReadonlyMap<string, string>;
  /** Compiler and simulation are ended after so long. */
  readonly timeoutMilliseconds?: number;
}

/** Runs samples through a design in Icarus. */
export function runIcarus(
  network: PlannedNetwork,
  samples: readonly Int16Array[],
  { stallSeed, ...options }: IcarusOptions = {},
): IcarusRun {
  const [run] = runIcarusWith(network, samples, [stallSeed ?? null], options);
  if (run === undefined) throw new Error('a run');
  return run;
}

/** A run for every stall seed (null: no gaps), one after another in one simulation, each from reset. */
export function runIcarusWith(
  network: PlannedNetwork,
  samples: readonly Int16Array[],
  stallSeeds: readonly (number | null)[],
  options: Omit<IcarusOptions, 'stallSeed'> = {},
): readonly IcarusRun[] {
  const { plan } = network;
  const folder = writeWithoutTemplates(network);
  try {
    const beats = samples.flatMap((sample) => inputBeats(plan, sample));
    const digits = Math.ceil(plan.input.beatBits / 4);
    writeFileSync(
      join(folder, 'tb', 'input.mem'),
      `${beats.map((beat) => beat.toString(16).padStart(digits, '0')).join('\n')}\n`,
    );
    if (network.weightBeats !== undefined) {
      writeFileSync(join(folder, 'tb', 'weights.mem'), weightLines(plan, network.weightBeats));
    }
    const outBeats = samples.length * plan.output.beatsPerInference;
    const text = testbench(plan, beats.length, outBeats, { ...options, stallSeeds });
    writeFileSync(join(folder, 'tb', 'tb.v'), text);
    const own = readdirSync(folder).filter((name) => name.endsWith('.v'));
    const { replaced = new Map<string, string>() } = options;
    for (const [name, text] of replaced)
      if (existsSync(join(folder, name))) writeFileSync(join(folder, name), text);
    const sources = [...own, ...templatesOf(network, folder, replaced)];
    const timeout = options.timeoutMilliseconds ?? 0;
    const quiet = { cwd: folder, encoding: 'utf8' as const, maxBuffer: 1 << 28, timeout };
    execFileSync('iverilog', ['-g2005', '-o', 'tb/sim', '-s', 'tb', 'tb/tb.v', ...sources], quiet);
    const [, ...runs] = execFileSync('vvp', ['-n', 'tb/sim'], quiet).split('RUN\n');
    return runs.map((run) => parse(plan, run));
  } finally {
    if (options.keep !== true) rmSync(folder, { recursive: true });
  }
}

function parse(plan: Plan, text: string): IcarusRun {
  const words: number[] = [];
  const lastCycles: number[] = [];
  let inBeat = 0;
  for (const line of text.split('\n')) {
    const match = /^OUT (\d+) ([01]) ([0-9a-fxzXZ]+)$/.exec(line.trim());
    if (match === null) {
      if (line.startsWith('HANG')) throw new Error(`design hangs: ${line}`);
      continue;
    }
    const hex = match[3] ?? '';
    for (let word = 0; word < usedWords(plan, inBeat); word += 1) {
      const end = hex.length - 8 * word;
      const digits = hex.slice(end - 8, end);
      words.push(/[xzXZ]/.test(digits) ? NaN : Number.parseInt(digits, 16) | 0);
    }
    inBeat += 1;
    if (match[2] === '1') {
      lastCycles.push(Number(match[1]));
      inBeat = 0;
    }
  }
  return { words, lastCycles };
}

/** Beats of a period of the weight stream, one a line. */
function weightLines({ weightStream }: Plan, beats: Uint8Array): string {
  const bytes = (weightStream?.beatBits ?? 8) / 8;
  const lines: string[] = [];
  for (let at = 0; at < beats.length; at += bytes) {
    const beat = Buffer.from(beats.subarray(at, at + bytes));
    lines.push(beat.reverse().toString('hex'));
  }
  return `${lines.join('\n')}\n`;
}

/** Wires, ports and driver of the weight stream; nothing where the device holds all weights. */
function weightBench({ weightStream }: Plan, gap: string): WeightBench {
  if (weightStream === undefined) {
    return { wires: '', ports: '', read: '', restart: '', offer: '', observe: '' };
  }
  const { beatBits, beats, rate } = weightStream;
  return {
    // credit in units of 1 / cycles of a beat, two beats at most: as sim/weight_driver.h
    wires: `  reg [${beatBits - 1}:0] weights [0:${beats - 1}];
  integer weight_at = 0, weight_taken = 0;
  reg [63:0] credit = 0;
  reg weight_valid = 0;
  wire weight_ready;
`,
    ports: `.weight_valid_i(weight_valid), .weight_ready_o(weight_ready),
    .weight_data_i(weights[weight_at]), `,
    read: `    $readmemh("tb/weights.mem", weights);\n`,
    restart: `    weight_at = 0;
    credit = 0;
    weight_valid = 0;
`,
    offer: `      credit = credit + ${rate.beats};
      if (credit > ${2 * rate.cycles}) credit = ${2 * rate.cycles};
      weight_valid = weight_valid || (credit >= ${rate.cycles} && !${gap});
`,
    observe: `      if (weight_valid && weight_ready) weight_taken = 1;
      @(negedge clk);
      if (weight_taken) begin
        weight_at = (weight_at + 1) % ${beats};
        credit = credit - ${rate.cycles};
        weight_valid = 0;
      end
      weight_taken = 0;
`,
  };
}

interface WeightBench {
  readonly wires: string;
  readonly ports: string;
  readonly read: string;
  /** At reset. */
  readonly restart: string;
  /** Before a rising edge. */
  readonly offer: string;
  /** Behind it, to the falling edge. */
  readonly observe: string;
}

/** Words in use of a beat of an inference's answers. */
function usedWords(plan: Plan, beat: number): number {
  const { answers, wordsPerBeat } = plan.output;
  let first = 0;
  for (const { channels, height, width, beatsPerSite } of answers) {
    const beats = height * width * beatsPerSite;
    if (beat < first + beats) {
      return Math.min(wordsPerBeat, channels - ((beat - first) % beatsPerSite) * wordsPerBeat);
    }
    first += beats;
  }
  return 0;
}

/** Runs for so many cycles, then resets the design for as long as it says it takes. */
function interruption(plan: Plan, cycles: number, weights: WeightBench): string {
  return `    @(negedge clk) rst_n = 1;
    in_valid = 1;
    repeat (${cycles}) begin
${weights.offer}      @(posedge clk) taken = in_valid && in_ready;
${weights.observe === '' ? '      @(negedge clk);\n' : weights.observe}      if (taken) sent = sent + 1;
      in_valid = $urandom(seed) % 8 != 0 || (in_valid && !taken);
      out_ready = $urandom(seed) % 2 == 0;
    end
    rst_n = 0;
${weights.restart}    repeat (${resetCycles(plan.layers)}) @(negedge clk);
    sent = 0;
    taken = 0;
    in_valid = 0;
    out_ready = 1;
`;
}

/** What a test bench does, `stallSeeds` as of `runIcarusWith`. */
interface BenchOptions {
  readonly stallSeeds: readonly (number | null)[];
  readonly interruptions?: readonly number[];
}

function testbench(plan: Plan, inBeats: number, outBeats: number, options: BenchOptions): string {
  const gap = '(stalls && $urandom(seed) % 4 == 0)';
  const weights = weightBench(plan, gap);
  const runs = options.stallSeeds.map((seed, run) => {
    return `      ${run}: begin stalls = ${seed === null ? 0 : 1}; seed = ${seed ?? 0}; end\n`;
  });
  const interruptions = (options.interruptions ?? []).map((cycles) => {
    return interruption(plan, cycles, weights);
  });
  return `\`timescale 1ns/1ps
module tb;
  reg clk = 0;
  reg rst_n = 0;
  always #5 clk = !clk;
  reg [${plan.input.beatBits - 1}:0] beats [0:${inBeats - 1}];
  integer sent = 0, received = 0, cycle = 0, start = -1, quiet = 0, taken = 0, seed = 0, run = 0;
  reg in_valid = 0, out_ready = 1, stalls = 0;
  wire in_ready, out_valid, out_last;
  wire [${plan.output.beatBits - 1}:0] out_data;
  wire [${plan.input.beatBits - 1}:0] in_data = beats[sent];
  wire in_last = (sent % ${plan.input.beatsPerInference}) == ${plan.input.beatsPerInference - 1};
${weights.wires}  nzflow_top dut (.clk_i(clk), .rst_ni(rst_n), ${weights.ports}.in_valid_i(in_valid), .in_ready_o(in_ready),
    .in_last_i(in_last), .in_data_i(in_data), .out_valid_o(out_valid), .out_ready_i(out_ready),
    .out_last_o(out_last), .out_data_o(out_data));
  initial begin
    $readmemh("tb/input.mem", beats);
${weights.read}    for (run = 0; run < ${runs.length}; run = run + 1) begin
    $display("RUN");
    case (run)
${runs.join('')}    endcase
    @(negedge clk) rst_n = 0;
    {sent, received, cycle, quiet, taken, in_valid} = 0;
    start = -1;
    out_ready = 1;
${weights.restart}    repeat (run == 0 ? 20 : ${resetCycles(plan.layers)}) @(posedge clk);
${interruptions.join('')}    @(negedge clk) rst_n = 1;
    in_valid = 1;
    while (received < ${outBeats} && quiet < 20000) begin
${weights.offer}      @(posedge clk);
      cycle = cycle + 1;
      quiet = quiet + 1;
      if (in_valid && in_ready) begin
        if (start < 0) start = cycle;
        taken = 1;
        quiet = 0;
      end
      if (out_valid && out_ready) begin
        $display("OUT %0d %b %h", cycle - start, out_last, out_data);
        received = received + 1;
        quiet = 0;
      end
      // inputs change at the falling edge only: no race with the design
${weights.observe === '' ? '      @(negedge clk);\n' : weights.observe}      sent = sent + taken;
      in_valid = (sent < ${inBeats}) && (in_valid && !taken || !${gap});
      taken = 0;
      out_ready = !${gap};
    end
    if (received < ${outBeats}) $display("HANG after %0d beats", received);
    end
    $finish;
  end
endmodule
`;
}
