import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packInputBeats, wordsPerBeat } from '../../src/simulate/input-beats.ts';
import { boardVerilog } from '../../src/synthesize/ice40/board-top.ts';
import { writeDesign } from '../support/icarus.ts';
import { randomSmallCase } from '../support/random-case.ts';
import type { RandomCase } from '../support/random-case.ts';

/** Clock cycles a bit. */
const divider = 8;
const templates = new URL('../../hdl-templates/', import.meta.url).pathname;

/** The bytes of all samples, low byte of a beat first. */
function bytesOf({ network, samples }: RandomCase): readonly number[] {
  const { input } = network.plan;
  const words = wordsPerBeat(input);
  return samples.flatMap((sample) => {
    const packed = packInputBeats(input, sample);
    return Array.from({ length: input.beatsPerInference }, (_, beat) =>
      Array.from({ length: input.beatBits / 8 }, (_byte, at) => {
        const word = packed[beat * words + (at >> 2)] ?? 0;
        return (word >>> (8 * (at & 3))) & 0xff;
      }),
    ).flat();
  });
}

/** Places of the sums in the words of the beats, which are filled up at the end of a site. */
function placesOfSums({ network, samples }: RandomCase): readonly number[] {
  const { wordsPerBeat: perBeat, answers } = network.plan.output;
  const places: number[] = [];
  let at = 0;
  for (let site = 0; site < samples.length; site += 1) {
    for (const { channels, height, width, beatsPerSite } of answers) {
      for (let one = 0; one < height * width; one += 1) {
        for (let channel = 0; channel < channels; channel += 1) places.push(at + channel);
        at += beatsPerSite * perBeat;
      }
    }
  }
  return places;
}

/** A host that sends `bytes`, with a break before place `breakAt`, and prints what comes back. */
function bench(bytes: readonly number[], answerBytes: number, breakAt: number): string {
  return `\`timescale 1ns/1ns
module bench;
  reg clk = 1'b0;
  always #5 clk = !clk;
  reg to_board = 1'b1;
  wire from_board;
  nzflow_board u_board (.clk_i(clk), .serial_i(to_board), .serial_o(from_board));
  reg [7:0] bytes [0:${bytes.length - 1}];
  integer at, place;
  task send(input [7:0] value);
    begin
      to_board = 1'b0;
      repeat (${divider}) @(posedge clk);
      for (place = 0; place < 8; place = place + 1) begin
        to_board = value[place];
        repeat (${divider}) @(posedge clk);
      end
      to_board = 1'b1;
      repeat (${divider}) @(posedge clk);
    end
  endtask
  initial begin
    $readmemh("bytes.hex", bytes);
    repeat (2000) @(posedge clk);
    for (at = 0; at < ${bytes.length}; at = at + 1) begin
      if (at == ${breakAt}) begin
        to_board = 1'b0;
        repeat (${12 * divider}) @(posedge clk);
        to_board = 1'b1;
        repeat (2000) @(posedge clk);
      end
      send(bytes[at]);
    end
  end
  reg [7:0] value;
  integer bit_at, count;
  initial begin
    count = 0;
    while (count < ${answerBytes}) begin
      @(negedge from_board);
      repeat (${divider / 2}) @(posedge clk);
      for (bit_at = 0; bit_at < 8; bit_at = bit_at + 1) begin
        repeat (${divider}) @(posedge clk);
        value[bit_at] = from_board;
      end
      repeat (${divider}) @(posedge clk);
      if (from_board !== 1'b1) $display("no stop bit");
      $display("%h", value);
      count = count + 1;
    end
    $finish;
  end
  initial #200000000 begin
    $display("no answer");
    $finish;
  end
endmodule
`;
}

/** 32-bit words that came back. */
function answers(example: RandomCase, bytes: readonly number[], breakAt = -1): readonly number[] {
  const { plan } = example.network;
  const folder = writeDesign(example.network);
  try {
    const size = { bytesIn: 0, bytesOut: 0 };
    const pins = { clock: '1', serialIn: '2', serialOut: '3' };
    const top = boardVerilog(plan, pins, { baud: 115_200, divider, ...size });
    const { beatsPerInference, beatBits } = plan.output;
    const answerBytes = (example.samples.length * beatsPerInference * beatBits) / 8;
    writeFileSync(join(folder, top.name), top.content);
    writeFileSync(join(folder, 'bytes.hex'), bytes.map((byte) => byte.toString(16)).join('\n'));
    writeFileSync(join(folder, 'bench.v'), bench(bytes, answerBytes, breakAt));
    const have = new Set(readdirSync(folder));
    const more = readdirSync(templates).filter((name) => name.endsWith('.v') && !have.has(name));
    const sources = [...have].filter((name) => name.endsWith('.v'));
    const run = (command: string, parameters: readonly string[]): string =>
      execFileSync(command, parameters, { cwd: folder, encoding: 'utf8' });
    run('iverilog', [
      ...['-g2005', '-s', 'bench', '-o', 'bench.vvp'],
      ...new Set([...sources, 'bench.v', top.name]),
      ...more.map((name) => join(templates, name)),
    ]);
    const lines = run('vvp', ['-n', 'bench.vvp']).trim().split('\n');
    const values = lines.filter((line) => /^[0-9a-f]{2}$/.test(line));
    expect(lines.filter((line) => !values.includes(line) && !line.includes('$finish'))).toEqual([]);
    return placesOfSums(example).map((word) => {
      const little = values.slice(4 * word, 4 * word + 4).reverse();
      return Number.parseInt(little.join(''), 16) | 0;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a design behind a serial line', () => {
  const example = randomSmallCase(3, 'sparse-sparse', 3);

  it('answers the bytes of inferences sent back to back as the evaluator does', () => {
    expect(answers(example, bytesOf(example))).toEqual(example.logits);
  });

  it('begins again after a break in the middle of an inference', () => {
    const bytes = bytesOf(example);
    const lost = Math.floor(bytes.length / example.samples.length / 2);
    expect(answers(example, [...bytes.slice(0, lost), ...bytes], lost)).toEqual(example.logits);
  });
});
