// window_control: gives an engine's lanes their windows, in order, and frees rows of the store.
//
// Pooled output sites ("groups") are numbered in raster order over the endless stream of
// inferences; an engine takes every Engines-th. A group holds PoolHeight x PoolWidth windows.
// A window is loaded when the lanes are done with the one before, fewer than two windows wait
// to be drained, and the next group is known, which takes 5 cycles after the load of a group:
// groups are loaded at least 5 cycles apart.
// Rows above a group's first row are released with the load of its first window.
//
// Parameters (input rows and columns throughout; coordinates start at -padding)
//   InHeight              rows of the feature map
//   StrideY, StrideX      of the window operation
//   PoolHeight, PoolWidth windows in a group (pooling kernel)
//   GroupRows             rows between two groups (pooling stride * StrideY): groups may overlap,
//                         then their common windows are computed for each
//   StepRows, StepColumns distance between two groups of this engine
//   RightEnd, BottomEnd   left (top) edge of the group behind the last one
//   SpanRows, SpanColumns extent of all groups of a column (of a row)
//   LeadBits, RowBits     as in site_store; XBits of a column, two's complement, which holds
//                         -padding .. RightEnd + StepColumns and the corners of all windows;
//                         LeadBits holds 2 * SpanRows + InHeight
//   An engine takes at most one map further: StepColumns < SpanColumns, StepRows (and GroupRows
//   where StepColumns > 0) <= SpanRows.
// Latency: load_o is combinational in lanes_complete_i, so windows follow without a gap.
`default_nettype none

module window_control #(
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
  parameter XBits = 5,
  parameter RowBits = 3
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [LeadBits-1:0] start_top_i,
  input  wire [XBits-1:0] start_left_i,
  input  wire lanes_complete_i,
  input  wire drained_i,
  output wire load_o,
  output wire active_o,
  output wire window_end_o,
  output wire blocked_o,
  output wire bank_o,
  output wire [LeadBits-1:0] load_row_o,
  output wire [XBits-1:0] load_column_o,
  output wire [LeadBits-1:0] rows_below_o,
  output wire [RowBits-1:0] first_slot_o,
  output wire release_o,
  output wire [LeadBits-1:0] release_rows_o
);

  generate
    if (InHeight < 1 || StrideY < 1 || StrideX < 1 || PoolHeight < 1
        || PoolWidth < 1) begin : gen_illegal_sizes
      window_control_sizes_must_be_positive u_illegal ();
    end
    if (StepRows < 0 || StepColumns < 0 || StepColumns >= SpanColumns
        || StepRows + ((StepColumns > 0) ? GroupRows : 0) > SpanRows) begin : gen_illegal_step
      window_control_steps_must_stay_within_one_map u_illegal ();
    end
    if (LeadBits <= RowBits
        || 2 * SpanRows + InHeight >= (1 << (LeadBits - 1))) begin : gen_illegal_lead_bits
      window_control_lead_bits_too_few u_illegal ();
    end
    if (RightEnd + StepColumns >= (1 << (XBits - 1))) begin : gen_illegal_x_bits
      window_control_x_bits_too_few u_illegal ();
    end
  endgenerate

  localparam Windows = PoolHeight * PoolWidth;
  localparam PoolBits = $clog2(Windows + 1);

  reg started_q;
  reg active_q;
  reg bank_q;
  reg [1:0] outstanding_q;
  reg [PoolBits-1:0] window_q;
  reg [PoolBits-1:0] pool_column_q;

  reg [LeadBits-1:0] top_q;
  reg [XBits-1:0] left_q;
  reg [LeadBits-1:0] first_q;
  reg [LeadBits-1:0] rows_below_q;
  reg [RowBits-1:0] first_slot_q;
  reg [LeadBits-1:0] window_row_q;
  reg [XBits-1:0] window_column_q;

  reg [2:0] next_stage_q;
  reg next_wraps_q;
  reg [LeadBits-1:0] next_top_q;
  reg [XBits-1:0] next_left_q;
  reg [LeadBits-1:0] next_first_q;
  reg [LeadBits-1:0] next_delta_q;

  wire next_known = (next_stage_q == 3'd4);
  wire new_group = !started_q | (window_q == Windows[PoolBits-1:0]);
  wire room = (outstanding_q < 2'd2);
  wire load = room & (!new_group | next_known) & (!active_q | lanes_complete_i);
  wire pool_row_end = (pool_column_q == PoolWidth[PoolBits-1:0]);

  wire [LeadBits-1:0] row_in_group = window_row_q
    + (pool_row_end ? StrideY[LeadBits-1:0] : {LeadBits{1'b0}});
  wire [XBits-1:0] column_in_group = pool_row_end ? left_q : window_column_q + StrideX[XBits-1:0];

  assign load_o = load;
  assign active_o = active_q;
  assign window_end_o = active_q & lanes_complete_i;
  assign blocked_o = !active_q & !room;
  assign bank_o = bank_q;
  assign load_row_o = new_group ? next_top_q - next_first_q : row_in_group;
  assign load_column_o = new_group ? next_left_q : column_in_group;
  assign rows_below_o = rows_below_q;
  assign first_slot_o = first_slot_q;
  assign release_o = load & new_group;
  assign release_rows_o = next_delta_q;

  wire [XBits-1:0] left_sum = left_q + StepColumns[XBits-1:0];
  wire left_wraps = !($signed(next_left_q) < $signed(RightEnd[XBits-1:0]));
  wire top_wraps = !($signed(next_top_q) < $signed(BottomEnd[LeadBits-1:0]));
  wire [LeadBits-1:0] wrapped_top = next_top_q
    - (top_wraps ? SpanRows[LeadBits-1:0] : {LeadBits{1'b0}});

  // a group wholly below the map (more padding than kernel) needs no row of the next inference
  localparam Overhang = (BottomEnd - GroupRows > InHeight) ? 1 : 0;
  wire below = (Overhang != 0) & !next_top_q[LeadBits-1] & (next_top_q > InHeight[LeadBits-1:0]);
  wire [LeadBits-1:0] next_first = next_top_q[LeadBits-1] ? {LeadBits{1'b0}}
                                   : below ? InHeight[LeadBits-1:0] : next_top_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      started_q <= 1'b0;
      active_q <= 1'b0;
      bank_q <= 1'b1;
      outstanding_q <= 2'd0;
      window_q <= {PoolBits{1'b0}};
      next_stage_q <= 3'd3;
      next_wraps_q <= 1'b0;
      next_top_q <= start_top_i;
      next_left_q <= start_left_i;
      first_q <= {LeadBits{1'b0}};
      first_slot_q <= {RowBits{1'b0}};
    end else begin
      outstanding_q <= outstanding_q + {1'b0, load} - {1'b0, drained_i};
      if (load) begin
        started_q <= 1'b1;
        active_q <= 1'b1;
        bank_q <= !bank_q;
      end else if (lanes_complete_i) begin
        active_q <= 1'b0;
      end

      if (load & new_group) begin
        window_q <= {{(PoolBits-1){1'b0}}, 1'b1};
        first_q <= next_first_q;
        first_slot_q <= first_slot_q + next_delta_q[RowBits-1:0];
        next_stage_q <= 3'd0;
      end else begin
        if (load) window_q <= window_q + 1'b1;
        if (!next_known) next_stage_q <= next_stage_q + 3'd1;
      end

      // the next group, one small sum a cycle
      if (next_stage_q == 3'd0) begin
        next_left_q <= left_sum;
      end
      if (next_stage_q == 3'd1) begin
        if (left_wraps) next_left_q <= next_left_q - SpanColumns[XBits-1:0];
        next_top_q <= top_q + (left_wraps ? StepRows[LeadBits-1:0] + GroupRows[LeadBits-1:0]
                                          : StepRows[LeadBits-1:0]);
      end
      if (next_stage_q == 3'd2) begin
        next_top_q <= wrapped_top;
        next_wraps_q <= top_wraps;
      end
    end

    if (next_stage_q == 3'd3) begin
      next_first_q <= next_first;
      next_delta_q <= next_first - first_q
                      + (next_wraps_q ? InHeight[LeadBits-1:0] : {LeadBits{1'b0}});
    end

    if (load & new_group) begin
      top_q <= next_top_q;
      left_q <= next_left_q;
      rows_below_q <= InHeight[LeadBits-1:0] - next_first_q;
      pool_column_q <= {{(PoolBits-1){1'b0}}, 1'b1};
    end else if (load) begin
      pool_column_q <= pool_row_end ? {{(PoolBits-1){1'b0}}, 1'b1} : pool_column_q + 1'b1;
    end
    if (load) begin
      window_row_q <= load_row_o;
      window_column_q <= load_column_o;
    end
  end

endmodule

`default_nettype wire
