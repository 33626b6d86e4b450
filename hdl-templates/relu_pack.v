// relu_pack: the non-zero values of a vector as tokens, R values a cycle in, T tokens a beat out.
//
//   tokens = {channel, value} of the used slots with value != 0, in the order of arrival (slot 0
//   first inside_group a beat)
//
// Vector input: start_i for one cycle while ready_o is high announces a vector; its beats follow
// in any later cycles, never stalled, the last one with last_i. Output: a token stream; all beats
// of a vector full but the last; token 0 least significant; a vector without tokens is one beat
// with count_o = 0. data_o beyond count_o tokens has no meaning.
//
// Parameters
//   R            slots a cycle, a power of two
//   T            tokens a beat, a power of two
//   Beats        beats a vector at most, 1 or more
//   MaxTokens    tokens a vector at most, where fewer than Beats * R; 0: no such limit
//   OutBits      of a value (its sign does not matter here)
//   ChannelBits  of a channel number
//   CommonBits   so many most significant bits of the channel are the same in all slots of a
//                beat and bypass the crossbar, 0 to ChannelBits - 1
//   Buffers      vectors buffered, a power of two, 2 or more; more than 2 keep the interval at
//                the input beats where vectors are short (memory is 32 rows deep anyway)
// Timing, exact. Latency 4, initiation interval 1 beat:
//   first beat   the last beat of a vector in cycle t, the last beat of the vector before taken
//                in cycle p: valid in cycle max(t + 4, p + 1);
//   other beats  each in the cycle after the one before is taken; n tokens: max(1, ceil(n / T));
//   ready_o      is high while fewer than Buffers vectors are announced and not yet given out:
//                low from the cycle after the last such start_i to the cycle p (included) in
//                which the last beat of the oldest is taken.
// A vector leaves when it is complete, not before. It does not clamp, sort or select.
`default_nettype none

module relu_pack #(
  parameter R = 4,
  parameter T = 4,
  parameter Beats = 16,
  parameter MaxTokens = 0,
  parameter OutBits = 8,
  parameter ChannelBits = 6,
  parameter CommonBits = 0,
  parameter Buffers = 2
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire start_i,
  output wire ready_o,
  input  wire valid_i,
  input  wire last_i,
  input  wire [R-1:0] used_i,
  input  wire [R*ChannelBits-1:0] channel_i,
  input  wire [R*OutBits-1:0] value_i,
  output wire valid_o,
  input  wire ready_i,
  output wire last_o,
  output wire [$clog2(T+1)-1:0] count_o,
  output wire [T*(ChannelBits+OutBits)-1:0] data_o
);

  localparam TokenBits = ChannelBits + OutBits;
  localparam OwnBits = TokenBits - CommonBits;  // what differs between the slots of a beat
  // Token n of a vector lies in bank n % Banks, row n / Banks.
  localparam Banks = (R > T) ? R : T;
  localparam BankLog = $clog2(Banks);
  localparam BankBits = (Banks > 1) ? BankLog : 1;
  localparam Capacity = (MaxTokens > 0 && MaxTokens < Beats * R) ? MaxTokens : Beats * R;
  localparam Rows = (Capacity + Banks - 1) / Banks;
  localparam RowBits = (Rows > 1) ? $clog2(Rows) : 1;
  localparam NumberBits = BankLog + RowBits + 1;  // of a number of tokens, up to Rows * Banks
  localparam SumBits = $clog2(R + 1);
  localparam SlotBits = (R > 1) ? $clog2(R) : 1;
  localparam TLog = $clog2(T);
  localparam CountBits = $clog2(T + 1);
  localparam BufferBits = $clog2(Buffers);
  localparam Groups = Banks / T;  // output beats a row
  localparam GroupLog = BankLog - TLog;
  localparam BeatBits = NumberBits - TLog;
  localparam [31:0] FullWord = T;
  localparam [31:0] BuffersWord = Buffers;
  localparam [RowBits:0] RowOne = {{RowBits{1'b0}}, 1'b1};
  localparam [NumberBits:0] NumberOne = {{NumberBits{1'b0}}, 1'b1};
  localparam [BufferBits:0] BufferOne = {{BufferBits{1'b0}}, 1'b1};
  localparam [Buffers-1:0] BufferFirst = {{(Buffers - 1) {1'b0}}, 1'b1};
  localparam [BeatBits:0] BeatOne = {{BeatBits{1'b0}}, 1'b1};
  localparam [CountBits:0] CountOne = {{CountBits{1'b0}}, 1'b1};

  generate
    if (R < 1 || (1 << $clog2(R)) != R || T < 1 || (1 << TLog) != T) begin : gen_illegal_rate
      relu_pack_r_and_t_must_be_powers_of_two u_illegal ();
    end
    if (Buffers < 2 || (1 << BufferBits) != Buffers) begin : gen_illegal_buffers
      relu_pack_buffers_must_be_a_power_of_two u_illegal ();
    end
    if (Beats < 1 || CommonBits < 0 || CommonBits >= ChannelBits) begin : gen_illegal_size
      relu_pack_beats_or_common_bits_out_of_range u_illegal ();
    end
  endgenerate

  // Vectors announced and not yet given out.
  reg [BufferBits:0] pending_q;
  wire given;
  always @(posedge clk_i) begin
    if (!rst_ni) pending_q <= {(BufferBits + 1) {1'b0}};
    else if (start_i && !given) pending_q <= pending_q + BufferOne;
    else if (given && !start_i) pending_q <= pending_q - BufferOne;
  end
  assign ready_o = pending_q != BuffersWord[BufferBits:0];

  // A small sum in look-up tables: carry chains one behind another would be slower.
  function [SumBits-1:0] plus;
    input [SumBits-1:0] left;
    input [SumBits-1:0] right;
    integer i;
    reg carry;
    begin
      carry = 1'b0;
      for (i = 0; i < SumBits; i = i + 1) begin
        plus[i] = left[i] ^ right[i] ^ carry;
        carry = (left[i] && right[i]) || (carry && (left[i] || right[i]));
      end
    end
  endfunction

  // Stage 1: which slots hold tokens, and how many before each in this beat, counted within
  // groups of four and over the groups before.
  reg valid_1_q;
  reg last_1_q;
  reg [R-1:0] live_1_q;
  reg [SumBits-1:0] sum_1_q;
  reg [R*SlotBits-1:0] rank_1_q;
  wire [R-1:0] live;
  reg [(R+1)*SumBits-1:0] ranks;
  reg [SumBits-1:0] group;
  reg [SumBits-1:0] inside_group;
  integer n;
  integer m;
  always @(*) begin
    group = {SumBits{1'b0}};
    inside_group = {SumBits{1'b0}};
    for (n = 0; n < R; n = n + 1) begin
      ranks[n*SumBits +: SumBits] = plus(group, inside_group);
      inside_group = plus(inside_group, {{(SumBits - 1) {1'b0}}, live[n]});
      if (n % 4 == 3) begin
        group = plus(group, inside_group);
        inside_group = {SumBits{1'b0}};
      end
    end
    ranks[R*SumBits +: SumBits] = plus(group, inside_group);
  end
  always @(posedge clk_i) begin
    if (!rst_ni) valid_1_q <= 1'b0;
    else valid_1_q <= valid_i;
    last_1_q <= last_i;
    live_1_q <= live & {R{valid_i}};
    sum_1_q <= ranks[R*SumBits +: SumBits];
    for (m = 0; m < R; m = m + 1) begin
      rank_1_q[m*SlotBits +: SlotBits] <= ranks[m*SumBits +: SlotBits];
    end
  end

  // Stage 2: the number of tokens before this beat gives each token its bank and row.
  reg [NumberBits-1:0] number_q;
  reg [NumberBits-1:0] total_2_q;
  reg last_2_q;
  reg [RowBits-1:0] row_2_q;
  reg [RowBits-1:0] row_next_2_q;
  wire [NumberBits-1:0] sum_wide = {{(NumberBits - SumBits) {1'b0}}, sum_1_q};
  wire [NumberBits-1:0] number_next = number_q + sum_wide;
  wire [BankBits-1:0] bank_base;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      number_q <= {NumberBits{1'b0}};
      last_2_q <= 1'b0;
    end else begin
      if (valid_1_q) number_q <= last_1_q ? {NumberBits{1'b0}} : number_next;
      last_2_q <= valid_1_q && last_1_q;
    end
    if (valid_1_q) begin
      total_2_q <= number_next;
      row_2_q <= number_q[BankLog +: RowBits];
      row_next_2_q <= number_q[BankLog +: RowBits] + RowOne[RowBits-1:0];
    end
  end

  // Complete vectors: beats - 1 and tokens in the last beat of each buffer.
  reg [BufferBits-1:0] fill_q;
  reg [BufferBits-1:0] read_q;
  reg [Buffers-1:0] full_q;
  (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
  reg [BeatBits+CountBits-1:0] vectors [0:Buffers-1];
  wire [NumberBits-1:0] total_less = total_2_q - NumberOne[NumberBits-1:0];
  wire empty = total_2_q == {NumberBits{1'b0}};
  wire [BeatBits-1:0] beats = empty ? {BeatBits{1'b0}} : total_less[NumberBits-1:TLog];
  wire [CountBits-1:0] count_less;
  wire [CountBits-1:0] count = empty ? {CountBits{1'b0}} : count_less + CountOne[CountBits-1:0];

  // Give side.
  reg valid_q;
  reg last_q;
  reg [CountBits-1:0] count_q;
  reg [BeatBits-1:0] beat_q;
  wire load = (!valid_q || ready_i) && full_q[read_q];
  wire [BeatBits-1:0] read_beats;
  wire [CountBits-1:0] read_count;
  assign {read_beats, read_count} = vectors[read_q];
  wire beat_last = beat_q == read_beats;
  assign given = valid_q && ready_i && last_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      fill_q <= {BufferBits{1'b0}};
      read_q <= {BufferBits{1'b0}};
      full_q <= {Buffers{1'b0}};
      beat_q <= {BeatBits{1'b0}};
      valid_q <= 1'b0;
    end else begin
      if (last_2_q) fill_q <= fill_q + BufferOne[BufferBits-1:0];
      if (load) beat_q <= beat_last ? {BeatBits{1'b0}} : beat_q + BeatOne[BeatBits-1:0];
      if (load && beat_last) read_q <= read_q + BufferOne[BufferBits-1:0];
      full_q <= (full_q & ~((load && beat_last) ? BufferFirst << read_q : {Buffers{1'b0}})) |
                (last_2_q ? BufferFirst << fill_q : {Buffers{1'b0}});
      if (load) valid_q <= 1'b1;
      else if (ready_i) valid_q <= 1'b0;
    end
    if (last_2_q) vectors[fill_q] <= {beats, count};
    if (load) begin
      last_q <= beat_last;
      count_q <= beat_last ? read_count : FullWord[CountBits-1:0];
    end
  end
  assign valid_o = valid_q;
  assign last_o = last_q;
  assign count_o = count_q;

  // Bank of a token: its rank in the beat behind the tokens before the beat.
  function [BankBits-1:0] bank_of;
    input [BankBits-1:0] rank;
    input [BankBits-1:0] base;
    integer i;
    reg carry;
    begin
      carry = 1'b0;
      for (i = 0; i < BankBits; i = i + 1) begin
        bank_of[i] = rank[i] ^ base[i] ^ carry;
        carry = (rank[i] && base[i]) || (carry && (rank[i] || base[i]));
      end
    end
  endfunction

  wire [R*BankBits-1:0] banks;
  wire [R*OwnBits-1:0] own_2;
  wire [Banks*TokenBits-1:0] row_words;
  genvar r;
  genvar b;
  genvar t;
  genvar g;
  genvar j;
  generate
    if (Banks > 1) begin : gen_bank_base
      assign bank_base = number_q[BankBits-1:0];
    end else begin : gen_no_bank_base
      assign bank_base = 1'b0;
    end
    if (T > 1) begin : gen_count
      assign count_less = {1'b0, total_less[CountBits-2:0]};
    end else begin : gen_no_count
      assign count_less = 1'b0;
    end

    for (r = 0; r < R; r = r + 1) begin : gen_slot
      reg [OwnBits-1:0] own_1_q;
      reg [OwnBits-1:0] own_2_q;
      assign live[r] = used_i[r] && value_i[r*OutBits +: OutBits] != {OutBits{1'b0}};
      always @(posedge clk_i) begin
        if (valid_i && live[r]) begin
          own_1_q <= {channel_i[r*ChannelBits +: ChannelBits-CommonBits],
                      value_i[r*OutBits +: OutBits]};
        end
        own_2_q <= own_1_q;
      end
      assign own_2[r*OwnBits +: OwnBits] = own_2_q;
      if (Banks > 1) begin : gen_bank
        assign banks[r*BankBits +: BankBits] =
          bank_of({{(BankBits - SlotBits) {1'b0}}, rank_1_q[r*SlotBits +: SlotBits]}, bank_base);
      end else begin : gen_no_bank
        wire unused = &{1'b0, rank_1_q, bank_base};
        assign banks[r*BankBits +: BankBits] = 1'b0;
      end
    end

    // Crossbar: each bank picks the slot whose token is its own, one register before the write.
    for (b = 0; b < Banks; b = b + 1) begin : gen_bank
      localparam [31:0] Here = b;
      reg pick;
      reg [SlotBits-1:0] slot;
      reg pick_q;
      reg [SlotBits-1:0] slot_q;
      wire wrap;  // the token belongs to the row after the first one
      reg wrap_q;
      integer s;
      always @(*) begin
        pick = 1'b0;
        slot = {SlotBits{1'b0}};
        for (s = 0; s < R; s = s + 1) begin
          if (live_1_q[s] && banks[s*BankBits +: BankBits] == Here[BankBits-1:0]) begin
            pick = 1'b1;
            slot = slot | s[SlotBits-1:0];
          end
        end
      end
      always @(posedge clk_i) begin
        pick_q <= pick;
        slot_q <= slot;
        wrap_q <= wrap;
      end
      if (b < Banks - 1) begin : gen_wrap
        assign wrap = Here[BankBits-1:0] < bank_base;
      end else begin : gen_no_wrap
        assign wrap = 1'b0;
      end

      (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
      reg [TokenBits-1:0] words [0:(Buffers<<RowBits)-1];
      integer i;
      initial for (i = 0; i < (Buffers << RowBits); i = i + 1) words[i] = {TokenBits{1'b0}};
      wire [OwnBits-1:0] own;
      wire [TokenBits-1:0] token;
      wire [RowBits-1:0] row = wrap_q ? row_next_2_q : row_2_q;
      always @(posedge clk_i) if (pick_q) words[{fill_q, row}] <= token;
      assign row_words[b*TokenBits +: TokenBits] = words[{read_q, beat_q[GroupLog +: RowBits]}];
      for (j = 0; j < OwnBits; j = j + 1) begin : gen_bit
        wire [R-1:0] bits;
        for (r = 0; r < R; r = r + 1) begin : gen_slot
          assign bits[r] = own_2[r*OwnBits+j];
        end
        assign own[j] = bits[slot_q];
      end
      if (CommonBits > 0) begin : gen_common
        assign token = {gen_common_stage.common_2_q, own};
      end else begin : gen_own
        assign token = own;
      end
    end

    if (CommonBits > 0) begin : gen_common_stage
      wire unused = &{1'b0, channel_i};
      reg [CommonBits-1:0] common_1_q;
      reg [CommonBits-1:0] common_2_q;
      always @(posedge clk_i) begin
        if (valid_i) common_1_q <= channel_i[ChannelBits-1 -: CommonBits];
        common_2_q <= common_1_q;
      end
    end

    // Output registers.
    for (t = 0; t < T; t = t + 1) begin : gen_token
      wire [TokenBits-1:0] token;
      reg [TokenBits-1:0] token_q;
      for (j = 0; j < TokenBits; j = j + 1) begin : gen_bit
        wire [Groups-1:0] bits;
        for (g = 0; g < Groups; g = g + 1) begin : gen_group
          assign bits[g] = row_words[(g*T+t)*TokenBits+j];
        end
        if (Groups > 1) begin : gen_select
          assign token[j] = bits[beat_q[GroupLog-1:0]];
        end else begin : gen_whole
          assign token[j] = bits;
        end
      end
      always @(posedge clk_i) if (load) token_q <= token;
      assign data_o[t*TokenBits +: TokenBits] = token_q;
    end
  endgenerate

`ifdef FORMAL_relu_pack
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
      if (valid_o && !last_o) assert (count_o == T);
      // No vector is written over one that is not given out.
      if (valid_1_q) assert (!full_q[fill_q + {{(BufferBits - 1) {1'b0}}, last_2_q}]);
      cover (gave_q && valid_o && ready_i && last_o);
    end
  end
`endif

endmodule

`default_nettype wire
