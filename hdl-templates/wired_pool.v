// wired_pool: largest sums of the windows of a group, in beats.
//
//   vector[i] = max over the windows of a group of sum[i]   (two's complement)
// All sums of AtOnce windows come in one cycle: sum i of window w is sums_i[w*Outputs + i]. A vector
// leaves as Beats beats of DrainWidth sums, sum i in beat i / DrainWidth; what is left of the last
// beat is 0.
//
// Parameters: Outputs, SumBits; AtOnce; Windows: so many times sums come in a group;
//   Latency, DrainWidth >= 1; Beats = Outputs / DrainWidth, rounded up.
// Timing: window_i, first_i and last_i (first and last sums of a group) come Latency cycles
// before their sums; sum_valid_o with the sums. With the last sums in cycle t the beats are in
// t + B .. t + B + Beats - 1, B = log2(AtOnce), rounded up, + 2 where Windows = 1, else + 3: vectors
// end Beats cycles or more after one another.
`default_nettype none

module wired_pool #(
  parameter Outputs = 4,
  parameter SumBits = 20,
  parameter AtOnce = 1,
  parameter Windows = 4,
  parameter Latency = 1,
  parameter DrainWidth = 1,
  parameter Beats = 4
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire window_i,
  input  wire first_i,
  input  wire last_i,
  input  wire [AtOnce*Outputs*SumBits-1:0] sums_i,
  output wire sum_valid_o,
  output wire beat_valid_o,
  output wire beat_last_o,
  output wire [DrainWidth*SumBits-1:0] beat_o
);

  generate
    if (Outputs < 1 || SumBits < 1 || AtOnce < 1 || Windows < 1 || Latency < 1) begin : gen_illegal_sizes
      wired_pool_sizes_must_be_positive u_illegal ();
    end
    if (DrainWidth < 1 || Beats * DrainWidth < Outputs
        || (Beats - 1) * DrainWidth >= Outputs) begin : gen_illegal_beats
      wired_pool_beats_must_hold_all_outputs u_illegal ();
    end
  endgenerate

  localparam BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam LastBeat = Beats - 1;

  // ---- flags go along with the sums, and with the largest of those that come at once
  localparam Levels = $clog2(AtOnce);
  localparam Delay = Latency + Levels;
  reg [Delay-1:0] window_q;
  reg [Delay-1:0] first_q;
  reg [Delay-1:0] last_q;
  wire [Delay:0] window_next = {window_q, window_i};
  wire [Delay:0] first_next = {first_q, first_i};
  wire [Delay:0] last_next = {last_q, window_i & last_i};
  always @(posedge clk_i) begin
    window_q <= rst_ni ? window_next[Delay-1:0] : {Delay{1'b0}};
    first_q <= first_next[Delay-1:0];
    last_q <= rst_ni ? last_next[Delay-1:0] : {Delay{1'b0}};
  end
  wire window = window_q[Delay-1];
  wire first = first_q[Delay-1];
  wire last = last_q[Delay-1];
  wire unused = &{1'b0, window_next[Delay], first_next[Delay], last_next[Delay]};
  assign sum_valid_o = window_q[Latency-1];

  wire [Outputs*SumBits-1:0] sums;
  genvar output_number, at_once;
  generate
    if (AtOnce > 1) begin : gen_at_once
      for (output_number = 0; output_number < Outputs; output_number = output_number + 1)
      begin : gen_output
        wire [AtOnce*SumBits-1:0] terms;
        for (at_once = 0; at_once < AtOnce; at_once = at_once + 1) begin : gen_term
          assign terms[at_once*SumBits +: SumBits] =
            sums_i[(at_once*Outputs+output_number)*SumBits +: SumBits];
        end
        maximum_tree #(.Terms(AtOnce), .TermBits(SumBits), .Signed(1)) u_tree (
          .clk_i(clk_i), .terms_i(terms), .maximum_o(sums[output_number*SumBits +: SumBits])
        );
      end
    end else begin : gen_one
      assign sums = sums_i;
    end
  endgenerate

  // ---- running maximum, and the whole vector once more while the next one begins
  wire ended;
  wire [Outputs*SumBits-1:0] vector;
  generate
    if (Windows > 1) begin : gen_pool
      for (output_number = 0; output_number < Outputs; output_number = output_number + 1)
      begin : gen_output
        wire [SumBits-1:0] sum = sums[output_number*SumBits +: SumBits];
        reg [SumBits-1:0] largest_q;
        wire larger = $signed(sum) > $signed(largest_q);
        always @(posedge clk_i) if (window & (first | larger)) largest_q <= sum;
        assign vector[output_number*SumBits +: SumBits] = largest_q;
      end
      reg ended_q;
      always @(posedge clk_i) ended_q <= rst_ni & last;
      assign ended = ended_q;
    end else begin : gen_copy
      assign vector = sums;
      assign ended = last;
      wire unused_flags = &{1'b0, first, window};
    end
  endgenerate

  reg [Beats*DrainWidth*SumBits-1:0] held_q;
  generate
    if (Beats * DrainWidth > Outputs) begin : gen_rest
      localparam Rest = (Beats * DrainWidth - Outputs) * SumBits;
      always @(posedge clk_i) if (ended) held_q <= {{Rest{1'b0}}, vector};
    end else begin : gen_whole
      always @(posedge clk_i) if (ended) held_q <= vector;
    end
  endgenerate

  // ---- beats
  reg busy_q;
  reg [BeatBits-1:0] beat_q;
  reg valid_q;
  reg last_beat_q;
  reg [DrainWidth*SumBits-1:0] sums_q;
  wire beat_last = (Beats == 1) | (beat_q == LastBeat[BeatBits-1:0]);
  wire [DrainWidth*SumBits-1:0] selected;
  word_select #(.Words(Beats), .IndexBits(BeatBits), .Width(DrainWidth*SumBits)) u_beat (
    .index_i(beat_q), .words_i(held_q), .word_o(selected)
  );
  always @(posedge clk_i) begin
    sums_q <= selected;
    last_beat_q <= beat_last;
    if (!rst_ni) begin
      busy_q <= 1'b0;
      beat_q <= {BeatBits{1'b0}};
      valid_q <= 1'b0;
    end else begin
      valid_q <= busy_q;
      if (ended) busy_q <= 1'b1;
      else if (beat_last) busy_q <= 1'b0;
      if (busy_q) beat_q <= beat_last ? {BeatBits{1'b0}} : beat_q + 1'b1;
    end
  end
  assign beat_valid_o = valid_q;
  assign beat_last_o = last_beat_q;
  assign beat_o = sums_q;

endmodule

`default_nettype wire
