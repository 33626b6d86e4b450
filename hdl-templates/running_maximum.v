// running_maximum: maximum over the windows of a group, a vector deep, which leaves with the last window. For
// devices whose look-up tables are no memory; elsewhere vector_pool.
//
//   vector[i] = max over the windows of sum[i]   (two's complement)
// A beat of a window has one sum of each of Sums channels; beats come without gaps within a window.
// Parameters: Sums a beat of SumBits bits; Beats a window; BlockMemory 1: block memory, read at the falling edge in the
//   middle of a cycle, 0: registers.
// Latency: the vector leaves one cycle behind the beats of its last window; it cannot be stalled.
`default_nettype none

module running_maximum #(
  parameter Sums = 1,
  parameter SumBits = 20,
  parameter Beats = 16,
  parameter BlockMemory = 1
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  input  wire first_window_i,
  input  wire last_window_i,
  input  wire window_end_i,
  input  wire [Sums*SumBits-1:0] sum_i,
  output wire valid_o,
  output wire last_o,
  output wire [Sums*SumBits-1:0] vector_o
);

  generate
    if (Sums < 1 || SumBits < 1 || Beats < 1) begin : gen_illegal_sizes
      running_maximum_sizes_must_be_positive u_illegal ();
    end
  endgenerate

  localparam BeatBits = (Beats > 1) ? $clog2(Beats) : 1;

  reg [BeatBits-1:0] beat_q;
  reg valid_q;
  reg last_q;
  reg [Sums*SumBits-1:0] vector_q;
  wire [Sums*SumBits-1:0] old;
  wire [Sums*SumBits-1:0] largest;
  assign valid_o = valid_q;
  assign last_o = last_q;
  assign vector_o = vector_q;

  genvar slot;
  generate
    for (slot = 0; slot < Sums; slot = slot + 1) begin : gen_slot
      wire [SumBits-1:0] new_sum = sum_i[slot*SumBits +: SumBits];
      wire [SumBits-1:0] old_sum = old[slot*SumBits +: SumBits];
      wire larger = first_window_i | ($signed(new_sum) > $signed(old_sum));
      assign largest[slot*SumBits +: SumBits] = larger ? new_sum : old_sum;
    end
    if (BlockMemory != 0) begin : gen_block
      (* ram_style = "block", ramstyle = "no_rw_check" *)
      reg [Sums*SumBits-1:0] maxima [0:(1<<BeatBits)-1];
      reg [Sums*SumBits-1:0] old_q;
      assign old = old_q;
      always @(negedge clk_i) old_q <= maxima[beat_q];
      always @(posedge clk_i) if (valid_i) maxima[beat_q] <= largest;
    end else begin : gen_registers
      (* ram_style = "registers", ramstyle = "logic" *)
      reg [Sums*SumBits-1:0] maxima [0:(1<<BeatBits)-1];
      assign old = maxima[beat_q];
      always @(posedge clk_i) if (valid_i) maxima[beat_q] <= largest;
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_q <= {BeatBits{1'b0}};
      valid_q <= 1'b0;
    end else begin
      if (valid_i) beat_q <= window_end_i ? {BeatBits{1'b0}} : beat_q + 1'b1;
      valid_q <= valid_i & last_window_i;
    end
    last_q <= window_end_i;
    vector_q <= largest;
  end

endmodule

`default_nettype wire
