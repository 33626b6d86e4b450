// ternary_sum: three words added up at once.
//   sum_o = a + b + c   (mod 2^Bits),  a = a_i or ~a_i, ...
// With NZFLOW_LUT6 defined (AMD parts, Yosys) one LUT6 a bit: a LUT adds the bits of the three words and the carry
// that the LUT below makes of them, the carry chain adds the rest (Simkins and Young, US patent
// 7,274,211). Yosys alone would take two LUTs a bit. Without it, what the synthesis makes of two additions.
//
// Parameters: Bits >= 1; Low, High, 0 <= Low < High <= Bits: below bit Low two of a, b and c are 0, from bit
// High on b and c are; Invert: bits 0, 1, 2 turn over a_i, b_i, c_i.
// Latency 0.
`default_nettype none

module ternary_sum #(
  parameter Bits = 8,
  parameter Low = 0,
  parameter High = 8,
  parameter Invert = 0
) (
  input  wire [Bits-1:0] a_i,
  input  wire [Bits-1:0] b_i,
  input  wire [Bits-1:0] c_i,
  output wire [Bits-1:0] sum_o
);

  generate
    if (Low < 0 || High <= Low || High > Bits || Invert < 0 || Invert > 7) begin : gen_illegal_sizes
      ternary_sum_bits_must_be_in_order u_illegal ();
    end
  endgenerate

  localparam [2:0] Turned = Invert[2:0];
  wire [Bits-1:0] a = a_i ^ {Bits{Turned[0]}};
  wire [Bits-1:0] b = b_i ^ {Bits{Turned[1]}};
  wire [Bits-1:0] c = c_i ^ {Bits{Turned[2]}};

`ifdef NZFLOW_LUT6
  // O6 = a ^ b ^ c ^ carry of the LUT below, O5 = carry of a, b and c; a LUT turns its inputs over itself
  localparam [7:0] Majority = 8'hE8;
  localparam [7:0] Carry = {
    Majority[7 ^ Turned], Majority[6 ^ Turned], Majority[5 ^ Turned], Majority[4 ^ Turned],
    Majority[3 ^ Turned], Majority[2 ^ Turned], Majority[1 ^ Turned], Majority[Turned]
  };
  localparam [15:0] Sum = 16'h6996 ^ {16{^Turned}};
  localparam Chains = (Bits - Low + 3) / 4;
  localparam Cells = 4 * Chains;
  localparam Alone = High - Low;
  wire [Cells-1:0] halves, carries, sums;
  wire [Cells:0] majorities;
  assign majorities[0] = 1'b0;
  genvar index;
  generate
    if (Low > 0) begin : gen_passed
      assign sum_o[Low-1:0] = a[Low-1:0] | b[Low-1:0] | c[Low-1:0];
    end
    for (index = 0; index < Cells; index = index + 1) begin : gen_bit
      if (index < Alone) begin : gen_lut
        LUT6_2 #(.INIT({Sum, Sum, Carry, Carry, Carry, Carry})) u_lut (
          .I0(a_i[Low+index]), .I1(b_i[Low+index]), .I2(c_i[Low+index]), .I3(majorities[index]),
          .I4(1'b0), .I5(1'b1), .O6(halves[index]), .O5(majorities[index+1])
        );
      end else if (index < Bits - Low) begin : gen_alone
        assign halves[index] = a[Low+index] ^ majorities[index];
        assign majorities[index+1] = 1'b0;
      end else begin : gen_none
        assign halves[index] = 1'b0;
        assign majorities[index+1] = 1'b0;
      end
    end
    for (index = 0; index < Chains; index = index + 1) begin : gen_chain
      wire below;
      if (index == 0) begin : gen_first
        assign below = 1'b0;
      end else begin : gen_next
        assign below = carries[4*index-1];
      end
      CARRY4 u_carry (
        .CI(below), .CYINIT(1'b0), .DI(majorities[4*index +: 4]), .S(halves[4*index +: 4]),
        .O(sums[4*index +: 4]), .CO(carries[4*index +: 4])
      );
    end
  endgenerate
  assign sum_o[Bits-1:Low] = sums[Bits-Low-1:0];
`else
  assign sum_o = a + b + c;
`endif

endmodule

`default_nettype wire
