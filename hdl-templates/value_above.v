// value_above: above_o = a_i > b_i, equal_o = a_i == b_i, unsigned. Combinational.
// Up to three bits a LUT each; wider comparisons are put together of such ones. A module of its own for the
// reason of saturating_sum.
// Parameters: Bits >= 1.
`default_nettype none

(* keep_hierarchy = "yes" *)
module value_above #(
  parameter Bits = 3
) (
  input  wire [Bits-1:0] a_i,
  input  wire [Bits-1:0] b_i,
  output wire above_o,
  output wire equal_o
);

  generate
    if (Bits < 1) begin : gen_illegal_bits
      value_above_bits_must_be_positive u_illegal ();
    end
  endgenerate

  reg above;
  integer i;
  always @(*) begin
    above = 1'b0;
    for (i = 0; i < Bits; i = i + 1) begin
      above = (a_i[i] & ~b_i[i]) | (above & (a_i[i] | ~b_i[i]));
    end
  end
  assign above_o = above;
  assign equal_o = (a_i ~^ b_i) == {Bits{1'b1}};

`ifdef FORMAL_value_above
  always @(*) begin
    assert (above_o == (a_i > b_i));
    assert (equal_o == (a_i == b_i));
    cover (above_o);
  end
`endif

endmodule

`default_nettype wire
