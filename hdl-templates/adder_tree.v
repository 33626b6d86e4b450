// adder_tree: the sum of Terms signed terms, one register a level.
//   sum_o = terms_i[0] + ... + terms_i[Terms-1], ceil(log2 Terms) cycles later
// Of an odd number of terms one waits a level, the last or the first one in turn: so none waits
// for two levels, and no registers in a row become a shift register of look-up tables.
// Parameters: Terms >= 1 (1: a wire); TermBits of a term; the sum has TermBits +
// ceil(log2 Terms) bits, so it cannot overflow. Initiation interval 1.
`default_nettype none

module adder_tree #(
  parameter Terms = 4,
  parameter TermBits = 16
) (
  input  wire clk_i,
  input  wire [Terms*TermBits-1:0] terms_i,
  output wire [TermBits+$clog2(Terms)-1:0] sum_o
);

  generate
    if (Terms < 1 || TermBits < 1) begin : gen_illegal_sizes
      adder_tree_sizes_must_be_positive u_illegal ();
    end
  endgenerate

  localparam Levels = $clog2(Terms);

  // terms left after `level` levels
  function integer terms_at;
    input integer level;
    begin
      terms_at = (Terms + (1 << level) - 1) >> level;
    end
  endfunction

  // first bit of a level in `tree`
  function integer offset_of;
    input integer level;
    integer below;
    begin
      offset_of = 0;
      for (below = 0; below < level; below = below + 1) begin
        offset_of = offset_of + terms_at(below) * (TermBits + below);
      end
    end
  endfunction

  wire [offset_of(Levels + 1)-1:0] tree;
  assign tree[Terms*TermBits-1:0] = terms_i;
  localparam Root = offset_of(Levels);
  assign sum_o = tree[Root +: TermBits + Levels];

  genvar level, term;
  generate
    if (Levels == 0) begin : gen_wire
      wire unused = clk_i;
    end
    for (level = 0; level < Levels; level = level + 1) begin : gen_level
      localparam InBits = TermBits + level;
      localparam OutBits = InBits + 1;
      localparam In = offset_of(level);
      localparam Out = offset_of(level + 1);
      localparam Odd = terms_at(level) % 2;
      localparam First = Odd * (level % 2);  // 1: the first term waits
      localparam Waits = (Odd == 0) ? -1 : (First != 0) ? 0 : terms_at(level + 1) - 1;
      for (term = 0; term < terms_at(level + 1); term = term + 1) begin : gen_term
        localparam Left = (term == 0) ? 0 : 2 * term - First;
        wire [InBits-1:0] left = tree[In + Left*InBits +: InBits];
        reg [OutBits-1:0] sum_q;
        assign tree[Out + term*OutBits +: OutBits] = sum_q;
        if (term != Waits) begin : gen_add
          wire [InBits-1:0] right = tree[In + (Left+1)*InBits +: InBits];
          always @(posedge clk_i) begin
            sum_q <= {left[InBits-1], left} + {right[InBits-1], right};
          end
        end else begin : gen_pass
          always @(posedge clk_i) sum_q <= {left[InBits-1], left};
        end
      end
    end
  endgenerate

endmodule

`default_nettype wire
