// densify: tokens to a dense stream, every channel of a site in order, absent ones 0.
//
//   out[c] = value of the token whose channel is c, or 0;  c = 0 .. Channels - 1, then 0 up to
//   whole beats of W values
//
// Input: a token stream of T tokens a beat, channels of a site in any order, none twice,
// below Channels. Output: a stream of ceil(Channels / W) beats a site, value 0 least
// significant, last_o on the final one, count_o = W.
//
// Parameters
//   Channels     values a site, 1 or more
//   ChannelBits  of a channel number, at least log2(Channels)
//   ValueBits    of a value
//   W            values a beat, a power of two
//   T            tokens a beat, 1 or more: T memories, since several may go to one place
// Timing, exact. Latency 2, initiation interval 1 beat on either side:
//   first beat   the last token beat of a site taken in cycle t, the last beat of the site
//                before taken in cycle p: valid in cycle max(t + 2, p + 1);
//   other beats  each in the cycle after the one before is taken;
//   ready_o      is high while the half to be filled is free. A site frees its half with its
//                last beat entering the output register: in the cycle before that beat is valid.
// The memory clears itself as it is read; rst_ni low for ceil(Channels / W) cycles clears what
// an interrupted site left. It does not check the channel numbers.
`default_nettype none

module densify #(
  parameter Channels = 64,
  parameter ChannelBits = 6,
  parameter ValueBits = 8,
  parameter W = 4,
  parameter T = 1
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  output wire ready_o,
  input  wire last_i,
  input  wire [$clog2(T+1)-1:0] count_i,
  input  wire [T*(ChannelBits+ValueBits)-1:0] data_i,
  output wire valid_o,
  input  wire ready_i,
  output wire last_o,
  output wire [$clog2(W+1)-1:0] count_o,
  output wire [W*ValueBits-1:0] data_o
);

  localparam PlaceBits = $clog2(W);
  localparam Rows = (Channels + W - 1) / W;
  localparam RowBits = (Rows > 1) ? $clog2(Rows) : 1;
  localparam CountBits = $clog2(W + 1);
  localparam TokenBits = ChannelBits + ValueBits;
  localparam CountInBits = $clog2(T + 1);
  localparam [31:0] LastRow = Rows - 1;
  localparam [31:0] Full = W;
  localparam [31:0] Mask = W - 1;
  localparam [RowBits:0] RowOne = {{RowBits{1'b0}}, 1'b1};

  generate
    if (Channels < 1 || ValueBits < 1) begin : gen_illegal_size
      densify_channels_and_value_bits_must_be_positive u_illegal ();
    end
    if (ChannelBits < 1 || ChannelBits < $clog2(Channels)) begin : gen_illegal_channel_bits
      densify_channel_bits_too_small u_illegal ();
    end
    if (T < 1) begin : gen_illegal_t
      densify_t_must_be_positive u_illegal ();
    end
    if (W < 1 || (1 << PlaceBits) != W) begin : gen_illegal_w
      densify_w_must_be_a_power_of_two u_illegal ();
    end
  endgenerate

  // Two halves: one is filled while the other is given out and cleared.
  reg fill_q;
  reg read_q;
  reg [1:0] full_q;
  reg [RowBits-1:0] row_q;
  reg reset_q;
  reg valid_q;
  reg last_q;
  wire take = valid_i && ready_o;
  wire load = (!valid_q || ready_i) && (read_q ? full_q[1] : full_q[0]);
  wire row_last = row_q == LastRow[RowBits-1:0];
  wire filled = take && last_i;
  wire emptied = load && row_last;
  assign ready_o = !(fill_q ? full_q[1] : full_q[0]);

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      fill_q <= 1'b0;
      read_q <= 1'b0;
      full_q <= 2'b00;
      valid_q <= 1'b0;
    end else begin
      fill_q <= fill_q ^ filled;
      read_q <= read_q ^ emptied;
      full_q <= (full_q & ~({emptied, emptied} & {read_q, !read_q})) |
                ({filled, filled} & {fill_q, !fill_q});
      if (load) valid_q <= 1'b1;
      else if (ready_i) valid_q <= 1'b0;
    end
    if (load) last_q <= row_last;
    // Reset runs the counter over the rows, to clear them; the first cycle after it sets it back.
    reset_q <= !rst_ni;
    if (reset_q && rst_ni) row_q <= {RowBits{1'b0}};
    else if (load || !rst_ni) row_q <= row_last ? {RowBits{1'b0}} : row_q + RowOne[RowBits-1:0];
  end
  assign valid_o = valid_q;
  assign last_o = last_q;
  assign count_o = Full[CountBits-1:0];

  genvar t;
  genvar w;
  genvar h;
  generate
    for (t = 0; t < T; t = t + 1) begin : gen_token
      localparam [31:0] Number = t;
      wire [ChannelBits-1:0] channel = data_i[t*TokenBits+ValueBits +: ChannelBits];
      wire [ValueBits-1:0] value = data_i[t*TokenBits +: ValueBits];
      wire there = count_i > Number[CountInBits-1:0];
      wire [RowBits-1:0] row;
      wire unused = &{1'b0, channel};
      if (Rows > 1) begin : gen_rows
        assign row = channel[PlaceBits +: RowBits];
      end else begin : gen_row
        assign row = 1'b0;
      end

      for (w = 0; w < W; w = w + 1) begin : gen_value
        localparam [31:0] Here = w;
        wire here;
        wire [2*ValueBits-1:0] words_read;
        if (W > 1) begin : gen_some
          assign here = (channel & Mask[ChannelBits-1:0]) == Here[ChannelBits-1:0];
        end else begin : gen_all
          assign here = 1'b1;
        end
        // Reading with clearing and writing share one address: a single-port memory.
        for (h = 0; h < 2; h = h + 1) begin : gen_half
          (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
          reg [ValueBits-1:0] words [0:(1<<RowBits)-1];
          integer i;
          initial for (i = 0; i < (1 << RowBits); i = i + 1) words[i] = {ValueBits{1'b0}};
          wire clear = full_q[h] || !rst_ni;
          wire change =
            clear ? !rst_ni || (load && read_q == h) : take && there && here && fill_q == h;
          wire [RowBits-1:0] address = clear ? row_q : row;
          wire [ValueBits-1:0] word = clear ? {ValueBits{1'b0}} : value;
          always @(posedge clk_i) if (change) words[address] <= word;
          assign words_read[h*ValueBits +: ValueBits] = words[address];
        end
        // what this token's memory and those of the tokens before hold
        wire [2*ValueBits-1:0] merged;
        if (t == 0) begin : gen_first
          assign merged = words_read;
        end else begin : gen_next
          assign merged = gen_token[t-1].gen_value[w].merged | words_read;
        end
      end
    end

    for (w = 0; w < W; w = w + 1) begin : gen_out
      wire [2*ValueBits-1:0] word = gen_token[T-1].gen_value[w].merged;
      reg [ValueBits-1:0] value_q;
      always @(posedge clk_i) begin
        if (load) value_q <= read_q ? word[ValueBits +: ValueBits] : word[0 +: ValueBits];
      end
      assign data_o[w*ValueBits +: ValueBits] = value_q;
    end
  endgenerate

`ifdef FORMAL_densify
  // A site followed from its first beat on: the value of channel `mark` in it is what comes out.
  (* anyconst *) reg [ChannelBits-1:0] mark;
  (* anyseq *) reg choose;
  reg [2:0] ahead_q;     // sites to leave before the one followed
  reg [2:0] held_q;      // complete sites inside
  reg inside_q;          // a beat of the site being filled has come
  reg follow_q;
  reg complete_q;        // the site followed is complete
  reg [ValueBits-1:0] mark_value_q;
  wire follow = take && !follow_q && !inside_q && choose;
  reg [ValueBits-1:0] found;
  integer f;
  always @(*) begin
    found = {ValueBits{1'b0}};
    for (f = 0; f < T; f = f + 1) begin
      if (f < count_i && data_i[f*TokenBits+ValueBits +: ChannelBits] == mark) begin
        found = found | data_i[f*TokenBits +: ValueBits];
      end
    end
  end
  // no channel twice in a site, as far as `mark` is concerned
  reg seen_q;
  integer twice;
  always @(*) begin
    twice = seen_q ? 1 : 0;
    for (f = 0; f < T; f = f + 1) begin
      if (take && f < count_i && data_i[f*TokenBits+ValueBits +: ChannelBits] == mark) begin
        twice = twice + 1;
      end
    end
    assume (twice <= 1);
    assume (count_i <= T);
    assume (mark < Channels);
  end
  wire gives = valid_o && ready_i && last_o;
  reg [31:0] out_row_q;
  reg ran_q = 1'b0;    // it is not held in its first reset any more
  reg again_q = 1'b0;  // a later reset may have been too short to clear
  always @(posedge clk_i) begin
    ran_q <= ran_q || rst_ni;
    again_q <= again_q || (ran_q && !rst_ni);
    if (!rst_ni) begin
      held_q <= 3'd0;
      inside_q <= 1'b0;
      follow_q <= 1'b0;
      complete_q <= 1'b0;
      seen_q <= 1'b0;
      out_row_q <= 0;
    end else begin
      held_q <= held_q + {2'd0, take && last_i} - {2'd0, gives};
      if (take) begin
        inside_q <= !last_i;
        seen_q <= !last_i && twice != 0;
      end
      if (valid_o && ready_i) out_row_q <= last_o ? 0 : out_row_q + 1;
      if (follow) begin
        follow_q <= 1'b1;
        ahead_q <= held_q - {2'd0, gives};
      end else if (follow_q && gives) begin
        ahead_q <= ahead_q - 3'd1;
        if (ahead_q == 3'd0) follow_q <= 1'b0;
      end
      if (follow || (follow_q && take && !complete_q)) begin
        mark_value_q <= found | (follow ? {ValueBits{1'b0}} : mark_value_q);
        complete_q <= last_i;
      end
      if (follow_q && gives && ahead_q == 3'd0) complete_q <= 1'b0;
    end
    if (past_q && rst_ni && !again_q && follow_q && ahead_q == 3'd0 && valid_o) begin
      assert (complete_q);
      if (out_row_q == mark / W) begin
        assert (data_o[(mark % W)*ValueBits +: ValueBits] == mark_value_q);
      end
    end
  end

  reg past_q = 1'b0;
  reg gave_q;  // a site went out
  always @(posedge clk_i) begin
    past_q <= 1'b1;
    gave_q <= rst_ni && (gave_q || (valid_o && ready_i && last_o));
  end
  always @(*) if (!past_q) assume (!rst_ni);
  generate
    for (t = 0; t < T; t = t + 1) begin : gen_formal_token
      always @(*) assume (gen_token[t].channel < Channels);
    end
  endgenerate

  always @(posedge clk_i) begin
    if (past_q && rst_ni && $past(rst_ni)) begin
      // The environment holds an offered token.
      if ($past(valid_i && !ready_o)) begin
        assume (valid_i);
        assume ($stable({last_i, count_i, data_i}));
      end
      if ($past(valid_o && !ready_i)) begin
        assert (valid_o);
        assert ($stable({last_o, data_o}));
      end
      // The input stalls only behind two complete sites.
      assert (ready_o || full_q == 2'b11);
      cover (gave_q && valid_o && ready_i && last_o);
    end
  end
`endif

endmodule

`default_nettype wire
