// multiply_pair: two products with one operand in common, in one multiplier block.
//   a_product_o = a_i * x_i,  b_product_o = b_i * x_i       (three cycles later)
// The multiplier sees (a << ProductBits) + b; since b*x fits ProductBits bits exactly, the upper
// half is a*x minus the borrow of the lower half, which is added back.
// Parameters: WeightBits of a_i and b_i (signed, symmetric: the most negative value is not used);
//   OperandBits of x_i (signed), 2 or more each; ProductBits, WeightBits + OperandBits or one less,
//   holds |w|*|x|.
// Latency 3 (operand, multiplier and product register), initiation interval 1.
`default_nettype none

module multiply_pair #(
  parameter WeightBits = 8,
  parameter OperandBits = 9,
  parameter ProductBits = 16
) (
  input  wire clk_i,
  input  wire [WeightBits-1:0] a_i,
  input  wire [WeightBits-1:0] b_i,
  input  wire [OperandBits-1:0] x_i,
  output wire [ProductBits-1:0] a_product_o,
  output wire [ProductBits-1:0] b_product_o
);

  generate
    if (WeightBits < 2 || OperandBits < 2) begin : gen_illegal_operands
      multiply_pair_operands_need_2_bits u_illegal ();
    end
    if (ProductBits < WeightBits + OperandBits - 1
        || ProductBits > WeightBits + OperandBits) begin : gen_illegal_product_bits
      multiply_pair_product_bits_do_not_fit_the_operands u_illegal ();
    end
  endgenerate

  localparam PackedBits = ProductBits + WeightBits + 1;

  reg signed [WeightBits-1:0] a_q;
  reg signed [WeightBits-1:0] b_q;
  reg signed [OperandBits-1:0] x_q;
  reg signed [PackedBits+OperandBits-1:0] product_q;
  reg [2*ProductBits-1:0] result_q;

  wire signed [PackedBits-1:0] packed_weights =
    $signed({a_q[WeightBits-1], a_q, {ProductBits{1'b0}}})
    + $signed({{(PackedBits-WeightBits){b_q[WeightBits-1]}}, b_q});

  always @(posedge clk_i) begin
    a_q <= a_i;
    b_q <= b_i;
    x_q <= x_i;
    product_q <= packed_weights * x_q;
    result_q <= product_q[2*ProductBits-1:0] + {{ProductBits{1'b0}}, 1'b1, {(ProductBits-1){1'b0}}};
  end

  // half of its place was added, which makes up for the borrow of a negative b, and turns b's sign
  assign b_product_o = {!result_q[ProductBits-1], result_q[ProductBits-2:0]};
  assign a_product_o = result_q[ProductBits +: ProductBits];
  wire unused = &{1'b0, product_q[PackedBits+OperandBits-1:2*ProductBits]};

endmodule

`default_nettype wire
