// kwta_select: the K largest values of short vectors as tokens, R values a cycle, many vectors at once.
//
//   winners = the K largest values; a tie goes to the lower channel number; the winners that are not 0
//   leave as tokens {channel, value} in channel order
// Fewer than K channels all win. The value of the K-th largest is found bit by bit, most significant
// bit first (winner_level): a pipeline of OutBits levels, in which every vector is counted once a
// level. Behind it every value is compared with what was found, ties are counted until enough have
// won, and winner p of a vector goes to place p of K. Only these are stored.
//
// Vector input: start_i for one cycle while ready_o is high announces a vector; its Beats beats come
// in any later cycles, one behind the other without a gap, the last one with last_i. Value i of the
// vector is that of channel i, in beat i / R. Output: a token stream; T tokens a beat, all beats full
// but the last; token 0 (least significant) first; a vector without tokens is one beat with
// count_o = 0. data_o beyond count_o tokens has no meaning.
//
// Parameters
//   N            channels 0 .. N - 1; Beats = N / R, rounded up
//   K            winners, 1 to 32
//   R            values a cycle, a power of two, 4 or more
//   OutBits      of a value, 2 or more; Signed 1: two's complement (negative values can win)
//   ChannelBits  of a channel number, at least log2(N)
//   T            tokens a beat, 1 or more
//   Vectors      announced and not yet given out, a power of two, 2 or more. A vector a Beats cycles
//                wants (latency + what is in front of it) / Beats
// Timing, exact. Latency L = OutBits * (Beats + 2) + 6, initiation interval 1 beat:
//   first beat  the last value of a vector in cycle t, the last beat of the vector before taken
//               in cycle p: valid in cycle max(t + L, p + 1);
//   other beats each in the cycle after the one before is taken; n tokens: max(1, ceil(n / T));
//   ready_o     is high while fewer than Vectors vectors are announced and not yet given out: low
//               from the cycle after such a last start_i to the cycle p (included) in which the
//               last beat of the oldest is taken.
// It does not stall its input.
`default_nettype none

module kwta_select #(
  parameter N = 64,
  parameter K = 6,
  parameter R = 32,
  parameter Beats = 2,
  parameter OutBits = 8,
  parameter Signed = 0,
  parameter ChannelBits = 6,
  parameter T = 4,
  parameter Vectors = 32
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire start_i,
  output wire ready_o,
  input  wire valid_i,
  input  wire last_i,
  input  wire [R*OutBits-1:0] value_i,
  output wire valid_o,
  input  wire ready_i,
  output wire last_o,
  output wire [$clog2(T+1)-1:0] count_o,
  output wire [T*(ChannelBits+OutBits)-1:0] data_o
);

  localparam TokenBits = ChannelBits + OutBits;
  localparam NeedBits = $clog2(K + 1);
  localparam [31:0] KWord = K;
  localparam SlotBits = $clog2(R);
  localparam Groups = R / 4;
  localparam Period = Beats + 2;             // cycles of a level
  localparam Found = OutBits * Period;       // from a beat to its slots that tie with the K-th
  localparam Flags = Found + 5;
  localparam OutBeats = (K + T - 1) / T;
  localparam OutBeatBits = (OutBeats > 1) ? $clog2(OutBeats) : 1;
  localparam Places = OutBeats * T;          // K, filled up to whole beats
  localparam CountBits = $clog2(T + 1);
  localparam VectorBits = $clog2(Vectors);

  generate
    if (K < 1 || K > 32) begin : gen_illegal_k
      kwta_select_k_must_be_1_to_32 u_illegal ();
    end
    if (R < 4 || (1 << SlotBits) != R) begin : gen_illegal_r
      kwta_select_r_must_be_a_power_of_two_from_4_on u_illegal ();
    end
    if (N < 1 || N > Beats * R || N <= (Beats - 1) * R) begin : gen_illegal_beats
      kwta_select_beats_must_hold_all_channels u_illegal ();
    end
    if (OutBits < 2 || ChannelBits < 1 || ChannelBits < $clog2(N) || T < 1) begin : gen_illegal_bits
      kwta_select_bits_or_tokens_out_of_range u_illegal ();
    end
    if (Vectors < 2 || (1 << VectorBits) != Vectors) begin : gen_illegal_vectors
      kwta_select_vectors_must_be_a_power_of_two_from_2_on u_illegal ();
    end
  endgenerate

  // ---- announced and not given out, fewer than Vectors of them. Numbers of vectors, modulo Vectors;
  // `given` and start_i are late, so the rest is known before them and kept apart in synthesis.
  localparam [VectorBits:0] VectorOne = 1;
  wire given;
  reg ready_q;
  reg [VectorBits-1:0] announced_q;   // of the vector announced after the next
  reg [VectorBits-1:0] write_q;       // of the next that waits
  reg [VectorBits-1:0] read_q;        // of the next given out
  reg [VectorBits-1:0] read_next_q;   // of the one behind it
  wire ready;
  wire one_missing = (announced_q == read_q);
  (* keep_hierarchy = "yes" *)
  word_select #(.Words(4), .IndexBits(2), .Width(1)) u_ready (
    .index_i({given, start_i}), .words_i({2'b11, ready_q & !one_missing, ready_q}), .word_o(ready)
  );
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ready_q <= 1'b1;
      announced_q <= VectorOne[VectorBits-1:0];
      read_q <= {VectorBits{1'b0}};
      read_next_q <= VectorOne[VectorBits-1:0];
    end else begin
      ready_q <= ready;
      if (start_i) announced_q <= announced_q + VectorOne[VectorBits-1:0];
      if (given) begin
        read_q <= read_next_q;
        read_next_q <= read_next_q + VectorOne[VectorBits-1:0];
      end
    end
  end
  assign ready_o = ready_q;

  // ---- flags c cycles behind the beat
  reg begun_q;  // a vector has begun, its last beat is to come
  reg [Flags:1] valid_q, first_q, last_q;
  wire [Flags:0] valid = {valid_q, valid_i};
  wire [Flags:0] first = {first_q, !begun_q};
  wire [Flags:0] last = {last_q, last_i};
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      begun_q <= 1'b0;
      valid_q <= {Flags{1'b0}};
    end else begin
      if (valid_i) begun_q <= !last_i;
      valid_q <= valid[Flags-1:0];
    end
    first_q <= first[Flags-1:0];
    last_q <= last[Flags-1:0];
  end
  wire unused_flags = &{1'b0, valid, first, last};

  // ---- bits of the values, most significant first; a signed value with its first bit inverted
  // orders as an unsigned one
  wire [R*OutBits-1:0] found_values;  // Found cycles behind
  wire [R-1:0] present;               // slots of channels that there are
  wire [R-1:0] found_present;
  wire [R-1:0] ties;
  wire [NeedBits-1:0] need;
  wire [OutBits-1:0] threshold;
  genvar r, b, g, p;
  generate
    if (N == Beats * R) begin : gen_all_present
      assign present = {R{1'b1}};
      assign found_present = {R{1'b1}};
    end else begin : gen_some_present
      localparam Rest = N - (Beats - 1) * R;
      assign present = {{(R-Rest){!last_i}}, {Rest{1'b1}}};
      assign found_present = {{(R-Rest){!last[Found]}}, {Rest{1'b1}}};
    end
    for (b = 0; b < OutBits; b = b + 1) begin : gen_level
      localparam Bit = OutBits - 1 - b;
      localparam From = b * Period;
      wire [R-1:0] bits, bits_now, bits_counted, bits_found, active_before, active;
      wire [NeedBits-1:0] need_before, need_after;
      wire reached;
      for (r = 0; r < R; r = r + 1) begin : gen_slot
        assign bits[r] = value_i[r*OutBits+Bit] ^ ((Signed != 0 && b == 0) ? 1'b1 : 1'b0);
        assign found_values[r*OutBits+Bit] = bits_found[r];
      end
      delay_line #(.Width(R), .Cycles(From)) u_bits (
        .clk_i(clk_i), .word_i(bits), .word_o(bits_now)
      );
      if (b == 0) begin : gen_first
        assign active_before = present;
        assign need_before = KWord[NeedBits-1:0];
      end else begin : gen_later
        assign active_before = gen_level[b-1].active;
        // changes Period - 1 - Beats cycles before the vector's first beat
        delay_line #(.Width(NeedBits), .Cycles(Beats + 1)) u_need (
          .clk_i(clk_i), .word_i(gen_level[b-1].need_after), .word_o(need_before)
        );
      end
      winner_level #(.R(R), .Beats(Beats), .Bits(NeedBits)) u_level (
        .clk_i(clk_i), .valid_i(valid[From +: Beats+2]), .first_i(first[From+1]),
        .last_i(last[From+1]), .active_i(active_before), .bit_i(bits_now), .need_i(need_before),
        .reached_o(reached), .need_o(need_after), .bit_o(bits_counted), .active_o(active)
      );
      delay_line #(.Width(R), .Cycles(Found - From - Beats - 1)) u_found_bits (
        .clk_i(clk_i), .word_i(bits_counted), .word_o(bits_found)
      );
      delay_line #(.Width(1), .Cycles(Found - From - Beats - 1)) u_found_threshold (
        .clk_i(clk_i), .word_i(reached), .word_o(threshold[Bit])
      );
    end
  endgenerate
  assign ties = gen_level[OutBits-1].active;
  delay_line #(.Width(NeedBits), .Cycles(2)) u_need (
    .clk_i(clk_i), .word_i(gen_level[OutBits-1].need_after), .word_o(need)
  );

  // ---- Found: larger than the K-th, which no zero is; ties before each group
  localparam Zero = (Signed != 0) ? 1 << (OutBits - 1) : 0;
  localparam [31:0] ZeroWord = Zero;
  reg [R-1:0] larger_q, ties_q;
  reg zero_q;  // the K-th is 0: its ties are no tokens
  wire [R-1:0] larger;
  wire [Groups*NeedBits-1:0] tie_base;
  wire [2*R-1:0] tie_behind;
  wire [NeedBits-1:0] unused_before, unused_after;
  prefix_count #(.R(R), .Bits(NeedBits)) u_ties (
    .clk_i(clk_i), .valid_i(valid[Found]), .first_i(first[Found]), .flags_i(ties),
    .base_o(tie_base), .behind_o(tie_behind), .before_o(unused_before), .after_o(unused_after)
  );

  localparam Parts = (OutBits + 2) / 3;  // of a comparison
  genvar part;
  generate
    for (r = 0; r < R; r = r + 1) begin : gen_larger
      wire [OutBits-1:0] value = found_values[r*OutBits +: OutBits];
      wire [Parts-1:0] higher, equal;
      reg above;
      integer i;
      for (part = 0; part < Parts; part = part + 1) begin : gen_part
        localparam Bits = (OutBits - 3 * part < 3) ? OutBits - 3 * part : 3;
        value_above #(.Bits(Bits)) u_above (
          .a_i(value[3*part +: Bits]), .b_i(threshold[3*part +: Bits]), 
          .above_o(higher[part]), .equal_o(equal[part])
        );
      end
      always @(*) begin
        above = 1'b0;
        for (i = 0; i < Parts; i = i + 1) above = higher[i] | (equal[i] & above);
      end
      if (Signed != 0) begin : gen_signed
        assign larger[r] =
          above & (value != ZeroWord[OutBits-1:0]) & found_present[r];
      end else begin : gen_unsigned
        assign larger[r] = above & found_present[r];
      end
    end
  endgenerate
  always @(posedge clk_i) begin
    if (valid[Found]) begin
      larger_q <= larger;
      ties_q <= ties;
      zero_q <= (threshold == ZeroWord[OutBits-1:0]);
    end
  end

  // ---- Found + 1: winners. A group has room for `need` ties less those before it.
  wire [R-1:0] wins;
  reg [R-1:0] wins_q;
  wire [NeedBits-1:0] wanted = need & {NeedBits{!zero_q}};
  generate
    for (g = 0; g < Groups; g = g + 1) begin : gen_group_wins
      wire [2:0] room;
      tie_room #(.Bits(NeedBits)) u_room (
        .wanted_i(wanted), .had_i(tie_base[g*NeedBits +: NeedBits]), .room_o(room)
      );
      for (r = 0; r < 4; r = r + 1) begin : gen_slot
        assign wins[g*4+r] =
          larger_q[g*4+r] | (ties_q[g*4+r] & (room > {1'b0, tie_behind[2*(g*4+r) +: 2]}));
      end
    end
  endgenerate
  always @(posedge clk_i) if (valid[Found+1]) wins_q <= wins;

  // ---- Found + 2: winners before each group
  wire [Groups*NeedBits-1:0] base;
  wire [2*R-1:0] behind;
  wire [NeedBits-1:0] count_before, count_after;
  reg [R-1:0] winner_q;
  prefix_count #(.R(R), .Bits(NeedBits)) u_winners (
    .clk_i(clk_i), .valid_i(valid[Found+2]), .first_i(first[Found+2]), .flags_i(wins_q),
    .base_o(base), .behind_o(behind), .before_o(count_before), .after_o(count_after)
  );
  always @(posedge clk_i) if (valid[Found+2]) winner_q <= wins_q;

  // ---- Found + 3: which slot has the winner of each place. Values follow without a shift register
  // of LUTs, since only beats move.
  reg [R*OutBits-1:0] values_1_q, values_2_q, values_3_q, values_4_q;
  always @(posedge clk_i) begin
    if (valid[Found]) values_1_q <= found_values;
    if (valid[Found+1]) values_2_q <= values_1_q;
    if (valid[Found+2]) values_3_q <= values_2_q;
    if (valid[Found+3]) values_4_q <= values_3_q;
  end

  reg [NeedBits-1:0] total_q;  // winners of the vector up to this beat
  wire [R*OutBits-1:0] columns;
  generate
    // bit b of all values side by side
    for (b = 0; b < OutBits; b = b + 1) begin : gen_column
      for (r = 0; r < R; r = r + 1) begin : gen_value
        assign columns[b*R+r] = values_4_q[r*OutBits+b];
      end
    end
  endgenerate
  always @(posedge clk_i) if (valid[Found+3]) total_q <= count_after;

  // ---- Found + 4: the token of each place. Found + 5: all of the vector are there.
  localparam BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam [BeatBits:0] BeatOne = 1;
  localparam WideBits = BeatBits + SlotBits + ChannelBits;
  reg [BeatBits-1:0] beat_q;
  always @(posedge clk_i) begin
    if (!rst_ni) beat_q <= {BeatBits{1'b0}};
    else if (valid[Found+4]) beat_q <= last[Found+4] ? {BeatBits{1'b0}} : beat_q + BeatOne[BeatBits-1:0];
  end
  wire [Places*TokenBits-1:0] tokens;
  generate
    for (p = 0; p < Places; p = p + 1) begin : gen_place
      if (p < K) begin : gen_winner
        localparam [31:0] Place = p;
        wire [R-1:0] hits;
        wire [SlotBits-1:0] slot;
        wire [OutBits-1:0] value;
        reg [SlotBits-1:0] slot_q;
        reg here_q;  // in this beat
        reg [TokenBits-1:0] token_q;
        initial token_q = {TokenBits{1'b0}};
        place_hits #(.R(R), .Bits(NeedBits), .Place(p)) u_hits (
          .winner_i(winner_q), .base_i(base), .behind_i(behind), .hits_o(hits)
        );
        for (b = 0; b < SlotBits; b = b + 1) begin : gen_bit
          wire [R/2-1:0] ones;
          for (r = 0; r < R / 2; r = r + 1) begin : gen_one
            assign ones[r] = hits[((r >> b) << (b + 1)) + (1 << b) + (r & ((1 << b) - 1))];
          end
          assign slot[b] = |ones;
        end
        for (b = 0; b < OutBits; b = b + 1) begin : gen_value
          wire [R-1:0] column = columns[b*R +: R];
          assign value[b] = column[slot_q] ^ ((Signed != 0 && b == OutBits - 1) ? 1'b1 : 1'b0);
        end
        wire [WideBits-1:0] channel =
          ({{(WideBits-BeatBits){1'b0}}, beat_q} << SlotBits) | {{(WideBits-SlotBits){1'b0}}, slot_q};
        wire unused = &{1'b0, channel, hits[0]};
        always @(posedge clk_i) begin
          if (valid[Found+3]) begin
            slot_q <= slot;
            here_q <= (count_before <= Place[NeedBits-1:0]) & (count_after > Place[NeedBits-1:0]);
          end
          if (valid[Found+4] & here_q) token_q <= {channel[ChannelBits-1:0], value};
        end
        assign tokens[p*TokenBits +: TokenBits] = token_q;
      end else begin : gen_none
        assign tokens[p*TokenBits +: TokenBits] = {TokenBits{1'b0}};
      end
    end
  endgenerate
  // beats before the last one of the vector, and tokens in that one
  reg [OutBeatBits-1:0] full_beats, full_beats_q;
  reg [CountBits-1:0] rest, rest_q;
  integer number, beats;
  always @(*) begin
    full_beats = {OutBeatBits{1'b0}};
    rest = {CountBits{1'b0}};
    for (number = 1; number <= K; number = number + 1) begin
      beats = (number - 1) / T;
      if (total_q == number[NeedBits-1:0]) begin
        full_beats = beats[OutBeatBits-1:0];
        beats = number - beats * T;
        rest = beats[CountBits-1:0];
      end
    end
  end
  always @(posedge clk_i) begin
    if (valid[Found+4]) begin
      full_beats_q <= full_beats;
      rest_q <= rest;
    end
  end

  // ---- vectors that wait
  (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
  reg [OutBeatBits+CountBits+Places*TokenBits-1:0] waiting [0:Vectors-1];
  reg some_q;  // any waits
  reg [OutBeatBits-1:0] out_beat_q;
  wire write = valid[Found+5] & last[Found+5];
  wire [OutBeatBits-1:0] last_beat;
  wire [CountBits-1:0] last_count;
  wire [Places*TokenBits-1:0] places;
  assign {last_beat, last_count, places} = waiting[read_q];
  localparam [OutBeatBits:0] OutBeatOne = 1;
  wire taken = valid_o & ready_i;
  assign given = taken & last_o;
  always @(posedge clk_i) begin
    if (write) waiting[write_q] <= {full_beats_q, rest_q, tokens};
    if (!rst_ni) begin
      write_q <= {VectorBits{1'b0}};
      some_q <= 1'b0;
      out_beat_q <= {OutBeatBits{1'b0}};
    end else begin
      if (write) write_q <= write_q + VectorOne[VectorBits-1:0];
      some_q <= write | (given ? write_q != read_next_q : some_q);
      if (taken) out_beat_q <= last_o ? {OutBeatBits{1'b0}} : out_beat_q + OutBeatOne[OutBeatBits-1:0];
    end
  end
  assign valid_o = some_q;

  localparam [31:0] TWord = T;
  assign last_o = (OutBeats == 1) | (out_beat_q == last_beat);
  assign count_o = last_o ? last_count : TWord[CountBits-1:0];
  word_select #(.Words(OutBeats), .IndexBits(OutBeatBits), .Width(T*TokenBits)) u_beat (
    .index_i(out_beat_q), .words_i(places), .word_o(data_o)
  );

`ifdef FORMAL_kwta_select
  // The environment: vectors are announced when ready_o is high, beats come for announced vectors
  // only, Beats beats each without a gap.
  reg past_q = 1'b0;
  reg gave_q;  // a vector went out
  reg [7:0] owed_q;
  reg [7:0] came_q;
  reg [VectorBits:0] waiting_q;
  reg [VectorBits:0] begun_f_q;  // announced and not given out
  always @(posedge clk_i) begin
    past_q <= 1'b1;
    gave_q <= rst_ni && (gave_q || given);
    if (!rst_ni) begin
      owed_q <= 8'd0;
      came_q <= 8'd0;
      waiting_q <= {(VectorBits+1){1'b0}};
      begun_f_q <= {(VectorBits+1){1'b0}};
    end else begin
      waiting_q <= waiting_q + {{VectorBits{1'b0}}, write} - {{VectorBits{1'b0}}, given};
      begun_f_q <= begun_f_q + {{VectorBits{1'b0}}, start_i} - {{VectorBits{1'b0}}, given};
      owed_q <= owed_q + {7'd0, start_i} - {7'd0, valid_i && last_i};
      if (valid_i) came_q <= last_i ? 8'd0 : came_q + 8'd1;
    end
  end
  always @(*) begin
    if (!past_q) assume (!rst_ni);
    if (start_i) assume (ready_o && rst_ni);
    if (valid_i) assume (owed_q != 8'd0 && rst_ni);
    if (valid_i) assume (last_i == (came_q == Beats - 1));
    if (past_q && rst_ni && came_q != 8'd0) assume (valid_i);
  end
  always @(posedge clk_i) begin
    if (past_q && rst_ni) begin
      assert (some_q == (waiting_q != 0));
      assert (waiting_q[VectorBits-1:0] == write_q - read_q);
      assert (waiting_q <= Vectors);
      assert (ready_q == (begun_f_q != Vectors));
      assert (begun_f_q[VectorBits-1:0] == announced_q - read_next_q);
      assert (begun_f_q <= Vectors);
    end
    if (past_q && rst_ni && $past(rst_ni)) begin
      if ($past(valid_o && !ready_i)) begin
        assert (valid_o);
        assert ($stable({last_o, count_o, data_o}));
      end
      if ($past(ready_o && !start_i)) assert (ready_o);
      if (valid_o && !last_o) assert (count_o == T);
      // No vector is written over one that is not given out.
      if (write) assert (waiting_q != Vectors);
      cover (gave_q && valid_o && ready_i && last_o);
    end
  end

  // what leaves is the winners
  reg [R-1:0] check_used;
  reg [R*ChannelBits-1:0] check_channels;
  integer f;
  always @(*) begin
    for (f = 0; f < R; f = f + 1) begin
      check_used[f] = came_q * R + f < N;
      check_channels[f*ChannelBits +: ChannelBits] = came_q * R + f;
    end
  end
  winners_check #(
    .N(N), .K(K), .R(R), .T(T), .OutBits(OutBits), .Signed(Signed), .ChannelBits(ChannelBits)
  ) u_check (
    .clk_i(clk_i), .rst_ni(rst_ni), .come_i(valid_i), .come_last_i(last_i), .used_i(check_used),
    .channel_i(check_channels), .value_i(value_i), .give_i(taken), .give_last_i(last_o), .count_i(count_o),
    .data_i(data_o)
  );
`endif

endmodule

`default_nettype wire
