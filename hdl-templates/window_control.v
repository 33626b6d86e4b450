// window_control: gives an engine's lanes their windows, in order, and frees rows of the store.
//
// Pooled output sites ("groups") are numbered in raster order over the endless stream of
// inferences; an engine takes every Engines-th. A group holds PoolHeight x PoolWidth windows.
// The window that is loaded next is told beforehand: from the cycle after the load of the one before on
// or, where it opens a group, from the cycle after its group is known, which takes 5 cycles after
// the group before was told. It is loaded in a later cycle, when the lanes are done with the
// one before and fewer than Banks windows wait to be drained; loads are at least two cycles apart.
// Rows above a group's first row are released in the cycle after the load of its first window:
// release_rows_o of them, release_less_o is one less.
//
// Parameters (input rows and columns throughout; coordinates start at -padding)
//   InHeight              rows of the feature map
//   Banks                 of sums: 2, or 1 where a window begins when the one before is drained
//   StrideY, StrideX      of the window operation
//   PoolHeight, PoolWidth windows in a group (pooling kernel)
//   GroupRows             rows between two groups (pooling stride * StrideY): groups may overlap,
//                         then their common windows are computed for each
//   StepRows, StepColumns distance between two groups of this engine
//   RightEnd, BottomEnd   left (top) edge of the group behind the last one
//   SpanRows, SpanColumns extent of all groups of a column (of a row)
//   LeadBits              as in lane_sequencer; XBits of a column, two's complement, which holds
//                         -padding .. RightEnd + StepColumns and the corners of all windows;
//                         LeadBits holds 2 * SpanRows + InHeight
//   An engine takes at most one map further: StepColumns < SpanColumns, StepRows (and GroupRows
//   where StepColumns > 0) <= SpanRows.
// Rows are numbered over all inferences, modulo 2^LeadBits: row_o is that of the window's corner, y_o
// the same row counted in its map.
// lanes_complete_i has a bit a lane; without a window (active_o low) all are high.
// Latency: load_o is combinational in lanes_complete_i, so windows follow without a gap.
`default_nettype none

module window_control #(
  parameter Lanes = 1,
  parameter Banks = 2,
  parameter InHeight = 8,
  parameter StrideY = 1,
  parameter StrideX = 1,
  parameter PoolHeight = 1,
  parameter PoolWidth = 1,
  parameter GroupRows = 1,
  parameter StepRows = 0,
  parameter StepColumns = 1,
  parameter RightEnd = 6,
  parameter BottomEnd = 6,
  parameter SpanRows = 6,
  parameter SpanColumns = 6,
  parameter LeadBits = 6,
  parameter XBits = 5
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [LeadBits-1:0] start_top_i,
  input  wire [XBits-1:0] start_left_i,
  input  wire [Lanes-1:0] lanes_complete_i,
  input  wire drained_i,
  output wire load_o,
  output wire active_o,
  output wire window_end_o,
  output wire blocked_o,
  output wire bank_o,
  output wire valid_o,
  output wire [LeadBits-1:0] row_o,
  output wire [LeadBits-1:0] y_o,
  output wire [XBits-1:0] column_o,
  output wire release_o,
  output wire [LeadBits-1:0] release_rows_o,
  output wire [LeadBits-1:0] release_less_o
);

  generate
    if (Lanes < 1 || InHeight < 1 || StrideY < 1 || StrideX < 1 || PoolHeight < 1
        || PoolWidth < 1) begin : gen_illegal_sizes
      window_control_sizes_must_be_positive u_illegal ();
    end
    if (Banks < 1 || Banks > 2) begin : gen_illegal_banks
      window_control_banks_must_be_1_or_2 u_illegal ();
    end
    if (StepRows < 0 || StepColumns < 0 || StepColumns >= SpanColumns
        || StepRows + ((StepColumns > 0) ? GroupRows : 0) > SpanRows) begin : gen_illegal_step
      window_control_steps_must_stay_within_one_map u_illegal ();
    end
    if (2 * SpanRows + InHeight >= (1 << (LeadBits - 1))) begin : gen_illegal_lead_bits
      window_control_lead_bits_too_few u_illegal ();
    end
    if (RightEnd + StepColumns >= (1 << (XBits - 1))) begin : gen_illegal_x_bits
      window_control_x_bits_too_few u_illegal ();
    end
  endgenerate

  localparam PoolRowBits = (PoolHeight > 1) ? $clog2(PoolHeight) : 1;
  localparam PoolColumnBits = (PoolWidth > 1) ? $clog2(PoolWidth) : 1;
  localparam [31:0] LastPoolRow = PoolHeight - 1;
  localparam [31:0] LastPoolColumn = PoolWidth - 1;
  localparam [LeadBits-1:0] NextRows = GroupRows + StepRows;

  reg active_q;
  reg bank_q;
  reg [1:0] outstanding_q;
  reg release_q;
  reg [LeadBits-1:0] release_rows_q;
  reg [LeadBits-1:0] release_less_q;
  reg [LeadBits-1:0] first_q;

  // ---- the window that is loaded next
  reg valid_q;
  reg can_load_q;  // told in the cycle before, too, and a bank is free
  reg opens_q;
  reg [LeadBits-1:0] row_q;
  reg [LeadBits-1:0] y_q;
  reg [XBits-1:0] column_q;
  reg [XBits-1:0] left_q;
  reg [LeadBits-1:0] group_first_q;
  reg [PoolRowBits-1:0] pool_row_q;
  reg [PoolColumnBits-1:0] pool_column_q;

  // ---- the group behind that window's
  reg [2:0] stage_q;
  reg [LeadBits-1:0] map_q;
  reg [LeadBits-1:0] top_q;
  reg [LeadBits-1:0] same_top_q;
  reg [LeadBits-1:0] next_top_q;
  reg [XBits-1:0] group_left_q;
  reg left_wraps_q;
  reg same_wraps_q;
  reg next_wraps_q;
  reg [LeadBits-1:0] group_row_q;
  reg [LeadBits-1:0] group_offset_q;

  wire known = (stage_q == 3'd4);
  wire room = (outstanding_q < Banks[1:0]);
  wire [1:0] outstanding = outstanding_q - {1'b0, drained_i};
  // lanes in fives: a tree of look-up tables without wide multiplexers
  localparam Fives = (Lanes + 4) / 5;
  wire [5*Fives:0] lanes_complete = {{(5*Fives+1-Lanes){1'b1}}, lanes_complete_i};
  (* keep *) wire [Fives-1:0] fives;
  genvar five;
  generate
    for (five = 0; five < Fives; five = five + 1) begin : gen_five
      assign fives[five] = &lanes_complete[5*five +: 5];
    end
  endgenerate
  wire load = &{can_load_q, lanes_complete[5*Fives], fives};
  wire complete = &fives;
  wire pool_row_end = (PoolWidth == 1) | (pool_column_q == LastPoolColumn[PoolColumnBits-1:0]);
  wire group_end = !valid_q
    | (pool_row_end & ((PoolHeight == 1) | (pool_row_q == LastPoolRow[PoolRowBits-1:0])));
  wire moves = load | !valid_q;

  assign load_o = load;
  assign active_o = active_q;
  assign window_end_o = active_q & complete;
  assign blocked_o = !active_q & !room;
  assign bank_o = bank_q;
  assign valid_o = valid_q;
  assign row_o = row_q;
  assign y_o = y_q;
  assign column_o = column_q;
  assign release_o = release_q;
  assign release_rows_o = release_rows_q;
  assign release_less_o = release_less_q;

  wire top_wraps = left_wraps_q ? next_wraps_q : same_wraps_q;
  wire [LeadBits-1:0] unwrapped_top = left_wraps_q ? next_top_q : same_top_q;

  // a group wholly below the map (more padding than kernel) needs no row of the next inference
  localparam Overhang = (BottomEnd - GroupRows > InHeight) ? 1 : 0;
  wire below = (Overhang != 0) & !top_q[LeadBits-1] & (top_q > InHeight[LeadBits-1:0]);

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      bank_q <= 1'b1;
      outstanding_q <= 2'd0;
      release_q <= 1'b0;
      first_q <= {LeadBits{1'b0}};
      valid_q <= 1'b0;
      can_load_q <= 1'b0;
      stage_q <= 3'd3;
      map_q <= {LeadBits{1'b0}};
      top_q <= start_top_i;
      group_left_q <= start_left_i;
    end else begin
      outstanding_q <= outstanding + {1'b0, load};
      if (load) begin
        active_q <= 1'b1;
        bank_q <= !bank_q;
      end else if (complete) begin
        active_q <= 1'b0;
      end
      release_q <= load & opens_q;
      if (load) first_q <= group_first_q;
      can_load_q <= valid_q & !load & (outstanding < Banks[1:0]);
      if (moves) valid_q <= known | !group_end;

      // the next group, one small sum a cycle; those of both ways a row can go
      if (moves & group_end & known) stage_q <= 3'd0;
      else if (!known) stage_q <= stage_q + 3'd1;
      if (stage_q == 3'd0) group_left_q <= group_left_q + StepColumns[XBits-1:0];
      if (stage_q == 3'd2) begin
        if (left_wraps_q) group_left_q <= group_left_q - SpanColumns[XBits-1:0];
        top_q <= unwrapped_top - (top_wraps ? SpanRows[LeadBits-1:0] : {LeadBits{1'b0}});
        if (top_wraps) map_q <= map_q + InHeight[LeadBits-1:0];
      end
    end

    release_rows_q <= group_first_q - first_q;
    release_less_q <= group_first_q + ~first_q;
    if (stage_q == 3'd0) begin
      same_top_q <= top_q + StepRows[LeadBits-1:0];
      next_top_q <= top_q + NextRows;
    end
    if (stage_q == 3'd1) begin
      left_wraps_q <= !($signed(group_left_q) < $signed(RightEnd[XBits-1:0]));
      same_wraps_q <= !($signed(same_top_q) < $signed(BottomEnd[LeadBits-1:0]));
      next_wraps_q <= !($signed(next_top_q) < $signed(BottomEnd[LeadBits-1:0]));
    end
    if (stage_q == 3'd3) begin
      group_row_q <= map_q + top_q;
      group_offset_q <= top_q[LeadBits-1] ? {LeadBits{1'b0}}
                        : below ? InHeight[LeadBits-1:0] : top_q;
    end

    if (moves & group_end) begin
      opens_q <= 1'b1;
      row_q <= group_row_q;
      y_q <= top_q;
      column_q <= group_left_q;
      left_q <= group_left_q;
      group_first_q <= map_q + group_offset_q;
      pool_row_q <= {PoolRowBits{1'b0}};
      pool_column_q <= {PoolColumnBits{1'b0}};
    end else if (moves) begin
      opens_q <= 1'b0;
      if (pool_row_end) begin
        row_q <= row_q + StrideY[LeadBits-1:0];
        y_q <= y_q + StrideY[LeadBits-1:0];
        pool_row_q <= pool_row_q + 1'b1;
      end
      column_q <= pool_row_end ? left_q : column_q + StrideX[XBits-1:0];
      pool_column_q <= pool_row_end ? {PoolColumnBits{1'b0}} : pool_column_q + 1'b1;
    end
  end

endmodule

`default_nettype wire
