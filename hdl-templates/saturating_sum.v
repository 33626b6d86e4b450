// saturating_sum: sum_o = min(2^Bits - 1, a_i + b_i). Combinational.
// Small counts in logic: up to three bits a LUT each. A module of its own, so that synthesis does not make
// one wide function of a tree of them, which takes several times the LUTs.
// Parameters: Bits >= 1.
`default_nettype none

(* keep_hierarchy = "yes" *)
module saturating_sum #(
  parameter Bits = 3
) (
  input  wire [Bits-1:0] a_i,
  input  wire [Bits-1:0] b_i,
  output wire [Bits-1:0] sum_o
);

  generate
    if (Bits < 1) begin : gen_illegal_bits
      saturating_sum_bits_must_be_positive u_illegal ();
    end
  endgenerate

  reg [Bits-1:0] sum;
  reg carry;
  integer i;
  always @(*) begin
    carry = 1'b0;
    for (i = 0; i < Bits; i = i + 1) begin
      sum[i] = a_i[i] ^ b_i[i] ^ carry;
      carry = (a_i[i] & b_i[i]) | (carry & (a_i[i] | b_i[i]));
    end
  end
  assign sum_o = sum | {Bits{carry}};

`ifdef FORMAL_saturating_sum
  wire [Bits:0] exact = {1'b0, a_i} + {1'b0, b_i};
  always @(*) begin
    assert (sum_o == (exact[Bits] ? {Bits{1'b1}} : exact[Bits-1:0]));
    cover (exact[Bits]);
  end
`endif

endmodule

`default_nettype wire
