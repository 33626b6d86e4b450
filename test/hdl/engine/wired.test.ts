import { describe, expect, it } from 'vitest';
import { ceilDivide, ceilLog2 } from '../../../src/base/bits.ts';
import { adderGraphText } from '../../../src/emit/adder-graph-text.ts';
import { scheduleGraph } from '../../../src/plan/wired/schedule-graph.ts';
import { wireMatrix } from '../../../src/plan/wired/wire-matrix.ts';
import { integerBetween, seededRandom } from '../../evaluate/random-graph.ts';
import type { Random } from '../../evaluate/random-graph.ts';
import { randomMatrix } from '../../support/random-matrix.ts';
import { expectCycles } from './cycle-bench.ts';
import type { Cycle, Values } from './cycle-bench.ts';

function randoms(random: Random, count: number, low: number, high: number): number[] {
  return Array.from({ length: count }, () => integerBetween(random, low, high));
}

/** LUTs of AMD parts, which sums of three words ask for by name (UG574, configurable logic block). */
const lutModels = `
\`define NZFLOW_LUT6
module LUT6_2 #(parameter [63:0] INIT = 64'd0) (
  input wire I0, input wire I1, input wire I2, input wire I3, input wire I4, input wire I5,
  output wire O5, output wire O6
);
  assign O6 = INIT[{I5, I4, I3, I2, I1, I0}];
  assign O5 = INIT[{1'b0, I4, I3, I2, I1, I0}];
endmodule
module CARRY4 (
  input wire CI, input wire CYINIT, input wire [3:0] DI, input wire [3:0] S,
  output wire [3:0] O, output wire [3:0] CO
);
  wire [4:0] carries = {
    S[3] ? carries[3] : DI[3], S[2] ? carries[2] : DI[2],
    S[1] ? carries[1] : DI[1], S[0] ? carries[0] : DI[0], CI | CYINIT
  };
  assign O = S ^ carries[3:0];
  assign CO = carries[4:1];
endmodule
`;

describe('the text of an adder graph', () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  it.each([
    ...seeds.map((seed) => [seed, 'sums'] as const),
    ...seeds.map((seed) => [seed, 'LUTs of AMD parts'] as const),
  ])('is the matrix, steps with gaps, seed %i, in %s', (seed, form) => {
    const random = seededRandom(seed);
    const matrix = randomMatrix(random);
    const { inputs, outputs, columns, columnSteps, weights, inputRange } = matrix;
    const graph = scheduleGraph(wireMatrix(matrix));
    const inputsSigned = inputRange.minimum < 0;
    const inputBits = ceilLog2(inputRange.maximum - inputRange.minimum + 1);
    const outputBits = 24;
    const text = adderGraphText(graph, {
      ...{ inputs: 'column_i', inputBits, inputsSigned },
      ...{ steps: 'steps', outputs: 'sums_o', outputBits },
    });
    const top = graph.latency - 1;
    const source = `${form === 'sums' ? '' : lutModels}module sums (
  input wire clk_i, input wire rst_ni, input wire step_i,
  input wire [${inputs * inputBits - 1}:0] column_i,
  output wire [${outputs * outputBits - 1}:0] sums_o
);
  wire [${graph.latency}:0] steps;
  reg [${top}:0] steps_q;
  assign steps = {steps_q, step_i};
  always @(posedge clk_i) steps_q <= rst_ni ? steps[${top}:0] : ${graph.latency}'d0;
${text}
endmodule
`;
    const taken: number[][] = [];
    const shown: (readonly number[] | undefined)[] = [];
    const cycles = Array.from({ length: 80 }, (_, cycle): Cycle => {
      const step = random() < 0.7;
      const column = randoms(random, inputs, inputRange.minimum, inputRange.maximum);
      if (step) taken.push(column);
      const known = step && taken.length > (columns - 1) * columnSteps;
      shown.push(known ? sumsOf() : undefined);
      const sums = shown[cycle - graph.latency];
      return {
        inputs: { step_i: Number(step), column_i: column },
        outputs: sums === undefined ? {} : { sums_o: sums },
      };
    });
    function sumsOf(): readonly number[] {
      return Array.from({ length: outputs }, (_, output) => {
        let sum = 0;
        for (let column = 0; column < columns; column += 1) {
          const values = taken[taken.length - 1 - (columns - 1 - column) * columnSteps];
          for (let input = 0; input < inputs; input += 1) {
            const weight = weights[(output * columns + column) * inputs + input] ?? NaN;
            sum += weight * (values?.[input] ?? NaN);
          }
        }
        return sum;
      });
    }
    expect(shown.filter((sums) => sums !== undefined).length).toBeGreaterThan(20);
    expectCycles({
      module: 'sums',
      source,
      templates: ['ternary_sum'],
      parameters: {},
      inputs: [
        { name: 'step_i', bits: 1 },
        { name: 'column_i', bits: inputs * inputBits, parts: inputs },
      ],
      outputs: [{ name: 'sums_o', bits: outputs * outputBits, parts: outputs }],
      cycles,
      resetInputs: { step_i: 0 },
    });
  });
});

interface PoolCase {
  readonly outputs: number;
  readonly atOnce: number;
  readonly windows: number;
  readonly latency: number;
  readonly drainWidth: number;
}

describe('wired_pool', () => {
  const cases: readonly PoolCase[] = [
    { outputs: 6, atOnce: 1, windows: 4, latency: 3, drainWidth: 2 },
    { outputs: 5, atOnce: 1, windows: 1, latency: 1, drainWidth: 2 },
    { outputs: 4, atOnce: 2, windows: 2, latency: 2, drainWidth: 4 },
    { outputs: 3, atOnce: 3, windows: 3, latency: 5, drainWidth: 1 },
    { outputs: 1, atOnce: 2, windows: 1, latency: 1, drainWidth: 1 },
  ];
  it.each(cases)('$outputs outputs, $atOnce x $windows windows', (test) => {
    const { outputs, atOnce, windows, latency, drainWidth } = test;
    const random = seededRandom(outputs * 10 + atOnce);
    const sumBits = 9;
    const beats = ceilDivide(outputs, drainWidth);
    const length = 240;
    const none: Values = { window_i: 0, first_i: 0, last_i: 0 };
    const flags: Values[] = Array.from({ length }, () => none);
    const sums: number[][] = Array.from({ length }, () => {
      return randoms(random, atOnce * outputs, -256, 255);
    });
    const valid = new Set<number>();
    const seen = new Map<number, Values>();
    const delay = ceilLog2(atOnce) + (windows > 1 ? 3 : 2);
    let cycle = 0;
    let lastEnd = -Infinity;
    while (cycle < length - 60) {
      const largest = Array.from({ length: outputs }, () => -Infinity);
      for (let window = 0; window < windows; window += 1) {
        cycle += 1 + (random() < 0.5 ? 0 : integerBetween(random, 0, 3));
        const last = window === windows - 1;
        if (last) cycle = Math.max(cycle, lastEnd + beats);
        flags[cycle] = { window_i: 1, first_i: Number(window === 0), last_i: Number(last) };
        valid.add(cycle + latency);
        sums[cycle + latency]?.forEach((sum, index) => {
          const output = index % outputs;
          largest[output] = Math.max(largest[output] ?? NaN, sum);
        });
      }
      lastEnd = cycle;
      for (let beat = 0; beat < beats; beat += 1) {
        const at = cycle + latency + delay + beat;
        seen.set(at, {
          beat_valid_o: 1,
          beat_last_o: Number(beat === beats - 1),
          beat_o: Array.from({ length: drainWidth }, (_, part) => {
            return largest[beat * drainWidth + part] ?? 0;
          }),
        });
      }
    }
    expectCycles({
      module: 'wired_pool',
      parameters: {
        ...{ Outputs: outputs, SumBits: sumBits, AtOnce: atOnce, Windows: windows },
        ...{ Latency: latency, DrainWidth: drainWidth, Beats: beats },
      },
      inputs: [
        { name: 'window_i', bits: 1 },
        { name: 'first_i', bits: 1 },
        { name: 'last_i', bits: 1 },
        { name: 'sums_i', bits: atOnce * outputs * sumBits, parts: atOnce * outputs },
      ],
      outputs: [
        { name: 'sum_valid_o', bits: 1 },
        { name: 'beat_valid_o', bits: 1 },
        { name: 'beat_last_o', bits: 1 },
        { name: 'beat_o', bits: drainWidth * sumBits, parts: drainWidth },
      ],
      cycles: flags.map((inputs, index) => ({
        inputs: { ...inputs, sums_i: sums[index] ?? [] },
        outputs: {
          sum_valid_o: Number(valid.has(index)),
          ...(seen.get(index) ?? { beat_valid_o: 0 }),
        },
      })),
      resetInputs: none,
    });
  });
});
