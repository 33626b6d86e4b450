// dense_dot_pair: two dot products over the same operands.
//   a_sum_o = sum_i a_weights[i] * operands[i], b_sum_o likewise
// Latency: 3 + ceil(log2 Inputs) cycles.
// Parameters: Inputs; WeightBits, OperandBits (signed); ProductBits holds |w|*|x|;
//   SumBits = ProductBits + ceil(log2 Inputs). Initiation interval 1.
`default_nettype none

module dense_dot_pair #(
  parameter Inputs = 4,
  parameter WeightBits = 8,
  parameter OperandBits = 9,
  parameter ProductBits = 16,
  parameter SumBits = 18
) (
  input  wire clk_i,
  input  wire [Inputs*OperandBits-1:0] operands_i,
  input  wire [Inputs*WeightBits-1:0] a_weights_i,
  input  wire [Inputs*WeightBits-1:0] b_weights_i,
  output wire [SumBits-1:0] a_sum_o,
  output wire [SumBits-1:0] b_sum_o
);

  generate
    if (Inputs < 1) begin : gen_illegal_inputs
      dense_dot_pair_inputs_must_be_positive u_illegal ();
    end
    if (SumBits != ProductBits + $clog2(Inputs)) begin : gen_illegal_sum_bits
      dense_dot_pair_sum_bits_must_be_those_of_the_tree u_illegal ();
    end
  endgenerate

  wire [Inputs*ProductBits-1:0] a_products;
  wire [Inputs*ProductBits-1:0] b_products;

  genvar index;
  generate
    for (index = 0; index < Inputs; index = index + 1) begin : gen_multiply
      multiply_pair #(
        .WeightBits(WeightBits), .OperandBits(OperandBits), .ProductBits(ProductBits)
      ) u_multiply (
        .clk_i(clk_i),
        .a_i(a_weights_i[index*WeightBits +: WeightBits]),
        .b_i(b_weights_i[index*WeightBits +: WeightBits]),
        .x_i(operands_i[index*OperandBits +: OperandBits]),
        .a_product_o(a_products[index*ProductBits +: ProductBits]),
        .b_product_o(b_products[index*ProductBits +: ProductBits])
      );
    end
  endgenerate

  adder_tree #(.Terms(Inputs), .TermBits(ProductBits)) u_a_tree (
    .clk_i(clk_i), .terms_i(a_products), .sum_o(a_sum_o)
  );
  adder_tree #(.Terms(Inputs), .TermBits(ProductBits)) u_b_tree (
    .clk_i(clk_i), .terms_i(b_products), .sum_o(b_sum_o)
  );

endmodule

`default_nettype wire
