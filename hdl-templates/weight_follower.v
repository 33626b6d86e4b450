// weight_follower: walks one lane's share of a window in the order in which weight words come.
//
// In place of lane_sequencer where the weights of a layer come over weight_stream. Words come in
// the order kernel position of the lane, group of values, fold; again and again. The place of the
// next word is counted, whether it is needed or not. A window begins when all its sites are in the
// store, at whatever word comes next, takes every word of a period once, and ends before the word
// it began with: all products of the window, in an order that its sums do not depend on.
//
// Kernel position n of the lane is position n behind (start_row_i, start_column_i) in raster
// order; (r, c) lies DilationY * r rows and DilationX * c columns from the corner (window_row_i,
// window_column_i). Windows lie inside the map. All lanes of an engine step together; a lane that
// has fewer positions than LanePositions delivers zeros meanwhile (off_map_o).
//
// Parameters
//   RowBits, ColumnBits  address of a site in the store
//   XBits                bits of a column, two's complement, more than ColumnBits
//   LeadBits             bits of a row number, as in lane_sequencer, more than RowBits
//   KernelHeight, KernelWidth, DilationY, DilationX  of the window
//   LanePositions        kernel positions of a lane, at most; PositionBits of positions_i
//   CountBits            bits of a group's number
//   Groups               groups of values of a site
//   Words                folds; WordNumberBits of word_number_o
// Timing: a window is active from the cycle after load_i; ready_o once its sites are there. With
// word_i and step_i (ready_o of all lanes) the lane steps: issue_o and its fields belong to the
// same cycle. complete_o in the last step and until the next load_i.
`default_nettype none

module weight_follower #(
  parameter RowBits = 3,
  parameter ColumnBits = 3,
  parameter XBits = 5,
  parameter LeadBits = 6,
  parameter KernelHeight = 3,
  parameter KernelWidth = 3,
  parameter DilationY = 1,
  parameter DilationX = 1,
  parameter LanePositions = 9,
  parameter PositionBits = 4,
  parameter CountBits = 3,
  parameter Groups = 1,
  parameter Words = 1,
  parameter WordNumberBits = 4
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire word_i,
  input  wire load_i,
  input  wire [LeadBits-1:0] window_row_i,
  input  wire [XBits-1:0] window_column_i,
  input  wire [LeadBits-1:0] start_row_i,
  input  wire [XBits-1:0] start_column_i,
  input  wire [PositionBits-1:0] positions_i,
  input  wire [LeadBits-1:0] rows_i,
  input  wire [ColumnBits:0] written_i,
  input  wire step_i,
  output wire ready_o,
  output wire [RowBits-1:0] slot_o,
  output wire [ColumnBits-1:0] column_o,
  output wire issue_o,
  output wire off_map_o,
  output wire [CountBits-1:0] token_o,
  output wire [WordNumberBits-1:0] word_number_o,
  output wire active_o,
  output wire complete_o
);

  generate
    if (KernelHeight < 1 || KernelWidth < 1 || LanePositions < 1 || Groups < 1
        || Words < 1) begin : gen_illegal_sizes
      weight_follower_sizes_must_be_positive u_illegal ();
    end
    if (DilationY < 1 || DilationX < 1) begin : gen_illegal_dilation
      weight_follower_dilation_must_be_positive u_illegal ();
    end
    if (LanePositions >= (1 << PositionBits)) begin : gen_illegal_position_bits
      weight_follower_position_bits_too_few u_illegal ();
    end
    if (Groups >= (1 << CountBits)) begin : gen_illegal_count_bits
      weight_follower_count_bits_too_few u_illegal ();
    end
    if (Words > (1 << WordNumberBits)) begin : gen_illegal_word_number
      weight_follower_word_number_bits_too_few u_illegal ();
    end
    if (XBits <= ColumnBits
        || (KernelWidth - 1) * DilationX >= (1 << XBits)) begin : gen_illegal_x_bits
      weight_follower_x_bits_too_few u_illegal ();
    end
    if (LeadBits <= RowBits) begin : gen_illegal_lead_bits
      weight_follower_lead_bits_too_few u_illegal ();
    end
  endgenerate

  localparam Steps = LanePositions * Groups * Words;
  localparam StepBits = (Steps > 1) ? $clog2(Steps) : 1;
  localparam KernelBits = (KernelWidth > 1) ? $clog2(KernelWidth) : 1;
  localparam [31:0] LastStep = Steps - 1;
  localparam [31:0] LastGroup = Groups - 1;
  localparam [31:0] LastWord = Words - 1;
  localparam [31:0] LastPosition = LanePositions - 1;
  localparam [31:0] LastColumn = KernelWidth - 1;
  localparam [31:0] Below = (KernelHeight - 1) * DilationY;
  localparam [31:0] Right = (KernelWidth - 1) * DilationX;

  // ---- the place of the next word; start_row_i and start_column_i are constants
  wire [LeadBits-1:0] first_row = start_row_i * DilationY[LeadBits-1:0];
  wire [XBits-1:0] first_column = start_column_i * DilationX[XBits-1:0];
  reg [WordNumberBits-1:0] word_q;
  reg [CountBits-1:0] group_q;
  reg [PositionBits-1:0] position_q;
  reg [KernelBits-1:0] kernel_column_q;
  reg [LeadBits-1:0] row_q;
  reg [XBits-1:0] column_q;
  wire word_last = word_q == LastWord[WordNumberBits-1:0];
  wire position_end = word_last & (group_q == LastGroup[CountBits-1:0]);
  wire period_end = position_end & (position_q == LastPosition[PositionBits-1:0]);
  wire kernel_row_end = kernel_column_q == LastColumn[KernelBits-1:0];

  always @(posedge clk_i) begin
    if (!rst_ni | (word_i & period_end)) begin
      word_q <= {WordNumberBits{1'b0}};
      group_q <= {CountBits{1'b0}};
      position_q <= {PositionBits{1'b0}};
      kernel_column_q <= start_column_i[KernelBits-1:0];
      row_q <= first_row;
      column_q <= first_column;
    end else if (word_i) begin
      word_q <= word_last ? {WordNumberBits{1'b0}} : word_q + 1'b1;
      if (position_end) begin
        group_q <= {CountBits{1'b0}};
        position_q <= position_q + 1'b1;
        kernel_column_q <= kernel_row_end ? {KernelBits{1'b0}} : kernel_column_q + 1'b1;
        column_q <= kernel_row_end ? {XBits{1'b0}} : column_q + DilationX[XBits-1:0];
        row_q <= row_q + (kernel_row_end ? DilationY[LeadBits-1:0] : {LeadBits{1'b0}});
      end else if (word_last) begin
        group_q <= group_q + 1'b1;
      end
    end
  end

  // ---- the window
  reg active_q;
  reg [StepBits-1:0] step_q;
  reg [LeadBits-1:0] top_q;
  reg [XBits-1:0] left_q;
  wire [LeadBits-1:0] bottom = top_q + Below[LeadBits-1:0];
  wire [XBits-1:0] right = left_q + Right[XBits-1:0];
  wire [LeadBits+ColumnBits-1:0] distance = {bottom, right[ColumnBits-1:0]}
                                            - {rows_i, written_i[ColumnBits-1:0]};
  wire written = distance[LeadBits+ColumnBits-1];
  wire step = active_q & step_i & word_i;
  wire window_last = step & (step_q == LastStep[StepBits-1:0]);
  wire unused = &{1'b0, right, start_column_i, written_i[ColumnBits], distance};

  always @(posedge clk_i) begin
    if (!rst_ni) active_q <= 1'b0;
    else if (load_i) active_q <= 1'b1;
    else if (window_last) active_q <= 1'b0;
    if (load_i) begin
      step_q <= {StepBits{1'b0}};
      top_q <= window_row_i;
      left_q <= window_column_i;
    end else if (step) begin
      step_q <= step_q + 1'b1;
    end
  end

  wire [LeadBits-1:0] row = top_q + row_q;
  wire [XBits-1:0] column = left_q + column_q;
  wire unused_high = &{1'b0, row[LeadBits-1:RowBits], column[XBits-1:ColumnBits]};
  assign ready_o = active_q & written;
  assign slot_o = row[RowBits-1:0];
  assign column_o = column[ColumnBits-1:0];
  assign off_map_o = !(position_q < positions_i);
  assign issue_o = step & !off_map_o;
  assign token_o = group_q;
  assign word_number_o = word_q;
  assign active_o = active_q;
  assign complete_o = !active_q | window_last;

`ifdef FORMAL_weight_follower
  // The environment: one reset; a window is loaded when the one before is complete; the first place and the
  // positions of a lane stay as they are; rows in the store stay there while a window is worked on, so a window that has
  // begun takes all words.
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  (* anyconst *) reg [LeadBits-1:0] start_row;
  (* anyconst *) reg [XBits-1:0] start_column;
  (* anyconst *) reg [PositionBits-1:0] positions;
  // rows from what is written to the window's last one, modulo as row numbers are
  wire [LeadBits-1:0] ahead = top_q + Below[LeadBits-1:0] - rows_i;
  always @(*) begin
    if (!past_q) assume (!rst_ni);
    assume (start_row_i == start_row && start_column_i == start_column && positions_i == positions);
    assume (start_row < KernelHeight && start_column < KernelWidth && positions <= LanePositions);
    assume (start_row * KernelWidth + start_column + positions <= KernelHeight * KernelWidth);
    assume (ahead != {1'b1, {(LeadBits-1){1'b0}}});
    if (load_i) assume (complete_o && rst_ni);
    if (step_i) assume (ready_o);
    if (loaded_q && taken_q != 8'd0 && word_i) assume (step_i);
  end

  // Words since the first, modulo a period, and their place by division; words taken of the window.
  reg [7:0] place_q;
  reg [7:0] taken_q;
  reg loaded_q;
  reg [LeadBits-1:0] top_f_q;
  reg [XBits-1:0] left_f_q;
  wire [7:0] position = place_q / (Groups * Words);
  wire [7:0] number = start_row * KernelWidth + start_column + position;
  wire [7:0] kernel_row = number / KernelWidth;
  wire [7:0] kernel_column = number % KernelWidth;
  wire [LeadBits-1:0] row_f = top_f_q + kernel_row * DilationY;
  wire [XBits-1:0] column_f = left_f_q + kernel_column * DilationX;
  // any one place of the period: how often the window took it
  (* anyconst *) reg [7:0] mark;
  reg [1:0] marked_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      place_q <= 8'd0;
      taken_q <= 8'd0;
      loaded_q <= 1'b0;
      marked_q <= 2'd0;
    end else begin
      if (word_i) place_q <= (place_q == Steps - 1) ? 8'd0 : place_q + 8'd1;
      if (load_i) begin
        loaded_q <= 1'b1;
        taken_q <= 8'd0;
        marked_q <= 2'd0;
        top_f_q <= window_row_i;
        left_f_q <= window_column_i;
      end else if (loaded_q && step_i && word_i) begin
        taken_q <= taken_q + 8'd1;
        if (taken_q == Steps - 1) loaded_q <= 1'b0;
        if (place_q == mark) marked_q <= marked_q + 2'd1;
      end
    end
    if (past_q && rst_ni) begin
      // the word is the one that comes, its site where the formula says
      assert (place_q < Steps);
      assert (word_number_o == place_q % Words && token_o == (place_q / Words) % Groups);
      assert (position_q == position);
      assert (kernel_column_q == kernel_column);
      assert (off_map_o == (position >= positions));
      if (loaded_q) assert (slot_o == row_f[RowBits-1:0] && column_o == column_f[ColumnBits-1:0]);
      // a window takes every word of a period once and is complete then
      assert (ready_o == (loaded_q && (ahead[LeadBits-1] || (ahead == {LeadBits{1'b0}}
                                                             && right[ColumnBits-1:0] < written_i[ColumnBits-1:0]))));
      assert (active_o == loaded_q && (!loaded_q || taken_q < Steps));
      assert (issue_o == (loaded_q && step_i && word_i && position < positions));
      assert (complete_o == (!loaded_q || (step_i && word_i && taken_q == Steps - 1)));
      if (loaded_q) assert (step_q == taken_q && top_q == top_f_q && left_q == left_f_q);
      assert (row_q == kernel_row * DilationY && column_q == kernel_column * DilationX);
      if (!loaded_q) assert (taken_q == 8'd0 || taken_q == Steps);
      if (!loaded_q && taken_q == Steps && mark < Steps) assert (marked_q == 2'd1);
      // behind the words that it took: those from where it began up to the next one
      if (loaded_q && mark < Steps) begin
        assert (marked_q == {1'b0, ((place_q + Steps - 8'd1 - mark) % Steps) < taken_q});
      end
      cover (!loaded_q && taken_q == Steps && place_q != 8'd0);
    end
  end
`endif

endmodule

`default_nettype wire
