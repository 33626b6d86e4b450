// base_sum: base + offset, of a base whose low bits are 0. Combinational.
//
// Where an offset lies within these bits alone there is no adder: a weight address comes at the end of
// a long way, from the store of the tokens.
// Parameters: Bits of base_i, offset_i and sum_o (modulo 2^Bits); Zeros low bits of base_i that are
// always 0, at least Bits: base_i is 0.
`default_nettype none

module base_sum #(
  parameter Bits = 8,
  parameter Zeros = 0
) (
  input  wire [Bits-1:0] base_i,
  input  wire [Bits-1:0] offset_i,
  output wire [Bits-1:0] sum_o
);

  generate
    if (Bits < 1 || Zeros < 0) begin : gen_illegal_sizes
      base_sum_sizes_out_of_range u_illegal ();
    end
    if (Zeros >= Bits) begin : gen_offset
      assign sum_o = offset_i;
      wire unused = &{1'b0, base_i};
    end else if (Zeros > 0) begin : gen_upper
      assign sum_o = {base_i[Bits-1:Zeros] + offset_i[Bits-1:Zeros], offset_i[Zeros-1:0]};
      wire unused = &{1'b0, base_i[Zeros-1:0]};
    end else begin : gen_all
      assign sum_o = base_i + offset_i;
    end
  endgenerate

`ifdef FORMAL_base_sum
  always @(*) begin
    assume (Zeros >= Bits ? base_i == 0 : (base_i & ((1 << Zeros) - 1)) == 0);
    assert (sum_o == base_i + offset_i);
  end
`endif

endmodule

`default_nettype wire
