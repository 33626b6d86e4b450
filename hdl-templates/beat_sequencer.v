// beat_sequencer: walks the beats of one site and issues the tokens that belong to a lane.
//
// For windows of one site, where the lanes share its channels. It waits until the site is in the
// store, then takes beat after beat: the tokens in its mask, lowest first, a cycle each. A beat
// without a token of the lane takes one cycle. Steps of a site: sum over beats of
// max(1, tokens of the lane). It looks a beat ahead, as lane_sequencer looks a position ahead.
//
// Parameters
//   RowBits, ColumnBits  address of a site in the store; XBits, LeadBits as in lane_sequencer
//   Tokens               tokens a beat; SubBits >= log2(Tokens), at least 1
//   WordBits             bits of the number of a beat in its site
// Timing: window_*_i, load_i, rows_i and written_i as in lane_sequencer. mask_i and last_i (the site
// ends with this beat) answer look_slot_o, look_column_o and look_word_o in the same cycle. Active
// from the cycle after load_i; issue_o, sub_o and word_o belong to the same cycle. active_o is high
// from the first step to the last.
`default_nettype none

module beat_sequencer #(
  parameter RowBits = 3,
  parameter ColumnBits = 3,
  parameter XBits = 5,
  parameter LeadBits = 6,
  parameter Tokens = 4,
  parameter SubBits = 2,
  parameter WordBits = 4
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire load_i,
  input  wire window_valid_i,
  input  wire [LeadBits-1:0] window_row_i,
  input  wire [XBits-1:0] window_column_i,
  input  wire [LeadBits-1:0] rows_i,
  input  wire [ColumnBits:0] written_i,
  output wire [RowBits-1:0] look_slot_o,
  output wire [ColumnBits-1:0] look_column_o,
  output wire [WordBits-1:0] look_word_o,
  input  wire [Tokens-1:0] mask_i,
  input  wire last_i,
  input  wire step_i,
  output wire can_step_o,
  output wire [RowBits-1:0] slot_o,
  output wire [ColumnBits-1:0] column_o,
  output wire [WordBits-1:0] word_o,
  output wire issue_o,
  output wire [SubBits-1:0] sub_o,
  output wire active_o
);

  generate
    if (SubBits < 1 || Tokens < 1 || Tokens > (1 << SubBits)) begin : gen_illegal_sub_bits
      beat_sequencer_sub_bits_too_few u_illegal ();
    end
    if (XBits <= ColumnBits || LeadBits <= RowBits || WordBits < 1) begin : gen_illegal_bits
      beat_sequencer_bits_of_a_place_too_few u_illegal ();
    end
  endgenerate

  localparam [Tokens-1:0] One = 1;
  localparam PlaceBits = LeadBits + ColumnBits;

  // ---- the beat looked at: of the window that is walked, or the first one of the next
  reg ahead_valid_q;
  reg ahead_of_load_q;
  reg [LeadBits-1:0] ahead_row_q;
  reg [ColumnBits-1:0] ahead_column_q;
  reg [WordBits-1:0] ahead_word_q;

  // ---- the beat stepped on
  reg active_q;
  reg valid_q;
  reg some_q;
  reg ends_q;
  reg last_q;
  reg [RowBits-1:0] slot_q;
  reg [ColumnBits-1:0] column_q;
  reg [WordBits-1:0] word_q;
  reg [Tokens-1:0] mask_q;

  wire [PlaceBits-1:0] distance = {ahead_row_q, ahead_column_q}
                                  - {rows_i, written_i[ColumnBits-1:0]};
  wire there = distance[PlaceBits-1];
  wire beat_end = step_i & valid_q & ends_q;
  wire free = !ahead_of_load_q & (!valid_q | beat_end);
  wire wanted = load_i | free;
  wire moves_free = !ahead_valid_q | (free & there);
  wire moves = load_i ? there : moves_free;
  wire next_window = !ahead_valid_q | last_i;

  wire [Tokens-1:0] rest = mask_q & (mask_q - One);
  // kept apart, so that `wanted`, which is late, chooses last
  (* keep *) wire look_ends, stay_ends;
  assign look_ends = ((mask_i & (mask_i - One)) == {Tokens{1'b0}});
  assign stay_ends = (step_i & valid_q) ? ((rest & (rest - One)) == {Tokens{1'b0}}) : ends_q;

  reg [SubBits-1:0] sub;
  integer token;
  always @(*) begin
    sub = {SubBits{1'b0}};
    for (token = Tokens - 1; token >= 0; token = token - 1) begin
      if (mask_q[token]) sub = token[SubBits-1:0];
    end
  end

  assign can_step_o = valid_q;
  assign look_slot_o = ahead_row_q[RowBits-1:0];
  assign look_column_o = ahead_column_q;
  assign look_word_o = ahead_word_q;
  assign slot_o = slot_q;
  assign column_o = column_q;
  assign word_o = word_q;
  assign issue_o = step_i & valid_q & some_q;
  assign sub_o = sub;
  assign active_o = active_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ahead_valid_q <= 1'b0;
      ahead_of_load_q <= 1'b1;
      active_q <= 1'b0;
      valid_q <= 1'b0;
    end else begin
      ahead_valid_q <= load_i ? !(there & last_i)
                              : (!moves_free | !next_window | window_valid_i);
      if (moves) ahead_of_load_q <= next_window;
      else if (load_i) ahead_of_load_q <= 1'b0;
      if (load_i) active_q <= 1'b1;
      else if (beat_end & last_q) active_q <= 1'b0;
      valid_q <= load_i ? there : free ? ahead_valid_q & there : valid_q & !beat_end;
    end

    if (moves) begin
      if (next_window) begin
        ahead_row_q <= window_row_i;
        ahead_column_q <= window_column_i[ColumnBits-1:0];
      end
      ahead_word_q <= next_window ? {WordBits{1'b0}} : ahead_word_q + 1'b1;
    end

    ends_q <= wanted ? look_ends : stay_ends;
    if (wanted) begin
      some_q <= (mask_i != {Tokens{1'b0}});
      last_q <= last_i;
      slot_q <= look_slot_o;
      column_q <= look_column_o;
      word_q <= look_word_o;
      mask_q <= mask_i;
    end else if (step_i & valid_q) begin
      mask_q <= rest;
    end
  end

  wire unused = &{1'b0, window_column_i[XBits-1:ColumnBits], written_i[ColumnBits]};

endmodule

`default_nettype wire
