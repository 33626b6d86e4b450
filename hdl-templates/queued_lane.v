// queued_lane: multiplies the tokens of one lane by as many weight words as their index has.
//
// For any masks. Sets are in `Queues` groups of neighbours; the sets of a group read the same word.
// A token (channel c, value x) at kernel position p has, for every group, words(p, c) >= 0 words
// of consecutive addresses; a word holds (weight w, accumulator address a) for every set s of
// the group:  sum[s][a] += w * x. Indices without words cost the groups nothing.
//
//   token -> pointer memory {start, words} of all groups -> set_queue -> weight memory -> sums
//
// Parameters
//   Tokens, TokenBits, ChannelBits, IndexBits, Dense, ValueBits, ValueSigned, SubBits
//                  as in sparse_lane
//   LaneBits       of the channel that say whose it is, where the lanes share the channels: the
//                  pointer of channel c is that of c >> LaneBits
//   Sets           sets in all, a multiple of Queues and of DrainWidth
//   Queues         groups; 1: all sets in lockstep. QueueDepth tokens each, see set_queue
//   WeightBits     of a weight; SumAddressBits of an accumulator address, SumDepth sums a set
//   SumBits        accumulator width
//   BaseBits       of a pointer address; BaseZeros low bits of base_i are 0, see base_sum; PointerDepth pointers, PointerFile: a word holds for
//                  every group, the first one least significant, {start, words}
//   CountBits      of a number of words; StartBits of a weight address
//   WeightDepth    words of each group, their contents in WeightFile, number FirstFile + group in
//                  FileDigits digits, `.mem`
//   BlockPointers, BlockWeights  1: in block memory
// Timing: a token issued in cycle t (word_i and base_i in t+1) is pushed in t+2 wherever it has
// words; a word read in cycle a is in its sum from a+5 on. The caller steps in a cycle only where
// room_o is high. work_o: a token is under way in this cycle. complete_o: active_i is low and no
// word follows; it is high from the cycle after the last word on (four cycles after a token without
// words, two after a step without a token). sum_o one cycle after drain_i.
`default_nettype none

module queued_lane #(
  parameter Tokens = 1,
  parameter TokenBits = 14,
  parameter ChannelBits = 6,
  parameter IndexBits = 6,
  parameter Dense = 0,
  parameter ValueBits = 8,
  parameter ValueSigned = 0,
  parameter SubBits = 1,
  parameter LaneBits = 0,
  parameter Sets = 4,
  parameter Queues = 1,
  parameter QueueDepth = 32,
  parameter DrainWidth = 4,
  parameter GroupBits = 1,
  parameter WeightBits = 8,
  parameter SumAddressBits = 4,
  parameter SumDepth = 16,
  parameter SumBits = 20,
  parameter BaseBits = 9,
  parameter BaseZeros = 0,
  parameter PointerDepth = 320,
  parameter CountBits = 2,
  parameter StartBits = 8,
  parameter WeightDepth = 200,
  parameter BlockPointers = 0,
  parameter BlockWeights = 0,
  parameter PointerFile = "pointers.mem",
  parameter WeightFile = "weights",
  parameter FileDigits = 3,
  parameter FirstFile = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire active_i,
  input  wire issue_i,
  input  wire bank_i,
  input  wire [SubBits-1:0] sub_i,
  input  wire [IndexBits-1:0] index_i,
  input  wire [BaseBits-1:0] base_i,
  input  wire [Tokens*TokenBits-1:0] word_i,
  output wire room_o,
  output wire work_o,
  output wire complete_o,
  output wire [Queues-1:0] read_o,
  input  wire drain_i,
  input  wire drain_bank_i,
  input  wire [SumAddressBits-1:0] drain_address_i,
  input  wire [GroupBits-1:0] drain_group_i,
  output wire [DrainWidth*SumBits-1:0] sum_o
);

  localparam RawBits = (Dense != 0) ? IndexBits : ChannelBits;

  generate
    if (DrainWidth < 1 || Sets < 1 || Sets % DrainWidth != 0) begin : gen_illegal_drain_width
      queued_lane_drain_width_must_divide_sets u_illegal ();
    end
    if (Queues < 1 || Sets % Queues != 0) begin : gen_illegal_queues
      queued_lane_queues_must_divide_sets u_illegal ();
    end
    if (TokenBits != ValueBits + ((Dense != 0) ? 0 : ChannelBits)
        || (Dense == 0 && ChannelBits < 1)) begin : gen_illegal_token_bits
      queued_lane_token_bits_must_be_channel_and_value u_illegal ();
    end
    if (SubBits < 1 || Tokens < 1 || Tokens > (1 << SubBits)) begin : gen_illegal_sub_bits
      queued_lane_sub_bits_too_few u_illegal ();
    end
    if (BaseBits + LaneBits < RawBits) begin : gen_illegal_base_bits
      queued_lane_base_bits_too_few u_illegal ();
    end
  endgenerate

  localparam Share = Sets / Queues;
  localparam SlotBits = SumAddressBits + WeightBits;
  localparam OperandBits = ValueBits + ((ValueSigned != 0) ? 0 : 1);
  localparam ProductBits = WeightBits + ValueBits;
  localparam Groups = Sets / DrainWidth;
  localparam PointerBits = StartBits + CountBits;
  localparam WideBits = BaseBits + LaneBits;

  // t+1: the word arrives; pick the token and add its channel to the base
  reg issue1_q, issue2_q;
  reg [SubBits-1:0] sub1_q;
  reg [IndexBits-1:0] index1_q;
  wire [TokenBits-1:0] token1;
  wire [WideBits-1:0] channel1;
  word_select #(.Words(Tokens), .IndexBits(SubBits), .Width(TokenBits)) u_pick (
    .index_i(sub1_q), .words_i(word_i), .word_o(token1)
  );
  generate
    if (Dense != 0) begin : gen_dense
      assign channel1 = {{(WideBits-IndexBits){1'b0}}, index1_q};
    end else begin : gen_sparse
      assign channel1 = {{(WideBits-ChannelBits){1'b0}}, token1[ValueBits +: ChannelBits]};
      wire unused = &{1'b0, index1_q};
    end
  endgenerate
  wire [BaseBits-1:0] address1;
  base_sum #(.Bits(BaseBits), .Zeros(BaseZeros)) u_address (
    .base_i(base_i), .offset_i(channel1[WideBits-1:LaneBits]), .sum_o(address1)
  );
  generate
    if (LaneBits > 0) begin : gen_shared
      wire unused = &{1'b0, channel1[LaneBits-1:0]};
    end
  endgenerate

  // t+2: pointers and value, pushed into the queues
  reg [ValueBits-1:0] value2_q;
  wire [Queues*PointerBits-1:0] pointers2;
  weight_memory #(
    .Width(Queues*PointerBits), .Depth(PointerDepth), .AddressBits(BaseBits),
    .BlockMemory(BlockPointers), .File(PointerFile)
  ) u_pointers (
    .clk_i(clk_i), .load_i(57'd0), .read_address_i(address1), .read_data_o(pointers2)
  );

  wire [Queues-1:0] rooms, busies, reads;
  reg room_q, busy_q;
  assign room_o = room_q;
  assign work_o = issue1_q | issue2_q | (|busies) | (|reads);
  assign complete_o = !active_i & !busy_q;
  assign read_o = reads;

  // the words of all groups in cycle a, their values with them
  reg bank1_q, bank2_q, bank3_q, bank4_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      issue1_q <= 1'b0;
      issue2_q <= 1'b0;
      room_q <= 1'b0;
      busy_q <= 1'b0;
    end else begin
      issue1_q <= issue_i;
      issue2_q <= issue1_q;
      room_q <= &rooms;
      busy_q <= active_i | issue1_q | issue2_q | (|busies);
    end
    sub1_q <= sub_i;
    index1_q <= index_i;
    value2_q <= token1[ValueBits-1:0];
    bank1_q <= bank_i;
    bank2_q <= bank1_q;
    bank3_q <= bank2_q;
    bank4_q <= rst_ni & bank3_q;
  end

  wire [Sets-1:0] empty;
  wire [Sets*SumBits-1:0] sums;
  genvar queue, slot;
  generate
    for (queue = 0; queue < Queues; queue = queue + 1) begin : gen_queue
      localparam [31:0] Number = FirstFile + queue;
      localparam [31:0] Myriads = Number / 10000 % 10;
      localparam [31:0] Thousands = Number / 1000 % 10;
      localparam [31:0] Hundreds = Number / 100 % 10;
      localparam [31:0] Tens = Number / 10 % 10;
      localparam [31:0] Ones = Number % 10;
      localparam [39:0] Digits =
        {4'h3, Myriads[3:0], 4'h3, Thousands[3:0], 4'h3, Hundreds[3:0], 4'h3, Tens[3:0],
         4'h3, Ones[3:0]};
      wire [StartBits-1:0] start2;
      wire [CountBits-1:0] words2;
      assign {start2, words2} = pointers2[queue*PointerBits +: PointerBits];
      wire [StartBits-1:0] address;
      wire [ValueBits-1:0] value;
      set_queue #(
        .AddressBits(StartBits), .CountBits(CountBits), .ValueBits(ValueBits), .Depth(QueueDepth)
      ) u_queue (
        .clk_i(clk_i), .rst_ni(rst_ni), .push_i(issue2_q & (words2 != {CountBits{1'b0}})),
        .start_i(start2), .words_i(words2), .value_i(value2_q), .room_o(rooms[queue]),
        .busy_o(busies[queue]), .read_o(reads[queue]), .address_o(address), .value_o(value)
      );

      // a+1: weight word
      wire [Share*SlotBits-1:0] word1;
      weight_memory #(
        .Width(Share*SlotBits), .Depth(WeightDepth), .AddressBits(StartBits),
        .BlockMemory(BlockWeights),
        .File({WeightFile, Digits[8*FileDigits-1:0], ".mem"})
      ) u_weights (
        .clk_i(clk_i), .load_i(57'd0), .read_address_i(address), .read_data_o(word1)
      );

      // a+2 operands, a+3 product, a+4 product again (registers of the multiplier block)
      reg read1_q, read2_q, read3_q, read4_q;
      reg [OperandBits-1:0] operand1_q, operand2_q;
      always @(posedge clk_i) begin
        if (!rst_ni) begin
          read1_q <= 1'b0;
          read2_q <= 1'b0;
          read3_q <= 1'b0;
          read4_q <= 1'b0;
        end else begin
          read1_q <= reads[queue];
          read2_q <= read1_q;
          read3_q <= read2_q;
          read4_q <= read3_q;
        end
        operand1_q <= {{(OperandBits-ValueBits){1'b0}}, value};
        operand2_q <= operand1_q;
      end

      for (slot = 0; slot < Share; slot = slot + 1) begin : gen_set
        localparam Set = queue * Share + slot;
        localparam Group = Set / DrainWidth;
        wire [SlotBits-1:0] word = word1[slot*SlotBits +: SlotBits];
        reg signed [WeightBits-1:0] weight2_q;
        reg [SumAddressBits-1:0] address2_q, address3_q, address4_q;
        reg signed [WeightBits+OperandBits-1:0] product3_q;
        reg [ProductBits-1:0] product4_q;
        always @(posedge clk_i) begin
          weight2_q <= word[WeightBits-1:0];
          address2_q <= word[WeightBits +: SumAddressBits];
          address3_q <= address2_q;
          // a register with a reset does not become the end of a shift register, which is slow
          address4_q <= rst_ni ? address3_q : {SumAddressBits{1'b0}};
          product3_q <= weight2_q * $signed(operand2_q);
          product4_q <= product3_q[ProductBits-1:0];
        end
        if (WeightBits + OperandBits > ProductBits) begin : gen_cut
          // |w| * max(x) fits one bit less than the widths of the operands suggest
          wire unused = &{1'b0, product3_q[WeightBits+OperandBits-1:ProductBits]};
        end
        accumulator_cell #(
          .Depth(SumDepth), .AddressBits(SumAddressBits),
          .ProductBits(ProductBits), .SumBits(SumBits)
        ) u_sums (
          .clk_i(clk_i),
          .accumulate_i(read4_q), .bank_i(bank4_q), .address_i(address4_q),
          .product_i(product4_q), .carry_i(1'b0),
          .drain_i(!rst_ni | (drain_i & (drain_group_i == Group[GroupBits-1:0]))),
          .drain_bank_i(drain_bank_i), .drain_address_i(drain_address_i),
          .empty_o(empty[Set]), .sum_o(sums[Set*SumBits +: SumBits])
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
