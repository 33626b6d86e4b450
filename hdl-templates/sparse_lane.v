// sparse_lane: multiplies the tokens of one lane by the words of complementary sets.
//
// A token (channel c, value x) at kernel position p reads one weight word; for every set s in
// parallel the word holds (weight w, accumulator address a):  sum[s][a] += w * x.
// Drain: sum_o holds DrainWidth sums of sets group*DrainWidth .. at drain_address_i. In reset the
// sums of all sets at drain_address_i are cleared.
//
// Parameters
//   Tokens         tokens a store word; TokenBits = ChannelBits + ValueBits (channel on top)
//   Dense          1: TokenBits = ValueBits, the channel is index_i (IndexBits), the number of the
//                  token in its site
//   ValueBits, ValueSigned  activation
//   SubBits        bits of sub_i, the token within the word
//   Sets           sets in parallel, a multiple of DrainWidth
//   OneBank        1: sums in one bank of block memory, 2: of registers (accumulator_bank); 0: in two
//   MultiplyRows   1: products are rows of additions (multiply_rows), weights are not paired
//   PairWeights    1: two neighbouring sets share a multiplier block. Weights are symmetric (the
//                  most negative value is not used), and in the memory that of an odd set is less
//                  by 1 where that of the even set before it is negative
//   WeightBits     of a weight; SumAddressBits of an accumulator address, SumDepth sums a set
//   SumBits        accumulator width
//   BaseBits       weight address; WeightDepth words; WeightFile their contents
//   BaseZeros      low bits of base_i that are 0: there the channel is the address, without an adder
//   BlockWeights   2: weights in UltraRAM (loaded only), 1: in block memory
//   LoadBits, LoadImage  not 0: weights are loaded over load_i, see weight_memory
// Latency: issue_i in cycle t (word_i and base_i in t+1) is in its sum from cycle t+6 on;
// sum_o one cycle after drain_i. Initiation interval: one token a cycle, never stalls.
`default_nettype none

module sparse_lane #(
  parameter Tokens = 1,
  parameter TokenBits = 14,
  parameter ChannelBits = 6,
  parameter IndexBits = 6,
  parameter Dense = 0,
  parameter ValueBits = 8,
  parameter ValueSigned = 0,
  parameter SubBits = 1,
  parameter Sets = 4,
  parameter DrainWidth = 4,
  parameter GroupBits = 1,
  parameter PairWeights = 0,
  parameter OneBank = 0,
  parameter MultiplyRows = 0,
  parameter WeightBits = 8,
  parameter SumAddressBits = 4,
  parameter SumDepth = 16,
  parameter SumBits = 20,
  parameter BaseBits = 9,
  parameter BaseZeros = 0,
  parameter WeightDepth = 320,
  parameter BlockWeights = 0,
  parameter WeightFile = "weights.mem",
  parameter LoadBits = 0,
  parameter LoadImage = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [56+LoadBits:0] load_i,
  input  wire issue_i,
  input  wire bank_i,
  input  wire [SubBits-1:0] sub_i,
  input  wire [IndexBits-1:0] index_i,
  input  wire [BaseBits-1:0] base_i,
  input  wire [Tokens*TokenBits-1:0] word_i,
  input  wire drain_i,
  input  wire drain_bank_i,
  input  wire [SumAddressBits-1:0] drain_address_i,
  input  wire [GroupBits-1:0] drain_group_i,
  output wire [DrainWidth*SumBits-1:0] sum_o
);

  generate
    if (DrainWidth < 1 || Sets < 1 || Sets % DrainWidth != 0) begin : gen_illegal_drain_width
      sparse_lane_drain_width_must_divide_sets u_illegal ();
    end
    if (TokenBits != ValueBits + ((Dense != 0) ? 0 : ChannelBits)
        || (Dense == 0 && ChannelBits < 1)) begin : gen_illegal_token_bits
      sparse_lane_token_bits_must_be_channel_and_value u_illegal ();
    end
    if (SubBits < 1 || Tokens < 1 || Tokens > (1 << SubBits)) begin : gen_illegal_sub_bits
      sparse_lane_sub_bits_too_few u_illegal ();
    end
    if (BaseBits < ((Dense != 0) ? IndexBits : ChannelBits)) begin : gen_illegal_base_bits
      sparse_lane_base_bits_too_few u_illegal ();
    end
  endgenerate

  localparam SlotBits = SumAddressBits + WeightBits;
  localparam OperandBits = ValueBits + ((ValueSigned != 0) ? 0 : 1);
  localparam ProductBits = WeightBits + ValueBits;
  localparam Groups = Sets / DrainWidth;

  // t+1: the word arrives; pick the token and add its channel to the base
  reg issue1_q;
  reg bank1_q;
  reg [SubBits-1:0] sub1_q;
  reg [IndexBits-1:0] index1_q;
  wire [TokenBits-1:0] token1;
  wire [BaseBits-1:0] channel1;
  word_select #(.Words(Tokens), .IndexBits(SubBits), .Width(TokenBits)) u_pick (
    .index_i(sub1_q), .words_i(word_i), .word_o(token1)
  );
  generate
    if (Dense != 0) begin : gen_dense
      assign channel1 = {{(BaseBits-IndexBits){1'b0}}, index1_q};
    end else begin : gen_sparse
      assign channel1 = {{(BaseBits-ChannelBits){1'b0}}, token1[ValueBits +: ChannelBits]};
      wire unused = &{1'b0, index1_q};
    end
  endgenerate
  wire [BaseBits-1:0] address1;
  base_sum #(.Bits(BaseBits), .Zeros(BaseZeros)) u_address (
    .base_i(base_i), .offset_i(channel1), .sum_o(address1)
  );

  // t+2: weight word and value
  reg issue2_q;
  reg bank2_q;
  reg [OperandBits-1:0] value2_q;
  wire [Sets*SlotBits-1:0] word2;
  generate
    if (BlockWeights == 0 && LoadBits == 0) begin : gen_constant
      // constant words in logic are kept apart in synthesis, which makes one function of them and of what
      // the address is made from: a bit of 128 words is then ten look-up tables, not two and a multiplexer
      (* keep_hierarchy = "yes" *)
      weight_memory #(
        .Width(Sets*SlotBits), .Depth(WeightDepth), .AddressBits(BaseBits),
        .BlockMemory(0), .File(WeightFile)
      ) u_weights (
        .clk_i(clk_i), .load_i(57'd0), .read_address_i(address1), .read_data_o(word2)
      );
      wire unused_load = &{1'b0, load_i, LoadImage[0]};
    end else begin : gen_memory
      weight_memory #(
        .Width(Sets*SlotBits), .Depth(WeightDepth), .AddressBits(BaseBits),
        .BlockMemory(BlockWeights), .File(WeightFile), .LoadBits(LoadBits), .LoadImage(LoadImage)
      ) u_weights (
        .clk_i(clk_i), .load_i(load_i), .read_address_i(address1), .read_data_o(word2)
      );
    end
  endgenerate

  // t+3 operands, t+4 product, t+5 product again (registers of the multiplier block)
  reg issue3_q, issue4_q, issue5_q;
  reg bank3_q, bank4_q, bank5_q;
  reg [OperandBits-1:0] value3_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      issue1_q <= 1'b0;
      issue2_q <= 1'b0;
      issue3_q <= 1'b0;
      issue4_q <= 1'b0;
      issue5_q <= 1'b0;
    end else begin
      issue1_q <= issue_i;
      issue2_q <= issue1_q;
      issue3_q <= issue2_q;
      issue4_q <= issue3_q;
      issue5_q <= issue4_q;
    end
    bank1_q <= bank_i;
    bank2_q <= bank1_q;
    bank3_q <= bank2_q;
    bank4_q <= bank3_q;
    bank5_q <= rst_ni & bank4_q;
    sub1_q <= sub_i;
    index1_q <= index_i;
    value2_q <= {{(OperandBits-ValueBits){1'b0}}, token1[ValueBits-1:0]};
    value3_q <= value2_q;
  end

  // A multiplier block of two sets sees (w1 << ProductBits) + w0. Since w0 * x fits ProductBits
  // bits, the upper half of the product is w1 * x less the borrow of the lower half, which is
  // added with the sum.
  wire [Sets*ProductBits-1:0] products;
  wire [Sets-1:0] carries;
  localparam Stride = (PairWeights != 0) ? 2 : 1;
  genvar set, first;
  generate
    for (first = 0; first < Sets; first = first + Stride) begin : gen_multiply
      localparam Count = (first + Stride > Sets) ? 1 : Stride;
      localparam PackedBits = (Count - 1) * ProductBits + WeightBits;
      localparam ResultBits = PackedBits + OperandBits;
      wire [WeightBits-1:0] low = word2[first*SlotBits +: WeightBits];
      reg signed [PackedBits-1:0] weights3_q;
      reg signed [ResultBits-1:0] product4_q;
      reg [Count*ProductBits-1:0] product5_q;
      always @(posedge clk_i) begin
        product5_q <= product4_q[Count*ProductBits-1:0];
      end
      if (MultiplyRows != 0) begin : gen_rows
        // a value without a sign has none in the product either
        localparam Rows = ValueBits;
        wire [PackedBits+Rows-1:0] product3;
        multiply_rows #(.ABits(PackedBits), .BBits(Rows), .BSigned(ValueSigned)) u_product (
          .a_i(weights3_q), .b_i(value3_q[Rows-1:0]), .start_i({PackedBits{1'b0}}),
          .product_o(product3)
        );
        always @(posedge clk_i) product4_q <= {{(ResultBits-PackedBits-Rows){product3[PackedBits+Rows-1]}}, product3};
        if (OperandBits > Rows) begin : gen_plus
          wire unused_sign = value3_q[OperandBits-1];
        end
      end else begin : gen_block
        always @(posedge clk_i) product4_q <= weights3_q * $signed(value3_q);
      end
      assign products[first*ProductBits +: Count*ProductBits] = product5_q;
      assign carries[first] = 1'b0;
      if (Count == 2) begin : gen_pair
        wire [WeightBits-1:0] high = word2[(first+1)*SlotBits +: WeightBits];
        always @(posedge clk_i) weights3_q <= {high, {ValueBits{low[WeightBits-1]}}, low};
        assign carries[first+1] = product5_q[ProductBits-1];
      end else begin : gen_single
        always @(posedge clk_i) weights3_q <= low;
      end
      if (ResultBits > Count * ProductBits) begin : gen_cut
        // |w| * max(x) fits one bit less than the widths of the operands suggest
        wire unused = &{1'b0, product4_q[ResultBits-1:Count*ProductBits]};
      end
    end
  endgenerate

  wire [Sets-1:0] empty;
  wire [Sets*SumBits-1:0] sums;
  generate
    for (set = 0; set < Sets; set = set + 1) begin : gen_set
      localparam Group = set / DrainWidth;
      reg [SumAddressBits-1:0] address3_q, address4_q, address5_q;
      always @(posedge clk_i) begin
        address3_q <= word2[set*SlotBits+WeightBits +: SumAddressBits];
        address4_q <= address3_q;
        // a register with a reset does not become the end of a shift register, which is slow
        address5_q <= rst_ni ? address4_q : {SumAddressBits{1'b0}};
      end
      wire drain = !rst_ni | (drain_i & (drain_group_i == Group[GroupBits-1:0]));
      if (OneBank != 0) begin : gen_one_bank
        accumulator_bank #(
          .Depth(SumDepth), .AddressBits(SumAddressBits), .ProductBits(ProductBits),
          .SumBits(SumBits), .BlockMemory((OneBank == 1) ? 1 : 0)
        ) u_sums (
          .clk_i(clk_i), .accumulate_i(issue5_q), .address_i(address5_q),
          .product_i(products[set*ProductBits +: ProductBits]), .carry_i(carries[set]),
          .drain_i(drain), .drain_address_i(drain_address_i), .sum_o(sums[set*SumBits +: SumBits])
        );
        assign empty[set] = 1'b0;
        wire unused_bank = bank5_q ^ drain_bank_i;
      end else begin : gen_two_banks
        accumulator_cell #(
          .Depth(SumDepth), .AddressBits(SumAddressBits),
          .ProductBits(ProductBits), .SumBits(SumBits)
        ) u_sums (
          .clk_i(clk_i),
          .accumulate_i(issue5_q), .bank_i(bank5_q), .address_i(address5_q),
          .product_i(products[set*ProductBits +: ProductBits]), .carry_i(carries[set]),
          .drain_i(drain), .drain_bank_i(drain_bank_i), .drain_address_i(drain_address_i),
          .empty_o(empty[set]), .sum_o(sums[set*SumBits +: SumBits])
        );
      end
    end
  endgenerate

  drain_select #(
    .Groups(Groups), .GroupBits(GroupBits), .Sums(DrainWidth), .SumBits(SumBits)
  ) u_select (
    .clk_i(clk_i), .group_i(drain_group_i), .empty_i(empty), .sums_i(sums), .sum_o(sum_o)
  );

endmodule

`default_nettype wire
