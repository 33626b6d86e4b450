// kwta_histogram: the K largest values of a long vector as tokens, R values a cycle.
//
//   winners = the K largest used values; a tie goes to the lower channel number; the winners
//   that are not 0 leave as tokens {channel, value} in channel order
// KeepTies = 1: all values equal to the K-th win too, up to N tokens.
// Fewer than K used values all win. While a vector arrives, its values are stored and counted in
// a histogram. A two-level scan (coarse bins, then the bins inside one) finds the value of the
// K-th winner and how many of its ties win; then the values are read again in channel order,
// through a permutation, and the winners packed (relu_pack).
//
// Vector input: start_i for one cycle while ready_o is high announces a vector; its beats follow
// in any later cycles, never stalled, Beats in all, the last one with last_i. channel_i is not
// used: the permutation says it. Output: a token stream; all beats of a vector full but the last;
// token 0 least significant; a vector without tokens is one beat with count_o = 0. data_o beyond
// count_o tokens has no meaning.
//
// Parameters
//   K            winners, 1 or more; KeepTies see above
//   N            channels 0 .. N - 1, each in one used slot of the vector
//   R            slots a cycle, a power of two
//   Beats        beats a vector, at least N / R
//   T            tokens a beat, a power of two
//   OutBits      of a value, 4 or more; Signed 1: two's complement (negative values can win)
//   ChannelBits  of a channel number, at least log2(N)
//   Buffers      vectors of values stored, a power of two, 2 or more
//   PermFile     `.mem`, E = ceil(N / R) hexadecimal words; word i holds R fields of
//                max(1, log2(Beats * R)) bits, field e (0 least significant) = arrival position
//                (beat * R + slot) of channel i * R + e; fields of channels from N on are 0
//   BlockMemory  1: values and permutation in block memory, 0: distributed memory and logic
//   LoadBits, LoadImage  not 0: the permutation is loaded over load_i, see weight_memory
// Timing, exact. With L = log2(R), the scan S = 2^floor(OutBits/2) + 2^ceil(OutBits/2) + 4 + 2 L
// cycles, the clearing C = 2^(OutBits - 2) cycles; vector v has its last beat in cycle t(v), its
// scan starts in cycle c(v), its second reading in cycle s(v), the last output beat is taken in
// cycle p(v); terms of vectors that do not exist are left out:
//   c(v) = max(t(v) + 4, s(v - 1) + 2)
//   s(v) = max(c(v) + S, s(v - 1) + E + 5, p(v - 2) + 1)
//   first beat valid in cycle max(s(v) + E + 8, p(v - 1) + 1), the others each in the cycle after
//   the one before is taken; n tokens: max(1, ceil(n / T)) beats
//   start_i of vector v is possible from cycle max(s(v - Buffers) + E + 2, c(v - 2) + S + C) on
// Build, scan, second reading, packing and clearing of different vectors overlap: the interval
// is max(Beats, S + 2, E + 5, ceil(n / T)) as far as the buffers allow.
// Histograms are cleared for the vector after next, and while rst_ni is low: C cycles of it clear
// what an interrupted vector left. It does not stall its input.
`default_nettype none

module kwta_histogram #(
  parameter K = 8,
  parameter KeepTies = 0,
  parameter N = 64,
  parameter R = 4,
  parameter Beats = 16,
  parameter T = 4,
  parameter OutBits = 8,
  parameter Signed = 0,
  parameter ChannelBits = 6,
  parameter Buffers = 2,
  parameter PermFile = "kwta_histogram.mem",
  parameter BlockMemory = 0,
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
  input  wire [R-1:0] used_i,
  input  wire [R*ChannelBits-1:0] channel_i,
  input  wire [R*OutBits-1:0] value_i,
  output wire valid_o,
  input  wire ready_i,
  output wire last_o,
  output wire [$clog2(T+1)-1:0] count_o,
  output wire [T*(ChannelBits+OutBits)-1:0] data_o
);

  localparam Log = $clog2(R);
  localparam SlotBits = (R > 1) ? Log : 1;
  localparam FineBits = OutBits / 2;
  localparam CoarseBits = OutBits - FineBits;
  localparam ClearBits = OutBits - 2;
  localparam BinBits = $clog2(Beats + 1);      // a counter of one slot
  localparam SumBits = $clog2(Beats * R + 1);  // of all slots
  localparam NeedBits = SumBits + 2;           // ties still to win less 1, signed
  localparam BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam PositionBits = BeatBits + Log;
  localparam FieldBits = (Beats * R > 1) ? $clog2(Beats * R) : 1;
  localparam BufferBits = $clog2(Buffers);
  localparam Rows = (N + R - 1) / R;
  localparam RowBits = (Rows > 1) ? $clog2(Rows) : 1;
  localparam Rest = N - (Rows - 1) * R;        // channels in the last row
  localparam CommonBits = (R == 1) ? ChannelBits - 1 : (ChannelBits > Log) ? ChannelBits - Log : 0;
  localparam CountBits = $clog2(R + 1);
  localparam Parts = (OutBits + 2) / 3;        // of a comparison
  localparam [31:0] LastRow = Rows - 1;
  localparam [31:0] NeedWord = ((K > N) ? N : K) - 1;
  localparam [31:0] BuffersWord = Buffers;
  localparam [31:0] One = 32'd1;

  generate
    if (R < 1 || (1 << Log) != R) begin : gen_illegal_r
      kwta_histogram_r_must_be_a_power_of_two u_illegal ();
    end
    if (K < 1 || N < 1 || Beats * R < N) begin : gen_illegal_size
      kwta_histogram_k_n_or_beats_out_of_range u_illegal ();
    end
    if (OutBits < 4 || ChannelBits < 1 || ChannelBits < $clog2(N)) begin : gen_illegal_bits
      kwta_histogram_out_bits_or_channel_bits_too_small u_illegal ();
    end
    if (Buffers < 2 || (1 << BufferBits) != Buffers) begin : gen_illegal_buffers
      kwta_histogram_buffers_must_be_a_power_of_two u_illegal ();
    end
  endgenerate

  wire unused = &{1'b0, channel_i};

  // ---- announced vectors: those that occupy values, and those that occupy a histogram ----
  reg [BufferBits:0] stored_q;
  reg counted_one_q;
  reg counted_two_q;
  wire read_done;   // a buffer of values is free again
  wire clear_done;  // a histogram is free again
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      stored_q <= {(BufferBits + 1) {1'b0}};
      counted_one_q <= 1'b0;
      counted_two_q <= 1'b0;
    end else begin
      if (start_i && !read_done) stored_q <= stored_q + One[BufferBits:0];
      if (read_done && !start_i) stored_q <= stored_q - One[BufferBits:0];
      if (start_i != clear_done) begin
        counted_one_q <= start_i || counted_two_q;
        counted_two_q <= start_i && counted_one_q;
      end
    end
  end
  assign ready_o = stored_q != BuffersWord[BufferBits:0] && !counted_two_q;

  // ---- build: values in binary order (signed ones with the sign inverted) are stored from one
  // register, and counted from the next, in which their bin's address lies ----
  reg valid_1_q;
  reg last_1_q;
  reg filled_q;  // the last values of a vector are counted
  reg [R-1:0] live_1_q;
  reg [R-1:0] live_2_q;
  reg [R*OutBits-1:0] values_1_q;
  wire [R-1:0] live;
  wire [R*OutBits-1:0] values;
  reg [BeatBits-1:0] beat_q;
  reg [BufferBits-1:0] store_q;
  reg build_q;  // the histogram being built: the values counted in this cycle belong to it
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_1_q <= 1'b0;
      filled_q <= 1'b0;
      beat_q <= {BeatBits{1'b0}};
      store_q <= {BufferBits{1'b0}};
      build_q <= 1'b0;
    end else begin
      valid_1_q <= valid_i;
      if (valid_1_q) beat_q <= last_1_q ? {BeatBits{1'b0}} : beat_q + One[BeatBits-1:0];
      if (valid_1_q && last_1_q) store_q <= store_q + One[BufferBits-1:0];
      filled_q <= valid_1_q && last_1_q;
      if (filled_q) build_q <= !build_q;
    end
    last_1_q <= last_i;
    live_1_q <= live & {R{valid_i}};
    live_2_q <= live_1_q;
    if (valid_i) values_1_q <= values;
  end

  // ---- scan ----
  reg [1:0] full_q;   // histograms that are complete
  reg run_q;
  reg scan_q;         // the histogram scanned, or to be scanned next
  reg fine_q;         // second level
  reg reading_q;
  reg [CoarseBits-1:0] index_q;    // bin being read, within the level
  reg [CoarseBits-1:0] compare_q;  // bin being compared
  reg [CoarseBits-1:0] coarse_bin_q;
  reg [FineBits-1:0] fine_bin_q;
  reg found_q;
  reg result_q;
  reg [NeedBits-1:0] need_q;
  reg [Log+1:0] pipe_q;  // bins on their way through the memories and the adders
  wire read_start;
  wire compare = pipe_q[Log+1];
  wire compare_last = compare && compare_q == {CoarseBits{1'b0}};
  wire scan_start = (scan_q ? full_q[1] : full_q[0]) && !run_q && !result_q;
  wire scan_done = compare_last && fine_q;
  wire [SumBits-1:0] sum;
  wire [NeedBits-1:0] sum_wide = {{(NeedBits - SumBits) {1'b0}}, sum};
  wire [NeedBits-1:0] need_left = need_q - sum_wide;
  // Bin 0 ends a level whatever it holds: then everything below the bins before wins.
  wire hit = compare && !found_q && (need_left[NeedBits-1] || compare_last);

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      full_q <= 2'b00;
      run_q <= 1'b0;
      scan_q <= 1'b0;
      reading_q <= 1'b0;
      result_q <= 1'b0;
    end else begin
      full_q <= (full_q & ~({scan_done, scan_done} & {scan_q, !scan_q})) |
                ({filled_q, filled_q} & {build_q, !build_q});
      if (scan_start) run_q <= 1'b1;
      else if (scan_done) run_q <= 1'b0;
      scan_q <= scan_q ^ scan_done;
      if (scan_start || (compare_last && !fine_q)) reading_q <= 1'b1;
      else if (index_q == {CoarseBits{1'b0}}) reading_q <= 1'b0;
      if (scan_done) result_q <= 1'b1;
      else if (read_start) result_q <= 1'b0;
    end

    if (reading_q) index_q <= index_q - One[CoarseBits-1:0];
    if (compare) compare_q <= compare_q - One[CoarseBits-1:0];
    if (scan_start) begin
      fine_q <= 1'b0;
      index_q <= {CoarseBits{1'b1}};
      compare_q <= {CoarseBits{1'b1}};
      found_q <= 1'b0;
      need_q <= NeedWord[NeedBits-1:0];
    end else if (compare_last) begin
      fine_q <= 1'b1;
      index_q <= {CoarseBits{1'b1}} >> (CoarseBits - FineBits);
      compare_q <= {CoarseBits{1'b1}} >> (CoarseBits - FineBits);
      found_q <= 1'b0;
    end else if (hit) begin
      found_q <= 1'b1;
    end
    // The bin follows until it is found: whether it is comes late.
    if (compare && !found_q && !fine_q) coarse_bin_q <= compare_q;
    if (compare && !found_q && fine_q) fine_bin_q <= compare_q[FineBits-1:0];
    if (compare && !found_q && !hit) need_q <= need_left;
  end
  always @(posedge clk_i) begin
    if (!rst_ni) pipe_q <= {(Log + 2) {1'b0}};
    else pipe_q <= {pipe_q[Log:0], reading_q};
  end
  // The bin that is read, in both levels.
  wire [OutBits-1:0] scan_place = fine_q ? {coarse_bin_q, index_q[FineBits-1:0]}
                                         : {index_q, {FineBits{1'b0}}};

  // ---- clearing: every histogram by itself; in reset both run through ----
  reg [1:0] clear_q;
  reg [2*ClearBits-1:0] clear_index_q;
  // Any value would do, for it runs through all of them: not X in a simulation of four states.
  initial clear_index_q = {(2 * ClearBits) {1'b0}};
  wire [1:0] clear_last;
  assign clear_done = |(clear_q & clear_last);

  // ---- histograms: a counter of each slot per bin; quarters, so that four bins clear at once ----
  wire [2*R*BinBits-1:0] counts;  // what the scan reads, by histogram and slot
  genvar h;
  genvar r;
  genvar q;
  genvar j;
  generate
    for (r = 0; r < R; r = r + 1) begin : gen_input
      wire [OutBits-1:0] value = value_i[r*OutBits +: OutBits];
      if (Signed != 0) begin : gen_signed
        assign live[r] = used_i[r];
        assign values[r*OutBits +: OutBits] = value ^ {1'b1, {(OutBits - 1) {1'b0}}};
      end else begin : gen_unsigned
        assign live[r] = used_i[r] && value != {OutBits{1'b0}};
        assign values[r*OutBits +: OutBits] = value;
      end
    end

    for (h = 0; h < 2; h = h + 1) begin : gen_histogram
      wire [ClearBits-1:0] clear_index = clear_index_q[h*ClearBits +: ClearBits];
      // What the memories do in the next cycle, since they are the long paths.
      reg clear_next_q;
      reg scan_next_q;
      reg clear_now_q;
      wire clear = clear_now_q;
      wire count = build_q == h;
      assign clear_last[h] = clear_index == {ClearBits{1'b1}};
      always @(posedge clk_i) begin
        if (!rst_ni) clear_q[h] <= 1'b0;
        else if (scan_done && scan_next_q) clear_q[h] <= 1'b1;
        else if (clear_last[h]) clear_q[h] <= 1'b0;
        clear_next_q <= !rst_ni || (scan_done && scan_next_q) || (clear_q[h] && !clear_last[h]);
        scan_next_q <= rst_ni && ((scan_start && scan_q == h) || (scan_next_q && !scan_done));
        clear_now_q <= clear_next_q;
        if (scan_done && scan_next_q) clear_index_q[h*ClearBits +: ClearBits] <= {ClearBits{1'b0}};
        else if (clear_next_q) begin
          clear_index_q[h*ClearBits +: ClearBits] <= clear_index + One[ClearBits-1:0];
        end
      end

      for (r = 0; r < R; r = r + 1) begin : gen_slot
        // The bin, and its part of the coarse bins. Clearing runs through all of both: the upper
        // two bits say nothing to the quarters.
        reg [OutBits-1:0] place_q;
        // Defined from the start, or Yosys takes the register into read ports, apart from the write ports.
        initial place_q = {OutBits{1'b0}};
        always @(posedge clk_i) begin
          place_q <= clear_next_q ? {clear_index[1:0], clear_index}
                   : scan_next_q ? scan_place : values_1_q[r*OutBits +: OutBits];
        end
        // All bins.
        wire [ClearBits-1:0] address = place_q[ClearBits-1:0];
        wire [4*BinBits-1:0] quarters;
        wire [BinBits-1:0] bin;
        wire [BinBits-1:0] bin_next = clear ? {BinBits{1'b0}} : bin + One[BinBits-1:0];
        for (q = 0; q < 4; q = q + 1) begin : gen_quarter
          (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
          reg [BinBits-1:0] words [0:(1<<ClearBits)-1];
          integer i;
          initial for (i = 0; i < (1 << ClearBits); i = i + 1) words[i] = {BinBits{1'b0}};
          wire change = clear || (count && live_2_q[r] && place_q[OutBits-1 -: 2] == q);
          always @(posedge clk_i) if (change) words[address] <= bin_next;
          assign quarters[q*BinBits +: BinBits] = words[address];
        end
        for (j = 0; j < BinBits; j = j + 1) begin : gen_bit
          wire [3:0] bits = {quarters[3*BinBits+j], quarters[2*BinBits+j], quarters[BinBits+j],
                             quarters[j]};
          assign bin[j] = bits[place_q[OutBits-1 -: 2]];
        end
        // Coarse bins.
        (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
        reg [BinBits-1:0] coarse [0:(1<<CoarseBits)-1];
        integer k;
        initial for (k = 0; k < (1 << CoarseBits); k = k + 1) coarse[k] = {BinBits{1'b0}};
        wire [CoarseBits-1:0] coarse_address = place_q[OutBits-1 -: CoarseBits];
        wire [BinBits-1:0] coarse_bin = coarse[coarse_address];
        wire [BinBits-1:0] coarse_next =
          clear ? {BinBits{1'b0}} : coarse_bin + One[BinBits-1:0];
        always @(posedge clk_i) begin
          if (clear || (count && live_2_q[r])) coarse[coarse_address] <= coarse_next;
        end
        assign counts[(h*R+r)*BinBits +: BinBits] = fine_q ? bin : coarse_bin;
      end
    end
  endgenerate

  // ---- adders of the slots' counters: node i adds nodes 2 i and 2 i + 1, leaves from R on ----
  wire [(2*R-1)*SumBits-1:0] nodes;  // node 1 first
  assign sum = nodes[SumBits-1:0];
  generate
    for (r = 0; r < R; r = r + 1) begin : gen_leaf
      reg [BinBits-1:0] bin_q;
      always @(posedge clk_i) begin
        if (pipe_q[0]) begin
          bin_q <= scan_q ? counts[(R+r)*BinBits +: BinBits] : counts[r*BinBits +: BinBits];
        end
      end
      assign nodes[(R+r-1)*SumBits +: SumBits] = {{(SumBits - BinBits) {1'b0}}, bin_q};
    end
    for (r = 1; r < R; r = r + 1) begin : gen_node
      reg [SumBits-1:0] node_q;
      always @(posedge clk_i) begin
        node_q <= nodes[(2*r-1)*SumBits +: SumBits] + nodes[2*r*SumBits +: SumBits];
      end
      assign nodes[(r-1)*SumBits +: SumBits] = node_q;
    end
  endgenerate

  // ---- second reading, in channel order ----
  reg busy_q;
  reg [OutBits-1:0] threshold_q;
  reg [NeedBits-1:0] ties_q;  // ties that may still win, less 1
  reg [BufferBits-1:0] fetch_q;
  reg [RowBits-1:0] row_0_q;
  reg [4:0] valid_q;          // stages 0 to 4
  reg [4:1] last_q;
  reg [4*RowBits-1:0] rows_q;  // stages 1 to 4
  wire pack_ready;
  wire row_last = row_0_q == LastRow[RowBits-1:0];
  wire [CountBits-1:0] tied;
  assign read_start = result_q && !busy_q && pack_ready;
  assign read_done = valid_q[1] && last_q[1];
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      fetch_q <= {BufferBits{1'b0}};
      valid_q <= 5'd0;
    end else begin
      if (read_start) busy_q <= 1'b1;
      else if (valid_q[4] && last_q[4]) busy_q <= 1'b0;
      if (read_done) fetch_q <= fetch_q + One[BufferBits-1:0];
      valid_q <= {valid_q[3:0], read_start || (valid_q[0] && !row_last)};
    end
    if (read_start) row_0_q <= {RowBits{1'b0}};
    else if (valid_q[0]) row_0_q <= row_0_q + One[RowBits-1:0];
    last_q <= {last_q[3:1], row_last};
    rows_q <= {rows_q[3*RowBits-1:0], row_0_q};
    if (read_start) begin
      threshold_q <= {coarse_bin_q, fine_bin_q};
      ties_q <= need_q;
    end else if (valid_q[3]) begin
      ties_q <= ties_q - {{(NeedBits - CountBits) {1'b0}}, tied};
    end
  end

  // Where the channels of the row arrived.
  wire [R*FieldBits-1:0] fields;
  weight_memory #(
    .Width(R*FieldBits), .Depth(Rows), .AddressBits(RowBits), .BlockMemory(BlockMemory),
    .File(PermFile), .LoadBits(LoadBits), .LoadImage(LoadImage)
  ) u_order (
    .clk_i(clk_i), .load_i(load_i), .read_address_i(row_0_q), .read_data_o(fields)
  );

  reg [R-1:0] above_3_q;
  reg [R-1:0] tie_3_q;
  wire [R*OutBits-1:0] values_3;
  generate
    for (r = 0; r < R; r = r + 1) begin : gen_read
      wire [PositionBits-1:0] position;
      wire [R*OutBits-1:0] word;
      wire [OutBits-1:0] value;
      reg [OutBits-1:0] value_3_q;
      if (PositionBits > FieldBits) begin : gen_short
        assign position = {1'b0, fields[r*FieldBits +: FieldBits]};
      end else begin : gen_same
        assign position = fields[r*FieldBits +: FieldBits];
      end

      // A copy of all values for each channel of a row.
      wire [BufferBits+BeatBits-1:0] write_address = {store_q, beat_q};
      wire [BufferBits+BeatBits-1:0] read_address = {fetch_q, position[PositionBits-1 -: BeatBits]};
      if (BlockMemory != 0) begin : gen_block
        (* ram_style = "block", ramstyle = "no_rw_check" *)
        reg [R*OutBits-1:0] words [0:(Buffers<<BeatBits)-1];
        reg [R*OutBits-1:0] word_q;
        always @(posedge clk_i) begin
          if (valid_1_q) words[write_address] <= values_1_q;
          if (valid_q[1]) word_q <= words[read_address];
        end
        assign word = word_q;
      end else begin : gen_distributed
        (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
        reg [R*OutBits-1:0] words [0:(Buffers<<BeatBits)-1];
        reg [R*OutBits-1:0] word_q;
        always @(posedge clk_i) begin
          if (valid_1_q) words[write_address] <= values_1_q;
          if (valid_q[1]) word_q <= words[read_address];
        end
        assign word = word_q;
      end

      if (R > 1) begin : gen_select
        reg [SlotBits-1:0] slot_2_q;
        always @(posedge clk_i) slot_2_q <= position[SlotBits-1:0];
        for (j = 0; j < OutBits; j = j + 1) begin : gen_bit
          wire [R-1:0] bits;
          for (q = 0; q < R; q = q + 1) begin : gen_slot
            assign bits[q] = word[q*OutBits+j];
          end
          assign value[j] = bits[slot_2_q];
        end
      end else begin : gen_whole
        assign value = word;
      end

      // In parts of three bits: the value comes late, out of a memory.
      wire [Parts-1:0] higher, equal;
      reg above;
      integer i;
      for (q = 0; q < Parts; q = q + 1) begin : gen_part
        localparam Bits = (OutBits - 3 * q < 3) ? OutBits - 3 * q : 3;
        value_above #(.Bits(Bits)) u_above (
          .a_i(value[3*q +: Bits]), .b_i(threshold_q[3*q +: Bits]),
          .above_o(higher[q]), .equal_o(equal[q])
        );
      end
      always @(*) begin
        above = 1'b0;
        for (i = 0; i < Parts; i = i + 1) above = higher[i] | (equal[i] & above);
      end

      wire present;  // the row has such a channel
      if (r < Rest) begin : gen_always
        assign present = 1'b1;
      end else begin : gen_not_in_last
        assign present = !last_q[2];
      end
      always @(posedge clk_i) begin
        value_3_q <= value;
        above_3_q[r] <= present && above;
        tie_3_q[r] <= present && (&equal);
      end
      assign values_3[r*OutBits +: OutBits] = value_3_q;
    end
  endgenerate

  // Ties win in channel order as long as some are left to win.
  function [CountBits-1:0] ties_sum;
    input [CountBits-1:0] first;
    input [CountBits-1:0] second;
    integer i;
    reg carry;
    begin
      carry = 1'b0;
      for (i = 0; i < CountBits; i = i + 1) begin
        ties_sum[i] = first[i] ^ second[i] ^ carry;
        carry = (first[i] && second[i]) || (carry && (first[i] || second[i]));
      end
    end
  endfunction

  reg [R*CountBits-1:0] ranks;  // ties before, in the row: by groups of four
  reg [CountBits-1:0] group;
  reg [CountBits-1:0] member;
  reg [R-1:0] win;
  reg [R-1:0] win_4_q;
  reg [R*OutBits-1:0] values_4_q;
  wire plenty = ties_q[NeedBits-2:SlotBits] != {(NeedBits - 1 - SlotBits) {1'b0}};
  integer n;
  always @(*) begin
    group = {CountBits{1'b0}};
    member = {CountBits{1'b0}};
    for (n = 0; n < R; n = n + 1) begin
      ranks[n*CountBits +: CountBits] = ties_sum(group, member);
      member = ties_sum(member, {{(CountBits - 1) {1'b0}}, tie_3_q[n]});
      if (n % 4 == 3) begin
        group = ties_sum(group, member);
        member = {CountBits{1'b0}};
      end
    end
    for (n = 0; n < R; n = n + 1) begin
      win[n] = above_3_q[n] || (tie_3_q[n] && (KeepTies != 0 || (!ties_q[NeedBits-1] &&
        (plenty || ranks[n*CountBits +: SlotBits] <= ties_q[SlotBits-1:0]))));
    end
  end
  assign tied = ties_sum(group, member);
  always @(posedge clk_i) begin
    win_4_q <= win;
    values_4_q <= values_3;
  end

  // ---- packing ----
  wire [R*ChannelBits-1:0] channels_4;
  wire [R*OutBits-1:0] values_4;
  generate
    for (r = 0; r < R; r = r + 1) begin : gen_token
      wire [RowBits+Log-1:0] number;
      wire [RowBits-1:0] row = rows_q[3*RowBits +: RowBits];
      localparam [31:0] Lane = r;
      if (R > 1) begin : gen_lane
        assign number = {row, Lane[SlotBits-1:0]};
      end else begin : gen_no_lane
        assign number = row;
      end
      if (ChannelBits > RowBits + Log) begin : gen_wide
        assign channels_4[r*ChannelBits +: ChannelBits] =
          {{(ChannelBits - RowBits - Log) {1'b0}}, number};
      end else begin : gen_narrow
        assign channels_4[r*ChannelBits +: ChannelBits] = number[ChannelBits-1:0];
        wire unused_bits = &{1'b0, number};
      end
      wire [OutBits-1:0] value = values_4_q[r*OutBits +: OutBits];
      if (Signed != 0) begin : gen_signed
        assign values_4[r*OutBits +: OutBits] = value ^ {1'b1, {(OutBits - 1) {1'b0}}};
      end else begin : gen_unsigned
        assign values_4[r*OutBits +: OutBits] = value;
      end
    end
  endgenerate

  relu_pack #(
    .R(R),
    .T(T),
    .Beats(Rows),
    .MaxTokens((KeepTies != 0) ? 0 : K),
    .OutBits(OutBits),
    .ChannelBits(ChannelBits),
    .CommonBits(CommonBits),
    .Buffers(2)
  ) u_pack (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .start_i(read_start),
    .ready_o(pack_ready),
    .valid_i(valid_q[4]),
    .last_i(last_q[4]),
    .used_i(win_4_q),
    .channel_i(channels_4),
    .value_i(values_4),
    .valid_o(valid_o),
    .ready_i(ready_i),
    .last_o(last_o),
    .count_o(count_o),
    .data_o(data_o)
  );

`ifdef FORMAL_kwta_histogram
  // The environment: vectors are announced when ready_o is high; beats come for announced vectors only, Beats beats
  // each, with every channel where the permutation has it; one reset of as many cycles as clear the histograms.
  reg past_q = 1'b0;
  reg [7:0] reset_q = 8'd0;
  reg [7:0] owed_q;
  reg [7:0] came_q;
  reg [R*FieldBits-1:0] perm_f [0:Rows-1];
  initial $readmemh(PermFile, perm_f);
  reg [R-1:0] check_used;
  reg [R*ChannelBits-1:0] check_channels;
  integer f, c;
  always @(*) begin
    check_used = {R{1'b0}};
    check_channels = {R*ChannelBits{1'b0}};
    for (f = 0; f < R; f = f + 1) begin
      for (c = 0; c < N; c = c + 1) begin
        if (perm_f[c/R][(c%R)*FieldBits +: FieldBits] == came_q * R + f) begin
          check_used[f] = 1'b1;
          check_channels[f*ChannelBits +: ChannelBits] = c;
        end
      end
    end
    assume (rst_ni == (reset_q == (1 << ClearBits)));
    if (start_i) assume (ready_o && rst_ni);
    if (valid_i) assume (owed_q != 8'd0 && rst_ni && last_i == (came_q == Beats - 1) && used_i == check_used);
  end
  always @(posedge clk_i) begin
    past_q <= 1'b1;
    if (!rst_ni) begin
      reset_q <= reset_q + 8'd1;
      owed_q <= 8'd0;
      came_q <= 8'd0;
    end else begin
      owed_q <= owed_q + {7'd0, start_i} - {7'd0, valid_i && last_i};
      if (valid_i) came_q <= last_i ? 8'd0 : came_q + 8'd1;
    end
    if (past_q && rst_ni && $past(rst_ni)) begin
      if ($past(valid_o && !ready_i)) begin
        assert (valid_o);
        assert ($stable({last_o, count_o, data_o}));
      end
      if ($past(ready_o && !start_i)) assert (ready_o);
      if (valid_o && !last_o) assert (count_o == T);
      assert (stored_q <= Buffers);
      // nothing is counted where the scan reads or a histogram is cleared, and a scan has its histogram to itself
      if (valid_1_q) assert (stored_q != 0);
      if (filled_q) assert (!(build_q ? full_q[1] : full_q[0]));
    end
  end

  // what leaves is the winners
  winners_check #(
    .N(N), .K(K), .KeepTies(KeepTies), .R(R), .T(T), .OutBits(OutBits), .Signed(Signed), .ChannelBits(ChannelBits)
  ) u_check (
    .clk_i(clk_i), .rst_ni(rst_ni), .come_i(valid_i), .come_last_i(last_i), .used_i(check_used),
    .channel_i(check_channels), .value_i(value_i), .give_i(valid_o && ready_i), .give_last_i(last_o),
    .count_i(count_o), .data_i(data_o)
  );
`endif

endmodule

`default_nettype wire
