// lane_sequencer: walks one lane's share of a window and issues its tokens, one word a cycle.
//
// A window covers kernel positions in raster order; this lane takes `positions_i` of them from
// kernel row start_row_i, kernel column start_column_i on. Kernel position (r, c) lies
// DilationY * r rows and DilationX * c columns from the corner (load_row_i, load_column_i).
// For every position it waits until the site is in the store,
// then issues each token `Words` times (one weight word each). A site that is empty or outside
// the map takes one cycle. Steps of a position: max(1, tokens * Words).
//
// Parameters
//   RowBits, ColumnBits  address of a site in the store
//   XBits                bits of a column that may lie outside the map, two's complement, more
//                        than ColumnBits; holds every column of a window
//   LeadBits             rows relative to the first row needed, two's complement, more than RowBits
//   KernelWidth          kernel columns
//   DilationY, DilationX rows (columns) between kernel positions, 1 or more
//   PositionBits         bits of positions_i
//   CountBits            bits of a site's token count
//   FixedCount           tokens of every site, 0 where count_i tells
//   Words                weight words a token; WordNumberBits of word_number_o, the word's number
//   BaseBits             bits of a weight address
//   PositionStride       weight addresses a kernel position
//   WordStride           weight addresses between two words of a token
//   Width                sites a row
//   Padded               1 where windows reach outside the feature map
//   LockStep             1: all lanes step together and sites outside the map take as long as
//                        others (needs FixedCount, and WordNumberBits for all words)
// Timing: active from the cycle after load_i; issue_o and its fields belong to the same cycle;
// base_o to the cycle after. active_o is high from the first step to the last; complete_o in the
// last step and until the next load_i.
`default_nettype none

module lane_sequencer #(
  parameter RowBits = 3,
  parameter ColumnBits = 3,
  parameter XBits = 5,
  parameter LeadBits = 6,
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
  parameter Width = 8,
  parameter Padded = 0,
  parameter LockStep = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire load_i,
  input  wire [LeadBits-1:0] load_row_i,
  input  wire [XBits-1:0] load_column_i,
  input  wire [LeadBits-1:0] rows_below_i,
  input  wire [RowBits-1:0] first_slot_i,
  input  wire [LeadBits-1:0] start_row_i,
  input  wire [XBits-1:0] start_column_i,
  input  wire [PositionBits-1:0] positions_i,
  input  wire [LeadBits-1:0] lead_i,
  input  wire [ColumnBits:0] written_i,
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

  // corner of the lane's first position; start_row_i and start_column_i are constants
  wire [LeadBits-1:0] first_row = start_row_i * DilationY[LeadBits-1:0];
  wire [XBits-1:0] first_column = start_column_i * DilationX[XBits-1:0];

  reg active_q;
  reg [LeadBits-1:0] row_q;
  reg [XBits-1:0] column_q;
  reg [XBits-1:0] left_q;
  reg [KernelBits-1:0] kernel_column_q;
  reg [PositionBits-1:0] position_q;
  reg [CountBits-1:0] token_q;
  reg [WordCountBits-1:0] word_q;
  reg [BaseBits-1:0] position_base_q;
  reg [BaseBits-1:0] word_base_q;
  reg [BaseBits-1:0] base_q;

  wire on_map;
  generate
    if (Padded != 0) begin : gen_padded
      wire [XBits-1:0] width = Width[XBits-1:0];
      assign on_map = !row_q[LeadBits-1] & ($signed(row_q) < $signed(rows_below_i))
                      & !column_q[XBits-1] & ($signed(column_q) < $signed(width));
    end else begin : gen_inside
      assign on_map = 1'b1;
      wire unused = &{1'b0, rows_below_i, column_q[XBits-1]};
    end
  endgenerate

  wire written = ($signed(row_q) < $signed(lead_i))
                 | ((row_q == lead_i) & (column_q[ColumnBits:0] < written_i));
  wire [CountBits-1:0] count = (FixedCount != 0) ? FixedCount[CountBits-1:0] : count_i;
  wire empty = ((LockStep == 0) & !on_map) | (count == {CountBits{1'b0}});
  wire word_last = (Words == 1) | (word_q == Words[WordCountBits-1:0] - 1'b1);
  wire token_last = word_last & (token_q + 1'b1 == count);
  wire position_end = empty | token_last;
  wire position_last = (position_q + 1'b1 == positions_i);
  wire lane_end = active_q & step_i & position_end & position_last;
  wire kernel_row_end = (kernel_column_q == KernelWidth[KernelBits-1:0] - 1'b1);

  // in lock step a lane that has no positions left waits for nothing and delivers zeros
  assign can_step_o = active_q ? (written | !on_map) : (LockStep != 0);
  assign slot_o = first_slot_i + row_q[RowBits-1:0];
  assign column_o = column_q[ColumnBits-1:0];
  assign issue_o = active_q & step_i & !empty;
  assign off_map_o = !on_map | !active_q;
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
  assign complete_o = !active_q | lane_end;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
    end else if (load_i) begin
      active_q <= 1'b1;
    end else if (lane_end) begin
      active_q <= 1'b0;
    end

    base_q <= position_base_q + word_base_q;

    if (load_i) begin
      row_q <= load_row_i + first_row;
      column_q <= load_column_i + first_column;
      left_q <= load_column_i;
      kernel_column_q <= start_column_i[KernelBits-1:0];
      position_q <= {PositionBits{1'b0}};
      token_q <= {CountBits{1'b0}};
      word_q <= {WordCountBits{1'b0}};
      position_base_q <= {BaseBits{1'b0}};
      word_base_q <= {BaseBits{1'b0}};
    end else if (active_q & step_i) begin
      if (position_end) begin
        token_q <= {CountBits{1'b0}};
        word_q <= {WordCountBits{1'b0}};
        word_base_q <= {BaseBits{1'b0}};
        position_base_q <= position_base_q + PositionStride[BaseBits-1:0];
        position_q <= position_q + 1'b1;
        kernel_column_q <= kernel_row_end ? {KernelBits{1'b0}} : kernel_column_q + 1'b1;
        column_q <= kernel_row_end ? left_q : column_q + DilationX[XBits-1:0];
        row_q <= row_q + (kernel_row_end ? DilationY[LeadBits-1:0] : {LeadBits{1'b0}});
      end else if (word_last) begin
        token_q <= token_q + 1'b1;
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
