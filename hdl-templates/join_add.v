// join_add: the weighted sum of two feature maps of one shape, site by site.
//
//   out[c] = min(High, max(Low, floor((a[c]*AMultiplier + b[c]*BMultiplier) / 2^Shift + 1/2)))
//
// Each input is a token stream (absent channels are 0; channels in any order, none twice) or a
// dense one. The output is a token stream, without the values that are 0, channels in order, all
// beats of a site full but the last; or a dense stream.
// A dense site has Rows = ceil(Channels / W) beats of W values, 0 up to whole beats; count_o = W.
//
//   a -> (densify) --+
//                    +-> products -> sum -> clamp -> (relu_pack) -> out
//   b -> (densify) --+
//
// Parameters
//   Channels           values a site, 1 or more; ChannelBits of a channel number
//   W                  values a cycle, a power of two
//   ADense, BDense     1: dense input, W values a beat; 0: ATokens (BTokens) tokens a beat
//   ABits, ASigned     of a value of a; 2 to 16 bits; likewise b
//   AMultiplier, BMultiplier  -65536 .. 65535
//   Shift              0 to 31
//   OutBits, OutSigned 2 to 16; Low <= 0 <= High within it
//   OutDense           1: dense output, W values a beat; 0: OutTokens tokens a beat, a power of two
// Timing, exact. Row r of site v is taken from both inputs in one cycle j(v, r), in order, when
// both offer it: a dense input offers it as it comes and is taken in that cycle; of a token input
// densify offers it (see there: row 0 two cycles after the last token beat is taken).
//   dense output:  4 rows fit inside: row k (over all sites) can be taken from the cycle on in
//                  which row k-4 is given; it is valid in cycle max(j + 4, given before + 1).
//   token output:  row 0 is taken only while fewer than Buffers sites are inside (taken in part
//                  and not yet given): the cycle after the last beat of site v - Buffers is taken
//                  is the first one possible. First beat valid in cycle
//                  max(j(v, Rows - 1) + 8, last beat of site v - 1 taken + 1), the others behind
//                  one another; n tokens: max(1, ceil(n / OutTokens)) beats.
//                  Buffers = the power of two from 2 + ceil(7 / Rows) on, so that the interval of
//                  sites is max(beats of a, beats of b, Rows, beats out).
// It does not check the channel numbers, and does not look at last and count of dense inputs.
`default_nettype none

module join_add #(
  parameter Channels = 16,
  parameter ChannelBits = 4,
  parameter W = 4,
  parameter ADense = 0,
  parameter BDense = 0,
  parameter ATokens = 1,
  parameter BTokens = 1,
  parameter ABits = 8,
  parameter ASigned = 0,
  parameter BBits = 8,
  parameter BSigned = 0,
  parameter signed [31:0] AMultiplier = 40000,
  parameter signed [31:0] BMultiplier = 50000,
  parameter signed [31:0] Shift = 16,
  parameter signed [31:0] Low = 0,
  parameter signed [31:0] High = 255,
  parameter OutBits = 8,
  parameter OutSigned = 0,
  parameter OutDense = 0,
  parameter OutTokens = 1
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire a_valid_i,
  output wire a_ready_o,
  input  wire a_last_i,
  input  wire [$clog2(((ADense != 0) ? W : ATokens)+1)-1:0] a_count_i,
  input  wire [((ADense != 0) ? W*ABits : ATokens*(ChannelBits+ABits))-1:0] a_data_i,
  input  wire b_valid_i,
  output wire b_ready_o,
  input  wire b_last_i,
  input  wire [$clog2(((BDense != 0) ? W : BTokens)+1)-1:0] b_count_i,
  input  wire [((BDense != 0) ? W*BBits : BTokens*(ChannelBits+BBits))-1:0] b_data_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [$clog2(((OutDense != 0) ? W : OutTokens)+1)-1:0] out_count_o,
  output wire [((OutDense != 0) ? W*OutBits : OutTokens*(ChannelBits+OutBits))-1:0] out_data_o
);

  localparam PlaceBits = $clog2(W);
  localparam Rows = (Channels + W - 1) / W;
  localparam Rest = Channels - (Rows - 1) * W;  // channels in the last row
  localparam RowBits = (Rows > 1) ? $clog2(Rows) : 1;
  localparam [31:0] LastRow = Rows - 1;
  localparam [RowBits:0] RowOne = {{RowBits{1'b0}}, 1'b1};
  localparam Stages = 4;
  localparam AProductBits = ABits + 18;
  localparam BProductBits = BBits + 18;
  localparam WideBits = ((ABits > BBits) ? ABits : BBits) + 19;
  localparam SumBits = ((WideBits > Shift + OutBits) ? WideBits : Shift + OutBits) + 1;
  localparam ResultBits = SumBits - Shift;
  localparam MagnitudeBits = (OutSigned != 0) ? OutBits - 1 : OutBits;
  localparam Top = (1 << MagnitudeBits) - 1;
  localparam Bottom = (OutSigned != 0) ? -Top - 1 : 0;

  generate
    if (Channels < 1 || ChannelBits < 1 || ChannelBits < $clog2(Channels)) begin : gen_illegal_size
      join_add_channels_or_channel_bits_too_small u_illegal ();
    end
    if (W < 1 || (1 << PlaceBits) != W) begin : gen_illegal_w
      join_add_w_must_be_a_power_of_two u_illegal ();
    end
    if (ABits < 2 || ABits > 16 || BBits < 2 || BBits > 16 || OutBits < 2
        || OutBits > 16) begin : gen_illegal_bits
      join_add_bits_must_be_2_to_16 u_illegal ();
    end
    if (AMultiplier < -65536 || AMultiplier > 65535 || BMultiplier < -65536
        || BMultiplier > 65535 || Shift < 0 || Shift > 31) begin : gen_illegal_scale
      join_add_multipliers_or_shift_out_of_range u_illegal ();
    end
    if (High < 0 || High > Top || Low > 0 || Low < Bottom) begin : gen_illegal_range
      join_add_low_or_high_out_of_range u_illegal ();
    end
  endgenerate

  // ---- both inputs as dense rows
  wire a_valid, b_valid, join_rows;
  wire [W*ABits-1:0] a_row;
  wire [W*BBits-1:0] b_row;
  generate
    if (ADense != 0) begin : gen_a_dense
      assign a_valid = a_valid_i;
      assign a_ready_o = join_rows;
      assign a_row = a_data_i;
      wire unused = &{1'b0, a_last_i, a_count_i};
    end else begin : gen_a_tokens
      wire last;
      wire [$clog2(W+1)-1:0] count;
      densify #(
        .Channels(Channels), .ChannelBits(ChannelBits), .ValueBits(ABits), .W(W), .T(ATokens)
      ) u_densify (
        .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(a_valid_i), .ready_o(a_ready_o),
        .last_i(a_last_i), .count_i(a_count_i), .data_i(a_data_i), .valid_o(a_valid),
        .ready_i(join_rows), .last_o(last), .count_o(count), .data_o(a_row)
      );
      wire unused = &{1'b0, last, count};
    end
    if (BDense != 0) begin : gen_b_dense
      assign b_valid = b_valid_i;
      assign b_ready_o = join_rows;
      assign b_row = b_data_i;
      wire unused = &{1'b0, b_last_i, b_count_i};
    end else begin : gen_b_tokens
      wire last;
      wire [$clog2(W+1)-1:0] count;
      densify #(
        .Channels(Channels), .ChannelBits(ChannelBits), .ValueBits(BBits), .W(W), .T(BTokens)
      ) u_densify (
        .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(b_valid_i), .ready_o(b_ready_o),
        .last_i(b_last_i), .count_i(b_count_i), .data_i(b_data_i), .valid_o(b_valid),
        .ready_i(join_rows), .last_o(last), .count_o(count), .data_o(b_row)
      );
      wire unused = &{1'b0, last, count};
    end
  endgenerate

  reg [RowBits-1:0] row_q;
  wire first = row_q == {RowBits{1'b0}};
  wire row_last = row_q == LastRow[RowBits-1:0];
  wire room;
  assign join_rows = a_valid && b_valid && room;

  // ---- stages of the sum: 0 operands, 1 products, 2 sum, 3 result
  wire [Stages-1:0] advance;
  reg [Stages-1:0] valid_q;
  reg [Stages-1:0] last_q;
  wire [Stages-1:0] enter = {valid_q[Stages-2:0], join_rows};
  integer stage;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      row_q <= {RowBits{1'b0}};
      valid_q <= {Stages{1'b0}};
    end else begin
      if (join_rows) row_q <= row_last ? {RowBits{1'b0}} : row_q + RowOne[RowBits-1:0];
      for (stage = 0; stage < Stages; stage = stage + 1) begin
        if (advance[stage]) valid_q[stage] <= enter[stage];
      end
    end
    if (advance[0]) last_q[0] <= row_last;
    for (stage = 1; stage < Stages; stage = stage + 1) begin
      if (advance[stage]) last_q[stage] <= last_q[stage-1];
    end
  end

  localparam signed [31:0] AScale = AMultiplier;
  localparam signed [31:0] BScale = BMultiplier;
  localparam [31:0] HighWord = High;
  localparam [31:0] LowWord = Low;
  localparam [SumBits:0] Two = {{(SumBits-1){1'b0}}, 2'b10};
  localparam [SumBits:0] TwiceHalf = (Shift > 0) ? Two << (Shift - 1) : {(SumBits+1){1'b0}};
  localparam [SumBits-1:0] Half = (Shift > 0) ? TwiceHalf[SumBits:1] : {SumBits{1'b0}};
  wire [W*OutBits-1:0] results;
  wire [W-1:0] used;
  genvar w;
  generate
    for (w = 0; w < W; w = w + 1) begin : gen_value
      wire signed [ABits:0] a;
      wire signed [BBits:0] b;
      assign a = {(ASigned != 0) && a_row[w*ABits+ABits-1], a_row[w*ABits +: ABits]};
      assign b = {(BSigned != 0) && b_row[w*BBits+BBits-1], b_row[w*BBits +: BBits]};
      reg signed [ABits:0] a_q;
      reg signed [BBits:0] b_q;
      reg signed [AProductBits-1:0] a_product_q;
      reg signed [BProductBits-1:0] b_product_q;
      reg [SumBits-1:0] sum_q;
      reg [OutBits-1:0] result_q;
      wire signed [16:0] a_scale = AScale[16:0];
      wire signed [16:0] b_scale = BScale[16:0];
      wire [SumBits-1:0] a_term =
        {{(SumBits-AProductBits){a_product_q[AProductBits-1]}}, a_product_q};
      wire [SumBits-1:0] b_term =
        {{(SumBits-BProductBits){b_product_q[BProductBits-1]}}, b_product_q};
      wire [ResultBits-1:0] result = sum_q[SumBits-1:Shift];
      // beyond the range that OutBits and a sign can tell, or beyond the limits within it
      wire negative = result[ResultBits-1];
      wire above = !negative && result > {{(ResultBits-OutBits){1'b0}}, HighWord[OutBits-1:0]};
      wire below;
      if (Low < 0) begin : gen_below
        assign below = negative && result < {{(ResultBits-OutBits){1'b1}}, LowWord[OutBits-1:0]};
      end else begin : gen_negative
        assign below = negative;
      end
      if (Shift > 0) begin : gen_rounded_off
        wire unused = &{1'b0, sum_q[Shift-1:0]};
      end
      always @(posedge clk_i) begin
        if (advance[0]) begin
          a_q <= a;
          b_q <= b;
        end
        if (advance[1]) begin
          a_product_q <= a_q * a_scale;
          b_product_q <= b_q * b_scale;
        end
        if (advance[2]) sum_q <= a_term + b_term + Half;
        if (advance[3]) begin
          result_q <= above ? HighWord[OutBits-1:0] : below ? LowWord[OutBits-1:0]
                                                            : result[OutBits-1:0];
        end
      end
      assign results[w*OutBits +: OutBits] = result_q;
      if (w < Rest) begin : gen_always
        assign used[w] = 1'b1;
      end else begin : gen_not_in_last
        assign used[w] = !last_q[Stages-1];
      end
    end

    if (OutDense != 0) begin : gen_dense
      localparam [31:0] Full = W;
      localparam CountBits = $clog2(W + 1);
      assign room = advance[0];
      assign advance = {Stages{out_ready_i}} |
        ~{valid_q[3], &valid_q[3:2], &valid_q[3:1], &valid_q[3:0]};
      assign out_valid_o = valid_q[Stages-1];
      assign out_last_o = last_q[Stages-1];
      assign out_count_o = Full[CountBits-1:0];
      assign out_data_o = results;
      wire unused = &{1'b0, first, used};
    end else begin : gen_tokens
      localparam Buffers = 1 << $clog2(2 + (6 + Rows) / Rows);
      localparam CommonBits = (W > 1) ? ChannelBits - PlaceBits : ChannelBits - 1;
      wire pack_ready;
      wire [W*ChannelBits-1:0] channels;
      reg [RowBits-1:0] out_row_q;
      assign room = !first || pack_ready;
      assign advance = {Stages{1'b1}};
      always @(posedge clk_i) begin
        if (!rst_ni) out_row_q <= {RowBits{1'b0}};
        else if (valid_q[Stages-1]) begin
          out_row_q <= last_q[Stages-1] ? {RowBits{1'b0}} : out_row_q + RowOne[RowBits-1:0];
        end
      end
      for (w = 0; w < W; w = w + 1) begin : gen_channel
        localparam [31:0] Place = w;
        wire [RowBits+ChannelBits-1:0] number =
          ({{ChannelBits{1'b0}}, out_row_q} << PlaceBits) | Place[RowBits+ChannelBits-1:0];
        assign channels[w*ChannelBits +: ChannelBits] = number[ChannelBits-1:0];
        wire unused = &{1'b0, number[RowBits+ChannelBits-1:ChannelBits]};
      end
      relu_pack #(
        .R(W), .T(OutTokens), .Beats(Rows), .OutBits(OutBits), .ChannelBits(ChannelBits),
        .CommonBits((Rows > 1) ? CommonBits : 0), .Buffers(Buffers)
      ) u_pack (
        .clk_i(clk_i), .rst_ni(rst_ni), .start_i(join_rows && first), .ready_o(pack_ready),
        .valid_i(valid_q[Stages-1]), .last_i(last_q[Stages-1]), .used_i(used),
        .channel_i(channels), .value_i(results), .valid_o(out_valid_o), .ready_i(out_ready_i),
        .last_o(out_last_o), .count_o(out_count_o), .data_o(out_data_o)
      );
    end
  endgenerate

`ifdef FORMAL_join_add
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // The environment holds an offered beat.
  always @(posedge clk_i) begin
    if (past_q && rst_ni && $past(rst_ni)) begin
      if ($past(a_valid_i && !a_ready_o)) begin
        assume (a_valid_i);
        assume ($stable({a_last_i, a_count_i, a_data_i}));
      end
      if ($past(b_valid_i && !b_ready_o)) begin
        assume (b_valid_i);
        assume ($stable({b_last_i, b_count_i, b_data_i}));
      end
    end
  end

  // Stream rules; and no site leaves that has not come in on both sides.
  wire give = out_valid_o && out_ready_i;
  reg [7:0] joined_q;  // sites joined and not given
  reg gave_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      joined_q <= 8'd0;
      gave_q <= 1'b0;
    end else begin
      joined_q <= joined_q + {7'd0, join_rows && row_last} - {7'd0, give && out_last_o};
      gave_q <= gave_q || (give && out_last_o);
    end
    if (past_q && rst_ni && $past(rst_ni)) begin
      if ($past(out_valid_o && !out_ready_i)) begin
        assert (out_valid_o);
        assert ($stable({out_last_o, out_count_o, out_data_o}));
      end
      if (give && out_last_o) assert (joined_q != 8'd0);
      cover (gave_q && give && out_last_o);
    end
  end

  generate
    if (OutDense != 0) begin : gen_formal_order
      // A row followed from the cycle it is taken: it comes out in turn, with the values of the
      // formula.
      (* anyseq *) reg choose;
      wire signed [63:0] a_0 = gen_value[0].a;
      wire signed [63:0] b_0 = gen_value[0].b;
      wire signed [63:0] exact = a_0 * AMultiplier + b_0 * BMultiplier;
      wire signed [63:0] rounded = (Shift > 0) ? ((exact >>> (Shift - 1)) + 64'sd1) >>> 1 : exact;
      wire signed [63:0] limited = (rounded > High) ? High : (rounded < Low) ? Low : rounded;
      reg marked_q;
      reg mark_last_q;
      reg [OutBits-1:0] mark_q;
      reg [2:0] held_q;
      reg [2:0] ahead_q;
      wire enter_mark = join_rows && choose && !marked_q;
      always @(posedge clk_i) begin
        if (!rst_ni) begin
          marked_q <= 1'b0;
          held_q <= 3'd0;
        end else begin
          held_q <= held_q + {2'd0, join_rows} - {2'd0, give};
          if (enter_mark) begin
            marked_q <= 1'b1;
            mark_q <= limited[OutBits-1:0];
            mark_last_q <= row_last;
            ahead_q <= held_q - {2'd0, give};
          end else if (marked_q && give) begin
            ahead_q <= ahead_q - 3'd1;
            if (ahead_q == 3'd0) marked_q <= 1'b0;
          end
        end
        if (past_q && rst_ni) begin
          assert (held_q == {2'd0, valid_q[0]} + {2'd0, valid_q[1]} + {2'd0, valid_q[2]}
                            + {2'd0, valid_q[3]});
          if (marked_q && ahead_q == 3'd0 && out_valid_o) begin
            assert (out_data_o[OutBits-1:0] == mark_q);
            assert (out_last_o == mark_last_q);
          end
        end
      end
    end
  endgenerate
`endif

endmodule

`default_nettype wire
