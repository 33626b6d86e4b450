// axi_frame_in: packets of an AXI4-Stream as inferences of a fixed number of beats.
//
// A packet holds batch_i + 1 inferences of Beats beats, TLAST with its final beat. Every inference
// leaves whole, out_last_o with its last beat, whatever comes in:
//   TLAST too early: early_o; the inference it cuts off is filled up with beats of 0.
//   no TLAST where it is due: missing_o; beats are discarded up to and including the next TLAST.
//   a beat without bytes that an inference needs: keep_o; it is taken as it is.
// An inference begins while run_i is high; one that has begun is finished. While flush_i is high
// the unit forgets where it is; the rest of a packet that was under way is discarded (discard_o),
// unless it was already.
// Parameters: Beats an inference, 1 or more; Bytes of a beat; LastBytes that the last beat of an
// inference needs; BatchBits.
// Latency 0, initiation interval 1. It stores no beats.
`default_nettype none

module axi_frame_in #(
  parameter Beats = 4,
  parameter Bytes = 4,
  parameter LastBytes = Bytes,
  parameter BatchBits = 16
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire run_i,
  input  wire flush_i,
  input  wire [BatchBits-1:0] batch_i,
  output wire begin_o,
  output wire early_o,
  output wire missing_o,
  output wire keep_o,
  output wire discard_o,
  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire in_last_i,
  input  wire [Bytes-1:0] in_keep_i,
  input  wire [8*Bytes-1:0] in_data_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [8*Bytes-1:0] out_data_o
);

  generate
    if (Beats < 1) begin : gen_illegal_beats
      axi_frame_in_needs_one_beat_or_more u_illegal ();
    end
    if (Bytes < 1 || LastBytes < 1 || LastBytes > Bytes) begin : gen_illegal_bytes
      axi_frame_in_last_bytes_must_be_1_to_bytes u_illegal ();
    end
  endgenerate

  localparam BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam [31:0] LastWord = Beats - 1;
  localparam [BeatBits-1:0] LastBeat = LastWord[BeatBits-1:0];
  localparam [BeatBits:0] OneWord = {{BeatBits{1'b0}}, 1'b1};
  localparam [BeatBits-1:0] One = OneWord[BeatBits-1:0];
  localparam [BatchBits:0] OneInferenceWord = {{BatchBits{1'b0}}, 1'b1};
  localparam [BatchBits-1:0] OneInference = OneInferenceWord[BatchBits-1:0];
  localparam [Bytes-1:0] AllBytes = {Bytes{1'b1}};
  localparam [Bytes-1:0] BytesOfLast = AllBytes >> (Bytes - LastBytes);

  reg open_q;
  reg flush_q;
  reg fill_q;
  reg discard_q;
  reg [BeatBits-1:0] beat_q;
  reg [BatchBits-1:0] inference_q;

  wire at_start = beat_q == {BeatBits{1'b0}};
  wire at_end = beat_q == LastBeat;
  wire due = at_end && inference_q >= batch_i;
  // an inference that waits for its first beat to be taken goes on: valid holds
  wire go = !at_start || open_q;
  wire pass = !fill_q && !discard_q && !flush_i && go;
  wire [Bytes-1:0] needed = at_end ? BytesOfLast : AllBytes;

  assign out_valid_o = !flush_i && (fill_q || (in_valid_i && pass));
  assign in_ready_o = pass ? out_ready_i : (discard_q && !flush_i);
  assign out_last_o = at_end;
  assign out_data_o = fill_q ? {8*Bytes{1'b0}} : in_data_i;

  wire give = out_valid_o && out_ready_i;
  wire take = give && !fill_q;
  assign begin_o = give && at_start;
  assign early_o = take && in_last_i && !due;
  assign missing_o = take && due && !in_last_i;
  assign keep_o = take && |(needed & ~in_keep_i);
  assign discard_o = discard_q;

  always @(posedge clk_i) begin
    flush_q <= flush_i;
    if (!rst_ni) begin
      open_q <= 1'b0;
      fill_q <= 1'b0;
      discard_q <= 1'b0;
      beat_q <= {BeatBits{1'b0}};
      inference_q <= {BatchBits{1'b0}};
    end else if (flush_i) begin
      open_q <= 1'b0;
      fill_q <= 1'b0;
      beat_q <= {BeatBits{1'b0}};
      inference_q <= {BatchBits{1'b0}};
      // of an inference that is filled up the packet is over
      if (!fill_q && (!at_start || inference_q != {BatchBits{1'b0}})) discard_q <= 1'b1;
      else if (!flush_q) discard_q <= 1'b0;
    end else begin
      open_q <= run_i || (open_q && out_valid_o && !out_ready_i);
      if (give) beat_q <= at_end ? {BeatBits{1'b0}} : beat_q + One;
      if (take) begin
        fill_q <= in_last_i && !at_end;
        if (missing_o) discard_q <= 1'b1;
        if (in_last_i || due) inference_q <= {BatchBits{1'b0}};
        else if (at_end) inference_q <= inference_q + OneInference;
      end
      if (give && at_end) fill_q <= 1'b0;
      if (discard_q && in_valid_i && in_last_i) discard_q <= 1'b0;
    end
  end

`ifdef FORMAL_axi_frame_in
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);
  reg before_q = 1'b0;
  always @(posedge clk_i) before_q <= rst_ni;
  wire both = past_q && rst_ni && before_q;

  always @(posedge clk_i) begin
    if (both && $past(in_valid_i && !in_ready_o)) begin
      assume (in_valid_i);
      assume ($stable({in_last_i, in_keep_i, in_data_i}));
    end
    if (past_q && rst_ni) assume (batch_i <= 1);
    if (both && (!$past(flush_i) || !flush_i)) assume ($stable(batch_i));
  end

  // Inferences leave whole: beats given since the last end, counted apart.
  reg [BeatBits:0] given_q;
  // a packet is under way: a beat of it was taken, its TLAST was not
  reg inside_q;
  // beats of the packet taken so far
  reg [BeatBits+1:0] packet_q;
  wire whole_packet = packet_q + 1 == (batch_i[0] ? 2 * Beats : Beats);
  always @(posedge clk_i) begin
    if (!rst_ni || flush_i) packet_q <= 0;
    else if (take) packet_q <= (in_last_i || whole_packet) ? 0 : packet_q + 1'b1;
    if (!rst_ni || flush_i) given_q <= 0;
    else if (give) given_q <= out_last_o ? 0 : given_q + 1'b1;
    if (!rst_ni) inside_q <= 0;
    else if (in_valid_i && in_ready_o) inside_q <= !in_last_i;
    else if (flush_i && !flush_q && discard_q) inside_q <= 0;
  end
  always @(posedge clk_i) begin
    if (past_q && rst_ni) begin
      assert (given_q == beat_q && given_q < Beats);
      assert (!(fill_q && discard_q));
      assert (inside_q == (discard_q || (!fill_q && (beat_q != 0 || inference_q != 0))));
      if (discard_q) assert (beat_q == 0);
      if (discard_q || fill_q) assert (inference_q == 0);
      if (give) assert (out_last_o == (given_q == Beats - 1));
      // nothing begins that was not allowed to; what began is not stopped
      if (out_valid_o && given_q == 0) assert (open_q);
      if (!flush_i && in_valid_i && given_q != 0) assert (out_valid_o);
      // every beat taken is given or discarded, and what is filled in is 0
      if (in_valid_i && in_ready_o && !discard_q) assert (give && out_data_o == in_data_i);
      if (give && !(in_valid_i && in_ready_o)) assert (out_data_o == 0);
      // a filled inference is one whose packet is over; discarding is inside a packet
      if (fill_q) assert (!inside_q && given_q != 0);
      if (give && given_q != 0 && !fill_q) assert (inside_q);
      if (!fill_q) assert (packet_q == (inference_q != 0 ? Beats : 0) + beat_q);
      assert (inference_q <= batch_i || flush_q);
      if (fill_q) assert (packet_q == 0);
      assert (early_o == (take && in_last_i && !whole_packet));
      assert (missing_o == (take && !in_last_i && whole_packet));
      if (both && $past(out_valid_o && !out_ready_i) && !flush_i) begin
        assert (out_valid_o);
        assert ($stable({out_last_o, out_data_o}));
      end
      if (both && $past(missing_o)) assert (discard_o && !out_valid_o);
      cover (early_o);
      cover (missing_o);
      cover (give && out_last_o && $past(give && out_last_o, Beats));
      cover (begin_o && $past(discard_q));
    end
  end
`endif

endmodule

`default_nettype wire
