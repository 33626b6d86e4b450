import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { adderGraphText } from '../../../src/emit/adder-graph-text.ts';
import type { ScheduledGraph } from '../../../src/ir/adder-graph.ts';
import { mappedRegisters } from '../../../src/plan/resources/wired-registers.ts';
import { registerBits, scheduleGraph } from '../../../src/plan/wired/schedule-graph.ts';
import { shiftEnds } from '../../../src/plan/wired/shift-ends.ts';
import { wireMatrix } from '../../../src/plan/wired/wire-matrix.ts';
import { findOnPath } from '../../../src/simulate/tools.ts';
import { amdDefines, readVerilog } from '../../../src/synthesize/family-synthesis.ts';
import { longestPath } from '../../../src/synthesize/logic-depth.ts';
import { parseNetlist } from '../../../src/synthesize/netlist.ts';

const yosys = await findOnPath('yosys');
const template = fileURLToPath(new URL('../../../hdl-templates/ternary_sum.v', import.meta.url));
const inputBits = 8;
const outputBits = 20;

/** One sum over three columns of one input; each column waits so many steps for the next. */
function threeColumns(weights: readonly number[], columnSteps: number): ScheduledGraph {
  const inputRange = { minimum: 0, maximum: 255 };
  const matrix = { inputs: 1, outputs: 1, columns: 3, weights, inputRange, columnSteps };
  return scheduleGraph(wireMatrix(matrix));
}

/** In front of it the low bits of the first two columns are the same registers, four in a row. */
const passing = threeColumns([1, 64, 200], 2);

describe('registers that are kept out of shift registers', () => {
  it('are those that bits came to unchanged, in front of a wide sum of three words', () => {
    expect(shiftEnds(passing).count).toBe(1);
    const [result = NaN] = passing.outputs.map((output) => output?.node ?? NaN);
    const before = passing.nodes[result];
    const delays = before?.kind === 'result' ? before.terms.map(({ node }) => node) : [];
    expect(delays.map((node) => shiftEnds(passing).atStep(node, 1))).toContain(true);
  });

  it('are none where something is added to every bit, or too few registers follow each other', () => {
    expect(shiftEnds(threeColumns([1, 63, 200], 2)).count).toBe(0);
    expect(shiftEnds(threeColumns([1, 64, 200], 1)).count).toBe(0);
  });

  it('are none in front of a narrow sum, or one of two words', () => {
    expect(shiftEnds(threeColumns([1, 2, 3], 2)).count).toBe(0);
    expect(shiftEnds(threeColumns([1, 64, 128], 2)).count).toBe(0);
  });

  it.skipIf(yosys === null)('keep the path to five LUT levels', { timeout: 120_000 }, async () => {
    const text = textOf(passing);
    expect((await synthesise(passing, text)).levels).toBeLessThanOrEqual(5);
    expect((await synthesise(passing, withoutResets(text))).levels).toBeGreaterThan(5);
  });

  it.skipIf(yosys === null)('are flip-flops to the model', { timeout: 120_000 }, async () => {
    // the first column comes through four registers, three of which stay a shift register
    const graph = threeColumns([1, 0, 808], 2);
    expect(shiftEnds(graph).count).toBe(1);
    const { flipFlops, shiftRegisters } = mappedRegisters(graph);
    expect(shiftRegisters).toBe(inputBits);
    expect(flipFlops).toBe(registerBits(graph) - 3 * inputBits);
    const { cells } = await synthesise(graph, textOf(graph));
    const without = await synthesise(graph, withoutResets(textOf(graph)));
    expect([cells('SRL16E'), without.cells('SRL16E')]).toEqual([inputBits, inputBits]);
    // three low bits go on through the sum
    expect(cells('FDRE') - without.cells('FDRE')).toBe(inputBits + 3);
  });
});

function textOf(graph: ScheduledGraph): string {
  return adderGraphText(graph, {
    ...{ inputs: 'column_q', inputBits, inputsSigned: false },
    ...{ steps: 'steps', outputs: 'sums_o', outputBits },
  });
}

function withoutResets(text: string): string {
  const without = text.replace('if (!rst_ni)', "if (1'b0)");
  expect(without).not.toBe(text);
  return without;
}

/** LUT levels of the longest path of a graph, and how many cells of a type it has. */
async function synthesise(
  graph: ScheduledGraph,
  text: string,
): Promise<{ readonly levels: number; readonly cells: (type: string) => number }> {
  const top = graph.latency - 1;
  const source = `module sums (
  input wire clk_i, input wire rst_ni, input wire step_i,
  input wire [${inputBits - 1}:0] column_i, output wire [${outputBits - 1}:0] sums_o
);
  wire [${graph.latency}:0] steps;
  reg [${top}:0] steps_q;
  reg [${inputBits - 1}:0] column_q;
  assign steps = {steps_q, step_i};
  always @(posedge clk_i) begin
    steps_q <= rst_ni ? steps[${top}:0] : ${graph.latency}'d0;
    column_q <= column_i;
  end
${text}
endmodule
`;
  const folder = await mkdtemp(join(tmpdir(), 'nzflow-shift-ends-'));
  try {
    await writeFile(join(folder, 'sums.v'), source);
    const commands = [
      readVerilog(['sums.v', template], amdDefines),
      'synth_xilinx -noiopad -noclkbuf -flatten -family xcup -top sums',
      'write_json netlist.json',
    ];
    await execa(yosys ?? 'yosys', ['-q', '-p', commands.join('; ')], { cwd: folder });
    const netlist = parseNetlist(await readFile(join(folder, 'netlist.json'), 'utf8'));
    const all = Object.values(netlist.get('sums')?.cells ?? {});
    return {
      levels: longestPath(netlist, 'sums').levels,
      cells: (type) => all.filter((cell) => cell.type === type).length,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
