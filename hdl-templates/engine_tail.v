// engine_tail: sums of a vector to the tokens (or logits) that leave the engine.
//
// Tail 0: logit_buffer; 1: requantise, kwta_insert (R = 1); 2: requantise, kwta_histogram;
// 3: requantise, relu_pack; 4: relu_pack alone: the values of channels 0, 1, ... in the order of
// the vector, OutBits = SumBits each; 5: requantise, kwta_select (value i of the vector is that of
// channel i, R a power of two, as many vectors at once as Vectors says). WinnerGroups > 1: kwta_groups with the unit of tail 1 or 2;
// PermFile then holds a name of PermChars characters for each group. DenseWidth > 0: the tokens
// pass densify. BlockMemory: of kwta_histogram where there is one group.
// LoadBits: ParamFile and PermFile are loaded instead, as the images ParamImage and PermImage (and
// the next ones, a group each).
// Parameters and timing are those of the modules used; nothing is added in between.
`default_nettype none

module engine_tail #(
  parameter R = 1,
  parameter SumBits = 20,
  parameter Beats = 64,
  parameter Channels = 64,
  parameter ChannelBits = 6,
  parameter BiasBits = 20,
  parameter ShiftBits = 3,
  parameter MinShift = 0,
  parameter OutBits = 8,
  parameter OutSigned = 0,
  parameter Low = 0,
  parameter High = 255,
  parameter Leaky = 0,
  parameter ScaleRows = 0,
  parameter ScaleCycles = 1,
  parameter ParamFile = "params.mem",
  parameter Tail = 3,
  parameter Winners = 1,
  parameter KeepTies = 0,
  parameter WinnerGroups = 1,
  parameter PermChars = 8,
  parameter TailTokens = 1,
  parameter BlockMemory = 0,
  parameter PermFile = "perm.mem",
  parameter Vectors = 2,
  parameter DenseWidth = 0,
  parameter OutTokens = 1,
  parameter OutTokenBits = 14,
  parameter OutCountBits = 1,
  parameter LoadBits = 0,
  parameter ParamImage = 0,
  parameter PermImage = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [56+LoadBits:0] load_i,
  input  wire start_i,
  output wire ready_o,
  input  wire valid_i,
  input  wire last_i,
  input  wire [R*SumBits-1:0] vector_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [OutCountBits-1:0] out_count_o,
  output wire [OutTokens*OutTokenBits-1:0] out_data_o
);

  generate
    if (Tail < 0 || Tail > 5) begin : gen_illegal_tail
      engine_tail_tail_must_be_0_to_5 u_illegal ();
    end
    if (WinnerGroups < 1 || (WinnerGroups > 1 && Tail != 1 && Tail != 2)) begin : gen_illegal_groups
      engine_tail_groups_are_for_winners_only u_illegal ();
    end
    if (KeepTies != 0 && Tail != 2) begin : gen_illegal_ties
      engine_tail_ties_are_kept_by_the_histogram_only u_illegal ();
    end
    if (Tail == 1 && R != 1) begin : gen_illegal_insert
      engine_tail_winners_by_insertion_read_one_sum u_illegal ();
    end
    if (Tail == 4 && (OutBits != SumBits || (R & (R - 1)) != 0)) begin : gen_illegal_plain
      engine_tail_plain_values_keep_their_bits_and_r_is_a_power_of_two u_illegal ();
    end
    if (Tail != 0
        && OutTokens != ((DenseWidth > 0) ? DenseWidth : TailTokens)) begin : gen_illegal_tokens
      engine_tail_out_tokens_must_be_those_of_the_tail u_illegal ();
    end
  endgenerate

  // a parameter for one of the tails only
  wire unused_file = &{1'b0, PermFile, BlockMemory[0], Winners[0], KeepTies[0], WinnerGroups[0],
                       PermChars[0], TailTokens[0], DenseWidth[0], Channels[0], ShiftBits[0],
                       MinShift[0], OutBits[0], OutSigned[0], Low[0], High[0], Leaky[0], ScaleRows[0],
                       ScaleCycles[0],
                       OutCountBits[0], OutTokenBits[0], Vectors[0], load_i, ParamImage[0], PermImage[0]};

  generate
    if (Tail == 0) begin : gen_logits
      logit_buffer #(
        .R(R), .AccBits(SumBits), .Beats(Beats), .Channels(Channels),
        .ChannelBits(ChannelBits), .BiasBits(BiasBits), .P(OutTokens), .ParamFile(ParamFile),
        .LoadBits(LoadBits), .LoadImage(ParamImage)
      ) u_logits (
        .clk_i(clk_i), .rst_ni(rst_ni), .load_i(load_i), .start_i(start_i), .ready_o(ready_o),
        .valid_i(valid_i), .last_i(last_i), .acc_i(vector_i),
        .valid_o(out_valid_o), .ready_i(out_ready_i), .last_o(out_last_o), .count_o(out_count_o),
        .data_o(out_data_o)
      );
    end else begin : gen_values
      localparam TokenBits = ChannelBits + OutBits;
      localparam TailCountBits = $clog2(TailTokens + 1);
      wire value_valid, value_last;
      wire [R-1:0] used;
      wire [R*ChannelBits-1:0] channels;
      wire [R*OutBits-1:0] values;
      if (Tail == 4) begin : gen_plain
        localparam BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
        localparam NumberBits = BeatBits + $clog2(R) + ChannelBits;
        localparam [BeatBits:0] BeatOne = {{BeatBits{1'b0}}, 1'b1};
        localparam [31:0] ChannelsWord = Channels;
        reg [BeatBits-1:0] beat_q;
        always @(posedge clk_i) begin
          if (!rst_ni) beat_q <= {BeatBits{1'b0}};
          else if (valid_i) beat_q <= last_i ? {BeatBits{1'b0}} : beat_q + BeatOne[BeatBits-1:0];
        end
        genvar r;
        for (r = 0; r < R; r = r + 1) begin : gen_slot
          localparam [31:0] Slot = r;
          wire [NumberBits-1:0] number =
            ({{(NumberBits-BeatBits){1'b0}}, beat_q} << $clog2(R)) | Slot[NumberBits-1:0];
          assign channels[r*ChannelBits +: ChannelBits] = number[ChannelBits-1:0];
          assign used[r] = {{32{1'b0}}, number} < {{NumberBits{1'b0}}, ChannelsWord};
        end
        assign value_valid = valid_i;
        assign value_last = last_i;
        assign values = vector_i;
      end else begin : gen_requantised
        requantise #(
          .R(R), .AccBits(SumBits), .Beats(Beats), .ChannelBits(ChannelBits), .BiasBits(BiasBits),
          .ShiftBits(ShiftBits), .MinShift(MinShift), .OutBits(OutBits), .OutSigned(OutSigned),
          .Low(Low), .High(High), .Leaky(Leaky), .MultiplyRows(ScaleRows),
          .Cycles(ScaleCycles), .ParamFile(ParamFile),
          .Tagged((Tail == 5) ? 0 : 1), .LoadBits(LoadBits), .LoadImage(ParamImage)
        ) u_requantise (
          .clk_i(clk_i), .rst_ni(rst_ni), .load_i(load_i), .valid_i(valid_i), .last_i(last_i),
          .acc_i(vector_i), .valid_o(value_valid), .last_o(value_last), .used_o(used),
          .channel_o(channels), .value_o(values)
        );
      end

      wire tail_valid, tail_ready, tail_last;
      wire [TailCountBits-1:0] tail_count;
      wire [TailTokens*TokenBits-1:0] tail_data;
      if (WinnerGroups > 1) begin : gen_groups
        kwta_groups #(
          .Groups(WinnerGroups), .Unit(Tail), .Channels(Channels), .K(Winners),
          .KeepTies(KeepTies), .R(R), .Beats(Beats), .OutBits(OutBits), .Signed(OutSigned),
          .ChannelBits(ChannelBits), .T(TailTokens), .FileChars(PermChars), .PermFiles(PermFile),
          .LoadBits(LoadBits), .LoadImage(PermImage)
        ) u_winners (
          .clk_i(clk_i), .rst_ni(rst_ni), .load_i(load_i), .start_i(start_i), .ready_o(ready_o),
          .valid_i(value_valid), .last_i(value_last), .used_i(used), .channel_i(channels),
          .value_i(values), .valid_o(tail_valid), .ready_i(tail_ready), .last_o(tail_last),
          .count_o(tail_count), .data_o(tail_data)
        );
      end else if (Tail == 1) begin : gen_insert
        kwta_insert #(
          .K(Winners), .OutBits(OutBits), .Signed(OutSigned), .ChannelBits(ChannelBits),
          .T(TailTokens)
        ) u_winners (
          .clk_i(clk_i), .rst_ni(rst_ni), .start_i(start_i), .ready_o(ready_o),
          .valid_i(value_valid), .last_i(value_last), .used_i(used), .channel_i(channels),
          .value_i(values), .valid_o(tail_valid), .ready_i(tail_ready), .last_o(tail_last),
          .count_o(tail_count), .data_o(tail_data)
        );
      end else if (Tail == 2) begin : gen_histogram
        kwta_histogram #(
          .N(Channels), .K(Winners), .KeepTies(KeepTies), .R(R), .Beats(Beats), .OutBits(OutBits),
          .Signed(OutSigned), .ChannelBits(ChannelBits), .T(TailTokens), .BlockMemory(BlockMemory),
          .PermFile(PermFile), .LoadBits(LoadBits), .LoadImage(PermImage)
        ) u_winners (
          .clk_i(clk_i), .rst_ni(rst_ni), .load_i(load_i), .start_i(start_i), .ready_o(ready_o),
          .valid_i(value_valid), .last_i(value_last), .used_i(used), .channel_i(channels),
          .value_i(values), .valid_o(tail_valid), .ready_i(tail_ready), .last_o(tail_last),
          .count_o(tail_count), .data_o(tail_data)
        );
      end else if (Tail == 5) begin : gen_select
        wire unused_tags = &{1'b0, used, channels};
        kwta_select #(
          .N(Channels), .K(Winners), .R(R), .Beats(Beats), .OutBits(OutBits), .Signed(OutSigned),
          .ChannelBits(ChannelBits), .T(TailTokens), .Vectors(Vectors)
        ) u_winners (
          .clk_i(clk_i), .rst_ni(rst_ni), .start_i(start_i), .ready_o(ready_o),
          .valid_i(value_valid), .last_i(value_last), .value_i(values), .valid_o(tail_valid),
          .ready_i(tail_ready), .last_o(tail_last), .count_o(tail_count), .data_o(tail_data)
        );
      end else begin : gen_nonzero
        relu_pack #(
          .R(R), .Beats(Beats), .OutBits(OutBits), .ChannelBits(ChannelBits), .T(TailTokens)
        ) u_tokens (
          .clk_i(clk_i), .rst_ni(rst_ni), .start_i(start_i), .ready_o(ready_o),
          .valid_i(value_valid), .last_i(value_last), .used_i(used), .channel_i(channels),
          .value_i(values), .valid_o(tail_valid), .ready_i(tail_ready), .last_o(tail_last),
          .count_o(tail_count), .data_o(tail_data)
        );
      end

      if (DenseWidth > 0) begin : gen_dense
        densify #(
          .Channels(Channels), .ChannelBits(ChannelBits), .ValueBits(OutBits), .W(DenseWidth),
          .T(TailTokens)
        ) u_densify (
          .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(tail_valid), .ready_o(tail_ready),
          .last_i(tail_last), .count_i(tail_count), .data_i(tail_data), .valid_o(out_valid_o),
          .ready_i(out_ready_i), .last_o(out_last_o), .count_o(out_count_o), .data_o(out_data_o)
        );
      end else begin : gen_tokens
        assign out_valid_o = tail_valid;
        assign tail_ready = out_ready_i;
        assign out_last_o = tail_last;
        assign out_count_o = tail_count;
        assign out_data_o = tail_data;
      end
    end
  endgenerate

endmodule

`default_nettype wire
