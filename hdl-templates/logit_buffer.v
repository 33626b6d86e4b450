// logit_buffer: the accumulators of a vector, bias added, as words of 32 bits in channel order.
//
//   word[c] = sign_extend_32(acc + bias) of the slot whose channel is c, c = 0 .. Channels - 1
// bias, channel and used come from a memory, one word per beat of a vector; an internal counter,
// set back by last_i, addresses it. Every channel must have exactly one used slot.
//
// Vector input: start_i for one cycle while ready_o is high announces a vector; its beats follow
// in any later cycles, never stalled, the last one with last_i. Output: a stream of beats of P
// words, word 0 least significant; behind the last channel words are 0. count_o is the number
// of channels in the beat.
//
// Parameters
//   R            slots a cycle, 1 or more; more than 1 costs a memory per slot, combined by OR
//   AccBits      of one accumulator, two's complement, 2 to 32; also holds accumulator + bias
//   Beats        beats a vector, 1 or more
//   Channels     words a vector, 1 or more
//   ChannelBits  of a channel number, at least log2(Channels)
//   BiasBits     two's complement, 1 to AccBits
//   P            words a beat, a power of two
//   ParamFile    `.mem`, a hexadecimal word per beat: R fields {used (1), channel, bias}, slot 0
//                least significant
//   LoadBits, LoadImage  not 0: the parameters are loaded over load_i, see weight_memory
// Timing, exact. Latency 3, initiation interval 1 beat:
//   first beat   the last beat of a vector in cycle t, the last beat of the vector before taken
//                in cycle p: valid in cycle max(t + 3, p + 1);
//   other beats  each in the cycle after the one before is taken, ceil(Channels / P) in all;
//   ready_o      is high while fewer than two vectors are announced and not yet given out: low
//                from the cycle after such a second start_i to the cycle p (included) in which
//                the last beat of the older one is taken.
// With R > 1, memory is cleared as it is read; rst_ni low for ceil(Channels / P) cycles clears
// what an interrupted vector left. It does not compare, scale or clamp.
`default_nettype none

module logit_buffer #(
  parameter R = 1,
  parameter AccBits = 24,
  parameter Beats = 12,
  parameter Channels = 12,
  parameter ChannelBits = 4,
  parameter BiasBits = 16,
  parameter P = 1,
  parameter ParamFile = "logit_buffer.mem",
  parameter LoadBits = 0,
  parameter LoadImage = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [56+LoadBits:0] load_i,
  input  wire start_i,
  output wire ready_o,
  input  wire valid_i,
  input  wire last_i,
  input  wire [R*AccBits-1:0] acc_i,
  output wire valid_o,
  input  wire ready_i,
  output wire last_o,
  output wire [$clog2(P+1)-1:0] count_o,
  output wire [P*32-1:0] data_o
);

  localparam FieldBits = 1 + ChannelBits + BiasBits;
  localparam BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam [BeatBits:0] BeatOne = {{BeatBits{1'b0}}, 1'b1};
  localparam Rows = (Channels + P - 1) / P;
  localparam RowBits = (Rows > 1) ? $clog2(Rows) : 1;
  localparam [RowBits:0] RowOne = {{RowBits{1'b0}}, 1'b1};
  localparam [31:0] LastRow = Rows - 1;
  localparam PlaceBits = $clog2(P);
  localparam CountBits = $clog2(P + 1);
  localparam [31:0] Full = P;
  localparam [31:0] Mask = P - 1;
  localparam [31:0] Rest = Channels - (Rows - 1) * P;

  generate
    if (R < 1 || Beats < 1 || Channels < 1) begin : gen_illegal_size
      logit_buffer_sizes_must_be_positive u_illegal ();
    end
    if (AccBits < 2 || AccBits > 32 || BiasBits < 1 || BiasBits > AccBits) begin : gen_illegal_bits
      logit_buffer_acc_bits_or_bias_bits_out_of_range u_illegal ();
    end
    if (P < 1 || (1 << PlaceBits) != P) begin : gen_illegal_p
      logit_buffer_p_must_be_a_power_of_two u_illegal ();
    end
    if (ChannelBits < $clog2(Channels) || ChannelBits < 1) begin : gen_illegal_channel_bits
      logit_buffer_channel_bits_too_small u_illegal ();
    end
  endgenerate

  // Vectors announced and not yet given out.
  reg one_q;
  reg two_q;
  wire given;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      one_q <= 1'b0;
      two_q <= 1'b0;
    end else if (start_i != given) begin
      one_q <= start_i || two_q;
      two_q <= start_i && one_q;
    end
  end
  assign ready_o = !two_q;

  // Parameters of the beat to come, read ahead.
  reg [BeatBits-1:0] beat_q;
  wire [BeatBits-1:0] beat_next =
    !valid_i ? beat_q : last_i ? {BeatBits{1'b0}} : beat_q + BeatOne[BeatBits-1:0];
  wire [R*FieldBits-1:0] fields;
  always @(posedge clk_i) begin
    if (!rst_ni) beat_q <= {BeatBits{1'b0}};
    else beat_q <= beat_next;
  end
  weight_memory #(
    .Width(R*FieldBits), .Depth(Beats), .AddressBits(BeatBits), .File(ParamFile),
    .LoadBits(LoadBits), .LoadImage(LoadImage)
  ) u_parameters (
    .clk_i(clk_i), .load_i(load_i), .read_address_i(beat_next), .read_data_o(fields)
  );

  // Fill side: one half of the memory while the other is given out.
  reg valid_q;
  reg last_q;
  reg fill_q;         // the half being filled
  reg [1:0] full_q;   // halves that hold a complete vector
  // Give side.
  reg read_q;         // the half being given out
  reg [RowBits-1:0] row_q;
  reg out_valid_q;
  reg out_last_q;
  wire load = (!out_valid_q || ready_i) && (read_q ? full_q[1] : full_q[0]);
  wire row_last = row_q == LastRow[RowBits-1:0];
  wire filled = valid_q && last_q;
  wire emptied = load && row_last;
  assign given = out_valid_q && ready_i && out_last_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      fill_q <= 1'b0;
      full_q <= 2'b00;
      read_q <= 1'b0;
      out_valid_q <= 1'b0;
    end else begin
      valid_q <= valid_i;
      fill_q <= fill_q ^ filled;
      read_q <= read_q ^ emptied;
      full_q <= (full_q & ~({emptied, emptied} & {read_q, !read_q})) |
                ({filled, filled} & {fill_q, !fill_q});
      if (load) out_valid_q <= 1'b1;
      else if (ready_i) out_valid_q <= 1'b0;
    end
    last_q <= last_i;
    if (load) out_last_q <= row_last;
  end
  assign valid_o = out_valid_q;
  assign last_o = out_last_q;
  assign count_o = out_last_q ? Rest[CountBits-1:0] : Full[CountBits-1:0];

  // Reset runs the counter over the rows, to clear them; the first cycle after it sets it back.
  reg reset_q;
  always @(posedge clk_i) begin
    reset_q <= !rst_ni;
    if (reset_q && rst_ni) row_q <= {RowBits{1'b0}};
    else if (load || !rst_ni) row_q <= row_last ? {RowBits{1'b0}} : row_q + RowOne[RowBits-1:0];
  end

  // Sums, one register before the memory.
  wire [R-1:0] write;
  wire [R*ChannelBits-1:0] channels;
  wire [R*AccBits-1:0] sums;
  genvar r;
  genvar p;
  genvar h;
  generate
    for (r = 0; r < R; r = r + 1) begin : gen_slot
      wire [FieldBits-1:0] field = fields[r*FieldBits +: FieldBits];
      wire signed [AccBits-1:0] acc = acc_i[r*AccBits +: AccBits];
      wire signed [BiasBits-1:0] bias = field[BiasBits-1:0];
      reg signed [AccBits-1:0] sum_q;
      reg [ChannelBits-1:0] channel_q;
      reg used_q;
      always @(posedge clk_i) begin
        if (valid_i) begin
          sum_q <= acc + $signed({{(AccBits - BiasBits) {bias[BiasBits-1]}}, bias});
          channel_q <= field[BiasBits +: ChannelBits];
          used_q <= field[FieldBits-1];
        end
      end
      assign sums[r*AccBits +: AccBits] = sum_q;
      assign channels[r*ChannelBits +: ChannelBits] = channel_q;
      assign write[r] = valid_q && used_q;
    end

    for (p = 0; p < P; p = p + 1) begin : gen_place
      localparam [31:0] Here = p;
      wire [R-1:0] here;
      wire [R*RowBits-1:0] rows;
      wire [AccBits-1:0] word;
      reg [AccBits-1:0] word_q;
      for (r = 0; r < R; r = r + 1) begin : gen_slot
        wire [ChannelBits-1:0] channel = channels[r*ChannelBits +: ChannelBits];
        if (P > 1) begin : gen_some
          assign here[r] = write[r] && (channel & Mask[ChannelBits-1:0]) == Here[ChannelBits-1:0];
        end else begin : gen_all
          assign here[r] = write[r];
        end
        if (Rows > 1) begin : gen_rows
          assign rows[r*RowBits +: RowBits] = channel[PlaceBits +: RowBits];
        end else begin : gen_row
          assign rows[r*RowBits +: RowBits] = 1'b0;
        end
        wire unused = &{1'b0, channel};
      end

      if (R == 1) begin : gen_single
        // Every word is written for every vector: no clearing.
        (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
        reg [AccBits-1:0] words [0:(2<<RowBits)-1];
        integer w;
        initial for (w = 0; w < (2 << RowBits); w = w + 1) words[w] = {AccBits{1'b0}};
        always @(posedge clk_i) if (here[0]) words[{fill_q, rows}] <= sums;
        assign word = words[{read_q, row_q}];
      end else begin : gen_several
        // One memory a slot and half, at one address for reading, clearing and writing; the
        // slots that did not write a channel hold 0 there.
        wire [2*R*AccBits-1:0] reads;
        reg [AccBits-1:0] joined;
        integer j;
        for (h = 0; h < 2; h = h + 1) begin : gen_half
          wire giving = full_q[h] || !rst_ni;
          wire filling = fill_q == h;
          for (r = 0; r < R; r = r + 1) begin : gen_memory
            (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
            reg [AccBits-1:0] words [0:(1<<RowBits)-1];
            integer i;
            initial for (i = 0; i < (1 << RowBits); i = i + 1) words[i] = {AccBits{1'b0}};
            wire [RowBits-1:0] row = giving ? row_q : rows[r*RowBits +: RowBits];
            wire change = !rst_ni || (giving ? load && read_q == h : filling && here[r]);
            wire [AccBits-1:0] sum = giving ? {AccBits{1'b0}} : sums[r*AccBits +: AccBits];
            always @(posedge clk_i) if (change) words[row] <= sum;
            assign reads[(h*R+r)*AccBits +: AccBits] =
              (read_q == h) ? words[row] : {AccBits{1'b0}};
          end
        end
        always @(*) begin
          joined = {AccBits{1'b0}};
          for (j = 0; j < 2 * R; j = j + 1) joined = joined | reads[j*AccBits +: AccBits];
        end
        assign word = joined;
      end

      always @(posedge clk_i) if (load) word_q <= word;
      assign data_o[p*32 +: 32] = {{(32 - AccBits + 1) {word_q[AccBits-1]}}, word_q[AccBits-2:0]};
    end
  endgenerate

`ifdef FORMAL_logit_buffer
  // The environment: vectors are announced when ready_o is high, beats come for announced
  // vectors only, Beats beats each.
  reg past_q = 1'b0;
  reg gave_q;  // a vector went out
  reg [7:0] owed_q;
  reg [7:0] came_q;
  always @(posedge clk_i) begin
    past_q <= 1'b1;
    gave_q <= rst_ni && (gave_q || (valid_o && ready_i && last_o));
    if (!rst_ni) begin
      owed_q <= 8'd0;
      came_q <= 8'd0;
    end else begin
      owed_q <= owed_q + {7'd0, start_i} - {7'd0, valid_i && last_i};
      if (valid_i) came_q <= last_i ? 8'd0 : came_q + 8'd1;
    end
  end
  always @(*) begin
    if (!past_q) assume (!rst_ni);
    if (start_i) assume (ready_o && rst_ni);
    if (valid_i) assume (owed_q != 8'd0 && rst_ni);
    if (valid_i) assume (last_i == (came_q == Beats - 1));
  end

  always @(posedge clk_i) begin
    if (past_q && rst_ni && $past(rst_ni)) begin
      if ($past(valid_o && !ready_i)) begin
        assert (valid_o);
        assert ($stable({last_o, count_o, data_o}));
      end
      if ($past(ready_o && !start_i)) assert (ready_o);
      if (valid_o && !last_o) assert (count_o == P);
      // No vector is written over one that is not given out.
      if (valid_q) assert (!(fill_q ? full_q[1] : full_q[0]));
      cover (gave_q && valid_o && ready_i && last_o);
    end
  end
`endif

endmodule

`default_nettype wire
