// beat_sequencer: walks the beats of one site and issues the tokens that belong to a lane.
//
// For windows of one site, where the lanes share its channels. It waits until the site is in the
// store, then looks at beat after beat: the tokens in mask_i, lowest first, a cycle each. A beat
// without a token of the lane takes one cycle. Steps of a site: sum over beats of
// max(1, tokens of the lane).
//
// Parameters
//   RowBits, ColumnBits  address of a site in the store; XBits, LeadBits as in lane_sequencer
//   Tokens               tokens a beat; SubBits >= log2(Tokens), at least 1
//   WordBits             bits of the number of a beat in its site
// Timing: active from the cycle after load_i; issue_o, sub_o and word_o belong to the same cycle.
// mask_i and last_i (the site ends with this beat) answer slot_o, column_o and word_o in the same
// cycle. active_o is high from the first step to the last.
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
  input  wire [LeadBits-1:0] load_row_i,
  input  wire [XBits-1:0] load_column_i,
  input  wire [RowBits-1:0] first_slot_i,
  input  wire [LeadBits-1:0] lead_i,
  input  wire [ColumnBits:0] written_i,
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

  reg active_q;
  reg fresh_q;
  reg [LeadBits-1:0] row_q;
  reg [ColumnBits:0] column_q;
  reg [WordBits-1:0] word_q;
  reg [Tokens-1:0] left_q;

  wire [Tokens-1:0] mask = fresh_q ? mask_i : left_q;
  wire [Tokens-1:0] rest = mask & (mask - One);
  wire beat_end = (rest == {Tokens{1'b0}});
  wire site_end = beat_end & last_i;
  wire written = ($signed(row_q) < $signed(lead_i))
                 | ((row_q == lead_i) & (column_q < written_i));

  reg [SubBits-1:0] sub;
  integer token;
  always @(*) begin
    sub = {SubBits{1'b0}};
    for (token = Tokens - 1; token >= 0; token = token - 1) begin
      if (mask[token]) sub = token[SubBits-1:0];
    end
  end

  assign can_step_o = active_q & written;
  assign slot_o = first_slot_i + row_q[RowBits-1:0];
  assign column_o = column_q[ColumnBits-1:0];
  assign word_o = word_q;
  assign issue_o = active_q & step_i & (mask != {Tokens{1'b0}});
  assign sub_o = sub;
  assign active_o = active_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
    end else if (load_i) begin
      active_q <= 1'b1;
    end else if (active_q & step_i & site_end) begin
      active_q <= 1'b0;
    end

    if (load_i) begin
      row_q <= load_row_i;
      column_q <= load_column_i[ColumnBits:0];
      word_q <= {WordBits{1'b0}};
      fresh_q <= 1'b1;
    end else if (active_q & step_i) begin
      fresh_q <= beat_end;
      if (beat_end) word_q <= word_q + 1'b1;
    end
    left_q <= step_i ? rest : left_q;
  end

  wire unused = &{1'b0, load_column_i};

endmodule

`default_nettype wire
