// multiply_rows: product of two numbers as rows of conditional additions, for devices without multiplier blocks.
//
//   product_o = start_i + a_i * b_i, a_i and start_i two's complement, b_i unsigned (BSigned 0) or two's complement (1)
// A row adds a_i to the upper bits of the rows before where its bit of b_i is set. Addition and condition are one
// look-up table of four inputs a bit beside a carry chain that reaches into no other row.
// Parameters: ABits, BBits 1 or more. Combinational, BBits additions in a row. start_i: 0, or what rows before gave
// whose sum it is, so that it is no larger than a_i and the product does not overflow.
`default_nettype none

module multiply_rows #(
  parameter ABits = 20,
  parameter BBits = 16,
  parameter BSigned = 0
) (
  input  wire [ABits-1:0] a_i,
  input  wire [BBits-1:0] b_i,
  input  wire [ABits-1:0] start_i,
  output wire [ABits+BBits-1:0] product_o
);

  generate
    if (ABits < 1 || BBits < 1) begin : gen_illegal_bits
      multiply_rows_bits_must_be_positive u_illegal ();
    end
  endgenerate

  wire [ABits:0] a = {a_i[ABits-1], a_i};
  genvar row;
  generate
    for (row = 0; row < BBits; row = row + 1) begin : gen_row
      // bits row .. row + ABits of the sum of the rows before; its lower bits are done
      wire [ABits:0] above;
      wire [ABits:0] added;
      wire [ABits:0] here = b_i[row] ? added : above;
      if (row == 0) begin : gen_first
        assign above = {start_i[ABits-1], start_i};
      end else begin : gen_next
        assign above = {gen_row[row-1].here[ABits], gen_row[row-1].here[ABits:1]};
      end
      if (BSigned != 0 && row == BBits - 1) begin : gen_sign
        assign added = above - a;
      end else begin : gen_magnitude
        assign added = above + a;
      end
      assign product_o[row] = here[0];
    end
  endgenerate
  assign product_o[BBits +: ABits] = gen_row[BBits-1].here[ABits:1];

endmodule

`default_nettype wire
