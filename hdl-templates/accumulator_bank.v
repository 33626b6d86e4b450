// accumulator_bank: the running sums of one (lane, set), one bank of Depth sums, for devices whose look-up tables
// are no memory.
//
//   accumulate: sum[address_i] += product_i + carry_i         (one a cycle, any addresses)
//   drain:      sum_o = sum[drain_address_i], which is 0 from the next cycle on
// The caller does not accumulate while it drains: a window begins when the one before is drained.
// The memory is read at the falling edge in the middle of a cycle: an address that comes from a register at its
// beginning gives its sum in its second half, as from distributed memory, so equal addresses may follow each other.
// Half a cycle is what the address, and what the adder has.
// Parameters: Depth sums; AddressBits >= log2(Depth); ProductBits <= SumBits; BlockMemory 1: block memory, 0: registers.
// Latency: sum_o is combinational in the second half; a product is in its sum one cycle after accumulate_i.
// All sums start at zero; there is no reset: the caller drains every sum instead.
// It does not saturate: SumBits must hold every sum.
`default_nettype none

module accumulator_bank #(
  parameter Depth = 16,
  parameter AddressBits = 4,
  parameter ProductBits = 17,
  parameter SumBits = 20,
  parameter BlockMemory = 1
) (
  input  wire clk_i,
  input  wire accumulate_i,
  input  wire [AddressBits-1:0] address_i,
  input  wire [ProductBits-1:0] product_i,
  input  wire carry_i,
  input  wire drain_i,
  input  wire [AddressBits-1:0] drain_address_i,
  output wire [SumBits-1:0] sum_o
);

  generate
    if (Depth < 1) begin : gen_illegal_depth
      accumulator_bank_depth_must_be_positive u_illegal ();
    end
    if (AddressBits < 1 || Depth > (1 << AddressBits)) begin : gen_illegal_address_bits
      accumulator_bank_address_bits_too_few u_illegal ();
    end
    if (ProductBits < 1 || ProductBits > SumBits) begin : gen_illegal_product_bits
      accumulator_bank_product_bits_must_be_1_to_sum_bits u_illegal ();
    end
  endgenerate

  localparam Places = 1 << AddressBits;
  wire [AddressBits-1:0] place = drain_i ? drain_address_i : address_i;
  wire [SumBits-1:0] old;
  wire [SumBits-1:0] product = {{(SumBits-ProductBits){product_i[ProductBits-1]}}, product_i};
  wire [SumBits-1:0] next = old + product + {{(SumBits-1){1'b0}}, carry_i};
  wire [SumBits-1:0] stored = drain_i ? {SumBits{1'b0}} : next;
  wire write = drain_i | accumulate_i;
  assign sum_o = old;

  integer index;
  generate
    if (BlockMemory != 0) begin : gen_block
      (* ram_style = "block", ramstyle = "no_rw_check" *)
      reg [SumBits-1:0] sums [0:Places-1];
      initial for (index = 0; index < Places; index = index + 1) sums[index] = {SumBits{1'b0}};
      reg [SumBits-1:0] old_q;
      assign old = old_q;
      always @(negedge clk_i) old_q <= sums[place];
      always @(posedge clk_i) if (write) sums[place] <= stored;
    end else begin : gen_registers
      (* ram_style = "registers", ramstyle = "logic" *)
      reg [SumBits-1:0] sums [0:Places-1];
      initial for (index = 0; index < Places; index = index + 1) sums[index] = {SumBits{1'b0}};
      assign old = sums[place];
      always @(posedge clk_i) if (write) sums[place] <= stored;
    end
  endgenerate

endmodule

`default_nettype wire
