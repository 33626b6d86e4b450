// lane_sequencer: walks one lane's share of a window and issues its tokens, one word a cycle.
//
// A window covers kernel positions in raster order; this lane takes `positions_i` of them from
// kernel row start_row_i, kernel column start_column_i on. Kernel position (r, c) lies
// DilationY * r rows and DilationX * c columns from the window's corner.
// For every position it waits until the site is in the store,
// then issues each token `Words` times (one weight word each). A site that is empty or outside
// the map takes one cycle. Steps of a position: max(1, tokens * Words).
//
// It looks a position ahead: while the tokens of one are issued, the place of the next is in
// registers, and what the store says of it is registered with the last step of the one before.
// Behind the last position of a window comes the first one of the next, so that windows follow
// each other without a gap.
//
// Parameters
//   RowBits, ColumnBits  address of a site in the store: row modulo 2^RowBits, column
//   XBits                bits of a column that may lie outside the map, two's complement, more
//                        than ColumnBits; holds every column of a window
//   LeadBits             bits of a row number: rows count on over all inferences, modulo
//                        2^LeadBits; a row looked at is less than half of that from rows_i
//   Height, Width        rows of the map, sites a row
//   KernelWidth          kernel columns
//   DilationY, DilationX rows (columns) between kernel positions, 1 or more
//   PositionBits         bits of positions_i
//   CountBits            bits of a site's token count
//   FixedCount           tokens of every site, 0 where count_i tells
//   Words                weight words a token; WordNumberBits of word_number_o, the word's number
//   BaseBits             bits of a weight address
//   PositionStride       weight addresses a kernel position
//   WordStride           weight addresses between two words of a token
//   Padded               1 where windows reach outside the feature map
//   LockStep             1: all lanes step together and sites outside the map take as long as
//                        others (needs FixedCount, and WordNumberBits for all words)
// Timing: window_row_i (a row number), window_y_i (the same row, counted in its map) and
// window_column_i are the corner of the window that is loaded next; the sequencer takes them while
// window_valid_i is high, in the cycle before load_i at the latest, and they stay until load_i, which
// comes only then.
// count_i is what the store holds for slot look_slot_o, column look_column_o in the same cycle: tokens
// less one. A site can be looked at when it lies before row rows_i, column written_i.
// Active from the cycle after load_i; a position whose site is looked at in cycle t is stepped on
// from t+1 on. issue_o and its fields belong to the same cycle; base_o to the cycle after. active_o
// is high from the first step to the last; complete_o tells that no step follows that of this cycle, from
// the cycle on in which the last one can be made until the next load_i. Loads are at least two cycles
// apart.
`default_nettype none

module lane_sequencer #(
  parameter RowBits = 3,
  parameter ColumnBits = 3,
  parameter XBits = 5,
  parameter LeadBits = 6,
  parameter Height = 8,
  parameter Width = 8,
  parameter KernelWidth = 3,
  parameter DilationY = 1,
  parameter DilationX = 1,
  parameter PositionBits = 4,
  parameter CountBits = 3,
  parameter FixedCount = 0,
  parameter Words = 1,
  parameter WordNumberBits = 4,
  parameter BaseBits = 8,
  parameter PositionStride = 1,
  parameter WordStride = 1,
  parameter Padded = 0,
  parameter LockStep = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire load_i,
  input  wire window_valid_i,
  input  wire [LeadBits-1:0] window_row_i,
  input  wire [LeadBits-1:0] window_y_i,
  input  wire [XBits-1:0] window_column_i,
  input  wire [LeadBits-1:0] start_row_i,
  input  wire [XBits-1:0] start_column_i,
  input  wire [PositionBits-1:0] positions_i,
  input  wire [LeadBits-1:0] rows_i,
  input  wire [ColumnBits:0] written_i,
  output wire [RowBits-1:0] look_slot_o,
  output wire [ColumnBits-1:0] look_column_o,
  input  wire [CountBits-1:0] count_i,
  input  wire step_i,
  output wire can_step_o,
  output wire [RowBits-1:0] slot_o,
  output wire [ColumnBits-1:0] column_o,
  output wire issue_o,
  output wire off_map_o,
  output wire [CountBits-1:0] token_o,
  output wire [WordNumberBits-1:0] word_number_o,
  output wire [BaseBits-1:0] base_o,
  output wire active_o,
  output wire complete_o
);

  generate
    if (KernelWidth < 1 || PositionBits < 1 || Words < 1 || CountBits < 1) begin : gen_illegal_sizes
      lane_sequencer_sizes_must_be_positive u_illegal ();
    end
    if (Width > (1 << ColumnBits)) begin : gen_illegal_column_bits
      lane_sequencer_column_bits_too_few u_illegal ();
    end
    if (DilationY < 1 || DilationX < 1) begin : gen_illegal_dilation
      lane_sequencer_dilation_must_be_positive u_illegal ();
    end
    if (XBits <= ColumnBits
        || (KernelWidth - 1) * DilationX >= (1 << XBits)) begin : gen_illegal_x_bits
      lane_sequencer_x_bits_too_few u_illegal ();
    end
    if (LeadBits <= RowBits) begin : gen_illegal_lead_bits
      lane_sequencer_lead_bits_too_few u_illegal ();
    end
    if (FixedCount < 0 || FixedCount >= (1 << CountBits)) begin : gen_illegal_fixed_count
      lane_sequencer_fixed_count_needs_more_count_bits u_illegal ();
    end
    if (LockStep != 0 && FixedCount == 0) begin : gen_illegal_lock_step
      lane_sequencer_lock_step_needs_a_fixed_count u_illegal ();
    end
    if (LockStep != 0 && Words > (1 << WordNumberBits)) begin : gen_illegal_word_number
      lane_sequencer_word_number_bits_too_few u_illegal ();
    end
  endgenerate

  localparam WordCountBits = (Words > 1) ? $clog2(Words) : 1;
  localparam KernelBits = (KernelWidth > 1) ? $clog2(KernelWidth) : 1;
  localparam [CountBits-1:0] CountOne = 1;
  localparam [CountBits-1:0] FixedLeft = FixedCount - 1;
  localparam [31:0] One = 1;
  localparam [31:0] BeforeLastWord = Words - 2;

  // corner of the lane's first position; start_row_i and start_column_i are constants
  wire [LeadBits-1:0] first_row = start_row_i * DilationY[LeadBits-1:0];
  wire [XBits-1:0] first_column = start_column_i * DilationX[XBits-1:0];

  // ---- the position looked at: of the window that is walked, or the first one of the next
  reg ahead_valid_q;
  reg ahead_of_load_q;
  reg [LeadBits-1:0] ahead_row_q;
  reg [LeadBits-1:0] ahead_y_q;
  reg [XBits-1:0] ahead_column_q;
  reg [XBits-1:0] left_q;
  reg [KernelBits-1:0] kernel_column_q;
  reg [PositionBits-1:0] positions_q;  // of the lane, left: counts up to -2 at the last one

  // ---- the position stepped on
  reg active_q;
  reg valid_q;
  reg can_step_q;
  reg some_q;
  reg ends_q;
  reg last_q;
  reg off_map_q;
  reg [RowBits-1:0] slot_q;
  reg [ColumnBits-1:0] column_q;
  reg [CountBits-1:0] token_q;
  reg [CountBits-1:0] left_tokens_q;
  reg [WordCountBits-1:0] word_q;
  reg [BaseBits-1:0] position_base_q;
  reg [BaseBits-1:0] word_base_q;
  reg [BaseBits-1:0] base_q;

  wire on_map;
  generate
    if (Padded != 0) begin : gen_padded
      wire [XBits-1:0] width = Width[XBits-1:0];
      wire [LeadBits-1:0] height = Height[LeadBits-1:0];
      // what lies above or to the left is more than any place on the map
      assign on_map = (ahead_y_q < height) & (ahead_column_q < width);
    end else begin : gen_inside
      assign on_map = 1'b1;
      wire unused = &{1'b0, ahead_y_q, ahead_column_q[XBits-1:ColumnBits]};
    end
  endgenerate

  // rows and columns apart: half as long a way
  wire [LeadBits-1:0] row_distance = ahead_row_q - rows_i;
  wire row_written = (ahead_row_q == rows_i);
  wire column_written = (ahead_column_q[ColumnBits-1:0] < written_i[ColumnBits-1:0]);
  wire there = row_distance[LeadBits-1] | (row_written & column_written) | !on_map;
  wire position_end = step_i & valid_q & ends_q;
  // The place of the position stepped on is free for the one looked at. load_i comes late in its
  // cycle: all that depends on it is a choice between what is known before.
  wire free = !ahead_of_load_q & (!valid_q | position_end);
  wire wanted = load_i | free;
  wire position_last = (positions_q == ~One[PositionBits-1:0]);
  wire next_window = !ahead_valid_q | position_last;
  wire kernel_row_end =
    (KernelWidth == 1) | (kernel_column_q == KernelWidth[KernelBits-1:0] - 1'b1);
  wire [LeadBits-1:0] further = kernel_row_end ? DilationY[LeadBits-1:0] : {LeadBits{1'b0}};

  // a site without tokens has all ones: one less than none
  wire [CountBits-1:0] left_tokens = (FixedCount != 0) ? FixedLeft : count_i;
  wire empty = (LockStep == 0) & (!on_map | ((FixedCount == 0) & (&count_i)));
  wire word_last = (Words == 1) | (word_q == Words[WordCountBits-1:0] - 1'b1);
  wire next_ends;
  generate
    if (Words == 1) begin : gen_word
      assign next_ends = (left_tokens_q == CountOne);
    end else begin : gen_words
      assign next_ends = (word_q == BeforeLastWord[WordCountBits-1:0])
                         & (left_tokens_q == {CountBits{1'b0}});
    end
  endgenerate

  // What follows by whether a window is loaded and whether the site is there, which are late. Kept apart
  // in synthesis, which makes functions of more levels of the choice and of what decides it.
  wire stays = valid_q & !position_end;
  wire moves_there = !ahead_valid_q | free;
  wire valid_there = free ? ahead_valid_q : stays;
  wire valid_else = !free & stays;
  // in lock step a lane that has no positions left waits for nothing and delivers zeros
  wire idle = (LockStep != 0) & (!active_q | (position_end & last_q));
  wire moves, ahead_valid, ahead_of_load, valid, can_step;
  (* keep_hierarchy = "yes" *)
  word_select #(.Words(4), .IndexBits(2), .Width(5)) u_follows (
    .index_i({load_i, there}),
    .words_i({
      // loaded: from its first position on
      1'b1, !position_last, next_window, 1'b1, 1'b1,
      1'b0, 1'b1, 1'b0, 1'b0, 1'b0,
      // else, and it is there
      moves_there, (ahead_valid_q & !free) | !next_window | window_valid_i,
      moves_there ? next_window : ahead_of_load_q, valid_there, valid_there | idle,
      !ahead_valid_q, ahead_valid_q | window_valid_i, !ahead_valid_q | ahead_of_load_q, valid_else,
      valid_else | idle
    }),
    .word_o({moves, ahead_valid, ahead_of_load, valid, can_step})
  );

  // kept apart, so that `wanted`, which is late, chooses last
  (* keep *) wire look_ends, stay_ends;
  assign look_ends = empty | ((Words == 1) & (left_tokens == {CountBits{1'b0}}));
  assign stay_ends = (step_i & valid_q) ? next_ends : ends_q;

  assign can_step_o = (LockStep != 0) ? can_step_q : valid_q;
  assign look_slot_o = ahead_row_q[RowBits-1:0];
  assign look_column_o = ahead_column_q[ColumnBits-1:0];
  assign slot_o = slot_q;
  assign column_o = column_q;
  assign issue_o = step_i & valid_q & some_q;
  assign off_map_o = off_map_q | !active_q;
  assign token_o = token_q;
  assign base_o = base_q;
  generate
    if (WordNumberBits > WordCountBits) begin : gen_wide_number
      assign word_number_o = {{(WordNumberBits-WordCountBits){1'b0}}, word_q};
    end else begin : gen_number
      assign word_number_o = word_q[WordNumberBits-1:0];
    end
  endgenerate
  assign active_o = active_q;
  assign complete_o = !active_q | (valid_q & ends_q & last_q);
  wire unused_written = written_i[ColumnBits];

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ahead_valid_q <= 1'b0;
      ahead_of_load_q <= 1'b1;
      active_q <= 1'b0;
      valid_q <= 1'b0;
      can_step_q <= (LockStep != 0);
    end else begin
      ahead_valid_q <= ahead_valid;
      ahead_of_load_q <= ahead_of_load;
      if (load_i) active_q <= 1'b1;
      else if (position_end & last_q) active_q <= 1'b0;
      valid_q <= valid;
      can_step_q <= can_step;
    end

    // not needed any more for the window that is walked
    if (next_window) left_q <= window_column_i;
    if (moves) begin
      if (next_window) begin
        ahead_row_q <= window_row_i + first_row;
        ahead_y_q <= window_y_i + first_row;
        ahead_column_q <= window_column_i + first_column;
        kernel_column_q <= start_column_i[KernelBits-1:0];
        positions_q <= ~positions_i;
      end else begin
        ahead_row_q <= ahead_row_q + further;
        ahead_y_q <= ahead_y_q + further;
        ahead_column_q <= kernel_row_end ? left_q : ahead_column_q + DilationX[XBits-1:0];
        kernel_column_q <= kernel_row_end ? {KernelBits{1'b0}} : kernel_column_q + 1'b1;
        positions_q <= positions_q + 1'b1;
      end
    end

    base_q <= position_base_q + word_base_q;
    if (load_i) begin
      position_base_q <= {BaseBits{1'b0}};
    end else if (position_end) begin
      position_base_q <= position_base_q + PositionStride[BaseBits-1:0];
    end

    ends_q <= wanted ? look_ends : stay_ends;
    if (wanted) begin
      some_q <= !empty;
      last_q <= position_last;
      off_map_q <= !on_map;
      slot_q <= look_slot_o;
      column_q <= look_column_o;
      token_q <= {CountBits{1'b0}};
      left_tokens_q <= left_tokens;
      word_q <= {WordCountBits{1'b0}};
      word_base_q <= {BaseBits{1'b0}};
    end else if (step_i & valid_q) begin
      if (word_last) begin
        token_q <= token_q + 1'b1;
        left_tokens_q <= left_tokens_q - 1'b1;
        word_q <= {WordCountBits{1'b0}};
        word_base_q <= {BaseBits{1'b0}};
      end else begin
        word_q <= word_q + 1'b1;
        word_base_q <= word_base_q + WordStride[BaseBits-1:0];
      end
    end
  end

endmodule

`default_nettype wire
