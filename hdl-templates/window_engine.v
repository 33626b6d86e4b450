// window_engine: convolution or fully connected layer at every Engines-th output site.
//
// For a pooled output site (py, px) and output channel o:
//   value = tail(requantise(max over pool windows of sum over (r, c, i) of
//             weight[o][i][r][c] * input[i][y*StrideY + r*DilationY - padding]
//                                          [x*StrideX + c*DilationX - padding]))
//   pool windows (y, x): PoolHeight x PoolWidth of them, the first of site (py, px) at row
//   py*GroupRows, its column likewise
//   tail = k winners, non-zero values, or the logits sum + bias.
//
//   stream -> site_store -> lane_sequencer xL -> sparse_lane xL | queued_lane xL | dense_core
//          -> adder_tree over lanes -> drain_pool -> requantise -> tail -> (densify) -> stream
//
// Parameters are explained in the modules that use them. Core 0: sparse_lane, or with Queues > 0
// queued_lane (Words = 1; BaseBits of its pointers); 1: dense_core,
// 2: max_lane (max-pooling: the largest input of every channel under the kernel; SumBits =
// ValueBits, one word, no pooling windows, tail 4).
// Tail 0: logits, 1: kwta_insert, 2: kwta_histogram, 3: relu_pack, 4: relu_pack of the values as
// they are. DenseWidth > 0: the tokens leave as a dense stream of DenseWidth values a beat.
// OneBank, Through, BlockPool, MultiplyRows, ScaleRows: small forms for devices without memory in look-up tables:
// sums in one bank (sparse_lane), maxima that leave with the last window (drain_pool), products and scales as rows of
// additions (multiply_rows). A window is then loaded when the one before is drained. ScaleCycles more than 1: a part of
// the rows of the scale, in so many cycles (requantise); then a window is drained in ScaleCycles + 1 cycles a beat.
// Initiation interval of a window: max(steps of the slowest lane, SumDepth * Sets / DrainWidth);
// with queues steps + 4, or the words of the slowest queue + 5, see queued_lane.
// LaneSumBits: of the sums of a sparse lane, which hold its part of a window; at most SumBits, SumBits
// where Core is not 0.
// LoadBits > 0: all memories from files are loaded instead, see weight_loader; not with queues.
// StreamWeights 1 (Core 1, windows inside the map): no weight memory; words come over weight_stream,
// weight_valid_i in cycle t and weight_i in t+1, StreamBits = Sets * Lanes * Values * WeightBits. A
// window begins when all of it is written, and takes one word of each of its places; from then on
// weight_want_o is high, a cycle late.
// The tail takes a drain beat in whole parts of ReadWidth sums (ReadWidth < 2 * DrainWidth); slots
// behind the sums of the last part are not used: ParamFile and PermFile count them.
// The input must not need more rows at once than the store has: 2^RowBits >= rows of a group.
// NZFLOW_EVENTS, defined in designs with performance counters: events_o, see layer_events.
// The lanes share the kernel positions, LanePositions each (the last one may have fewer, not none);
// or, with LaneBits > 0 and queues, kernels of one position and no padding, the channels: see
// token_owners, beat_sequencer.
`default_nettype none

module window_engine #(
  // input stream and store
  parameter Tokens = 1,
  parameter TokenBits = 14,
  parameter ChannelBits = 6,
  parameter ValueBits = 8,
  parameter ValueSigned = 0,
  parameter DenseIn = 0,
  parameter CountBitsIn = 1,
  parameter CountBits = 4,
  parameter FixedCount = 0,
  parameter RowBits = 3,
  parameter ColumnBits = 4,
  parameter XBits = 6,
  parameter WordsPerSite = 1,
  parameter SitesPerBeat = 1,
  parameter ValuesPerSite = 1,
  parameter AddressBits = 7,
  parameter BlockStore = 0,
  // window geometry
  parameter InChannels = 64,
  parameter InHeight = 8,
  parameter InWidth = 8,
  parameter KernelHeight = 3,
  parameter KernelWidth = 3,
  parameter DilationY = 1,
  parameter DilationX = 1,
  parameter StrideY = 1,
  parameter StrideX = 1,
  parameter Padded = 0,
  parameter PoolHeight = 1,
  parameter PoolWidth = 1,
  parameter GroupRows = 1,
  parameter StepRows = 0,
  parameter StepColumns = 1,
  parameter RightEnd = 6,
  parameter BottomEnd = 6,
  parameter SpanRows = 6,
  parameter SpanColumns = 6,
  parameter LeadBits = 6,
  // lanes and multipliers
  parameter Core = 0,
  parameter Lanes = 1,
  parameter LanePositions = 9,
  parameter LaneBits = 0,
  parameter OwnerRowBits = 1,
  parameter TurnFile = "none.mem",
  parameter PositionBits = 4,
  parameter Values = 1,
  parameter Words = 1,
  parameter PositionStride = 6,
  parameter WordStride = 54,
  parameter Sets = 4,
  parameter PairWeights = 0,
  parameter OneBank = 0,
  parameter Through = 0,
  parameter BlockPool = 0,
  parameter MultiplyRows = 0,
  parameter ScaleRows = 0,
  parameter ScaleCycles = 1,
  parameter WeightBits = 8,
  parameter BaseBits = 6,
  parameter BaseZeros = 0,
  parameter WeightDepth = 54,
  parameter BlockWeights = 0,
  parameter Queues = 0,
  parameter QueueDepth = 32,
  parameter QueueCountBits = 1,
  parameter QueueStartBits = 1,
  parameter PointerDepth = 1,
  parameter BlockPointers = 0,
  parameter FileDigits = 3,
  parameter WeightFile = "none",
  parameter PointerFile = "none",
  parameter StreamWeights = 0,
  parameter StreamBits = 1,
  // accumulators, drain and pooling
  parameter SumBits = 20,
  parameter LaneSumBits = SumBits,
  parameter SumDepth = 16,
  parameter SumAddressBits = 4,
  parameter DrainWidth = 4,
  parameter GroupBits = 1,
  parameter ReadWidth = 1,
  // requantise and tail
  parameter OutChannels = 64,
  parameter OutChannelBits = 6,
  parameter BiasBits = 20,
  parameter ShiftBits = 3,
  parameter MinShift = 0,
  parameter OutBits = 8,
  parameter OutSigned = 0,
  parameter integer Low = 0,
  parameter integer High = 255,
  parameter Leaky = 0,
  parameter ParamFile = "params.mem",
  parameter Tail = 3,
  parameter Winners = 1,
  parameter KeepTies = 0,
  parameter WinnerGroups = 1,
  parameter PermChars = 8,
  parameter TailTokens = 1,
  parameter BlockTail = 0,
  parameter PermFile = "perm.mem",
  parameter DenseWidth = 0,
  parameter OutTokens = 1,
  parameter OutTokenBits = 14,
  parameter OutCountBits = 1,
  // loaded memories: numbers of their images, the weights one a lane
  parameter LoadBits = 0,
  parameter WeightImage = 0,
  parameter ParamImage = 0,
  parameter PermImage = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [56+LoadBits:0] load_i,
  input  wire weight_valid_i,
  input  wire [StreamBits-1:0] weight_i,
  output wire weight_want_o,
`ifdef NZFLOW_EVENTS
  output wire [2+3*Lanes+((Queues > 0) ? Lanes*Queues : Lanes):0] events_o,
`endif
  input  wire [LeadBits-1:0] start_top_i,
  input  wire [XBits-1:0] start_left_i,
  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire in_last_i,
  input  wire [CountBitsIn-1:0] in_count_i,
  input  wire [Tokens*TokenBits-1:0] in_data_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [OutCountBits-1:0] out_count_o,
  output wire [OutTokens*OutTokenBits-1:0] out_data_o
);

  generate
    if (Core < 0 || Core > 2) begin : gen_illegal_core
      window_engine_core_must_be_0_to_2 u_illegal ();
    end
    if (Core == 0 && Values != 1) begin : gen_illegal_values
      window_engine_sparse_lanes_take_one_value u_illegal ();
    end
    if (Queues > 0 && (Core != 0 || Words != 1)) begin : gen_illegal_queues
      window_engine_queues_belong_to_sparse_lanes_of_one_word u_illegal ();
    end
    if (FileDigits < 1 || FileDigits > 5) begin : gen_illegal_digits
      window_engine_files_are_numbered_with_1_to_5_digits u_illegal ();
    end
    if (Queues > 0 && LoadBits > 0) begin : gen_illegal_load
      window_engine_memories_of_queues_are_not_loaded u_illegal ();
    end
    if (LaneBits > 0 && (Queues == 0 || KernelHeight * KernelWidth != 1 || Padded != 0
        || Lanes != (1 << LaneBits) || SitesPerBeat != 1)) begin : gen_illegal_lane_bits
      window_engine_channels_are_shared_by_queued_lanes_of_one_position u_illegal ();
    end
    if (Lanes < 1 || LaneBits == 0 && ((Lanes - 1) * LanePositions >= KernelHeight * KernelWidth
        || Lanes * LanePositions < KernelHeight * KernelWidth)) begin : gen_illegal_lanes
      window_engine_lanes_must_share_all_positions u_illegal ();
    end
    if (LanePositions >= (1 << PositionBits)) begin : gen_illegal_position_bits
      window_engine_position_bits_too_few u_illegal ();
    end
    if ((1 << RowBits) < InHeight
        && (1 << RowBits) < (PoolHeight - 1) * StrideY
                            + (KernelHeight - 1) * DilationY + 1) begin : gen_illegal_rows
      window_engine_rows_in_store_too_few u_illegal ();
    end
    if (Core == 2 && (Words != 1 || SumBits != ValueBits || PoolHeight != 1 || PoolWidth != 1
        || Tail != 4)) begin : gen_illegal_maximum
      window_engine_max_lanes_have_one_word_and_plain_values u_illegal ();
    end
    if (StreamWeights != 0 && (Core != 1 || Padded != 0 || FixedCount == 0)) begin : gen_illegal_stream
      window_engine_streamed_weights_belong_to_a_dense_core_inside_the_map u_illegal ();
    end
    if (LaneSumBits > SumBits || (Core != 0 && LaneSumBits != SumBits)) begin : gen_illegal_lane_sums
      window_engine_sums_of_lanes_are_no_wider_than_all_and_of_sparse_lanes_only u_illegal ();
    end
    if (Core == 1 && Words != SumDepth) begin : gen_illegal_words
      window_engine_dense_words_must_be_the_sums_of_an_output u_illegal ();
    end
  endgenerate

  localparam SiteBits = RowBits + ColumnBits;
  localparam SubBits = (Tokens > 1) ? $clog2(Tokens) : 1;
  localparam Groups = Sets / DrainWidth;
  localparam ReadParts = (DrainWidth + ReadWidth - 1) / ReadWidth;
  localparam Beats = SumDepth * Groups;
  localparam LaneTerms = (Core == 1) ? 1 : Lanes;
  localparam LaneLevels = $clog2(LaneTerms);
  localparam CoreLatency = (Core == 1) ? 5 + $clog2(Lanes * Values)
                         : (Core == 2 || Queues > 0) ? 3 : 5;
  // cycles from the load of a window to its first product in a sum, less 1
  localparam FillLatency = (Queues > 0) ? 8 : CoreLatency;
  localparam ReadPorts = (Queues > 0) ? Lanes * Queues : Lanes;

  // ---- store
  wire release_rows;
  wire [LeadBits-1:0] release_count, release_less;
  wire [LeadBits-1:0] lead, rows;
  wire [ColumnBits:0] written;
  wire [Lanes*SiteBits-1:0] sites;
  wire [Lanes*AddressBits-1:0] beats;
  wire [Lanes*CountBits-1:0] counts;
  wire [Lanes*Tokens-1:0] owned;
  wire [Lanes-1:0] lasts;
  wire [Lanes*AddressBits-1:0] read_addresses;
  wire [Lanes*Tokens*TokenBits-1:0] words;
  site_store #(
    .Lanes(Lanes), .Tokens(Tokens), .TokenBits(TokenBits), .RowBits(RowBits),
    .ColumnBits(ColumnBits), .WordsPerSite(WordsPerSite), .SitesPerBeat(SitesPerBeat),
    .Width(InWidth), .Counted((FixedCount != 0) ? 0 : 1), .CountBits(CountBits),
    .Split((LaneBits > 0) ? 1 : 0), .LaneBits(LaneBits), .ValueBits(ValueBits),
    .ChannelBits(ChannelBits), .Dense(DenseIn), .Channels(InChannels),
    .OwnerRowBits(OwnerRowBits), .TurnFile(TurnFile),
    .CountBitsIn(CountBitsIn), .LeadBits(LeadBits), .AddressBits(AddressBits),
    .BlockMemory(BlockStore)
  ) u_store (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .in_valid_i(in_valid_i), .in_ready_o(in_ready_o), .in_last_i(in_last_i),
    .in_count_i(in_count_i), .in_data_i(in_data_i),
    .release_i(release_rows), .release_rows_i(release_count), .release_less_i(release_less),
    .lead_o(lead), .rows_o(rows), .written_o(written),
    .site_i(sites), .count_o(counts), .owned_address_i(beats), .owned_o(owned), .last_o(lasts),
    .read_address_i(read_addresses), .word_o(words)
  );
  wire unused_lead = &{1'b0, lead};

  // ---- windows
  wire load, active, window_end, blocked, bank, drained;
  wire next_valid;
  wire [LeadBits-1:0] next_row, next_y;
  wire [XBits-1:0] next_column;
  wire [Lanes-1:0] complete;
  window_control #(
    .Lanes(Lanes), .Banks((OneBank != 0) ? 1 : 2), .InHeight(InHeight), .StrideY(StrideY), .StrideX(StrideX), .PoolHeight(PoolHeight),
    .PoolWidth(PoolWidth), .GroupRows(GroupRows), .StepRows(StepRows), .StepColumns(StepColumns),
    .RightEnd(RightEnd), .BottomEnd(BottomEnd), .SpanRows(SpanRows), .SpanColumns(SpanColumns),
    .LeadBits(LeadBits), .XBits(XBits)
  ) u_control (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_top_i(start_top_i), .start_left_i(start_left_i),
    .lanes_complete_i(complete), .drained_i(drained), .load_o(load), .active_o(active),
    .window_end_o(window_end), .blocked_o(blocked), .bank_o(bank), .valid_o(next_valid),
    .row_o(next_row), .y_o(next_y), .column_o(next_column),
    .release_o(release_rows), .release_rows_o(release_count),
    .release_less_o(release_less)
  );

  // ---- lanes
  wire [Lanes-1:0] can_step, steps, issues, off_map, room, work, walking, walked;
  wire [ReadPorts-1:0] reads;
  wire [Lanes*SubBits-1:0] subs;
  wire [Lanes*CountBits-1:0] indices;
  wire [Lanes*SumAddressBits-1:0] word_numbers;
  wire [Lanes*BaseBits-1:0] bases;
  // of streamed weights every word that comes is a step
  assign steps = (Core != 1) ? can_step & room
                             : {Lanes{&can_step & ((StreamWeights == 0) | weight_valid_i)}};
  generate
    if (StreamWeights != 0) begin : gen_want
      reg want_q;
      always @(posedge clk_i) want_q <= rst_ni & (&can_step);
      assign weight_want_o = want_q;
    end else begin : gen_no_want
      assign weight_want_o = 1'b0;
      wire unused_stream = &{1'b0, weight_valid_i, weight_i};
    end
  endgenerate

  wire drain, drain_bank;
  wire [SumAddressBits-1:0] drain_address;
  wire [GroupBits-1:0] drain_group;
  wire [LaneTerms*DrainWidth*LaneSumBits-1:0] lane_sums;

  genvar lane, slot;
  generate
    for (lane = 0; lane < Lanes; lane = lane + 1) begin : gen_lane
      localparam [31:0] Number = lane;
      localparam [31:0] Myriads = Number / 10000 % 10;
      localparam [31:0] Thousands = Number / 1000 % 10;
      localparam [31:0] Hundreds = Number / 100 % 10;
      localparam [31:0] Tens = Number / 10 % 10;
      localparam [31:0] Ones = Number % 10;
      localparam [39:0] Digits =
        {4'h3, Myriads[3:0], 4'h3, Thousands[3:0], 4'h3, Hundreds[3:0], 4'h3, Tens[3:0],
         4'h3, Ones[3:0]};
      wire [RowBits-1:0] row_slot, look_slot;
      wire [ColumnBits-1:0] column, look_column;
      wire [CountBits-1:0] token;
      assign sites[lane*SiteBits +: SiteBits] = {look_slot, look_column};
      assign indices[lane*CountBits +: CountBits] = token;
      if (LaneBits > 0) begin : gen_channels
        localparam WordBits = (WordsPerSite > 1) ? $clog2(WordsPerSite) : 1;
        wire [WordBits-1:0] beat, look_beat;
        wire [31:0] place = {{(32-WordBits){1'b0}}, beat} * Tokens
                            + {{(32-SubBits){1'b0}}, subs[lane*SubBits +: SubBits]};
        beat_sequencer #(
          .RowBits(RowBits), .ColumnBits(ColumnBits), .XBits(XBits), .LeadBits(LeadBits),
          .Tokens(Tokens), .SubBits(SubBits), .WordBits(WordBits)
        ) u_sequencer (
          .clk_i(clk_i), .rst_ni(rst_ni), .load_i(load), .window_valid_i(next_valid),
          .window_row_i(next_row), .window_column_i(next_column), .rows_i(rows),
          .written_i(written), .look_slot_o(look_slot), .look_column_o(look_column),
          .look_word_o(look_beat), .mask_i(owned[lane*Tokens +: Tokens]), .last_i(lasts[lane]),
          .step_i(steps[lane]), .can_step_o(can_step[lane]), .slot_o(row_slot),
          .column_o(column), .word_o(beat), .issue_o(issues[lane]),
          .sub_o(subs[lane*SubBits +: SubBits]), .active_o(walking[lane])
        );
        assign token = place[CountBits-1:0];
        if (WordsPerSite > 1) begin : gen_words
          assign read_addresses[lane*AddressBits +: AddressBits] = {row_slot, column, beat};
          assign beats[lane*AddressBits +: AddressBits] = {look_slot, look_column, look_beat};
        end else begin : gen_word
          assign read_addresses[lane*AddressBits +: AddressBits] = {row_slot, column};
          assign beats[lane*AddressBits +: AddressBits] = {look_slot, look_column};
          wire unused_beat = &{1'b0, look_beat};
        end
        assign off_map[lane] = 1'b0;
        assign word_numbers[lane*SumAddressBits +: SumAddressBits] = {SumAddressBits{1'b0}};
        assign bases[lane*BaseBits +: BaseBits] = {BaseBits{1'b0}};
        assign walked[lane] = 1'b0;
        wire unused_place = &{1'b0, place[31:CountBits], next_y,
                              counts[lane*CountBits +: CountBits]};
      end else begin : gen_positions
        localparam First = lane * LanePositions;
        localparam Left = KernelHeight * KernelWidth - First;
        localparam Count = (Left < LanePositions) ? Left : LanePositions;
        localparam FirstRow = First / KernelWidth;
        localparam FirstColumn = First % KernelWidth;
        if (StreamWeights == 0) begin : gen_stored
          lane_sequencer #(
            .RowBits(RowBits), .ColumnBits(ColumnBits), .XBits(XBits), .LeadBits(LeadBits),
            .KernelWidth(KernelWidth), .DilationY(DilationY), .DilationX(DilationX),
            .PositionBits(PositionBits), .CountBits(CountBits),
            .FixedCount(FixedCount), .Words(Words), .WordNumberBits(SumAddressBits),
            .BaseBits(BaseBits), .PositionStride(PositionStride), .WordStride(WordStride),
            .Height(InHeight), .Width(InWidth), .Padded(Padded), .LockStep((Core == 1) ? 1 : 0)
          ) u_sequencer (
            .clk_i(clk_i), .rst_ni(rst_ni), .load_i(load), .window_valid_i(next_valid),
            .window_row_i(next_row), .window_y_i(next_y), .window_column_i(next_column),
            .start_row_i(FirstRow[LeadBits-1:0]), .start_column_i(FirstColumn[XBits-1:0]),
            .positions_i(Count[PositionBits-1:0]), .rows_i(rows), .written_i(written),
            .look_slot_o(look_slot), .look_column_o(look_column),
            .count_i(counts[lane*CountBits +: CountBits]), .step_i(steps[lane]),
            .can_step_o(can_step[lane]), .slot_o(row_slot), .column_o(column),
            .issue_o(issues[lane]), .off_map_o(off_map[lane]), .token_o(token),
            .word_number_o(word_numbers[lane*SumAddressBits +: SumAddressBits]),
            .base_o(bases[lane*BaseBits +: BaseBits]), .active_o(walking[lane]),
            .complete_o(walked[lane])
          );
        end else begin : gen_streamed
          weight_follower #(
            .RowBits(RowBits), .ColumnBits(ColumnBits), .XBits(XBits), .LeadBits(LeadBits),
            .KernelHeight(KernelHeight), .KernelWidth(KernelWidth), .DilationY(DilationY),
            .DilationX(DilationX), .LanePositions(LanePositions), .PositionBits(PositionBits),
            .CountBits(CountBits), .Groups(FixedCount), .Words(Words),
            .WordNumberBits(SumAddressBits)
          ) u_follower (
            .clk_i(clk_i), .rst_ni(rst_ni), .word_i(weight_valid_i), .load_i(load),
            .window_row_i(next_row), .window_column_i(next_column),
            .start_row_i(FirstRow[LeadBits-1:0]), .start_column_i(FirstColumn[XBits-1:0]),
            .positions_i(Count[PositionBits-1:0]), .rows_i(rows), .written_i(written),
            .step_i(steps[lane]), .ready_o(can_step[lane]), .slot_o(row_slot), .column_o(column),
            .issue_o(issues[lane]), .off_map_o(off_map[lane]), .token_o(token),
            .word_number_o(word_numbers[lane*SumAddressBits +: SumAddressBits]),
            .active_o(walking[lane]), .complete_o(walked[lane])
          );
          assign bases[lane*BaseBits +: BaseBits] = {BaseBits{1'b0}};
          assign {look_slot, look_column} = {SiteBits{1'b0}};
          wire unused_follower = &{1'b0, next_valid, next_y, counts[lane*CountBits +: CountBits]};
        end
        token_address #(
          .Tokens(Tokens), .SubBits(SubBits), .RowBits(RowBits), .ColumnBits(ColumnBits),
          .CountBits(CountBits), .WordsPerSite(WordsPerSite), .SitesPerBeat(SitesPerBeat),
          .ValuesPerSite(ValuesPerSite), .Values(Values), .AddressBits(AddressBits)
        ) u_address (
          .slot_i(row_slot), .column_i(column), .token_i(token),
          .address_o(read_addresses[lane*AddressBits +: AddressBits]),
          .sub_o(subs[lane*SubBits +: SubBits])
        );
        assign beats[lane*AddressBits +: AddressBits] = {AddressBits{1'b0}};
        wire unused_owned = &{1'b0, owned[lane*Tokens +: Tokens], lasts[lane]};
      end
      if (Queues == 0) begin : gen_straight
        assign room[lane] = 1'b1;
        assign work[lane] = 1'b0;
        assign complete[lane] = walked[lane];
        assign reads[lane] = issues[lane];
        wire unused = walking[lane];
      end else begin : gen_queued
        wire unused = walked[lane];
        queued_lane #(
          .Tokens(Tokens), .TokenBits(TokenBits), .ChannelBits(ChannelBits),
          .IndexBits(CountBits), .Dense(DenseIn), .ValueBits(ValueBits),
          .ValueSigned(ValueSigned), .SubBits(SubBits), .LaneBits(LaneBits), .Sets(Sets),
          .Queues(Queues), .QueueDepth(QueueDepth), .DrainWidth(DrainWidth), .GroupBits(GroupBits),
          .WeightBits(WeightBits), .SumAddressBits(SumAddressBits), .SumDepth(SumDepth),
          .SumBits(LaneSumBits), .BaseBits(BaseBits), .BaseZeros(BaseZeros), .PointerDepth(PointerDepth),
          .CountBits(QueueCountBits), .StartBits(QueueStartBits), .WeightDepth(WeightDepth),
          .BlockPointers(BlockPointers), .BlockWeights(BlockWeights),
          .PointerFile({PointerFile, Digits[8*FileDigits-1:0], ".mem"}),
          .WeightFile(WeightFile), .FileDigits(FileDigits), .FirstFile(lane * Queues)
        ) u_lane (
          .clk_i(clk_i), .rst_ni(rst_ni), .active_i(walking[lane]), .issue_i(issues[lane]),
          .bank_i(bank), .sub_i(subs[lane*SubBits +: SubBits]), .index_i(token),
          .base_i(bases[lane*BaseBits +: BaseBits]),
          .word_i(words[lane*Tokens*TokenBits +: Tokens*TokenBits]),
          .room_o(room[lane]), .work_o(work[lane]), .complete_o(complete[lane]),
          .read_o(reads[lane*Queues +: Queues]),
          .drain_i(drain), .drain_bank_i(drain_bank), .drain_address_i(drain_address),
          .drain_group_i(drain_group),
          .sum_o(lane_sums[lane*DrainWidth*LaneSumBits +: DrainWidth*LaneSumBits])
        );
      end
      if (Core == 0 && Queues == 0) begin : gen_sparse
        sparse_lane #(
          .Tokens(Tokens), .TokenBits(TokenBits), .ChannelBits(ChannelBits),
          .IndexBits(CountBits), .Dense(DenseIn), .ValueBits(ValueBits),
          .ValueSigned(ValueSigned), .SubBits(SubBits), .Sets(Sets), .DrainWidth(DrainWidth),
          .GroupBits(GroupBits), .PairWeights(PairWeights), .OneBank(OneBank),
          .MultiplyRows(MultiplyRows), .WeightBits(WeightBits),
          .SumAddressBits(SumAddressBits), .SumDepth(SumDepth), .SumBits(LaneSumBits),
          .BaseBits(BaseBits), .BaseZeros(BaseZeros),
          .WeightDepth(WeightDepth), .BlockWeights(BlockWeights),
          .WeightFile({WeightFile, Digits[8*FileDigits-1:0], ".mem"}),
          .LoadBits(LoadBits), .LoadImage(WeightImage + lane)
        ) u_lane (
          .clk_i(clk_i), .rst_ni(rst_ni), .load_i(load_i), .issue_i(issues[lane]), .bank_i(bank),
          .sub_i(subs[lane*SubBits +: SubBits]), .index_i(token),
          .base_i(bases[lane*BaseBits +: BaseBits]),
          .word_i(words[lane*Tokens*TokenBits +: Tokens*TokenBits]),
          .drain_i(drain), .drain_bank_i(drain_bank), .drain_address_i(drain_address),
          .drain_group_i(drain_group),
          .sum_o(lane_sums[lane*DrainWidth*LaneSumBits +: DrainWidth*LaneSumBits])
        );
      end else if (Core == 2) begin : gen_max
        max_lane #(
          .Tokens(Tokens), .TokenBits(TokenBits), .ChannelBits(ChannelBits),
          .IndexBits(CountBits), .Dense(DenseIn), .Values(Values), .ValueBits(ValueBits),
          .ValueSigned(ValueSigned), .SubBits(SubBits), .Sets(Sets), .DrainWidth(DrainWidth),
          .GroupBits(GroupBits), .SumAddressBits(SumAddressBits), .SumDepth(SumDepth)
        ) u_lane (
          .clk_i(clk_i), .rst_ni(rst_ni), .issue_i(issues[lane]), .bank_i(bank),
          .sub_i(subs[lane*SubBits +: SubBits]), .index_i(token),
          .word_i(words[lane*Tokens*TokenBits +: Tokens*TokenBits]),
          .drain_i(drain), .drain_bank_i(drain_bank), .drain_address_i(drain_address),
          .drain_group_i(drain_group),
          .maximum_o(lane_sums[lane*DrainWidth*LaneSumBits +: DrainWidth*LaneSumBits])
        );
      end
    end

    if (Core != 1) begin : gen_lane_cores
      wire unused = &{1'b0, off_map, word_numbers, indices, bases};
    end else begin : gen_dense_core
      dense_core #(
        .Lanes(Lanes), .Values(Values), .Tokens(Tokens), .IndexBits(CountBits),
        .ValueBits(ValueBits), .ValueSigned(ValueSigned), .SubBits(SubBits), .Outputs(Sets),
        .DrainWidth(DrainWidth), .GroupBits(GroupBits), .WeightBits(WeightBits),
        .FoldBits(SumAddressBits), .Folds(SumDepth), .SumBits(SumBits), .BaseBits(BaseBits), .BaseZeros(BaseZeros),
        .WeightDepth(WeightDepth), .BlockWeights(BlockWeights),
        .WeightFile({WeightFile, {FileDigits{"0"}}, ".mem"}), .LoadBits(LoadBits), .LoadImage(WeightImage),
        .StreamWeights(StreamWeights), .StreamBits(StreamBits), .OneBank(OneBank)
      ) u_dense (
        .clk_i(clk_i), .rst_ni(rst_ni), .load_i(load_i), .weights_i(weight_i),
        .issue_i(issues[0]), .bank_i(bank),
        .fold_i(word_numbers[SumAddressBits-1:0]), .off_map_i(off_map), .lane_sub_i(subs),
        .index_i(indices[CountBits-1:0]), .base_i(bases[BaseBits-1:0]), .words_i(words),
        .drain_i(drain), .drain_bank_i(drain_bank), .drain_address_i(drain_address),
        .drain_group_i(drain_group), .sum_o(lane_sums)
      );
      if (Lanes > 1) begin : gen_lock_step
        wire unused = &{1'b0, issues[Lanes-1:1], bases[Lanes*BaseBits-1:BaseBits],
                        word_numbers[Lanes*SumAddressBits-1:SumAddressBits],
                        indices[Lanes*CountBits-1:CountBits]};
      end
    end
  endgenerate

  // ---- reduction over lanes; every sum of products fits SumBits, so the tree may wrap
  wire [DrainWidth*SumBits-1:0] sums;
  generate
    for (slot = 0; slot < DrainWidth; slot = slot + 1) begin : gen_reduce
      wire [LaneTerms*LaneSumBits-1:0] terms;
      for (lane = 0; lane < LaneTerms; lane = lane + 1) begin : gen_term
        assign terms[lane*LaneSumBits +: LaneSumBits] =
          lane_sums[(lane*DrainWidth+slot)*LaneSumBits +: LaneSumBits];
      end
      if (Core == 2) begin : gen_maximum
        maximum_tree #(.Terms(LaneTerms), .TermBits(SumBits), .Signed(ValueSigned)) u_tree (
          .clk_i(clk_i), .terms_i(terms), .maximum_o(sums[slot*SumBits +: SumBits])
        );
      end else begin : gen_sum
        localparam TotalBits = LaneSumBits + LaneLevels;
        wire [TotalBits-1:0] total;
        adder_tree #(.Terms(LaneTerms), .TermBits(LaneSumBits)) u_tree (
          .clk_i(clk_i), .terms_i(terms), .sum_o(total)
        );
        if (TotalBits < SumBits) begin : gen_widen
          assign sums[slot*SumBits +: SumBits] =
            {{(SumBits-TotalBits){total[TotalBits-1]}}, total};
        end else begin : gen_cut
          assign sums[slot*SumBits +: SumBits] = total[SumBits-1:0];
          if (TotalBits > SumBits) begin : gen_unused
            wire unused = &{1'b0, total[TotalBits-1:SumBits]};
          end
        end
      end
    end
  endgenerate

  // ---- drain: the last products of a window are in their sums CoreLatency cycles after issue
  reg [CoreLatency-2:0] end_q;
  always @(posedge clk_i) begin
    if (!rst_ni) end_q <= {(CoreLatency-1){1'b0}};
    else end_q <= {end_q[CoreLatency-3:0], window_end};
  end

  wire sum_valid, tail_ready, tail_start, vector_valid, vector_last;
  wire [ReadWidth*SumBits-1:0] vector;
  // the tail takes a beat in whole parts: behind its sums are slots that no channel uses
  wire [ReadParts*ReadWidth*SumBits-1:0] beat;
  generate
    if (ReadParts * ReadWidth > DrainWidth) begin : gen_fill
      assign beat = {{((ReadParts*ReadWidth-DrainWidth)*SumBits){1'b0}}, sums};
    end else begin : gen_full
      assign beat = sums;
    end
  endgenerate
  drain_pool #(
    .DrainWidth(ReadParts * ReadWidth), .ReadWidth(ReadWidth), .SumBits(SumBits),
    .SumDepth(SumDepth), .SumAddressBits(SumAddressBits), .Groups(Groups), .GroupBits(GroupBits),
    .Windows(PoolHeight * PoolWidth), .DrainLatency(1 + LaneLevels), .CoreLatency(FillLatency),
    .DrainCycles((ScaleCycles > 1) ? ScaleCycles + 1 : 1), .Through(Through), .BlockPool(BlockPool)
  ) u_drain (
    .clk_i(clk_i), .rst_ni(rst_ni), .window_end_i(end_q[CoreLatency-2]), .drain_o(drain),
    .drain_bank_o(drain_bank), .drain_address_o(drain_address), .drain_group_o(drain_group),
    .drained_o(drained), .sum_i(beat), .sum_valid_o(sum_valid), .tail_ready_i(tail_ready),
    .start_o(tail_start), .valid_o(vector_valid), .last_o(vector_last), .vector_o(vector)
  );

  // ---- requantise and tail
  engine_tail #(
    .R(ReadWidth), .SumBits(SumBits), .Beats(Beats * ReadParts),
    .Channels(OutChannels), .ChannelBits(OutChannelBits), .BiasBits(BiasBits),
    .ShiftBits(ShiftBits), .MinShift(MinShift), .OutBits(OutBits), .OutSigned(OutSigned),
    .Low(Low), .High(High), .Leaky(Leaky), .ScaleRows(ScaleRows), .ScaleCycles(ScaleCycles), .ParamFile(ParamFile),
    .Tail(Tail),
    .Winners(Winners), .KeepTies(KeepTies), .WinnerGroups(WinnerGroups), .PermChars(PermChars),
    .TailTokens(TailTokens), .BlockMemory(BlockTail), .PermFile(PermFile), .DenseWidth(DenseWidth),
    .OutTokens(OutTokens), .OutTokenBits(OutTokenBits), .OutCountBits(OutCountBits),
    .LoadBits(LoadBits), .ParamImage(ParamImage), .PermImage(PermImage)
  ) u_tail (
    .clk_i(clk_i), .rst_ni(rst_ni), .load_i(load_i), .start_i(tail_start), .ready_o(tail_ready),
    .valid_i(vector_valid), .last_i(vector_last), .vector_i(vector),
    .out_valid_o(out_valid_o), .out_ready_i(out_ready_i), .out_last_o(out_last_o),
    .out_count_o(out_count_o), .out_data_o(out_data_o)
  );

`ifdef NZFLOW_PROBE
  engine_probe #(
    .Lanes(Lanes), .ReadPorts(ReadPorts), .DrainWidth(DrainWidth), .SumBits(SumBits)
  ) u_probe (
    .clk_i(clk_i), .rst_ni(rst_ni), .active_i(active), .blocked_i(blocked),
    .window_end_i(window_end), .can_step_i(can_step & steps), .work_i(work), .read_i(reads),
    .complete_i(complete), .sum_valid_i(sum_valid), .sum_i(sums)
  );
`else
  wire unused_probe = &{1'b0, active, blocked, sum_valid, work, reads};
`endif
`ifdef NZFLOW_EVENTS
  assign events_o = {reads, complete, work, can_step & steps, window_end, blocked, active};
`endif

endmodule

`default_nettype wire
