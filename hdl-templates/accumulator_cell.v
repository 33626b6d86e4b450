// accumulator_cell: the running sums of one (lane, set), two banks of Depth sums.
//
//   accumulate: sum[bank_i][address_i] += product_i + carry_i   (one a cycle, any addresses)
//   drain:      sum_o = sum[drain_bank_i][drain_address_i]; with empty_o it is 0, whatever sum_o says;
//               with drain_i it is 0 from the next cycle on
// No zeros are written: a sum counts while its flags in two memories differ. The accumulating side
// makes them differ, the draining side makes them equal, and each side writes only its own, so
// neither needs the address of the other. Distributed memory is read, added to and written in one
// cycle, so equal addresses may follow each other. The caller never accumulates into the sum that
// it drains.
// Parameters: Depth sums a bank; AddressBits >= log2(Depth); ProductBits <= SumBits.
// Latency: sum_o and empty_o are combinational; a product is in its sum one cycle after
// accumulate_i. All sums start at zero; there is no reset: the caller drains every sum instead.
// It does not saturate: SumBits must hold every sum.
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
  input  wire carry_i,
  input  wire drain_i,
  input  wire drain_bank_i,
  input  wire [AddressBits-1:0] drain_address_i,
  output wire empty_o,
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

  localparam Places = 2 << AddressBits;
  // one bit by 64 words is the smallest memory there is with two ports
  localparam Flags = (Places < 64) ? 64 : Places;
  localparam FlagBits = $clog2(Flags);

  (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
  reg [SumBits:0] sums [0:Places-1];  // flag of the accumulating side on top
  (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
  reg flags [0:Flags-1];  // of the draining side

  integer index;
  initial begin
    for (index = 0; index < Places; index = index + 1) sums[index] = {(SumBits + 1) {1'b0}};
    for (index = 0; index < Flags; index = index + 1) flags[index] = 1'b0;
  end

  wire [AddressBits:0] place = {bank_i, address_i};
  wire [AddressBits:0] drain_place = {drain_bank_i, drain_address_i};
  wire [FlagBits-1:0] flag_place = {{(FlagBits - AddressBits - 1) {1'b0}}, place};
  wire [FlagBits-1:0] drain_flag_place = {{(FlagBits - AddressBits - 1) {1'b0}}, drain_place};

  wire [SumBits:0] old = sums[place];
  wire flag = flags[flag_place];
  wire [SumBits-1:0] start = old[SumBits-1:0] & {SumBits{old[SumBits] != flag}};
  wire [SumBits-1:0] product = {{(SumBits-ProductBits){product_i[ProductBits-1]}}, product_i};
  // start + product + carry, written as a difference: then the gates of `start` fit the look-up
  // tables of the adder. The bit below gives the carry: without one it borrows.
  wire [SumBits:0] next = {product, carry_i} - {~start, 1'b1};

  wire [SumBits:0] drained = sums[drain_place];
  wire drained_flag = flags[drain_flag_place];
  assign sum_o = drained[SumBits-1:0];
  assign empty_o = drained[SumBits] == drained_flag;

  wire unused = next[0];

  always @(posedge clk_i) begin
    if (accumulate_i) sums[place] <= {!flag, next[SumBits:1]};
    if (drain_i) flags[drain_flag_place] <= drained[SumBits];
  end

endmodule

`default_nettype wire
