// site_store: the rows of the input feature map that windows still need, one copy a lane.
//
// Sites arrive in raster order as beats of `Tokens` tokens; a ring of 2^RowBits rows keeps them.
// Every lane has its own read port (its own memory), so lanes never wait for each other.
//   lead_o    rows completely written minus the first row still needed (may be negative)
//   rows_o    rows completely written, modulo 2^LeadBits
//   written_o sites written in the row that is being written, less than Width
//   A site (row r relative to the first row needed, column c) can be read when
//   r < lead_o, or r == lead_o and c < written_o.
// With release_i the first row needed is release_rows_i further down; release_less_i is one less than that.
// The stream is accepted while lead_o < 2^RowBits, so `in_ready_o` only changes between rows.
//
// Parameters
//   Lanes         read ports, 1 ..
//   Tokens        tokens a beat = tokens a memory word, a power of two
//   TokenBits     bits of one token as stored
//   RowBits       log2 of the rows in the ring
//   ColumnBits    log2 of the sites a row, rounded up
//   WordsPerSite  beats of the longest site (1 where SitesPerBeat > 1), a power of two
//   SitesPerBeat  whole sites in one beat, a power of two (dense streams of few channels)
//   Width         sites a row
//   Counted       0 where every site has the same number of tokens: count_o is 0; otherwise it is
//                 the tokens of site_i less one (all ones where there are none)
//   CountBits     bits of the number of tokens of a site
//   CountBitsIn   bits of count_i, at most CountBits
//   LeadBits      bits of lead_o, two's complement, RowBits + 2 or more
//   AddressBits   RowBits + log2(2^ColumnBits / SitesPerBeat * WordsPerSite)
//   Split         1: the lanes share the channels of a site (token_owners: LaneBits, ValueBits,
//                 ChannelBits, Dense, Channels, OwnerRowBits, TurnFile); SitesPerBeat = 1. Then
//                 owned_o has the tokens of the beat at owned_address_i that are the lane's, last_o
//                 whether it ends its site, and there is no count_o
//   BlockMemory   2: data in UltraRAM, 1: in block memory, 0: in distributed memory
//
// Latency: word_o is the word of read_address_i one cycle earlier; count_o, owned_o and last_o are
// combinational. A beat taken in cycle t can be read, and has its count, from t+1 on.
// Initiation interval: one beat a cycle. It does not check that sites are read before release.
`default_nettype none

module site_store #(
  parameter Lanes = 1,
  parameter Tokens = 1,
  parameter TokenBits = 8,
  parameter RowBits = 3,
  parameter ColumnBits = 3,
  parameter WordsPerSite = 1,
  parameter SitesPerBeat = 1,
  parameter Width = 8,
  parameter Counted = 1,
  parameter CountBits = 1,
  parameter CountBitsIn = 1,
  parameter LeadBits = 6,
  parameter AddressBits = 6,
  parameter Split = 0,
  parameter LaneBits = 1,
  parameter ValueBits = 8,
  parameter ChannelBits = 6,
  parameter Dense = 0,
  parameter Channels = 64,
  parameter OwnerRowBits = 5,
  parameter TurnFile = "turns.mem",
  parameter BlockMemory = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire in_last_i,
  input  wire [CountBitsIn-1:0] in_count_i,
  input  wire [Tokens*TokenBits-1:0] in_data_i,
  input  wire release_i,
  input  wire [LeadBits-1:0] release_rows_i,
  input  wire [LeadBits-1:0] release_less_i,
  output wire [LeadBits-1:0] lead_o,
  output wire [LeadBits-1:0] rows_o,
  output wire [ColumnBits:0] written_o,
  input  wire [Lanes*(RowBits+ColumnBits)-1:0] site_i,
  output wire [Lanes*CountBits-1:0] count_o,
  input  wire [Lanes*AddressBits-1:0] owned_address_i,
  output wire [Lanes*Tokens-1:0] owned_o,
  output wire [Lanes-1:0] last_o,
  input  wire [Lanes*AddressBits-1:0] read_address_i,
  output wire [Lanes*Tokens*TokenBits-1:0] word_o
);

  generate
    if (Lanes < 1 || TokenBits < 1 || RowBits < 1 || Width < 1) begin : gen_illegal_sizes
      site_store_sizes_must_be_positive u_illegal ();
    end
    if (Tokens < 1 || (Tokens & (Tokens - 1)) != 0) begin : gen_illegal_tokens
      site_store_tokens_must_be_a_power_of_two u_illegal ();
    end
    if (WordsPerSite < 1 || (WordsPerSite & (WordsPerSite - 1)) != 0) begin : gen_illegal_words
      site_store_words_per_site_must_be_a_power_of_two u_illegal ();
    end
    if (SitesPerBeat < 1 || (SitesPerBeat & (SitesPerBeat - 1)) != 0) begin : gen_illegal_sites
      site_store_sites_per_beat_must_be_a_power_of_two u_illegal ();
    end
    if (WordsPerSite > 1 && SitesPerBeat > 1) begin : gen_illegal_split
      site_store_words_per_site_and_sites_per_beat_exclude_each_other u_illegal ();
    end
    if (Width > (1 << ColumnBits)
        || ColumnBits <= $clog2(SitesPerBeat)) begin : gen_illegal_column_bits
      site_store_column_bits_too_few u_illegal ();
    end
    if (CountBitsIn < 1 || CountBits < CountBitsIn) begin : gen_illegal_count_bits
      site_store_count_bits_too_few u_illegal ();
    end
    if (Counted != 0 && Split == 0 && SitesPerBeat != 1) begin : gen_illegal_counted_beat
      site_store_counted_sites_have_beats_of_their_own u_illegal ();
    end
    if (Split != 0 && SitesPerBeat != 1) begin : gen_illegal_split_beat
      site_store_split_sites_have_beats_of_their_own u_illegal ();
    end
    if (LeadBits < RowBits + 2) begin : gen_illegal_lead_bits
      site_store_lead_bits_too_few u_illegal ();
    end
    if (AddressBits != RowBits + ColumnBits - $clog2(SitesPerBeat) + $clog2(WordsPerSite))
    begin : gen_illegal_address_bits
      site_store_address_bits_do_not_fit_the_store u_illegal ();
    end
  endgenerate

  localparam WordBits = (WordsPerSite > 1) ? $clog2(WordsPerSite) : 1;
  localparam SiteBits = RowBits + ColumnBits;
  localparam BeatShift = $clog2(SitesPerBeat);
  // A word has the counts of neighbouring sites of a row, as many as it takes to have 64 words at
  // most: a distributed memory has room for several side by side, and a deeper one is picked from with logic.
  localparam Excess = (SiteBits > 6) ? SiteBits - 6 : 0;
  localparam RunBits = (Excess < ColumnBits) ? Excess : ColumnBits;
  localparam Run = 1 << RunBits;

  reg [LeadBits-1:0] lead_q;
  reg [LeadBits-1:0] rows_q;
  reg [ColumnBits:0] column_q;
  reg row_last_q;
  reg [WordBits-1:0] word_q;
  reg [CountBits-1:0] total_q;  // less one

  // two's complement; never more than 2^RowBits
  assign in_ready_o = lead_q[LeadBits-1] | !lead_q[RowBits];
  assign lead_o = lead_q;
  assign rows_o = rows_q;
  assign written_o = column_q;
  wire [RowBits-1:0] slot = rows_q[RowBits-1:0];

  wire take = in_valid_i & in_ready_o;
  wire site_end = take & in_last_i;
  wire [ColumnBits:0] column_next = column_q + SitesPerBeat[ColumnBits:0];
  wire row_end = site_end & row_last_q;
  // what lead can become, before it is known what happens
  wire [LeadBits-1:0] lead_more = lead_q + 1'b1;
  wire [LeadBits-1:0] lead_less = lead_q - release_rows_i;
  wire [LeadBits-1:0] lead_both = lead_q - release_less_i;
  wire [LeadBits-1:0] lead_next;
  // kept apart in synthesis, which makes one function of the choice and of what decides it, of up to
  // eight look-up tables a bit where one or two do
  (* keep_hierarchy = "yes" *)
  word_select #(.Words(4), .IndexBits(2), .Width(LeadBits)) u_lead (
    .index_i({release_i, row_end}), .words_i({lead_both, lead_less, lead_more, lead_q}),
    .word_o(lead_next)
  );
  localparam [31:0] LastBeat = (Width - 1) / SitesPerBeat * SitesPerBeat;
  wire [CountBits-1:0] total_next = total_q + {{(CountBits-CountBitsIn){1'b0}}, in_count_i};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      lead_q <= {LeadBits{1'b0}};
      rows_q <= {LeadBits{1'b0}};
      column_q <= {(ColumnBits+1){1'b0}};
      row_last_q <= (LastBeat == 0);
      word_q <= {WordBits{1'b0}};
      total_q <= {CountBits{1'b1}};
    end else begin
      lead_q <= lead_next;
      if (take) begin
        word_q <= in_last_i ? {WordBits{1'b0}} : word_q + 1'b1;
        total_q <= in_last_i ? {CountBits{1'b1}} : total_next;
      end
      if (site_end) begin
        column_q <= row_last_q ? {(ColumnBits+1){1'b0}} : column_next;
        row_last_q <= (LastBeat == 0) | (!row_last_q & (column_next == LastBeat[ColumnBits:0]));
      end
      if (row_end) rows_q <= rows_q + 1'b1;
    end
  end

  wire [AddressBits-1:0] write_address;
  generate
    if (WordsPerSite > 1) begin : gen_words
      assign write_address = {slot, column_q[ColumnBits-1:0], word_q};
    end else begin : gen_word
      assign write_address = {slot, column_q[ColumnBits-1:BeatShift]};
      wire unused = &{1'b0, word_q, column_q[0]};
    end
  endgenerate
  wire [SiteBits-1:0] write_site = {slot, column_q[ColumnBits-1:0]};

  // the counts of the run of sites that is being written; a run is written again with each of its sites
  wire [Run*CountBits-1:0] run_counts;
  wire unused_site = &{1'b0, write_site, total_next, run_counts};
  genvar lane, part;
  generate
    for (part = 0; part < Run; part = part + 1) begin : gen_run
      if (Counted != 0 && Split == 0 && part < Run - 1) begin : gen_early
        localparam [31:0] Part = part;
        wire earlier = (column_q[RunBits-1:0] > Part[RunBits-1:0]);
        reg [CountBits-1:0] count_q;
        assign run_counts[part*CountBits +: CountBits] = earlier ? count_q : total_next;
        always @(posedge clk_i) if (site_end & !earlier) count_q <= total_next;
      end else begin : gen_last
        assign run_counts[part*CountBits +: CountBits] = total_next;
      end
    end
  endgenerate

  wire [Lanes*Tokens-1:0] owners;
  generate
    if (Split != 0) begin : gen_owners
      token_owners #(
        .Lanes(Lanes), .LaneBits(LaneBits), .Tokens(Tokens), .TokenBits(TokenBits),
        .ValueBits(ValueBits), .ChannelBits(ChannelBits), .Dense(Dense), .Channels(Channels),
        .CountBits(CountBitsIn), .WordBits(WordBits), .RowBits(OwnerRowBits), .TurnFile(TurnFile)
      ) u_owners (
        .word_i(word_q), .count_i(in_count_i), .data_i(in_data_i), .owners_o(owners)
      );
    end else begin : gen_whole
      assign owners = {(Lanes*Tokens){1'b0}};
    end
    for (lane = 0; lane < Lanes; lane = lane + 1) begin : gen_lane
      wire [AddressBits-1:0] read_address = read_address_i[lane*AddressBits +: AddressBits];
      simple_memory #(
        .Width(Tokens*TokenBits), .Depth(1 << AddressBits), .AddressBits(AddressBits),
        .BlockMemory(BlockMemory)
      ) u_data (
        .clk_i(clk_i), .write_i(take), .write_address_i(write_address), .write_data_i(in_data_i),
        .read_address_i(read_address),
        .read_data_o(word_o[lane*Tokens*TokenBits +: Tokens*TokenBits])
      );
      if (Split != 0) begin : gen_owned
        (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
        reg [Tokens:0] owned [0:(1<<AddressBits)-1];
        wire [AddressBits-1:0] owned_address = owned_address_i[lane*AddressBits +: AddressBits];
        assign {last_o[lane], owned_o[lane*Tokens +: Tokens]} = owned[owned_address];
        always @(posedge clk_i) begin
          if (take) owned[write_address] <= {in_last_i, owners[lane*Tokens +: Tokens]};
        end
      end else begin : gen_not_owned
        wire unused = &{1'b0, owned_address_i[lane*AddressBits +: AddressBits]};
        assign last_o[lane] = 1'b0;
        assign owned_o[lane*Tokens +: Tokens] = owners[lane*Tokens +: Tokens];
      end
      if (Counted != 0 && Split == 0) begin : gen_counts
        (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
        reg [Run*CountBits-1:0] counts [0:(1<<(SiteBits-RunBits))-1];
        wire [SiteBits-1:0] site = site_i[lane*SiteBits +: SiteBits];
        wire [Run*CountBits-1:0] run = counts[site[SiteBits-1:RunBits]];
        if (Run > 1) begin : gen_of_run
          word_select #(.Words(Run), .IndexBits(RunBits), .Width(CountBits)) u_count (
            .index_i(site[RunBits-1:0]), .words_i(run),
            .word_o(count_o[lane*CountBits +: CountBits])
          );
        end else begin : gen_of_site
          assign count_o[lane*CountBits +: CountBits] = run;
        end
        always @(posedge clk_i) begin
          if (site_end) counts[write_site[SiteBits-1:RunBits]] <= run_counts;
        end
      end else begin : gen_fixed
        assign count_o[lane*CountBits +: CountBits] = {CountBits{1'b0}};
        wire unused = &{1'b0, site_i[lane*SiteBits +: SiteBits]};
      end
    end
  endgenerate

`ifdef FORMAL_site_store
  wire [LeadBits-1:0] full_lead = {{(LeadBits-RowBits-1){1'b0}}, 1'b1, {RowBits{1'b0}}};
  localparam [31:0] LastWord = WordsPerSite - 1;
  localparam [31:0] LastColumn = Width - 1;
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // Sites have at most WordsPerSite beats; releases are no more than lead_o can tell.
  wire signed [LeadBits:0] lead_after =
    $signed({lead_q[LeadBits-1], lead_q}) - $signed({1'b0, release_rows_i});
  always @(*) begin
    if (in_valid_i && word_q == LastWord) assume (in_last_i);
    assume (release_less_i == release_rows_i - 1'b1);
    if (release_i) begin
      assume (!release_rows_i[LeadBits-1]);
      assume (lead_after >= -$signed({2'b00, full_lead[LeadBits-2:0]}));
    end
  end

  // A beat followed from its entry until its row is released: row_f_q is its row relative to the
  // first row needed. Nothing is written where it lies.
  (* anyseq *) reg choose;
  reg marked_q = 1'b0;
  reg [LeadBits-1:0] row_f_q;
  reg [RowBits-1:0] slot_f_q;
  reg [ColumnBits:0] column_f_q;
  reg [WordBits-1:0] word_f_q;
  reg [AddressBits-1:0] address_f_q;
  wire mark = take && choose && !marked_q;
  wire [LeadBits-1:0] row_now = mark ? lead_q : row_f_q;
  wire [LeadBits-1:0] row_next = row_now - (release_i ? release_rows_i : {LeadBits{1'b0}});
  wire [LeadBits-1:0] rows_since = lead_q - row_f_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      marked_q <= 1'b0;
    end else begin
      if (mark || marked_q) begin
        marked_q <= !row_next[LeadBits-1];
        row_f_q <= row_next;
      end
      if (mark) begin
        slot_f_q <= slot;
        column_f_q <= column_q;
        word_f_q <= word_q;
        address_f_q <= write_address;
      end
    end

    if (past_q && rst_ni) begin
      assert ($signed(lead_q) <= $signed(full_lead));
      assert (in_ready_o == ($signed(lead_q) < $signed(full_lead)));
      assert (column_q <= LastColumn);
      assert (row_last_q == (column_q + SitesPerBeat > LastColumn));
      assert ((column_q & (SitesPerBeat - 1)) == 0);
      assert (word_q <= LastWord);
      // a store that is full is between two rows
      if (!in_ready_o) assert (column_q == 0 && word_q == 0);
      if ($past(rst_ni)) begin
        if ($past(in_ready_o) && !in_ready_o) assert ($past(row_end));
        if ($past(!in_ready_o) && in_ready_o) assert ($past(release_i));
      end
      if (marked_q) begin
        assert (!row_f_q[LeadBits-1]);
        assert ($signed(row_f_q) <= $signed(lead_q));
        assert (slot_f_q == slot - rows_since[RowBits-1:0]);
        assert (column_f_q <= LastColumn && (column_f_q & (SitesPerBeat - 1)) == 0);
        assert (word_f_q <= LastWord);
        if (rows_since == {LeadBits{1'b0}}) begin
          assert ({column_f_q, word_f_q} < {column_q, word_q});
        end
        if (take) assert (write_address != address_f_q);
      end
      cover (marked_q && !in_ready_o && slot != {RowBits{1'b0}} && rows_since == full_lead);
    end
  end
  generate
    if (WordsPerSite > 1) begin : gen_formal_words
      always @(posedge clk_i) if (past_q && rst_ni && marked_q) begin
        assert (address_f_q == {slot_f_q, column_f_q[ColumnBits-1:0], word_f_q});
      end
    end else begin : gen_formal_word
      always @(posedge clk_i) if (past_q && rst_ni && marked_q) begin
        assert (address_f_q == {slot_f_q, column_f_q[ColumnBits-1:BeatShift]});
      end
    end
  endgenerate
`endif

endmodule

`default_nettype wire
