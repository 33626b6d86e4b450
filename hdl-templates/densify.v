// densify: tokens to a dense stream, every channel of a site in order, absent ones 0.
//
//   out[c] = value of the token whose channel is c, or 0;  c = 0 .. Channels - 1, then 0 up to
//   whole beats of W values
//
// Input: a token stream with one token a beat, channels of a site in any order, none twice,
// below Channels. Output: a stream of ceil(Channels / W) beats a site, value 0 least
// significant, last_o on the final one, count_o = W.
//
// Parameters
//   Channels     values a site, 1 or more
//   ChannelBits  of a channel number, at least log2(Channels)
//   ValueBits    of a value
//   W            values a beat, a power of two
// Timing, exact. Latency 2, initiation interval 1 token, 1 beat:
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
  parameter W = 4
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  output wire ready_o,
  input  wire last_i,
  input  wire count_i,
  input  wire [ChannelBits+ValueBits-1:0] data_i,
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

  wire [ChannelBits-1:0] channel = data_i[ValueBits +: ChannelBits];
  wire [RowBits-1:0] row;
  wire unused = &{1'b0, channel};
  genvar w;
  genvar h;
  generate
    if (Rows > 1) begin : gen_rows
      assign row = channel[PlaceBits +: RowBits];
    end else begin : gen_row
      assign row = 1'b0;
    end

    for (w = 0; w < W; w = w + 1) begin : gen_value
      localparam [31:0] Here = w;
      wire here;
      wire [2*ValueBits-1:0] words_read;
      reg [ValueBits-1:0] value_q;
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
          clear ? !rst_ni || (load && read_q == h) : take && count_i && here && fill_q == h;
        wire [RowBits-1:0] address = clear ? row_q : row;
        wire [ValueBits-1:0] word = clear ? {ValueBits{1'b0}} : data_i[ValueBits-1:0];
        always @(posedge clk_i) if (change) words[address] <= word;
        assign words_read[h*ValueBits +: ValueBits] = words[address];
      end
      always @(posedge clk_i) begin
        if (load) begin
          value_q <= read_q ? words_read[ValueBits +: ValueBits] : words_read[0 +: ValueBits];
        end
      end
      assign data_o[w*ValueBits +: ValueBits] = value_q;
    end
  endgenerate

`ifdef FORMAL
  reg past_q = 1'b0;
  reg gave_q;  // a site went out
  always @(posedge clk_i) begin
    past_q <= 1'b1;
    gave_q <= rst_ni && (gave_q || (valid_o && ready_i && last_o));
  end
  always @(*) if (!past_q) assume (!rst_ni);
  always @(*) assume (channel < Channels);

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
