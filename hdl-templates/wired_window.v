// wired_window: the columns of inputs that a wired layer computes with, one a step.
//
// A row of groups (pooled output sites) is walked column by column, and in every column row by row
// of the pooling kernel: step (x, r) gives the KernelHeight inputs of column x from row
// top + r * StrideY on, top the first row of the group row. So the windows of a group end in the
// steps r = 0 .. PoolHeight-1 of its PoolWidth window columns, and every input column serves all
// windows of its row that it is in. Inputs outside the map are 0.
//
// A step is made as soon as its inputs are known to be in the store; one that completes a group only
// when room_i says that its vector has a place, and VectorBeats cycles or more after the one before.
// Rows are released in the last step of a group row.
//
// A step goes through three stages before: its place, where that lies on the map, and next, in which it
// is compared with what has been written. Nothing is added or compared in the cycle of a step.
//
// Parameters
//   Tokens .. BlockStore    as in site_store, dense beats of whole sites
//   ValueBits, Channels     of a site; ValuesPerSite in a beat of several sites, else Tokens
//   InHeight, InWidth       of the map
//   Kernel.., Stride.., Pool..  of the windows; PoolWidth windows of a group are no others'
//   GroupRows, GroupColumns rows and columns between two groups
//   PadTop, PadLeft         rows and columns of padding
//   Padded                  1 where windows reach outside the map, at any border
//   OutHeight               rows of groups
//   Columns                 columns of a group row: (groups - 1) * GroupColumns
//                           + (PoolWidth - 1) * StrideX + KernelWidth; with PoolHeight three steps or more
//   XBits                   bits of a column that may lie outside the map, two's complement
//   LeadBits                as in site_store; holds 2 * OutHeight * GroupRows + InHeight
// Timing: the first step is made in the fourth cycle out of reset or later, one whose last input is taken
// in cycle t in t + 2 or later. step_o, opens_o and held_o are combinational; valid_o, column_o and the
// flags belong to the step two cycles before. Initiation interval: 1 step a cycle.
`default_nettype none

module wired_window #(
  parameter Tokens = 1,
  parameter TokenBits = 8,
  parameter CountBitsIn = 1,
  parameter RowBits = 3,
  parameter ColumnBits = 3,
  parameter SitesPerBeat = 1,
  parameter ValuesPerSite = 1,
  parameter AddressBits = 6,
  parameter BlockStore = 0,
  parameter ValueBits = 8,
  parameter Channels = 1,
  parameter InHeight = 8,
  parameter InWidth = 8,
  parameter KernelHeight = 3,
  parameter KernelWidth = 3,
  parameter StrideY = 1,
  parameter StrideX = 1,
  parameter PoolHeight = 1,
  parameter PoolWidth = 1,
  parameter GroupRows = 1,
  parameter GroupColumns = 1,
  parameter PadTop = 0,
  parameter PadLeft = 0,
  parameter Padded = 0,
  parameter OutHeight = 6,
  parameter Columns = 8,
  parameter XBits = 5,
  parameter LeadBits = 6,
  parameter VectorBeats = 1
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire in_last_i,
  input  wire [CountBitsIn-1:0] in_count_i,
  input  wire [Tokens*TokenBits-1:0] in_data_i,
  input  wire room_i,
  output wire step_o,
  output wire window_end_o,
  output wire opens_o,
  output wire held_o,
  output wire valid_o,
  output wire window_o,
  output wire first_o,
  output wire last_o,
  output wire [KernelHeight*Channels*ValueBits-1:0] column_o
);

  localparam LastX = Columns - 1 - PadLeft;
  localparam LastTop = (OutHeight - 1) * GroupRows - PadTop;

  generate
    if (TokenBits != ValueBits || Channels > ((SitesPerBeat > 1) ? ValuesPerSite : Tokens))
    begin : gen_illegal_site
      wired_window_beats_must_hold_whole_sites u_illegal ();
    end
    if (KernelHeight < 1 || KernelWidth < 1 || StrideY < 1 || StrideX < 1 || PoolHeight < 1
        || PoolWidth < 1 || VectorBeats < 1) begin : gen_illegal_sizes
      wired_window_sizes_must_be_positive u_illegal ();
    end
    if (PoolWidth * StrideX > GroupColumns) begin : gen_illegal_overlap
      wired_window_groups_of_a_row_must_not_overlap u_illegal ();
    end
    if (Columns * PoolHeight < 3 || Columns < KernelWidth) begin : gen_illegal_columns
      wired_window_columns_too_few u_illegal ();
    end
    if (LeadBits <= RowBits
        || 2 * OutHeight * GroupRows + InHeight >= (1 << (LeadBits - 1))) begin : gen_illegal_lead
      wired_window_lead_bits_too_few u_illegal ();
    end
    if (XBits <= ColumnBits || LastX >= (1 << (XBits - 1))
        || PadLeft > (1 << (XBits - 1))) begin : gen_illegal_x_bits
      wired_window_x_bits_too_few u_illegal ();
    end
    if ((1 << RowBits) < InHeight
        && (1 << RowBits) < (PoolHeight - 1) * StrideY + KernelHeight) begin : gen_illegal_rows
      wired_window_rows_in_store_too_few u_illegal ();
    end
  endgenerate

  localparam PoolBits = (PoolHeight > 1) ? $clog2(PoolHeight) : 1;
  localparam PhaseBits = (GroupColumns > 1) ? $clog2(GroupColumns) : 1;
  localparam FillBits = (KernelWidth > 1) ? $clog2(KernelWidth) : 1;
  localparam BeatShift = $clog2(SitesPerBeat);
  localparam SiteBits = (SitesPerBeat > 1) ? BeatShift : 1;
  localparam SiteWords = (SitesPerBeat > 1) ? ValuesPerSite : Tokens;
  localparam StoreBits = RowBits + ColumnBits;
  localparam LastPhase = (PoolWidth - 1) * StrideX;
  localparam FirstTop = -PadTop;
  localparam FirstX = -PadLeft;
  localparam FirstFill = KernelWidth - 1;
  localparam LastPool = PoolHeight - 1;
  localparam LastLane = KernelHeight - 1;
  localparam LastGroupColumn = GroupColumns - 1;
  localparam Pace = VectorBeats - 1;
  localparam PaceBits = (VectorBeats > 1) ? $clog2(VectorBeats) : 1;
  localparam [PaceBits:0] PaceOne = 1;

  // ---- place: the next step that nothing is known of yet. Rows as on the map, which begins in row
  // map_q of all that came; rows count on, modulo 2^LeadBits.
  reg [LeadBits-1:0] map_q;
  reg [LeadBits-1:0] top_q;
  reg [LeadBits-1:0] first_q;  // row of its map that is needed first
  reg [LeadBits-1:0] row_q;
  reg [XBits-1:0] x_q;
  reg [PoolBits-1:0] pool_q;
  reg [PhaseBits-1:0] phase_q;
  reg [FillBits-1:0] fill_q;

  // ---- the group row after this one, a sum a cycle: known in the third cycle of a row
  reg [LeadBits-1:0] next_top_q;
  reg [LeadBits-1:0] after_top_q;
  reg [LeadBits-1:0] next_map_q;
  reg [LeadBits-1:0] next_first_q;
  reg [LeadBits-1:0] given_q;  // what next_first_q is further down than
  reg [LeadBits-1:0] next_delta_q;
  reg [LeadBits-1:0] next_less_q;
  reg wraps_q;
  reg next_wraps_q;
  wire [LeadBits-1:0] wrapped = wraps_q ? InHeight[LeadBits-1:0] : {LeadBits{1'b0}};
  localparam SecondTop = (OutHeight > 1) ? FirstTop + GroupRows : FirstTop;
  wire [LeadBits-1:0] next_first;
  generate
    if (Padded != 0) begin : gen_first
      // a group wholly below the map needs no row of the next inference
      wire below_map = next_top_q > InHeight[LeadBits-1:0];
      assign next_first = next_top_q[LeadBits-1] ? {LeadBits{1'b0}}
                          : below_map ? InHeight[LeadBits-1:0] : next_top_q;
    end else begin : gen_top
      assign next_first = next_top_q;
    end
  endgenerate
  always @(posedge clk_i) begin
    next_wraps_q <= (next_top_q == LastTop[LeadBits-1:0]);
    after_top_q <= (next_top_q == LastTop[LeadBits-1:0]) ? FirstTop[LeadBits-1:0]
                                                         : next_top_q + GroupRows[LeadBits-1:0];
    next_first_q <= next_first;
    next_map_q <= map_q + wrapped;
    given_q <= first_q - wrapped;
    next_delta_q <= next_first_q - given_q;
    next_less_q <= next_first_q + ~given_q;
  end

  // ---- what a step there completes
  wire filled = (KernelWidth == 1) | (fill_q == {FillBits{1'b0}});
  wire pool_last = (PoolHeight == 1) | (pool_q == LastPool[PoolBits-1:0]);
  wire pool_first = (PoolHeight == 1) | (pool_q == {PoolBits{1'b0}});
  wire phase_first = (GroupColumns == 1) | (phase_q == {PhaseBits{1'b0}});
  wire phase_last = (GroupColumns == 1) | (phase_q == LastPhase[PhaseBits-1:0]);
  wire [GroupColumns-1:0] is_window;
  wire [GroupColumns-1:0] is_phase;
  genvar phase;
  generate
    for (phase = 0; phase < GroupColumns; phase = phase + 1) begin : gen_phase
      assign is_window[phase] = (phase % StrideX == 0 && phase / StrideX < PoolWidth) ? 1'b1 : 1'b0;
      assign is_phase[phase] = (GroupColumns == 1) | (phase_q == phase[PhaseBits-1:0]);
    end
  endgenerate
  wire window = filled & (|(is_window & is_phase));
  wire first = filled & phase_first & pool_first;
  wire last = filled & phase_last & pool_last;
  wire row_end = (x_q == LastX[XBits-1:0]) & pool_last;

  // ---- reach: the place behind which the next one is; where on the map its inputs lie
  reg [LeadBits-1:0] reach_map_q;
  reg [LeadBits-1:0] reach_row_q;
  reg [LeadBits-1:0] reach_bottom_q;
  reg [RowBits-1:0] reach_slot_q;
  reg [XBits-1:0] reach_x_q;
  reg [3:0] reach_flags_q;  // row_end, window, first, last
  reg reach_valid_q;
  // need: the last of its rows on the map, the last of its inputs to come
  wire on_map;
  wire nothing;
  wire [LeadBits-1:0] need;
  wire [KernelHeight-1:0] shown;
  genvar lane;
  generate
    if (Padded != 0) begin : gen_padded
      localparam LastRow = InHeight - 1;
      wire [LeadBits-1:0] height = InHeight[LeadBits-1:0];
      wire [XBits-1:0] width = InWidth[XBits-1:0];
      wire below = !($signed(reach_row_q) < $signed(height));
      wire clipped = !($signed(reach_bottom_q) < $signed(height));
      assign on_map = !reach_x_q[XBits-1] & ($signed(reach_x_q) < $signed(width));
      assign need = clipped ? LastRow[LeadBits-1:0] : reach_bottom_q;
      assign nothing = reach_bottom_q[LeadBits-1] | below;
      for (lane = 0; lane < KernelHeight; lane = lane + 1) begin : gen_shown
        localparam Above = -lane;
        localparam Below = InHeight - lane;
        wire [LeadBits-1:0] from = Above[LeadBits-1:0];
        wire [LeadBits-1:0] to = Below[LeadBits-1:0];
        assign shown[lane] = on_map & !($signed(reach_row_q) < $signed(from))
                             & ($signed(reach_row_q) < $signed(to));
      end
    end else begin : gen_inside
      assign on_map = 1'b1;
      assign need = reach_bottom_q;
      assign nothing = 1'b0;
      assign shown = {KernelHeight{1'b1}};
      wire unused = &{1'b0, reach_row_q, reach_x_q[XBits-1:ColumnBits]};
    end
  endgenerate

  // ---- next: the step behind the one that waits, compared with what has been written as that one is
  localparam PlaceBits = LeadBits + ColumnBits;
  reg [LeadBits-1:0] next_need_q;
  reg next_skip_q;  // no input on the map, or no step yet
  reg [RowBits-1:0] next_slot_q;
  reg [ColumnBits-1:0] next_column_q;
  reg [KernelHeight-1:0] next_shown_q;
  wire [KernelHeight*RowBits-1:0] next_slots;
  reg [3:0] next_flags_q;
  reg next_valid_q;

  // ---- step: the one that waits or is made
  reg [LeadBits-1:0] step_need_q;
  reg [KernelHeight*RowBits-1:0] step_slots_q;  // of each row in the store
  reg [ColumnBits-1:0] step_column_q;
  reg [KernelHeight-1:0] step_shown_q;
  reg [3:0] step_flags_q;
  reg step_valid_q;
  reg there_q;  // its inputs are there
  reg [PaceBits-1:0] pace_q;
  reg paced_q;
  wire [LeadBits-1:0] rows, lead;
  wire [ColumnBits:0] written;
  wire [PlaceBits-1:0] now = {rows, written[ColumnBits-1:0]};
  wire [PlaceBits-1:0] next_distance = {next_need_q, next_column_q} - now;
  wire [PlaceBits-1:0] step_distance = {step_need_q, step_column_q} - now;

  wire step_row_end, step_window, step_first, step_last;
  assign {step_row_end, step_window, step_first, step_last} = step_flags_q;
  wire waits = step_valid_q & step_last & !(room_i & paced_q);
  wire moves = there_q & !waits;
  wire step = moves & step_valid_q;
  assign step_o = step;
  assign window_end_o = step & step_window;
  assign opens_o = step & step_last;
  assign held_o = there_q & waits;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      map_q <= {LeadBits{1'b0}};
      top_q <= FirstTop[LeadBits-1:0];
      next_top_q <= SecondTop[LeadBits-1:0];
      first_q <= {LeadBits{1'b0}};
      wraps_q <= (OutHeight == 1);
      row_q <= FirstTop[LeadBits-1:0];
      x_q <= FirstX[XBits-1:0];
      pool_q <= {PoolBits{1'b0}};
      phase_q <= {PhaseBits{1'b0}};
      fill_q <= FirstFill[FillBits-1:0];
    end else if (moves) begin
      if (row_end) begin
        map_q <= next_map_q;
        top_q <= next_top_q;
        next_top_q <= after_top_q;
        first_q <= next_first_q;
        wraps_q <= next_wraps_q;
        row_q <= next_top_q;
        x_q <= FirstX[XBits-1:0];
        pool_q <= {PoolBits{1'b0}};
        phase_q <= {PhaseBits{1'b0}};
        fill_q <= FirstFill[FillBits-1:0];
      end else if (pool_last) begin
        row_q <= top_q;
        pool_q <= {PoolBits{1'b0}};
        x_q <= x_q + {{(XBits-1){1'b0}}, 1'b1};
        if (!filled) fill_q <= fill_q - 1'b1;
        else phase_q <= (phase_q == LastGroupColumn[PhaseBits-1:0]) ? {PhaseBits{1'b0}}
                                                                    : phase_q + 1'b1;
      end else begin
        row_q <= row_q + StrideY[LeadBits-1:0];
        pool_q <= pool_q + 1'b1;
      end
    end
  end

  always @(posedge clk_i) begin
    if (moves) begin
      reach_map_q <= map_q;
      reach_row_q <= row_q;
      reach_bottom_q <= row_q + LastLane[LeadBits-1:0];
      reach_slot_q <= map_q[RowBits-1:0] + row_q[RowBits-1:0];
      reach_x_q <= x_q;
      reach_flags_q <= {row_end, window, first, last};
      next_need_q <= reach_map_q + need;
      next_slot_q <= reach_slot_q;
      next_column_q <= reach_x_q[ColumnBits-1:0];
      next_shown_q <= shown;
      next_flags_q <= reach_flags_q;
      step_need_q <= next_need_q;
      step_slots_q <= next_slots;
      step_column_q <= next_column_q;
      step_shown_q <= next_shown_q;
      step_flags_q <= next_flags_q;
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      reach_valid_q <= 1'b0;
      next_valid_q <= 1'b0;
      next_skip_q <= 1'b1;
      step_valid_q <= 1'b0;
      there_q <= 1'b1;
      pace_q <= {PaceBits{1'b0}};
      paced_q <= 1'b1;
    end else begin
      if (moves) begin
        reach_valid_q <= 1'b1;
        next_valid_q <= reach_valid_q;
        next_skip_q <= !on_map | nothing | !reach_valid_q;
        step_valid_q <= next_valid_q;
      end
      there_q <= moves ? next_skip_q | next_distance[PlaceBits-1]
                       : there_q | step_distance[PlaceBits-1];
      // cycles until the next vector may end
      if (opens_o) pace_q <= Pace[PaceBits-1:0];
      else if (!paced_q) pace_q <= pace_q - 1'b1;
      paced_q <= opens_o ? (VectorBeats == 1) : paced_q | (pace_q == PaceOne[PaceBits-1:0]);
    end
  end

  // ---- rows that a row of groups gives up: told until its last step, which is made before the next
  // row ends here
  reg [LeadBits-1:0] release_rows_q;
  reg [LeadBits-1:0] release_less_q;
  always @(posedge clk_i) begin
    if (moves & row_end) begin
      release_rows_q <= next_delta_q;
      release_less_q <= next_less_q;
    end
  end

  wire [KernelHeight*AddressBits-1:0] addresses;
  wire [KernelHeight*Tokens*TokenBits-1:0] words;
  wire [KernelHeight*CountBitsIn-1:0] counts;
  wire [KernelHeight*Tokens-1:0] owned;
  wire [KernelHeight-1:0] lasts;
  site_store #(
    .Lanes(KernelHeight), .Tokens(Tokens), .TokenBits(TokenBits), .RowBits(RowBits),
    .ColumnBits(ColumnBits), .WordsPerSite(1), .SitesPerBeat(SitesPerBeat), .Width(InWidth),
    .Counted(0), .CountBits(CountBitsIn), .CountBitsIn(CountBitsIn), .LeadBits(LeadBits),
    .AddressBits(AddressBits), .BlockMemory(BlockStore)
  ) u_store (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .in_valid_i(in_valid_i), .in_ready_o(in_ready_o), .in_last_i(in_last_i),
    .in_count_i(in_count_i), .in_data_i(in_data_i),
    .release_i(step & step_row_end), .release_rows_i(release_rows_q),
    .release_less_i(release_less_q),
    .lead_o(lead), .rows_o(rows), .written_o(written), .site_i({(KernelHeight*StoreBits){1'b0}}),
    .count_o(counts), .owned_address_i(addresses), .owned_o(owned), .last_o(lasts),
    .read_address_i(addresses), .word_o(words)
  );
  wire unused_store = &{1'b0, lead, counts, owned, lasts, written[ColumnBits]};

  // ---- one read port a kernel row; words come a cycle later
  reg [SiteBits-1:0] site_q;
  reg [KernelHeight-1:0] shown_q;
  always @(posedge clk_i) shown_q <= step_shown_q;
  generate
    if (SitesPerBeat > 1) begin : gen_sites
      always @(posedge clk_i) site_q <= step_column_q[SiteBits-1:0];
    end else begin : gen_site
      always @(posedge clk_i) site_q <= {SiteBits{1'b0}};
    end
  endgenerate
  generate
    for (lane = 0; lane < KernelHeight; lane = lane + 1) begin : gen_lane
      assign next_slots[lane*RowBits +: RowBits] = next_slot_q + lane[RowBits-1:0];
      assign addresses[lane*AddressBits +: AddressBits] =
        {step_slots_q[lane*RowBits +: RowBits], step_column_q[ColumnBits-1:BeatShift]};
      wire [SiteWords*TokenBits-1:0] site;
      word_select #(.Words(SitesPerBeat), .IndexBits(SiteBits), .Width(SiteWords*TokenBits)) u_site (
        .index_i(site_q),
        .words_i(words[lane*Tokens*TokenBits +: SitesPerBeat*SiteWords*TokenBits]),
        .word_o(site)
      );
      reg [Channels*ValueBits-1:0] inputs_q;
      always @(posedge clk_i) begin
        inputs_q <= shown_q[lane] ? site[Channels*ValueBits-1:0] : {(Channels*ValueBits){1'b0}};
      end
      assign column_o[lane*Channels*ValueBits +: Channels*ValueBits] = inputs_q;
      if (SiteWords > Channels) begin : gen_rest
        wire unused = &{1'b0, site[SiteWords*TokenBits-1:Channels*ValueBits]};
      end
    end
  endgenerate

  reg [1:0] valid_q;
  reg [1:0] window_q;
  reg [1:0] first_flag_q;
  reg [1:0] last_flag_q;
  always @(posedge clk_i) begin
    valid_q <= rst_ni ? {valid_q[0], step} : 2'd0;
    window_q <= rst_ni ? {window_q[0], window_end_o} : 2'd0;
    first_flag_q <= {first_flag_q[0], step_first};
    last_flag_q <= {last_flag_q[0], step_last};
  end
  assign valid_o = valid_q[1];
  assign window_o = window_q[1];
  assign first_o = first_flag_q[1];
  assign last_o = last_flag_q[1];

endmodule

`default_nettype wire
