// vector_pool: running maximum over the windows of a group, two vectors deep.
//
//   vector[i] = max over the Windows windows of sum[i]   (two's complement)
// Beats of a window arrive without gaps; with the first beat of a group's last window the vector
// becomes readable and is handed to the tail, ReadWidth sums a cycle, in the order written.
//
// Parameters: DrainWidth, ReadWidth sums a cycle in and out, ReadWidth divides DrainWidth;
//   SumBits; Beats a window; Windows a vector.
// Timing: with that first beat in cycle t, start_o comes in t+1 (later if the tail is not ready
// or the vector before is still read), vector beats in start+2 .. start+1+Beats*Parts;
// read_end_o is in cycle start+Beats*Parts. The caller keeps at most two vectors open.
`default_nettype none

module vector_pool #(
  parameter DrainWidth = 4,
  parameter ReadWidth = 1,
  parameter SumBits = 20,
  parameter Beats = 16,
  parameter Windows = 4
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  input  wire first_window_i,
  input  wire last_window_i,
  input  wire window_end_i,
  input  wire [DrainWidth*SumBits-1:0] sum_i,
  output wire read_end_o,
  input  wire tail_ready_i,
  output wire start_o,
  output wire valid_o,
  output wire last_o,
  output wire [ReadWidth*SumBits-1:0] vector_o
);

  generate
    if (ReadWidth < 1 || DrainWidth < 1
        || DrainWidth % ReadWidth != 0) begin : gen_illegal_read_width
      vector_pool_read_width_must_divide_drain_width u_illegal ();
    end
    if (SumBits < 1 || Beats < 1 || Windows < 1) begin : gen_illegal_sizes
      vector_pool_sizes_must_be_positive u_illegal ();
    end
  endgenerate

  localparam BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam Parts = DrainWidth / ReadWidth;
  localparam PartBits = (Parts > 1) ? $clog2(Parts) : 1;
  localparam LastBeat = Beats - 1;

  // ---- running maximum
  reg [BeatBits-1:0] write_beat_q;
  reg write_bank_q;
  reg opened_q;
  wire [BeatBits:0] write_address = {write_bank_q, write_beat_q};
  wire [BeatBits:0] read_address;
  wire [DrainWidth*SumBits-1:0] read_word;

  genvar slot;
  generate
    if (Windows > 1) begin : gen_pool
      // a memory a sum: what is smaller is not written
      for (slot = 0; slot < DrainWidth; slot = slot + 1) begin : gen_maximum
        (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
        reg [SumBits-1:0] pooled [0:(2<<BeatBits)-1];
        wire [SumBits-1:0] old = pooled[write_address];
        wire [SumBits-1:0] new_sum = sum_i[slot*SumBits +: SumBits];
        wire larger = first_window_i | ($signed(new_sum) > $signed(old));
        assign read_word[slot*SumBits +: SumBits] = pooled[read_address];
        always @(posedge clk_i) if (valid_i & larger) pooled[write_address] <= new_sum;
      end
    end else begin : gen_copy
      (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
      reg [DrainWidth*SumBits-1:0] pooled [0:(2<<BeatBits)-1];
      assign read_word = pooled[read_address];
      always @(posedge clk_i) if (valid_i) pooled[write_address] <= sum_i;
      wire unused = &{1'b0, first_window_i};
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      write_beat_q <= {BeatBits{1'b0}};
      write_bank_q <= 1'b0;
      opened_q <= 1'b0;
    end else if (valid_i) begin
      write_beat_q <= window_end_i ? {BeatBits{1'b0}} : write_beat_q + 1'b1;
      if (window_end_i & last_window_i) write_bank_q <= !write_bank_q;
      opened_q <= last_window_i & !window_end_i;
    end
  end
  // pulses with the first beat of a vector's last window
  wire readable = valid_i & last_window_i & !opened_q;

  // ---- read-out
  reg [1:0] readable_q;
  reg reading_q;
  reg read_bank_q;
  reg [BeatBits-1:0] read_beat_q;
  reg [PartBits-1:0] part_q;
  reg valid_out_q;
  reg last_out_q;
  reg [ReadWidth*SumBits-1:0] vector_q;

  wire start = !reading_q & (readable_q != 2'd0) & tail_ready_i;
  wire part_last = (Parts == 1) | (part_q == Parts[PartBits-1:0] - 1'b1);
  assign read_end_o = reading_q & part_last & (read_beat_q == LastBeat[BeatBits-1:0]);
  assign read_address = {read_bank_q, read_beat_q};

  assign start_o = start;
  assign valid_o = valid_out_q;
  assign last_o = last_out_q;
  assign vector_o = vector_q;

  wire [ReadWidth*SumBits-1:0] read_part;
  word_select #(.Words(Parts), .IndexBits(PartBits), .Width(ReadWidth*SumBits)) u_part (
    .index_i(part_q), .words_i(read_word), .word_o(read_part)
  );
  always @(posedge clk_i) vector_q <= read_part;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      readable_q <= 2'd0;
      reading_q <= 1'b0;
      read_bank_q <= 1'b0;
      read_beat_q <= {BeatBits{1'b0}};
      part_q <= {PartBits{1'b0}};
      valid_out_q <= 1'b0;
      last_out_q <= 1'b0;
    end else begin
      readable_q <= readable_q + {1'b0, readable} - {1'b0, start};
      valid_out_q <= reading_q;
      last_out_q <= read_end_o;
      if (start) reading_q <= 1'b1;
      if (reading_q) begin
        part_q <= part_last ? {PartBits{1'b0}} : part_q + 1'b1;
        if (part_last) read_beat_q <= read_end_o ? {BeatBits{1'b0}} : read_beat_q + 1'b1;
      end
      if (read_end_o) begin
        reading_q <= 1'b0;
        read_bank_q <= !read_bank_q;
      end
    end
  end

endmodule

`default_nettype wire
