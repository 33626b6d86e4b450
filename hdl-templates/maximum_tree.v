// maximum_tree: the largest of Terms terms, one register a level.
//   maximum_o = max(terms_i[0], ..., terms_i[Terms-1]), ceil(log2 Terms) cycles later
// Parameters: Terms >= 1 (1: a wire); TermBits of a term; Signed 1: two's complement.
// Initiation interval 1.
`default_nettype none

module maximum_tree #(
  parameter Terms = 4,
  parameter TermBits = 8,
  parameter Signed = 0
) (
  input  wire clk_i,
  input  wire [Terms*TermBits-1:0] terms_i,
  output wire [TermBits-1:0] maximum_o
);

  generate
    if (Terms < 1 || TermBits < 1) begin : gen_illegal_sizes
      maximum_tree_sizes_must_be_positive u_illegal ();
    end
  endgenerate

  localparam Levels = $clog2(Terms);
  localparam [TermBits-1:0] Flip = (Signed != 0) ? {1'b1, {(TermBits-1){1'b0}}} : {TermBits{1'b0}};

  genvar level, term;
  generate
    if (Levels == 0) begin : gen_wire
      wire unused = &{1'b0, clk_i, Flip};
      assign maximum_o = terms_i;
    end
    for (level = 0; level < Levels; level = level + 1) begin : gen_level
      localparam In = (Terms + (1 << level) - 1) >> level;  // terms of this level
      localparam Out = (In + 1) / 2;
      wire [In*TermBits-1:0] from;
      reg [Out*TermBits-1:0] to_q;
      if (level == 0) begin : gen_first
        assign from = terms_i;
      end else begin : gen_next
        assign from = gen_level[level-1].to_q;
      end
      for (term = 0; term < Out; term = term + 1) begin : gen_term
        wire [TermBits-1:0] left = from[2*term*TermBits +: TermBits];
        if (2 * term + 1 < In) begin : gen_larger
          wire [TermBits-1:0] right = from[(2*term+1)*TermBits +: TermBits];
          always @(posedge clk_i) begin
            to_q[term*TermBits +: TermBits] <= ((left ^ Flip) > (right ^ Flip)) ? left : right;
          end
        end else begin : gen_pass
          always @(posedge clk_i) to_q[term*TermBits +: TermBits] <= left;
        end
      end
    end
    if (Levels > 0) begin : gen_root
      assign maximum_o = gen_level[Levels-1].to_q;
    end
  endgenerate

`ifdef FORMAL_maximum_tree
  // no term of the cycle is larger, and one is as large
  localparam Steps = (Levels > 0) ? Levels : 1;
  reg [Steps:0] past_q = 0;
  wire [Terms-1:0] larger, as_large;
  wire [Terms*TermBits-1:0] then;
  generate
    if (Levels == 0) begin : gen_formal_now
      assign then = terms_i;
    end else begin : gen_formal_then
      reg [Levels*Terms*TermBits-1:0] before_q;
      always @(posedge clk_i) before_q <= {before_q, terms_i};
      assign then = before_q[(Levels-1)*Terms*TermBits +: Terms*TermBits];
    end
    for (term = 0; term < Terms; term = term + 1) begin : gen_formal_term
      wire [TermBits-1:0] one = then[term*TermBits +: TermBits];
      assign larger[term] = (one ^ Flip) > (maximum_o ^ Flip);
      assign as_large[term] = one == maximum_o;
    end
  endgenerate
  always @(posedge clk_i) begin
    past_q <= {past_q[Steps-1:0], 1'b1};
    if (past_q[Steps-1]) begin
      assert (larger == {Terms{1'b0}});
      assert (as_large != {Terms{1'b0}});
    end
    cover (past_q[Steps-1] && as_large[Terms-1] && (Terms == 1 || !as_large[0]));
  end
`endif

endmodule

`default_nettype wire
