// dense_core: output-parallel, input-parallel matrix-vector unit, folded over outputs.
//
// Every step all lanes deliver Values inputs each (N = Lanes * Values); for every output s of
// Outputs in parallel:   sum[s][fold] += dot(weights[s], inputs)
// Two neighbouring outputs share a multiplier block. In reset the sums of all outputs at
// drain_address_i are cleared. A weight word holds, output 0 least
// significant, N weights each, in the order lane 0 value 0, lane 0 value 1, ...
//
// Parameters
//   Lanes, Values      inputs a lane and step; Tokens values a store word (Values divides it)
//   ValueBits (2 or more), ValueSigned, WeightBits, SumBits
//   SubBits            bits of lane_sub_i, the first value within the word
//   Outputs            in parallel, a multiple of DrainWidth
//   FoldBits, Folds    sums of each output
//   GroupBits          bits of the number of drain groups
//   IndexBits, BaseBits, WeightDepth, WeightFile, BlockWeights  weight memory, address
//                      base_i + index_i; LoadBits, LoadImage  not 0: loaded, see weight_memory
//   StreamWeights      1: the word of a step is weights_i in cycle t+1 instead (StreamBits of it)
// Latency: issue_i in cycle t (words_i and base_i in t+1) is in its sum from cycle
// t+6+ceil(log2 N) on; sum_o one cycle after drain_i. Initiation interval 1, never stalls.
`default_nettype none

module dense_core #(
  parameter Lanes = 1,
  parameter Values = 1,
  parameter Tokens = 1,
  parameter IndexBits = 4,
  parameter ValueBits = 8,
  parameter ValueSigned = 0,
  parameter SubBits = 1,
  parameter Outputs = 4,
  parameter DrainWidth = 4,
  parameter GroupBits = 1,
  parameter WeightBits = 8,
  parameter FoldBits = 1,
  parameter Folds = 1,
  parameter SumBits = 20,
  parameter BaseBits = 5,
  parameter BaseZeros = 0,
  parameter WeightDepth = 25,
  parameter BlockWeights = 0,
  parameter WeightFile = "weights.mem",
  parameter OneBank = 0,
  parameter StreamWeights = 0,
  parameter StreamBits = 1,
  parameter LoadBits = 0,
  parameter LoadImage = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [56+LoadBits:0] load_i,
  input  wire [StreamBits-1:0] weights_i,
  input  wire issue_i,
  input  wire bank_i,
  input  wire [FoldBits-1:0] fold_i,
  input  wire [Lanes-1:0] off_map_i,
  input  wire [Lanes*SubBits-1:0] lane_sub_i,
  input  wire [IndexBits-1:0] index_i,
  input  wire [BaseBits-1:0] base_i,
  input  wire [Lanes*Tokens*ValueBits-1:0] words_i,
  input  wire drain_i,
  input  wire drain_bank_i,
  input  wire [FoldBits-1:0] drain_address_i,
  input  wire [GroupBits-1:0] drain_group_i,
  output wire [DrainWidth*SumBits-1:0] sum_o
);

  generate
    if (DrainWidth < 1 || Outputs < 1 || Outputs % DrainWidth != 0) begin : gen_illegal_drain_width
      dense_core_drain_width_must_divide_outputs u_illegal ();
    end
    if (Values < 1 || Lanes < 1 || Tokens % Values != 0) begin : gen_illegal_values
      dense_core_values_must_divide_tokens u_illegal ();
    end
    if (ValueBits < 2) begin : gen_illegal_value_bits
      dense_core_value_bits_must_be_2_or_more u_illegal ();
    end
    if (SubBits < 1 || Tokens > (1 << SubBits)) begin : gen_illegal_sub_bits
      dense_core_sub_bits_too_few u_illegal ();
    end
    if (BaseBits < IndexBits) begin : gen_illegal_base_bits
      dense_core_base_bits_too_few u_illegal ();
    end
    if (StreamWeights != 0
        && (StreamBits != Outputs * Lanes * Values * WeightBits || LoadBits != 0)) begin : gen_illegal_stream
      dense_core_streamed_word_has_other_bits u_illegal ();
    end
  endgenerate

  localparam Inputs = Lanes * Values;
  localparam OperandBits = ValueBits + ((ValueSigned != 0) ? 0 : 1);
  localparam ProductBits = WeightBits + ValueBits;
  localparam Levels = $clog2(Inputs);
  localparam TreeBits = ProductBits + Levels;
  localparam Stages = 5 + Levels;
  localparam Groups = Outputs / DrainWidth;
  localparam Pairs = (Outputs + 1) / 2;
  localparam PickBits = (Tokens > Values) ? $clog2(Tokens / Values) : 1;

  // issue, bank and fold travel beside the data; bit k of a vector is stage t+1+k
  reg [Stages-1:0] issue_q;
  reg [Stages-1:0] bank_q;
  reg [Stages*FoldBits-1:0] fold_q;
  reg [Lanes*SubBits-1:0] sub_q;
  reg [Lanes-1:0] off_map_q;
  reg [IndexBits-1:0] index_q;

  always @(posedge clk_i) begin
    if (!rst_ni) issue_q <= {Stages{1'b0}};
    else issue_q <= {issue_q[Stages-2:0], issue_i};
    fold_q[(Stages-1)*FoldBits-1:0] <= {fold_q[(Stages-2)*FoldBits-1:0], fold_i};
    bank_q[Stages-2:0] <= {bank_q[Stages-3:0], bank_i};
    // a register with a reset does not become the end of a shift register, which is slow
    bank_q[Stages-1] <= rst_ni & bank_q[Stages-2];
    fold_q[(Stages-1)*FoldBits +: FoldBits] <=
      rst_ni ? fold_q[(Stages-2)*FoldBits +: FoldBits] : {FoldBits{1'b0}};
    sub_q <= lane_sub_i;
    off_map_q <= off_map_i;
    index_q <= index_i;
  end

  // t+1: the words arrive
  reg [Inputs*OperandBits-1:0] operands_q;
  genvar lane, value;
  generate
    for (lane = 0; lane < Lanes; lane = lane + 1) begin : gen_lane
      wire [Tokens*ValueBits-1:0] word = words_i[lane*Tokens*ValueBits +: Tokens*ValueBits];
      wire [Values*ValueBits-1:0] picked;
      wire [SubBits-1:0] pick = sub_q[lane*SubBits +: SubBits] >> $clog2(Values);
      wire unused = &{1'b0, pick};
      // the first value within the word is a multiple of Values
      word_select #(
        .Words(Tokens / Values), .IndexBits(PickBits), .Width(Values*ValueBits)
      ) u_pick (
        .index_i(pick[PickBits-1:0]), .words_i(word), .word_o(picked)
      );
      for (value = 0; value < Values; value = value + 1) begin : gen_value
        wire [ValueBits-1:0] x = picked[value*ValueBits +: ValueBits]
                                 & {ValueBits{!off_map_q[lane]}};
        always @(posedge clk_i) begin
          operands_q[(lane*Values+value)*OperandBits +: OperandBits] <=
            (ValueSigned != 0) ? {{(OperandBits-ValueBits+1){x[ValueBits-1]}}, x[ValueBits-2:0]}
                               : {{(OperandBits-ValueBits){1'b0}}, x};
        end
      end
    end
  endgenerate

  // t+2: the weight word arrives
  wire [BaseBits-1:0] address;
  base_sum #(.Bits(BaseBits), .Zeros(BaseZeros)) u_address (
    .base_i(base_i), .offset_i({{(BaseBits-IndexBits){1'b0}}, index_q}), .sum_o(address)
  );
  wire [Outputs*Inputs*WeightBits-1:0] weights;
  generate
    if (StreamWeights != 0) begin : gen_streamed
      reg [Outputs*Inputs*WeightBits-1:0] weights_q;
      always @(posedge clk_i) weights_q <= weights_i;
      assign weights = weights_q;
      wire unused_memory = &{1'b0, address, load_i};
    end else begin : gen_stored
      weight_memory #(
        .Width(Outputs*Inputs*WeightBits), .Depth(WeightDepth), .AddressBits(BaseBits),
        .BlockMemory(BlockWeights), .File(WeightFile), .LoadBits(LoadBits), .LoadImage(LoadImage)
      ) u_weights (
        .clk_i(clk_i), .load_i(load_i), .read_address_i(address), .read_data_o(weights)
      );
      wire unused_stream = &{1'b0, weights_i};
    end
  endgenerate

  wire [2*Pairs*Inputs*WeightBits-1:0] pair_weights =
    {{(2*Pairs-Outputs){ {(Inputs*WeightBits){1'b0}} }}, weights};
  wire [2*Pairs-1:0] empty;
  wire [2*Pairs*SumBits-1:0] sums;
  genvar pair, half;
  generate
    for (pair = 0; pair < Pairs; pair = pair + 1) begin : gen_pair
      wire [2*TreeBits-1:0] dots;
      // t+2 .. t+5+Levels
      dense_dot_pair #(
        .Inputs(Inputs), .WeightBits(WeightBits), .OperandBits(OperandBits),
        .ProductBits(ProductBits), .SumBits(TreeBits)
      ) u_dots (
        .clk_i(clk_i), .operands_i(operands_q),
        .a_weights_i(pair_weights[(2*pair)*Inputs*WeightBits +: Inputs*WeightBits]),
        .b_weights_i(pair_weights[(2*pair+1)*Inputs*WeightBits +: Inputs*WeightBits]),
        .a_sum_o(dots[TreeBits-1:0]), .b_sum_o(dots[2*TreeBits-1:TreeBits])
      );
      for (half = 0; half < 2; half = half + 1) begin : gen_half
        localparam Group = (2 * pair + half) / DrainWidth;
        wire drain = !rst_ni | (drain_i & (drain_group_i == Group[GroupBits-1:0]));
        if (OneBank != 0) begin : gen_one_bank
          accumulator_bank #(
            .Depth(Folds), .AddressBits(FoldBits), .ProductBits(TreeBits), .SumBits(SumBits),
            .BlockMemory((OneBank == 1) ? 1 : 0)
          ) u_sums (
            .clk_i(clk_i), .accumulate_i(issue_q[Stages-1]),
            .address_i(fold_q[(Stages-1)*FoldBits +: FoldBits]),
            .product_i(dots[half*TreeBits +: TreeBits]), .carry_i(1'b0),
            .drain_i(drain), .drain_address_i(drain_address_i),
            .sum_o(sums[(2*pair+half)*SumBits +: SumBits])
          );
          assign empty[2*pair+half] = 1'b0;
          wire unused_bank = bank_q[Stages-1] ^ drain_bank_i;
        end else begin : gen_two_banks
          accumulator_cell #(
            .Depth(Folds), .AddressBits(FoldBits), .ProductBits(TreeBits), .SumBits(SumBits)
          ) u_sums (
            .clk_i(clk_i),
            .accumulate_i(issue_q[Stages-1]), .bank_i(bank_q[Stages-1]),
            .address_i(fold_q[(Stages-1)*FoldBits +: FoldBits]),
            .product_i(dots[half*TreeBits +: TreeBits]), .carry_i(1'b0),
            .drain_i(drain), .drain_bank_i(drain_bank_i), .drain_address_i(drain_address_i),
            .empty_o(empty[2*pair+half]), .sum_o(sums[(2*pair+half)*SumBits +: SumBits])
          );
        end
      end
    end
  endgenerate

  drain_select #(
    .Groups(Groups), .GroupBits(GroupBits), .Sums(DrainWidth), .SumBits(SumBits)
  ) u_select (
    .clk_i(clk_i), .group_i(drain_group_i), .empty_i(empty[Outputs-1:0]),
    .sums_i(sums[Outputs*SumBits-1:0]), .sum_o(sum_o)
  );
  generate
    if (2 * Pairs > Outputs) begin : gen_odd
      wire unused = &{1'b0, empty[2*Pairs-1], sums[2*Pairs*SumBits-1:Outputs*SumBits]};
    end
  endgenerate

endmodule

`default_nettype wire
