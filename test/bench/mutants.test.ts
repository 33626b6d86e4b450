import { describe, expect, it } from 'vitest';
import { mutantsOf, mutated } from '../../bench/mutants/mutate-verilog.ts';
import { readBoard } from '../../src/read/board.ts';
import { boardOfRandomNetworks } from '../support/random-network/board.ts';
import { checkNetwork } from '../support/random-network/check-network.ts';
import { drawNetwork } from '../support/random-network/draw-network.ts';

const text = `module counter #(
  parameter Last = 3 - 1
) (
  input wire clk_i,
  input wire step_i
);
  // a == b
  reg [1:0] count_q;
  generate
    if (Last == 2) begin : gen_wrap
      always @(posedge clk_i) begin
        if (step_i && count_q != Last) count_q <= count_q + 1'b1;
      end
    end
  endgenerate
\`ifdef FORMAL
  always @(posedge clk_i) assert (count_q <= Last && step_i);
\`endif
\`ifdef FORMAL_counter
  always @(posedge clk_i) assert (count_q <= Last || step_i);
\`endif
endmodule
`;

describe('changes to a Verilog file', () => {
  it('are of operators, terms, constants, conditions and assignments, each a text of its own', () => {
    const mutants = mutantsOf(text);
    const lines = mutants.map((mutant) =>
      mutated(text, mutant).split('\n')[mutant.line - 1]?.trim(),
    );
    expect(new Set(lines)).toEqual(
      new Set([
        "if (step_i || count_q != Last) count_q <= count_q + 1'b1;",
        "if (step_i && count_q == Last) count_q <= count_q + 1'b1;",
        "if (step_i && count_q != Last) count_q <= count_q - 1'b1;",
        "if (step_i && count_q != Last) count_q <= count_q + 1'b0;",
        'if (step_i && count_q != Last) ;',
        // the term alone, not its comparison
        "if (step_i != Last) count_q <= count_q + 1'b1;",
        "if (count_q != Last) count_q <= count_q + 1'b1;",
        "if (1 ^ step_i && count_q != Last) count_q <= count_q + 1'b1;",
      ]),
    );
    expect(lines).toHaveLength(new Set(lines).size);
  });

  it('know their line, module and generate block, and leave proofs, comments and parameters alone', () => {
    for (const { line, module, block } of mutantsOf(text))
      expect([line, module, block]).toEqual([12, 'counter', 'gen_wrap']);
  });

  it('cut registers and memories by a bit, where their width is a parameter', () => {
    const cut = mutantsOf(
      'module m;\n  reg [1:0] fixed_q;\n  reg signed [Width-1:0] sum_q;\n  reg [2*P-1:0] sums [0:N-1];\n  wire [Width-1:0] w;\nendmodule\n',
    );
    expect(cut.map(({ line, before, after }) => [line, before, after])).toEqual([
      [3, '-1:0]', '-2:0]'],
      [4, '-1:0]', '-2:0]'],
    ]);
  });

  it('cannot be made to another text', () => {
    const [first] = mutantsOf(text);
    if (first === undefined) throw new Error('no change');
    expect(() => mutated(text.slice(1), first)).toThrow('another text');
  });

  it('in a template are noticed by the comparison of a random network with the reference', async () => {
    const drawn = drawNetwork(10_001, await readBoard(boardOfRandomNetworks));
    // every design gives its answers through it
    const file = 'stream_register.v';
    const wrong = `module stream_register #(parameter Width = 1) (
  input wire clk_i, input wire rst_ni, input wire valid_i, output wire ready_o, input wire [Width-1:0] data_i,
  output wire valid_o, input wire ready_i, output wire [Width-1:0] data_o
); endmodule`;
    expect(checkNetwork(10_001, drawn)).toBeNull();
    expect(checkNetwork(10_001, drawn, [], { replaced: new Map([[file, wrong]]) })).not.toBeNull();
  });
});
