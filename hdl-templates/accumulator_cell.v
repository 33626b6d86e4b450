// accumulator_cell: the running sums of one (lane, set), two banks of Depth sums.
//
//   accumulate: bank[bank_i][address_i] += product_i        (one a cycle, any address sequence)
//   drain:      sum_o = bank[drain_bank_i][drain_address_i], then that sum is cleared
// Distributed memory is read, added to and written in one cycle, so equal addresses may follow
// each other. The caller never accumulates into the bank it drains.
// Parameters: Depth sums a bank; AddressBits >= log2(Depth); ProductBits <= SumBits.
// Latency: sum_o is combinational; a product is in its sum one cycle after accumulate_i.
// All sums start at zero. It does not saturate: SumBits must hold every sum.
`default_nettype none

module accumulator_cell #(
  parameter Depth = 16,
  parameter AddressBits = 4,
  parameter ProductBits = 17,
  parameter SumBits = 20
) (
  input  wire clk_i,
  input  wire accumulate_i,
  input  wire bank_i,
  input  wire [AddressBits-1:0] address_i,
  input  wire [ProductBits-1:0] product_i,
  input  wire drain_i,
  input  wire drain_bank_i,
  input  wire [AddressBits-1:0] drain_address_i,
  output wire [SumBits-1:0] sum_o
);

  generate
    if (Depth < 1) begin : gen_illegal_depth
      accumulator_cell_depth_must_be_positive u_illegal ();
    end
    if (AddressBits < 1 || Depth > (1 << AddressBits)) begin : gen_illegal_address_bits
      accumulator_cell_address_bits_too_few u_illegal ();
    end
    if (ProductBits < 1 || ProductBits > SumBits) begin : gen_illegal_product_bits
      accumulator_cell_product_bits_must_be_1_to_sum_bits u_illegal ();
    end
  endgenerate

  (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
  reg [SumBits-1:0] sums0 [0:Depth-1];
  (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
  reg [SumBits-1:0] sums1 [0:Depth-1];

  integer index;
  initial begin
    for (index = 0; index < Depth; index = index + 1) begin
      sums0[index] = {SumBits{1'b0}};
      sums1[index] = {SumBits{1'b0}};
    end
  end

  wire drain0 = drain_i & !drain_bank_i;
  wire drain1 = drain_i & drain_bank_i;
  wire write0 = drain0 | (accumulate_i & !bank_i);
  wire write1 = drain1 | (accumulate_i & bank_i);
  wire [AddressBits-1:0] address0 = drain0 ? drain_address_i : address_i;
  wire [AddressBits-1:0] address1 = drain1 ? drain_address_i : address_i;
  wire [SumBits-1:0] old0 = sums0[address0];
  wire [SumBits-1:0] old1 = sums1[address1];
  wire [SumBits-1:0] product = {{(SumBits-ProductBits){product_i[ProductBits-1]}}, product_i};

  always @(posedge clk_i) begin
    if (write0) sums0[address0] <= drain0 ? {SumBits{1'b0}} : old0 + product;
    if (write1) sums1[address1] <= drain1 ? {SumBits{1'b0}} : old1 + product;
  end

  assign sum_o = drain_bank_i ? old1 : old0;

endmodule

`default_nettype wire
