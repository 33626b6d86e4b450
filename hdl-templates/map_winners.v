// map_winners: k-winner-take-all over a whole feature map that comes as tokens.
//
//   winners = the K largest of all Channels * Sites values; a tie goes to the lowest
//   channel * Sites + site; the winners that are not 0 leave, at their sites
// KeepTies = 1: all values equal to the K-th win too. Absent tokens are 0 and take part: where
// there are fewer than K positive values, zeros win before negative ones.
// Sites leave in the order they came, all of them, also those without a winner. Tokens of a site
// keep their order.
//
//   tokens -> two maps in memory --+--> which of the ties win -+-> second reading -> relu_pack
//         \-> histogram of values -+-> value of the K-th ------/
//
// While one map is worked on, the next one enters. Ties: the channels are gone through in order
// until the ties that may win are used up; channels before that one win all their ties, it wins
// the first so many.
//
// Parameters
//   Channels, Sites  of a map, 1 or more; K winners, 1 to Channels * Sites; KeepTies
//   ChannelBits, ValueBits  widths in a token; values 2 to 12 bits; Signed 1: two's complement
//   T                tokens a beat, a power of two; a beat is full but for a site's last
//   SiteBeats        beats of a site at most
//   MapBeats         beats of a map at most, 2 or more
//   BlockMemory      1: maps in block memory, 0: in distributed memory
// Timing, exact. Map v has b(v) beats, its last beat is taken in cycle t(v); terms of maps and
// sites that do not exist are left out. With D = 2^ValueBits:
//   first beat of map v      is taken from cycle e(v - 2) + 1 on
//   search starts in cycle   c(v) = max(t(v), e(v - 1)) + 2
//   second reading from      f(v) = c(v) + D + 2 + (KeepTies ? 0 : b(v) + Channels + 5) on:
//   beat i is read again in  w(i) = max(w(i - 1) + 1, f(v) + 1), the first one of a site also not
//                            before the cycle after the last beat of the 8th site before is given
//   e(v)                     = w of the last beat of map v
//   sites of n winners       first beat valid in cycle max(w(last beat of the site) + 6, last beat
//                            of the site before given + 1), the others behind one another:
//                            max(1, ceil(n / T)) beats
// Counters are cleared as they are read; rst_ni low for max(D, Channels) cycles clears what an
// interrupted map left. It does not check channel numbers.
`default_nettype none

module map_winners #(
  parameter Channels = 8,
  parameter Sites = 16,
  parameter K = 20,
  parameter KeepTies = 0,
  parameter ChannelBits = 3,
  parameter ValueBits = 8,
  parameter Signed = 0,
  parameter T = 2,
  parameter SiteBeats = 4,
  parameter MapBeats = 64,
  parameter BlockMemory = 1
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
  output wire [$clog2(T+1)-1:0] count_o,
  output wire [T*(ChannelBits+ValueBits)-1:0] data_o
);

  localparam TokenBits = ChannelBits + ValueBits;
  localparam CountBits = $clog2(T + 1);
  localparam WordBits = 1 + CountBits + T * TokenBits;
  localparam BeatBits = $clog2(MapBeats);
  localparam LengthBits = $clog2(MapBeats + 1);
  localparam SiteBits = (Sites > 1) ? $clog2(Sites) : 1;
  localparam BinBits = LengthBits;                  // a counter of one slot of the beats
  localparam NeedBits = $clog2(Channels * Sites + MapBeats * T + 1) + 1;
  localparam TieBits = $clog2(Sites + 1);           // ties of a channel in one slot
  localparam ScanBits = (ValueBits > ChannelBits) ? ValueBits : ChannelBits;
  localparam [31:0] LastSite = Sites - 1;
  localparam [31:0] LastBin = (1 << ValueBits) - 1;
  localparam [31:0] LastChannel = Channels - 1;
  localparam [31:0] Winners = K;
  localparam [31:0] All = Channels * Sites;
  localparam [ValueBits-1:0] Flip =
    (Signed != 0) ? {1'b1, {(ValueBits-1){1'b0}}} : {ValueBits{1'b0}};
  localparam [31:0] One = 32'd1;

  generate
    if (Channels < 1 || Sites < 1 || ChannelBits < 1
        || ChannelBits < $clog2(Channels)) begin : gen_illegal_size
      map_winners_channels_sites_or_channel_bits_out_of_range u_illegal ();
    end
    if (K < 1 || K > Channels * Sites) begin : gen_illegal_k
      map_winners_k_must_be_1_to_all_values u_illegal ();
    end
    if (ValueBits < 2 || ValueBits > 12) begin : gen_illegal_bits
      map_winners_value_bits_must_be_2_to_12 u_illegal ();
    end
    if (T < 1 || (T & (T - 1)) != 0) begin : gen_illegal_t
      map_winners_t_must_be_a_power_of_two u_illegal ();
    end
    if (SiteBeats < 1 || MapBeats < 2 || MapBeats < Sites) begin : gen_illegal_beats
      map_winners_beats_too_few u_illegal ();
    end
  endgenerate

  // ---- maps enter
  reg fill_q;
  reg read_q;
  reg [1:0] filled_q;
  reg [BeatBits-1:0] beat_q;
  reg [SiteBits-1:0] site_q;
  reg [LengthBits-1:0] length0_q;
  reg [LengthBits-1:0] length1_q;
  wire take = valid_i && ready_o;
  wire map_end = take && last_i && site_q == LastSite[SiteBits-1:0];
  wire map_done;  // the last beat of the map worked on has been read again
  wire [LengthBits-1:0] length = {{(LengthBits-BeatBits){1'b0}}, beat_q} + One[LengthBits-1:0];
  assign ready_o = !(fill_q ? filled_q[1] : filled_q[0]);
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      fill_q <= 1'b0;
      read_q <= 1'b0;
      filled_q <= 2'b00;
      beat_q <= {BeatBits{1'b0}};
      site_q <= {SiteBits{1'b0}};
    end else begin
      fill_q <= fill_q ^ map_end;
      read_q <= read_q ^ map_done;
      filled_q <= (filled_q & ~({map_done, map_done} & {read_q, !read_q})) |
                  ({map_end, map_end} & {fill_q, !fill_q});
      if (take) beat_q <= map_end ? {BeatBits{1'b0}} : beat_q + One[BeatBits-1:0];
      if (take && last_i) begin
        site_q <= map_end ? {SiteBits{1'b0}} : site_q + One[SiteBits-1:0];
      end
    end
    if (map_end && !fill_q) length0_q <= length;
    if (map_end && fill_q) length1_q <= length;
  end

  // ---- what is being done with the map worked on
  localparam [2:0] Idle = 3'd0, Search = 3'd1, Count = 3'd2, Cut = 3'd3, Emit = 3'd4;
  reg [2:0] state_q;
  reg [ScanBits-1:0] index_q;  // bin or channel read
  reg reading_q;               // there is one to read
  reg [1:0] pipe_q;            // those read, on their way to the comparison
  reg found_q;
  reg [NeedBits-1:0] need_q;   // winners still to be found, ties of the K-th in the end
  reg [ValueBits-1:0] bin_q;   // bin compared
  reg [ValueBits-1:0] threshold_q;
  reg [ChannelBits-1:0] channel_q;  // channel compared
  reg [ChannelBits-1:0] cut_q;
  reg [NeedBits-1:0] left_q;   // ties of the channel cut_q that may still win
  wire scan = state_q == Search;
  wire cut = state_q == Cut;
  wire words_counted;
  wire compare = pipe_q[1];
  wire [NeedBits-1:0] sum;
  wire [T-1:0] cut_ties;  // slots with a tie of the channel cut_q, in the word compared
  wire spend;             // one of them wins
  wire enough = sum >= need_q;
  wire index_last = index_q == {ScanBits{1'b0}};
  wire cut_index_last = index_q == LastChannel[ScanBits-1:0];
  wire scanned = (scan || cut) && !reading_q && pipe_q == 2'b10;
  wire begin_search = state_q == Idle && (read_q ? filled_q[1] : filled_q[0]);

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Idle;
      reading_q <= 1'b0;
      pipe_q <= 2'b00;
    end else begin
      case (state_q)
        Idle: if (begin_search) state_q <= Search;
        Search: if (scanned) state_q <= (KeepTies != 0) ? Emit : Count;
        Count: if (words_counted) state_q <= Cut;
        Cut: if (scanned) state_q <= Emit;
        default: if (map_done) state_q <= Idle;
      endcase
      if (begin_search || words_counted) reading_q <= 1'b1;
      else if (scan ? index_last : cut_index_last) reading_q <= 1'b0;
      pipe_q <= {pipe_q[0], reading_q};
    end

    if (begin_search) begin
      index_q <= LastBin[ScanBits-1:0];
      bin_q <= LastBin[ValueBits-1:0];
      threshold_q <= {ValueBits{1'b0}};
      found_q <= 1'b0;
      need_q <= Winners[NeedBits-1:0];
    end else if (words_counted) begin
      index_q <= {ScanBits{1'b0}};
      channel_q <= {ChannelBits{1'b0}};
      cut_q <= {ChannelBits{1'b0}};
      found_q <= 1'b0;
      left_q <= {NeedBits{1'b0}};
    end else begin
      if (reading_q) index_q <= scan ? index_q - One[ScanBits-1:0] : index_q + One[ScanBits-1:0];
      if (compare) begin
        bin_q <= bin_q - One[ValueBits-1:0];
        channel_q <= channel_q + One[ChannelBits-1:0];
        if (enough) found_q <= 1'b1;
        if (!found_q && !enough) need_q <= need_q - sum;
        if (!found_q && enough && scan) threshold_q <= bin_q;
        if (!found_q && enough && cut) begin
          cut_q <= channel_q;
          left_q <= need_q;
        end
      end
      if (spend) left_q <= left_q - One[NeedBits-1:0];
    end
  end

  // ---- counters are cleared in reset
  reg [ScanBits-1:0] clear_q;
  always @(posedge clk_i) clear_q <= rst_ni ? {ScanBits{1'b0}} : clear_q + One[ScanBits-1:0];

  // ---- the map is read, for the ties and again for the winners
  reg [BeatBits-1:0] address_q;
  reg [LengthBits-1:0] unread_q;
  reg word_valid_q;
  reg first_q;
  reg [WordBits-1:0] word_q;
  wire pack_ready;
  wire emit = state_q == Emit;
  wire word_take = word_valid_q && (!emit || !first_q || pack_ready);
  wire more = unread_q != {LengthBits{1'b0}};
  wire load = (emit || state_q == Count) && more && (!word_valid_q || word_take);
  wire word_last = word_q[WordBits-1];
  reg [1:0] counted_q;  // the last word of the first reading is on its way to the counters
  assign map_done = emit && word_take && !more;
  assign words_counted = counted_q[1];
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      word_valid_q <= 1'b0;
      counted_q <= 2'b00;
      first_q <= 1'b1;
    end else begin
      if (load) word_valid_q <= 1'b1;
      else if (word_take) word_valid_q <= 1'b0;
      counted_q <= {counted_q[0], state_q == Count && word_take && !more};
      if (word_take) first_q <= word_last;
    end
    if (scanned) begin
      address_q <= {BeatBits{1'b0}};
      unread_q <= read_q ? length1_q : length0_q;
    end else if (load) begin
      address_q <= address_q + One[BeatBits-1:0];
      unread_q <= unread_q - One[LengthBits-1:0];
    end
  end
  generate
    if (BlockMemory != 0) begin : gen_block
      (* ram_style = "block", ramstyle = "no_rw_check" *)
      reg [WordBits-1:0] words [0:(2<<BeatBits)-1];
      always @(posedge clk_i) begin
        if (take) words[{fill_q, beat_q}] <= {last_i, count_i, data_i};
        if (load) word_q <= words[{read_q, address_q}];
      end
    end else begin : gen_distributed
      (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
      reg [WordBits-1:0] words [0:(2<<BeatBits)-1];
      always @(posedge clk_i) begin
        if (take) words[{fill_q, beat_q}] <= {last_i, count_i, data_i};
        if (load) word_q <= words[{read_q, address_q}];
      end
    end
  endgenerate

  // ---- counters: of values, for two maps, and of ties, by slot of the beats
  reg build_q;
  reg build_map_q;
  reg [CountBits-1:0] build_count_q;
  reg [T*ValueBits-1:0] build_values_q;
  reg word_2_q;   // the word taken last, compared
  reg emit_2_q;
  reg last_2_q;
  reg last_3_q;
  reg valid_3_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      build_q <= 1'b0;
      word_2_q <= 1'b0;
      valid_3_q <= 1'b0;
    end else begin
      build_q <= take;
      word_2_q <= word_take;
      valid_3_q <= word_2_q && emit_2_q;
    end
    build_map_q <= fill_q;
    build_count_q <= count_i;
    emit_2_q <= emit;
    last_2_q <= word_last;
    last_3_q <= last_2_q;
  end

  assign spend = word_2_q && emit_2_q && cut_ties != {T{1'b0}} && left_q != {NeedBits{1'b0}};
  reg [NeedBits-1:0] sum_q;
  assign sum = sum_q;
  wire [NeedBits-1:0] zeros;

  reg [T-1:0] win_3_q;
  reg [T*ChannelBits-1:0] channels_3_q;
  reg [T*ValueBits-1:0] values_3_q;
  genvar t;
  genvar h;
  generate
    for (t = 0; t < T; t = t + 1) begin : gen_slot
      localparam [31:0] Slot = t;
      always @(posedge clk_i) begin
        build_values_q[t*ValueBits +: ValueBits] <= data_i[t*TokenBits +: ValueBits] ^ Flip;
      end
      wire [ValueBits-1:0] build_value = build_values_q[t*ValueBits +: ValueBits];
      wire counted = build_q && build_count_q > Slot[CountBits-1:0];
      wire [2*BinBits-1:0] read_bins;
      for (h = 0; h < 2; h = h + 1) begin : gen_map
        (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
        reg [BinBits-1:0] counts [0:(1<<ValueBits)-1];
        integer i;
        initial for (i = 0; i < (1 << ValueBits); i = i + 1) counts[i] = {BinBits{1'b0}};
        wire mine = scan && reading_q && read_q == h;
        wire clear = mine || !rst_ni;
        wire [ValueBits-1:0] address =
          !rst_ni ? clear_q[ValueBits-1:0] : mine ? index_q[ValueBits-1:0] : build_value;
        wire [BinBits-1:0] old = counts[address];
        wire change = clear || (counted && build_map_q == h);
        always @(posedge clk_i) begin
          if (change) counts[address] <= clear ? {BinBits{1'b0}} : old + One[BinBits-1:0];
        end
        assign read_bins[h*BinBits +: BinBits] = old;
      end
      reg [BinBits-1:0] read_bin_q;
      always @(posedge clk_i) begin
        read_bin_q <= read_q ? read_bins[BinBits +: BinBits] : read_bins[0 +: BinBits];
      end

      // the word read again
      wire [TokenBits-1:0] token = word_q[t*TokenBits +: TokenBits];
      wire [ValueBits-1:0] value = token[ValueBits-1:0];
      wire [ChannelBits-1:0] channel = token[ValueBits +: ChannelBits];
      wire there = word_q[T*TokenBits +: CountBits] > Slot[CountBits-1:0];
      wire tie = there && (value ^ Flip) == threshold_q;
      reg above_2_q;
      reg tie_2_q;
      reg before_2_q;  // its channel wins all its ties
      reg at_2_q;      // or some
      reg [ChannelBits-1:0] channel_2_q;
      reg [ValueBits-1:0] value_2_q;
      always @(posedge clk_i) begin
        above_2_q <= there && (value ^ Flip) > threshold_q;
        tie_2_q <= tie;
        before_2_q <= channel < cut_q;
        at_2_q <= channel == cut_q;
        channel_2_q <= channel;
        value_2_q <= value;
        win_3_q[t] <= above_2_q || (tie_2_q && (KeepTies != 0 || before_2_q ||
                                                (at_2_q && left_q != {NeedBits{1'b0}})));
        channels_3_q[t*ChannelBits +: ChannelBits] <= channel_2_q;
        values_3_q[t*ValueBits +: ValueBits] <= value_2_q;
      end
      assign cut_ties[t] = tie_2_q && at_2_q;

      wire [NeedBits-1:0] own;
      if (KeepTies == 0) begin : gen_ties
        (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
        reg [TieBits-1:0] counts [0:(1<<ChannelBits)-1];
        integer i;
        initial for (i = 0; i < (1 << ChannelBits); i = i + 1) counts[i] = {TieBits{1'b0}};
        wire clear = (cut && reading_q) || !rst_ni;
        wire [ChannelBits-1:0] address = !rst_ni ? clear_q[ChannelBits-1:0] :
                                         cut ? index_q[ChannelBits-1:0] : channel_2_q;
        wire [TieBits-1:0] old = counts[address];
        wire change = clear || (word_2_q && !emit_2_q && tie_2_q);
        always @(posedge clk_i) begin
          if (change) counts[address] <= clear ? {TieBits{1'b0}} : old + One[TieBits-1:0];
        end
        reg [TieBits-1:0] read_ties_q;
        always @(posedge clk_i) read_ties_q <= old;
        assign own = scan ? {{(NeedBits-BinBits){1'b0}}, read_bin_q}
                          : {{(NeedBits-TieBits){1'b0}}, read_ties_q};
      end else begin : gen_no_ties
        assign own = {{(NeedBits-BinBits){1'b0}}, read_bin_q};
      end
      wire [NeedBits-1:0] partial;  // over the slots up to this one
      if (t == 0) begin : gen_first
        assign partial = own;
      end else begin : gen_next
        assign partial = gen_slot[t-1].partial + own;
      end
    end
    always @(posedge clk_i) sum_q <= gen_slot[T-1].partial + zeros;

    // ---- zeros of a map with signed values: those that are no tokens
    if (Signed != 0) begin : gen_zeros
      reg [NeedBits-1:0] zeros0_q;
      reg [NeedBits-1:0] zeros1_q;
      reg opens_q;  // the next beat is a map's first
      reg at_zero_q;
      wire [NeedBits-1:0] tokens = {{(NeedBits-CountBits){1'b0}}, count_i};
      always @(posedge clk_i) begin
        if (!rst_ni) opens_q <= 1'b1;
        else if (take) opens_q <= map_end;
        if (take && !fill_q) zeros0_q <= (opens_q ? All[NeedBits-1:0] : zeros0_q) - tokens;
        if (take && fill_q) zeros1_q <= (opens_q ? All[NeedBits-1:0] : zeros1_q) - tokens;
        at_zero_q <= scan && reading_q && index_q[ValueBits-1:0] == Flip;
      end
      assign zeros = !at_zero_q ? {NeedBits{1'b0}} : read_q ? zeros1_q : zeros0_q;
    end else begin : gen_no_zeros
      assign zeros = {NeedBits{1'b0}};
      wire unused = &{1'b0, All};
    end
  endgenerate

  relu_pack #(
    .R(T), .T(T), .Beats(SiteBeats), .OutBits(ValueBits), .ChannelBits(ChannelBits), .Buffers(8)
  ) u_pack (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(emit && word_take && first_q), .ready_o(pack_ready),
    .valid_i(valid_3_q), .last_i(last_3_q), .used_i(win_3_q), .channel_i(channels_3_q),
    .value_i(values_3_q), .valid_o(valid_o), .ready_i(ready_i), .last_o(last_o),
    .count_o(count_o), .data_o(data_o)
  );

`ifdef FORMAL_map_winners
  // The environment: sites of at most SiteBeats beats, full but the last one; an offered beat is
  // held; one reset.
  reg past_q = 1'b0;
  reg [7:0] site_beats_q;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) begin
    assume (rst_ni == past_q);
    assume (count_i <= T);
    if (valid_i && !last_i) assume (count_i == T && site_beats_q + 8'd1 < SiteBeats);
    if (valid_i && site_beats_q != 8'd0) assume (count_i != {CountBits{1'b0}});
  end

  // Sites inside: none is lost, none leaves before its map is complete.
  reg [7:0] inside_q;
  reg [7:0] complete_q;
  wire give_end = valid_o && ready_i && last_o;
  reg [7:0] gave_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      site_beats_q <= 8'd0;
      inside_q <= 8'd0;
      complete_q <= 8'd0;
      gave_q <= 8'd0;
    end else begin
      if (take) site_beats_q <= last_i ? 8'd0 : site_beats_q + 8'd1;
      inside_q <= inside_q + {7'd0, take && last_i} - {7'd0, give_end};
      complete_q <= complete_q + (map_end ? Sites : 0) - {7'd0, give_end};
      gave_q <= gave_q + {7'd0, give_end};
    end
    if (past_q && rst_ni) begin
      if ($past(rst_ni) && $past(valid_i && !ready_o)) begin
        assume (valid_i);
        assume ($stable({last_i, count_i, data_i}));
      end
      if ($past(rst_ni) && $past(valid_o && !ready_i)) begin
        assert (valid_o);
        assert ($stable({last_o, count_o, data_o}));
      end
      if (valid_o) assert (complete_q != 8'd0);
      assert (complete_q <= inside_q);
      // the input stalls between maps only, and only behind two of them
      if (!ready_o) assert (filled_q == 2'b11 && beat_q == {BeatBits{1'b0}});
      assert (!(emit && word_take && first_q && !pack_ready));
      // nothing is counted where the search reads and clears
      assert (!(scan && build_q && build_map_q == read_q));
      cover (gave_q == Sites);
    end
  end

  // What leaves is the winners of the map. As channel * Sites + site, a token is one of a vector of all values; zeros
  // that are no tokens win before none that is one, where values have no sign.
  localparam PlaceBits = (Channels * Sites > 1) ? $clog2(Channels * Sites) : 1;
  reg [7:0] out_site_q;
  reg [T-1:0] in_used;
  reg [T*PlaceBits-1:0] in_places;
  reg [T*ValueBits-1:0] in_values;
  reg [T*(PlaceBits+ValueBits)-1:0] out_tokens;
  integer f;
  always @(*) begin
    for (f = 0; f < T; f = f + 1) begin
      in_used[f] = f < count_i;
      if (take && f < count_i) assume (data_i[f*TokenBits+ValueBits +: ChannelBits] < Channels);
      in_places[f*PlaceBits +: PlaceBits] = data_i[f*TokenBits+ValueBits +: ChannelBits] * Sites + site_q;
      in_values[f*ValueBits +: ValueBits] = data_i[f*TokenBits +: ValueBits];
      out_tokens[f*(PlaceBits+ValueBits) +: ValueBits] = data_o[f*TokenBits +: ValueBits];
      out_tokens[f*(PlaceBits+ValueBits)+ValueBits +: PlaceBits] =
        data_o[f*TokenBits+ValueBits +: ChannelBits] * Sites + out_site_q;
    end
  end
  always @(posedge clk_i) begin
    if (!rst_ni) out_site_q <= 8'd0;
    else if (give_end) out_site_q <= (out_site_q == Sites - 1) ? 8'd0 : out_site_q + 8'd1;
  end
  generate
    if (Signed == 0) begin : gen_check
      winners_check #(
        .N(Channels * Sites), .K(K), .KeepTies(KeepTies), .R(T), .T(T), .OutBits(ValueBits), .ChannelBits(PlaceBits),
        .ByValue(2)
      ) u_check (
        .clk_i(clk_i), .rst_ni(rst_ni), .come_i(take), .come_last_i(map_end), .used_i(in_used), .channel_i(in_places),
        .value_i(in_values), .give_i(valid_o && ready_i), .give_last_i(last_o && out_site_q == Sites - 1),
        .count_i(count_o), .data_i(out_tokens)
      );
    end
  endgenerate
`endif

endmodule

`default_nettype wire
